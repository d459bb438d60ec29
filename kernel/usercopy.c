/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies between kernel and user space, page by page under the space's lock: uvm.h. */
#include "uvm.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "memlayout.h"
#include "riscv.h"
#include "string.h"

static size_t to_page_end(uint64_t va, size_t n)
{
	size_t left = PAGE_SIZE - va % PAGE_SIZE;

	return n < left ? n : left;
}

/* n bytes between user address va and kernel address p; access: what the page has to allow. */
static int copy(struct uvm *vm, uint64_t va, void *p, size_t n, uint64_t access, bool to_user)
{
	size_t chunk;
	void *page;
	int ret = 0;

	for (; n && ret == 0; n -= chunk, va += chunk, p = (char *)p + chunk) {
		chunk = to_page_end(va, n);
		spin_lock(&vm->lock);
		ret = uvm_resolve(vm, va, access, &page);
		if (ret == 0)
			memcpy(to_user ? page : p, to_user ? p : page, chunk);
		spin_unlock(&vm->lock);
	}
	return ret;
}

int copyin(struct uvm *vm, void *dst, uint64_t src, size_t n)
{
	return copy(vm, src, dst, n, PTE_R, false) ? -EFAULT : 0;
}

int copyout(struct uvm *vm, uint64_t dst, const void *src, size_t n)
{
	return copy(vm, dst, (void *)src, n, PTE_W, true) ? -EFAULT : 0;
}

int copyout_force(struct uvm *vm, uint64_t dst, const void *src, size_t n)
{
	return copy(vm, dst, (void *)src, n, 0, true);
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
