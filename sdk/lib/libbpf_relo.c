/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Relocation: from a function in a section of the object file to the
 * instructions of one program. The program's own code comes first; each function
 * it calls or takes the address of, directly or not, is appended once, and calls
 * are made relative (RFC 9669 sec. 4.3.1). Map references become descriptors, data references
 * descriptor and offset (sec. 5.4).
 */
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_INSNS 65536u

struct relo {
	struct bpf_program *prog;
	const struct bpf_elf *elf;
	struct bpf_piece *pieces;
	__u32 nr_pieces;
};

static int append_piece(struct relo *r, __u32 section, __u32 first, __u32 count)
{
	struct bpf_elf_section sec = bpf_elf_section(r->elf, section);
	struct bpf_piece *pieces;
	struct bpf_insn *insns;
	__u32 at = r->prog->insn_cnt;

	if (!sec.data || (__u64)first + count > sec.size / sizeof(*insns)) {
		pr_warn("prog '%s': calls a function that is in no section of code\n", r->prog->name);
		return -EINVAL;
	}
	pieces = realloc(r->pieces, (r->nr_pieces + 1) * sizeof(*pieces));
	if (!pieces)
		return -ENOMEM;
	r->pieces = pieces;
	if (count > MAX_INSNS || at + count > MAX_INSNS) {
		pr_warn("prog '%s': more than %u instructions\n", r->prog->name, MAX_INSNS);
		return -E2BIG;
	}
	insns = realloc(r->prog->insns, (at + count) * sizeof(*insns));
	if (!insns)
		return -ENOMEM;
	r->prog->insns = insns;
	memcpy(insns + at, sec.data + (size_t)first * sizeof(*insns), count * sizeof(*insns));
	r->prog->insn_cnt = at + count;
	pieces[r->nr_pieces++] = (struct bpf_piece){.section = section, .first = first, .count = count, .at = at};
	return 0;
}

/* Where the function at that slot of a section is in the program; appended if it is not there yet. Slot or -errno. */
static long function_at(struct relo *r, __u32 section, long slot)
{
	for (__u32 i = 0; i < r->nr_pieces; i++)
		if (r->pieces[i].section == section && r->pieces[i].first == slot)
			return r->pieces[i].at;

	for (__u32 i = 1; i < r->elf->nr_symbols; i++) {
		struct bpf_elf_symbol sym = bpf_elf_symbol(r->elf, i);
		__u32 at = r->prog->insn_cnt;
		int err;

		if (sym.type != ELF_STT_FUNC || sym.section != section || sym.value != (__u64)slot * 8)
			continue;
		if (!sym.size || sym.size % 8)
			continue;
		err = append_piece(r, section, (__u32)slot, (__u32)(sym.size / 8));
		return err ? err : (long)at;
	}
	pr_warn("prog '%s': a call to something that is no function\n", r->prog->name);
	return -EINVAL;
}

/* The relocation for that byte of a section, if there is one. */
static bool find_reloc(const struct bpf_elf *elf, __u32 section, __u64 offset, struct bpf_elf_reloc *out)
{
	__u32 at = bpf_elf_find_reloc(elf, section, 1);

	for (; at != BPF_ELF_NONE; at = bpf_elf_find_reloc(elf, section, at + 1)) {
		struct bpf_elf_section rel = bpf_elf_section(elf, at);

		for (__u32 i = 0; i < bpf_elf_reloc_count(&rel); i++) {
			*out = bpf_elf_reloc(&rel, i);
			if (out->offset == offset && out->type != R_BPF_NONE)
				return true;
		}
	}
	return false;
}

/* The address of a function: it is appended, and named relative to the load. */
static int relocate_function(struct relo *r, __u32 at, __u32 section, __u64 offset)
{
	long target = offset % 8 ? -EINVAL : function_at(r, section, (long)(offset / 8));

	if (target < 0)
		return (int)target;
	r->prog->insns[at].src_reg = BPF_PSEUDO_FUNC;
	r->prog->insns[at].imm = (__s32)(target - at - 1);
	return 0;
}

