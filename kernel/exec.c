/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading a program (System V gABI ch. 4-5, static ELF64 executables). The new
 * address space is built aside; nothing of the old one is touched before
 * everything that can fail is done.
 */
#include "../firmware/ebpf/uapi/errno.h"
#include "bpf.h"
#include "fs.h"
#include "memlayout.h"
#include "page.h"
#include "printk.h"
#include "proc.h"
#include "riscv.h"
#include "string.h"
#include "timer.h"
#include "trapframe.h"

#define MAX_PHDRS 64
#define MAX_IMAGE (1UL << 30)

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

#define ET_EXEC 2
#define EM_RISCV 243
#define PT_LOAD 1
#define PF_X 1
#define PF_W 2
#define PF_R 4

static bool header_ok(const struct elf_header *h)
{
	/* class 64, little-endian, version 1 */
	return memcmp(h->ident, "\177ELF\2\1\1", 7) == 0 && h->type == ET_EXEC && h->machine == EM_RISCV &&
	       h->phentsize == sizeof(struct elf_phdr) && h->phnum <= MAX_PHDRS && !(h->entry & 1);
}

static bool segment_ok(const struct elf_phdr *ph, uint64_t file_size)
{
	return ph->filesz <= ph->memsz && ph->memsz <= MAX_IMAGE && ph->vaddr >= USER_BASE &&
	       ph->vaddr <= USER_TOP - MAX_IMAGE - ph->memsz && ph->offset <= file_size &&
	       ph->filesz <= file_size - ph->offset;
}

static int load_segment(struct uvm *vm, struct inode *ip, const struct elf_phdr *ph, uint8_t *page)
{
	uint64_t prot =
		(ph->flags & PF_R ? PTE_R : 0) | (ph->flags & PF_W ? PTE_W : 0) | (ph->flags & PF_X ? PTE_X : 0);
	uint64_t va, done, n;
	int ret;

	for (va = PAGE_ROUND_DOWN(ph->vaddr); va < ph->vaddr + ph->memsz; va += PAGE_SIZE) {
		ret = uvm_image_page(vm, va, prot);
		if (ret)
			return ret;
	}
	for (done = 0; done < ph->filesz; done += n) {
		n = ph->filesz - done < PAGE_SIZE ? ph->filesz - done : PAGE_SIZE;
		if (!inode_read_exact(ip, ph->offset + done, page, n))
			return -EIO;
		ret = copyout_force(vm, ph->vaddr + done, page, n);
		if (ret)
			return ret;
	}
	return 0;
}

static int load_image(struct uvm *vm, struct inode *ip, uint64_t *entry)
{
	uint8_t *page = page_alloc();
	struct elf_header h;
	struct elf_phdr ph;
	int ret = page ? 0 : -ENOMEM, loaded = 0;

	if (ret == 0 && (!inode_read_exact(ip, 0, &h, sizeof(h)) || !header_ok(&h)))
		ret = -ENOEXEC;
	for (uint64_t i = 0; ret == 0 && i < h.phnum; i++) {
		if (h.phoff > MAX_FILE_SIZE || !inode_read_exact(ip, h.phoff + i * sizeof(ph), &ph, sizeof(ph)))
			ret = -ENOEXEC;
		else if (ph.type != PT_LOAD || ph.memsz == 0)
			continue;
		else if (!segment_ok(&ph, ip->size))
			ret = -ENOEXEC;
		else
			ret = load_segment(vm, ip, &ph, page);
		loaded++;
	}
	page_put(page);
	if (ret == 0 && !loaded)
		ret = -ENOEXEC;
	*entry = ret == 0 ? h.entry : 0;
	return ret;
}

/*
 * The stack of thread 0 with the arguments at its top: strings from the top
 * down, each aligned to 16, then argv[0..argc], the last one NULL.
 */
static int build_stack(struct uvm *vm, char *const *argv, int argc, uint64_t *sp_out)
{
	uint64_t sp = USER_STACK_TOP(0), pointers[MAX_ARGS + 1];
	size_t n;
	int ret;

	ret = uvm_reserve(vm, USER_STACK_TOP(0) - USER_STACK_SIZE, USER_STACK_SIZE, PTE_R | PTE_W);
	for (int i = 0; i < argc && ret == 0; i++) {
		n = strlen(argv[i]) + 1;
		sp = (sp - n) & ~15UL;
		pointers[i] = sp;
		ret = copyout(vm, sp, argv[i], n);
	}
	pointers[argc] = 0;
	n = ((size_t)argc + 1) * sizeof(pointers[0]);
	sp = (sp - n) & ~15UL;
	if (ret == 0)
		ret = copyout(vm, sp, pointers, n);
	*sp_out = sp;
	return ret;
}

static const char *last_component(const char *path)
{
	const char *name = path;

	for (; *path; path++) {
		if (*path == '/' && path[1])
			name = path + 1;
	}
	return name;
}

int exec_image(struct proc *p, const char *path, char *const *argv, int argc)
{
	struct trapframe *tf = p->threads[0].thread->tf;
	struct uvm vm, old = p->vm;
	uint64_t entry, sp;
	struct inode *ip;
	int ret;

	ip = fs_lookup(path);
	if (!ip)
		return -ENOENT;
	ret = uvm_init(&vm);
	if (ret) {
		inode_put(ip);
		return ret;
	}
	ret = load_image(&vm, ip, &entry);
	inode_put(ip);
	if (ret == 0)
		ret = build_stack(&vm, argv, argc, &sp);
	if (ret == 0 && !uvm_map_trapframe(&vm, 0, tf))
		ret = -ENOMEM;
	if (ret) {
		uvm_destroy(&vm);
		return ret;
	}

	/* Commit */
	p->vm = vm;
	strcopy(p->name, last_component(path), sizeof(p->name));
	p->start_ms = 0;
	memset(tf->x, 0, sizeof(tf->x));
	tf->x[REG_SP] = sp;
	tf->x[REG_A1] = sp;
	tf->epc = entry;
	uvm_destroy(&old);
	fence_i();
	bpf_task_update();
	return argc;
}
