/* SPDX-License-Identifier: BSD-2-Clause */
/* User address spaces: uvm.h. Copies to and from them: usercopy.c. */
#include "uvm.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "cpu.h"
#include "kvm.h"
#include "page.h"
#include "riscv.h"
#include "string.h"

#define PTE_RESERVED PTE_RSW0
#define PTE_SHARED PTE_RSW1
#define PRESENT (PTE_V | PTE_U | PTE_A | PTE_D)
#define USER_ROOT_ENTRIES (USER_TOP >> 30)

int uvm_init(struct uvm *vm)
{
	*vm = (struct uvm){.root = page_alloc()};
	if (!vm->root)
		return -ENOMEM;
	vm->satp = SATP_SV39 | virt_to_phys(vm->root) >> PAGE_SHIFT;
	if (!pt_map(vm->root, TRAMPOLINE, kernel_virt_to_phys((void *)TRAMPOLINE), PTE_V | PTE_R | PTE_X | PTE_A)) {
		uvm_destroy(vm);
		return -ENOMEM;
	}
	return 0;
}

static bool range_ok(uint64_t start, uint64_t size)
{
	return start % PAGE_SIZE == 0 && start >= USER_BASE && size <= USER_TOP && start <= USER_TOP - size;
}

static void drop(struct uvm *vm, uint64_t *pte)
{
	if (*pte & PTE_V) {
		page_put(phys_to_virt(PTE_PA(*pte)));
		vm->pages--;
	}
	*pte = 0;
}

/* After entries were taken away or narrowed: for other harts. This one is in the kernel. */
static void flush(struct uvm *vm, uint64_t start, uint64_t size)
{
	if (vm->shared)
		smp_flush_tlb(vm, start, size);
}

/* Call `fn` for every entry of user space that is not 0; stops at a negative result and returns it. */
static int for_each_pte(struct uvm *vm, int (*fn)(struct uvm *vm, uint64_t va, uint64_t *pte, void *arg), void *arg)
{
	uint64_t *level1, *level0;
	int ret;

	for (uint64_t i = 0; i < USER_ROOT_ENTRIES; i++) {
		if (!(vm->root[i] & PTE_V))
			continue;
		level1 = phys_to_virt(PTE_PA(vm->root[i]));
		for (uint64_t j = 0; j < 512; j++) {
			if (!(level1[j] & PTE_V))
				continue;
			level0 = phys_to_virt(PTE_PA(level1[j]));
			for (uint64_t k = 0; k < 512; k++) {
				if (!level0[k])
					continue;
				ret = fn(vm, i << 30 | j << 21 | k << PAGE_SHIFT, &level0[k], arg);
				if (ret < 0)
					return ret;
			}
		}
	}
	return 0;
}

static int destroy_page(struct uvm *vm, uint64_t va, uint64_t *pte, void *arg)
{
	(void)va, (void)arg;
	drop(vm, pte);
	return 0;
}

void uvm_destroy(struct uvm *vm)
{
	if (!vm->root)
		return;
	for_each_pte(vm, destroy_page, NULL);
	pt_free_tables(vm->root, 0, 511);
	page_put(vm->root);
	vm->root = NULL;
}

static int copy_page(struct uvm *from, uint64_t va, uint64_t *pte, void *arg)
{
	struct uvm *to = arg;
	uint64_t *copy = pt_walk(to->root, va, true);

	(void)from;
	if (!copy)
		return -ENOMEM;
	if (*pte & PTE_V) {
		if (*pte & PTE_W)
			*pte = (*pte & ~PTE_W) | PTE_SHARED;
		page_get(phys_to_virt(PTE_PA(*pte)));
		to->pages++;
	}
	*copy = *pte;
	return 0;
}

int uvm_copy(struct uvm *to, struct uvm *from)
{
	int ret;

	spin_lock(&from->lock);
	ret = for_each_pte(from, copy_page, to);
	flush(from, 0, USER_TOP);
	spin_unlock(&from->lock);
	return ret;
}

int uvm_reserve(struct uvm *vm, uint64_t start, uint64_t size, uint64_t prot)
{
	uint64_t va, end, *pte;
	int ret = 0;

	size = PAGE_ROUND_UP(size);
	if (!range_ok(start, size))
		return -EINVAL;
	end = start + size;
	spin_lock(&vm->lock);
	for (va = start; va < end && ret == 0; va += PAGE_SIZE) {
		pte = pt_walk(vm->root, va, false);
		if (pte && *pte)
			ret = -EEXIST;
	}
	for (va = start; va < end && ret == 0; va += PAGE_SIZE) {
		pte = pt_walk(vm->root, va, true);
		if (pte)
			*pte = prot | PTE_U | PTE_RESERVED;
		else
			ret = -ENOMEM;
	}
	/* Out of memory for tables: take back what this call has entered. */
	for (end = va - PAGE_SIZE, va = start; ret == -ENOMEM && va < end; va += PAGE_SIZE)
		*pt_walk(vm->root, va, false) = 0;
	spin_unlock(&vm->lock);
	return ret;
}

