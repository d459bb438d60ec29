/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_PROG_LOAD_EX in S-mode: from an rCore-tutorial ELF object to a loaded
 * program. The object's code names maps through `extern int map_fd`: a wide
 * load of the variable's address, then a 4-byte read of the descriptor number.
 * Here the variables become one array map with one value, 4 bytes a variable,
 * and the wide loads become BPF_PSEUDO_MAP_VALUE references into it (RFC 9669
 * sec. 5.4). That map's descriptor is temporary: once the program is loaded it
 * holds the map itself.
 *
 * Not here: descriptors, address spaces and the call into the firmware, which
 * are the kernel's (load_ex.h). Everything is checked on private
 * copies before the first object is made.
 */
#include "load_ex.h"
#include "bpf_elf.h"
#include "uapi/errno.h"

#define FD_SIZE 4u /* the `int` behind an extern map variable */

/* One load. Everything from `names` on is a private copy of what the caller passed. */
struct loading {
	uint32_t nr_maps;
	uint32_t elf_size;
	uint8_t *file;		/* elf_size bytes */
	struct bpf_insn *insns; /* .text, to be rewritten */
	uint32_t insn_cnt;
	uint32_t nr_refs; /* wide loads that refer to a map variable */
	struct bpf_elf elf;
	int fd_map;			    /* temporary descriptor, or -1 */
	uint32_t fds[LOAD_EX_MAX_MAPS];	    /* the value of the array map */
	uint32_t symbols[LOAD_EX_MAX_MAPS]; /* symbol of each entry */
	char names[LOAD_EX_MAX_MAPS][LOAD_EX_MAX_NAME];
};

static void copy(void *dst, const void *src, size_t size)
{
	__builtin_memcpy(dst, src, size);
}

/* A name may end just before an unmapped page, so it is read byte by byte. */
static int copy_in_name(char *dst, uint64_t src)
{
	for (uint32_t i = 0; i < LOAD_EX_MAX_NAME; i++) {
		int err = src + i < src ? -EFAULT : load_ex_copy_in(&dst[i], src + i, 1);

		if (err)
			return err;
		if (!dst[i])
			return i ? 0 : -EINVAL;
	}
	return -E2BIG;
}

static int copy_in_maps(struct loading *l, uint64_t array)
{
	for (uint32_t i = 0; i < l->nr_maps; i++) {
		struct ebpf_rcore_map_entry entry;
		uint64_t at = array + i * sizeof(entry);
		int err = at < array ? -EFAULT : load_ex_copy_in(&entry, at, sizeof(entry));

		if (!err)
			err = copy_in_name(l->names[i], entry.name);
		if (err)
			return err;
		l->fds[i] = entry.fd;
	}
	return 0;
}

/* Every entry names one undefined symbol of the object, and no two the same. */
static int match_symbols(struct loading *l)
{
	for (uint32_t i = 0; i < l->nr_maps; i++) {
		l->symbols[i] = bpf_elf_find_symbol(&l->elf, l->names[i]);
		if (l->symbols[i] == BPF_ELF_NONE)
			return -EINVAL;
		if (bpf_elf_symbol(&l->elf, l->symbols[i]).section != ELF_SHN_UNDEF)
			return -EINVAL;
		for (uint32_t j = 0; j < i; j++)
			if (l->symbols[j] == l->symbols[i])
				return -EINVAL;
	}
	return 0;
}

/*
 * A wide load of a map variable's address. The slot is marked and given its
 * offset now; the map's descriptor goes in when there is one.
 */
static int relocate_map(struct loading *l, uint32_t slot, uint32_t symbol)
{
	struct bpf_insn *insn = &l->insns[slot];

	if (slot + 1 >= l->insn_cnt || insn[0].code != (BPF_LD | BPF_IMM | BPF_DW) || insn[1].code)
		return -EINVAL;
	/* an addend would point past the variable; a source register means it was relocated before */
	if (insn[0].imm || insn[1].imm || insn[0].src_reg)
		return -EINVAL;
	for (uint32_t i = 0; i < l->nr_maps; i++) {
		if (l->symbols[i] != symbol)
			continue;
		insn[0].src_reg = BPF_PSEUDO_MAP_VALUE;
		insn[1].imm = (int32_t)(i * FD_SIZE);
		l->nr_refs++;
		return 0;
	}
	return -EINVAL;
}

