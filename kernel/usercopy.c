/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies between kernel and user space, page by page under the space's lock: uvm.h. */
#include "usercopy.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "memlayout.h"
#include "riscv.h"
#include "string.h"

void page_copy(void *dst, const void *src)
{
	memcpy(dst, src, PAGE_SIZE);
}

static size_t to_page_end(uint64_t va, size_t n)
{
	size_t left = PAGE_SIZE - va % PAGE_SIZE;

	return n < left ? n : left;
}

int copyin(struct uvm *vm, void *dst, uint64_t src, size_t n)
{
	size_t chunk;
	void *page;
	int ret = 0;

	for (; n && ret == 0; n -= chunk, src += chunk, dst = (char *)dst + chunk) {
		chunk = to_page_end(src, n);
		spin_lock(&vm->lock);
		ret = uvm_resolve(vm, src, PTE_R, &page);
		if (ret == 0)
			memcpy(dst, page, chunk);
		spin_unlock(&vm->lock);
	}
	return ret ? -EFAULT : 0;
}

static int copy_to(struct uvm *vm, uint64_t dst, const void *src, size_t n, uint64_t access)
{
	size_t chunk;
	void *page;
	int ret = 0;

	for (; n && ret == 0; n -= chunk, dst += chunk, src = (const char *)src + chunk) {
		chunk = to_page_end(dst, n);
		spin_lock(&vm->lock);
		ret = uvm_resolve(vm, dst, access, &page);
		if (ret == 0)
			memcpy(page, src, chunk);
		spin_unlock(&vm->lock);
	}
	return ret;
}

int copyout(struct uvm *vm, uint64_t dst, const void *src, size_t n)
{
	return copy_to(vm, dst, src, n, PTE_W) ? -EFAULT : 0;
}

int copyout_force(struct uvm *vm, uint64_t dst, const void *src, size_t n)
{
	return copy_to(vm, dst, src, n, 0);
}

int64_t copyinstr(struct uvm *vm, char *dst, uint64_t src, size_t max)
{
	size_t done = 0, chunk, n;
	void *page;
	int ret;

	while (done < max) {
		chunk = to_page_end(src + done, max - done);
		spin_lock(&vm->lock);
		ret = uvm_resolve(vm, src + done, PTE_R, &page);
		n = ret == 0 ? strnlen(page, chunk) : 0;
		if (ret == 0)
			memcpy(dst + done, page, n);
		spin_unlock(&vm->lock);
		if (ret)
			return -EFAULT;
		done += n;
		if (n < chunk) {
			dst[done] = 0;
			return (int64_t)done;
		}
	}
	return -ENAMETOOLONG;
}