static int relocate_load(struct relo *r, __u32 at, const struct bpf_elf_symbol *sym)
{
	struct bpf_program *prog = r->prog;
	struct bpf_insn *insn = &prog->insns[at];
	__u64 offset = sym->value + (__u64)(__s64)insn[0].imm;
	struct bpf_map *map;

	if (sym->section == ELF_SHN_UNDEF)
		return libbpf_resolve_extern(prog, insn, sym->name);
	if (bpf_elf_section(r->elf, sym->section).flags & ELF_SHF_EXECINSTR)
		return relocate_function(r, at, sym->section, offset);
	map = libbpf_map_of(prog->obj, sym->section, offset);
	if (!map) {
		pr_warn("prog '%s': insn #%u refers to '%s', which is neither map nor data\n", prog->name, at,
			sym->name);
		return -EINVAL;
	}
	if (map->internal && offset >= map->value_size) {
		pr_warn("prog '%s': insn #%u reaches outside '%s'\n", prog->name, at, map->name);
		return -EINVAL;
	}
	insn[0].src_reg = map->internal ? BPF_PSEUDO_MAP_VALUE : BPF_PSEUDO_MAP_FD;
	insn[0].imm = map->fd;
	insn[1].imm = map->internal ? (__s32)offset : 0;
	return 0;
}

static int relocate_call(struct relo *r, const struct bpf_piece *piece, __u32 at, const struct bpf_elf_symbol *sym)
{
	__s32 imm = r->prog->insns[at].imm;
	__u32 section = piece->section;
	long slot, target;

	if (!sym) {
		/* the assembler resolved it: relative inside the section */
		slot = (long)piece->first + (at - piece->at) + imm + 1;
	} else if (sym->section == ELF_SHN_UNDEF) {
		pr_warn("prog '%s': extern function '%s' is not supported\n", r->prog->name, sym->name);
		return -EOPNOTSUPP;
	} else {
		/* a function's symbol with imm -1, or its section's with the slot before it */
		section = sym->section;
		slot = (long)(sym->value / 8) + imm + 1;
	}
	target = function_at(r, section, slot);
	if (target < 0)
		return (int)target;
	r->prog->insns[at].imm = (__s32)(target - at - 1);
	return 0;
}

static int relocate_insn(struct relo *r, const struct bpf_piece *piece, __u32 at)
{
	const struct bpf_insn *insn = &r->prog->insns[at];
	bool wide = insn->code == (BPF_LD | BPF_IMM | BPF_DW);
	bool call = insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL;
	struct bpf_elf_reloc rel;
	struct bpf_elf_symbol sym;
	bool has = find_reloc(r->elf, piece->section, (__u64)(piece->first + (at - piece->at)) * 8, &rel);

	if (has)
		sym = bpf_elf_symbol(r->elf, rel.symbol);
	if (call)
		return relocate_call(r, piece, at, has ? &sym : NULL);
	if (!has)
		return 0;
	if (wide && rel.type == R_BPF_64_64 && at + 1 < piece->at + piece->count)
		return relocate_load(r, at, &sym);
	pr_warn("prog '%s': relocation type %u at insn #%u is not supported\n", r->prog->name, rel.type, at);
	return -EOPNOTSUPP;
}

int libbpf_relocate(struct bpf_program *prog)
{
	struct relo r = {.prog = prog, .elf = &prog->obj->elf};
	int err;

	free(prog->insns);
	prog->insns = NULL;
	prog->insn_cnt = 0;
	err = append_piece(&r, prog->section, (__u32)(prog->offset / 8), prog->own_insns);
	/* pieces appended on the way are worked through in their turn */
	for (__u32 p = 0; !err && p < r.nr_pieces; p++) {
		struct bpf_piece piece = r.pieces[p];

		for (__u32 i = 0; !err && i < piece.count; i++) {
			bool wide = prog->insns[piece.at + i].code == (BPF_LD | BPF_IMM | BPF_DW);

			err = relocate_insn(&r, &piece, piece.at + i);
			i += wide;
		}
	}
	if (!err)
		err = libbpf_collect_info(prog, r.pieces, r.nr_pieces);
	free(r.pieces);
	return err;
}