/* A call to a function of the same section: the immediate counts slots from the next one. */
static int relocate_call(struct loading *l, uint32_t slot, const struct bpf_elf_symbol *sym, uint32_t text)
{
	struct bpf_insn *insn = &l->insns[slot];
	int64_t target;

	if (insn->code != (BPF_JMP | BPF_CALL) || insn->src_reg != BPF_PSEUDO_CALL || sym->section != text)
		return -EINVAL;
	if (sym->value % sizeof(struct bpf_insn))
		return -EINVAL;
	target = (int64_t)(sym->value / sizeof(struct bpf_insn)) + insn->imm + 1;
	if (target < 0 || target >= (int64_t)l->insn_cnt)
		return -EINVAL;
	insn->imm = (int32_t)(target - slot - 1);
	return 0;
}

/* Relocations of debug sections use the same symbols and type numbers; only .text's are looked at. */
static int relocate(struct loading *l, uint32_t text)
{
	uint32_t at = bpf_elf_find_reloc(&l->elf, text, 1);

	for (; at != BPF_ELF_NONE; at = bpf_elf_find_reloc(&l->elf, text, at + 1)) {
		struct bpf_elf_section rel = bpf_elf_section(&l->elf, at);

		for (uint32_t i = 0; i < bpf_elf_reloc_count(&rel); i++) {
			struct bpf_elf_reloc r = bpf_elf_reloc(&rel, i);
			struct bpf_elf_symbol sym = bpf_elf_symbol(&l->elf, r.symbol);
			uint32_t slot = (uint32_t)(r.offset / sizeof(struct bpf_insn));
			int err = -EINVAL;

			if (r.type == R_BPF_64_64)
				err = relocate_map(l, slot, r.symbol);
			else if (r.type == R_BPF_64_32)
				err = relocate_call(l, slot, &sym, text);
			if (err)
				return err;
		}
	}
	return 0;
}

