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

struct elf_shdr {
	uint32_t name, type;
	uint64_t flags, addr, offset, size;
	uint32_t link, info;
	uint64_t addralign, entsize;
};

struct elf_sym {
	uint32_t name;
	uint8_t info, other;
	uint16_t shndx;
	uint64_t value, size;
};

#define ET_EXEC 2
#define EM_RISCV 243
#define PT_LOAD 1
#define SHT_SYMTAB 2
#define STT_FUNC 2
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
	if (ret == 0)
		ret = build_stack(&vm, argv, argc, &sp);
	if (ret == 0 && !uvm_map_trapframe(&vm, 0, tf))
		ret = -ENOMEM;
	if (ret) {
		uvm_destroy(&vm);
		inode_put(ip);
		return ret;
	}

	/* Commit */
	if (p->exe)
		inode_put(p->exe);
	p->exe = ip;
	if (p->interrupt.handler != INTERRUPT_NOTHING)
		p->interrupt.handler = INTERRUPT_ENDS;
	p->interrupt.in_handler = false;
	p->vm = vm;
	strcopy(p->name, path_strip(path), sizeof(p->name));
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

/* The symbol table of a program and the names that go with it. */
static bool find_symbols(struct inode *ip, struct elf_shdr *symtab, struct elf_shdr *strtab)
{
	struct elf_header h;

	if (!inode_read_exact(ip, 0, &h, sizeof(h)) || !header_ok(&h) || h.shentsize != sizeof(*symtab))
		return false;
	for (uint64_t i = 0; i < h.shnum; i++) {
		if (h.shoff > MAX_FILE_SIZE ||
		    !inode_read_exact(ip, h.shoff + i * sizeof(*symtab), symtab, sizeof(*symtab)))
			return false;
		if (symtab->type == SHT_SYMTAB)
			return symtab->offset <= ip->size && symtab->size <= ip->size && symtab->link < h.shnum &&
			       inode_read_exact(ip, h.shoff + symtab->link * sizeof(*strtab), strtab,
						sizeof(*strtab)) &&
			       strtab->offset <= ip->size;
	}
	return false;
}

bool exe_symbol(struct inode *exe, uint64_t pc, char name[EXE_SYMBOL_LEN], uint64_t *offset)
{
	const struct iobuf buf = {NULL, (uint64_t)name};
	struct elf_shdr symtab, strtab;
	struct elf_sym sym;
	int64_t n;

	if (!find_symbols(exe, &symtab, &strtab))
		return false;
	for (uint64_t at = 0; at + sizeof(sym) <= symtab.size; at += sizeof(sym)) {
		if (!inode_read_exact(exe, symtab.offset + at, &sym, sizeof(sym)))
			return false;
		if ((sym.info & 15) != STT_FUNC || pc < sym.value || pc - sym.value >= sym.size)
			continue;
		n = inode_read(exe, strtab.offset + sym.name, &buf, EXE_SYMBOL_LEN - 1);
		name[n > 0 ? n : 0] = 0;
		*offset = pc - sym.value;
		return n > 0;
	}
	return false;
}