static void clear_locked(struct uvm *vm, uint64_t start, uint64_t end)
{
	bool present = false;
	uint64_t *pte;

	for (uint64_t va = start; va < end; va += PAGE_SIZE) {
		pte = pt_walk(vm->root, va, false);
		if (!pte || !(*pte & PTE_V))
			continue;
		*pte &= ~PTE_V; /* keep the page until no hart can reach it */
		present = true;
	}
	if (present)
		flush(vm, start, end - start);
	for (uint64_t va = start; va < end; va += PAGE_SIZE) {
		pte = pt_walk(vm->root, va, false);
		if (!pte || !*pte)
			continue;
		if (!(*pte & PTE_RESERVED))
			*pte |= PTE_V;
		drop(vm, pte);
	}
}

int uvm_unmap(struct uvm *vm, uint64_t start, uint64_t size)
{
	uint64_t *pte;
	int ret = 0;

	size = PAGE_ROUND_UP(size);
	if (!range_ok(start, size))
		return -EINVAL;
	spin_lock(&vm->lock);
	for (uint64_t va = start; va < start + size && ret == 0; va += PAGE_SIZE) {
		pte = pt_walk(vm->root, va, false);
		if (!pte || !*pte)
			ret = -EINVAL;
	}
	if (ret == 0)
		clear_locked(vm, start, start + size);
	spin_unlock(&vm->lock);
	return ret;
}

void uvm_clear(struct uvm *vm, uint64_t start, uint64_t size)
{
	spin_lock(&vm->lock);
	clear_locked(vm, start, start + size);
	spin_unlock(&vm->lock);
}

int uvm_image_page(struct uvm *vm, uint64_t va, uint64_t prot)
{
	uint64_t *pte;

	if (prot & PTE_W)
		prot |= PTE_R; /* segments may say W alone; no hardware has that */
	spin_lock(&vm->lock);
	pte = pt_walk(vm->root, va, true);
	if (pte)
		*pte |= *pte ? prot : prot | PTE_U | PTE_RESERVED;
	spin_unlock(&vm->lock);
	return pte ? 0 : -ENOMEM;
}

bool uvm_map_trapframe(struct uvm *vm, int tid, void *page)
{
	bool ok;

	spin_lock(&vm->lock);
	ok = pt_map(vm->root, TRAPFRAME_VA(tid), virt_to_phys(page), PTE_V | PTE_R | PTE_W | PTE_A | PTE_D);
	spin_unlock(&vm->lock);
	return ok;
}

/* The mapping was used on this hart only, and only by the thread that ends. */
void uvm_unmap_trapframe(struct uvm *vm, int tid)
{
	uint64_t *pte;

	spin_lock(&vm->lock);
	pte = pt_walk(vm->root, TRAPFRAME_VA(tid), false);
	if (pte)
		*pte = 0;
	spin_unlock(&vm->lock);
}

/* First touch of a reserved page. */
static int make_present(struct uvm *vm, uint64_t *pte)
{
	void *page = page_alloc();

	if (!page)
		return -ENOMEM;
	*pte = PA_PTE(virt_to_phys(page)) | (*pte & PTE_RWX) | PRESENT;
	vm->pages++;
	return 0;
}

/* First store to a shared page. The last user takes it as it is. */
static int unshare(struct uvm *vm, uint64_t va, uint64_t *pte)
{
	void *old = phys_to_virt(PTE_PA(*pte)), *page;

	if (page_refs(old) == 1) {
		*pte = (*pte & ~PTE_SHARED) | PTE_W;
		return 0;
	}
	page = page_alloc();
	if (!page)
		return -ENOMEM;
	memcpy(page, old, PAGE_SIZE);
	*pte = PA_PTE(virt_to_phys(page)) | (*pte & PTE_RWX) | PTE_W | PRESENT;
	flush(vm, va, PAGE_SIZE);
	page_put(old);
	return 0;
}

int uvm_resolve(struct uvm *vm, uint64_t va, uint64_t access, void **kva)
{
	uint64_t *pte, prot;
	int ret = 0;

	if (va < USER_BASE || va >= USER_TOP)
		return -EFAULT;
	pte = pt_walk(vm->root, va, false);
	if (!pte || !*pte)
		return -EFAULT;
	prot = (*pte & PTE_RWX) | (*pte & PTE_SHARED ? PTE_W : 0);
	if ((prot & PTE_RWX) == PTE_W || (access & ~prot))
		return -EFAULT;
	if (*pte & PTE_RESERVED)
		ret = make_present(vm, pte);
	else if ((access & PTE_W) && (*pte & PTE_SHARED))
		ret = unshare(vm, PAGE_ROUND_DOWN(va), pte);
	if (ret == 0)
		*kva = (char *)phys_to_virt(PTE_PA(*pte)) + va % PAGE_SIZE;
	return ret;
}

int uvm_fault(struct uvm *vm, uint64_t va, uint64_t access)
{
	void *kva;
	int ret;

	spin_lock(&vm->lock);
	ret = uvm_resolve(vm, va, access, &kva);
	spin_unlock(&vm->lock);
	return ret;
}

static int populate_page(struct uvm *vm, uint64_t va, uint64_t *pte, void *arg)
{
	(void)arg;
	if ((*pte & PTE_RESERVED) && (*pte & (PTE_R | PTE_X)))
		return make_present(vm, pte);
	if (*pte & PTE_SHARED)
		return unshare(vm, va, pte);
	return 0;
}

int uvm_populate(struct uvm *vm)
{
	int ret;

	spin_lock(&vm->lock);
	ret = for_each_pte(vm, populate_page, NULL);
	spin_unlock(&vm->lock);
	return ret;
}