/* In a fresh object all references are still relocations; a reference made by hand is refused. */
static int check_no_refs(const struct loading *l)
{
	for (uint32_t i = 0; i < l->insn_cnt; i++) {
		if (l->insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (l->insns[i].src_reg)
			return -EINVAL;
		i++;
	}
	return 0;
}

static int parse(struct loading *l)
{
	struct bpf_elf_section text;
	uint32_t index;
	int err = bpf_elf_open(&l->elf, l->file, l->elf_size, NULL);

	if (err)
		return err;
	index = bpf_elf_find_section(&l->elf, ".text", ELF_SHT_PROGBITS);
	if (index == BPF_ELF_NONE || l->elf.symtab == BPF_ELF_NONE)
		return -EINVAL;
	text = bpf_elf_section(&l->elf, index);
	if (!(text.flags & ELF_SHF_EXECINSTR) || !text.size)
		return -EINVAL;
	l->insn_cnt = (uint32_t)(text.size / sizeof(struct bpf_insn));
	l->insns = load_ex_alloc(text.size);
	if (!l->insns)
		return -ENOMEM;
	copy(l->insns, text.data, text.size);

	err = check_no_refs(l);
	if (!err)
		err = match_symbols(l);
	return err ? err : relocate(l, index);
}

/* The array map with the descriptor numbers, and its descriptor into the wide loads */
static int make_fd_map(struct loading *l)
{
	uint32_t key = 0;
	union bpf_attr attr;
	int64_t err;

	l->fd_map = load_ex_get_fd();
	if (l->fd_map < 0)
		return l->fd_map;

	__builtin_memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(key);
	attr.value_size = l->nr_maps * FD_SIZE;
	attr.max_entries = 1;
	attr.map_flags = BPF_F_RDONLY_PROG; /* the program reads its map numbers, it does not choose them */
	copy(attr.map_name, "map_fds", sizeof("map_fds"));
	err = load_ex_bpf(BPF_MAP_CREATE, &attr, l->fd_map);
	if (err < 0)
		return (int)err;

	__builtin_memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)l->fd_map;
	attr.key = (uint64_t)(uintptr_t)&key;
	attr.value = (uint64_t)(uintptr_t)l->fds;
	err = load_ex_bpf(BPF_MAP_UPDATE_ELEM, &attr, -1);
	if (err < 0)
		return (int)err;

	for (uint32_t i = 0; i < l->insn_cnt; i++) {
		if (l->insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (l->insns[i].src_reg == BPF_PSEUDO_MAP_VALUE)
			l->insns[i].imm = l->fd_map;
		i++;
	}
	return 0;
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* The first function's name, as far as it is a legal program name */
static void name_program(const struct loading *l, char *name)
{
	for (uint32_t i = 1; i < l->elf.nr_symbols; i++) {
		struct bpf_elf_symbol sym = bpf_elf_symbol(&l->elf, i);

		if (sym.type != ELF_STT_FUNC || sym.value || sym.section == ELF_SHN_UNDEF)
			continue;
		for (uint32_t n = 0; n < BPF_OBJ_NAME_LEN - 1 && name_char(sym.name[n]); n++)
			name[n] = sym.name[n];
		return;
	}
}

static int64_t load_program(struct loading *l, int newfd)
{
	static const char license[] = "GPL"; /* the tutorial's objects carry none, and its printk is a GPL helper */
	char gpl[sizeof(license)];
	union bpf_attr attr;

	copy(gpl, license, sizeof(license));
	__builtin_memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_KPROBE;
	attr.insn_cnt = l->insn_cnt;
	attr.insns = (uint64_t)(uintptr_t)l->insns;
	attr.license = (uint64_t)(uintptr_t)gpl;
	attr.prog_flags = EBPF_F_RCORE_ABI;
	name_program(l, attr.prog_name);
	if (l->nr_maps) {
		/* binds the caller's maps, so that helpers may be given their numbers */
		attr.fd_array = (uint64_t)(uintptr_t)l->fds;
		attr.fd_array_cnt = l->nr_maps;
	}
	return load_ex_bpf(BPF_PROG_LOAD, &attr, newfd);
}

static int64_t load(struct loading *l, const union bpf_attr *attr, int newfd)
{
	int64_t err = load_ex_copy_in(l->file, attr->ex_elf, l->elf_size);

	if (!err && l->nr_maps)
		err = copy_in_maps(l, attr->ex_map_array);
	if (!err)
		err = parse(l);
	if (!err && l->nr_refs)
		err = make_fd_map(l);
	return err ? err : load_program(l, newfd);
}

int64_t load_ex(const union bpf_attr *attr, int newfd)
{
	uint32_t elf_size = attr->ex_elf_size, nr_maps = attr->ex_map_array_len;
	struct loading *l;
	int64_t result;

	if (!elf_size)
		return -EINVAL;
	if (elf_size > LOAD_EX_MAX_ELF || nr_maps > LOAD_EX_MAX_MAPS)
		return -E2BIG;
	l = load_ex_alloc(sizeof(*l));
	if (!l)
		return -ENOMEM;
	__builtin_memset(l, 0, sizeof(*l));
	l->nr_maps = nr_maps;
	l->elf_size = elf_size;
	l->fd_map = -1;
	l->file = load_ex_alloc(elf_size);
	result = l->file ? load(l, attr, newfd) : -ENOMEM;

	if (l->fd_map >= 0)
		load_ex_put_fd(l->fd_map);
	if (l->insns)
		load_ex_free(l->insns);
	if (l->file)
		load_ex_free(l->file);
	load_ex_free(l);
	return result;
}
