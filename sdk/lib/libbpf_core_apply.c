/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CO-RE at load: each instruction that holds a number about the kernel's types gets
 * the running kernel's (libbpf_core.c finds it). The kernel's types are a file of the
 * root file system, as Linux has them in /sys/kernel/btf/vmlinux. What the kernel does
 * not have becomes a call that the checks refuse if it can be reached: a program that
 * asks bpf_core_field_exists() first never gets there.
 */
#include "libbpf_btf.h"
#include "libbpf_core.h"
#include "libbpf_internal.h"
#include "read_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef KERNEL_BTF
#define KERNEL_BTF "kernel.btf"
#endif
#define RECORD_SIZE 16u /* of struct bpf_core_relo: insn_off, type_id, access_str_off, kind */

struct apply {
	struct bpf_object *obj;
	void *bytes; /* the kernel's BTF */
	struct btf *kernel;
};

static int read_kernel_types(struct apply *a)
{
	const char *path = a->obj->kernel_btf ? a->obj->kernel_btf : KERNEL_BTF;
	size_t size;

	a->bytes = sdk_read_file(path, &size);
	if (!a->bytes) {
		int err = -errno;

		pr_warn("%s: it needs the kernel's types for CO-RE, but '%s' cannot be read: %s\n", a->obj->name, path,
			strerror(-err));
		return err;
	}
	a->kernel = btf_parse(a->bytes, size);
	if (!a->kernel) {
		pr_warn("%s: '%s' is no BTF\n", a->obj->name, path);
		return -EINVAL;
	}
	return 0;
}

/* Another size of what is loaded or stored, when the kernel's field is wider or narrower. */
static bool set_access_size(struct bpf_insn *insn, __u32 size)
{
	static const __u8 code[9] = {[1] = BPF_B, [2] = BPF_H, [4] = BPF_W, [8] = BPF_DW};

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return false;
	insn->code = (__u8)((insn->code & ~0x18) | code[size]);
	return true;
}

/* The number into the instruction. False: it is none that holds the old one, or the new one does not fit. */
static bool patch(struct bpf_insn insn[2], bool is_wide, const struct core_answer *answer)
{
	__u64 v = answer->new_value;

	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		if (BPF_SRC(insn->code) != BPF_K || (answer->check_old && (__u32)insn->imm != (__u32)answer->old_value))
			return false;
		insn->imm = (__s32)v;
		return v <= UINT32_MAX || (__s64)v == (__s32)v;
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		if (insn->off != (__s16)answer->old_value || v > INT16_MAX)
			return false;
		insn->off = (__s16)v;
		if (!answer->old_size || !answer->size || answer->old_size == answer->size)
			return true;
		return set_access_size(insn, answer->size);
	case BPF_LD:
		if (!is_wide || insn->src_reg)
			return false;
		if (answer->check_old && ((__u32)insn[0].imm | (__u64)(__u32)insn[1].imm << 32) != answer->old_value)
			return false;
		insn[0].imm = (__s32)v;
		insn[1].imm = (__s32)(v >> 32);
		return true;
	default:
		return false;
	}
}

/*
 * A call that the checks refuse wherever it can be reached. Its number says which thing was missing
 * (libbpf_core_missing), for the sentence when that happens.
 */
static int poison(struct bpf_object *obj, struct bpf_insn insn[2], bool is_wide, const char *what)
{
	char **missing = realloc(obj->missing, (obj->nr_missing + 1) * sizeof(*missing));
	__s32 number = (__s32)(CORE_POISON + obj->nr_missing);

	if (!missing)
		return -ENOMEM;
	obj->missing = missing;
	missing[obj->nr_missing] = strdup(what);
	if (!missing[obj->nr_missing])
		return -ENOMEM;
	obj->nr_missing++;
	insn[0] = (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = number};
	if (is_wide)
		insn[1] = insn[0];
	return 0;
}

const char *libbpf_core_missing(const struct bpf_object *obj, const char *log)
{
	const char *call = strstr(log, "unknown#");
	unsigned long number = call ? strtoul(call + strlen("unknown#"), NULL, 10) - CORE_POISON : obj->nr_missing;

	return number < obj->nr_missing ? obj->missing[number] : NULL;
}

/* The instruction, and the one behind it if there is one; copied, for the file need not be aligned. */
static int patch_insn(struct apply *a, const struct core_relo *relo, __u8 *at, __u64 room)
{
	struct bpf_insn insn[2] = {0};
	struct core_answer answer;
	size_t size = room < sizeof(insn) ? sizeof(insn[0]) : sizeof(insn);
	bool is_wide;
	int err = core_answer(a->obj->btf, a->kernel, relo, &answer);

	memcpy(insn, at, size);
	is_wide = insn[0].code == (BPF_LD | BPF_IMM | BPF_DW) && size == sizeof(insn);
	if (!err && answer.missing)
		err = poison(a->obj, insn, is_wide, answer.what);
	else if (!err && !patch(insn, is_wide, &answer))
		err = -EINVAL;
	if (err)
		pr_warn("%s: CO-RE relocation of %s cannot be done\n", a->obj->name, answer.what);
	memcpy(at, insn, size);
	return err;
}

static int apply_record(void *ctx, const struct ext_record *r)
{
	struct apply *a = ctx;
	struct bpf_elf_section sec = bpf_elf_section(&a->obj->elf, r->section);
	struct core_relo relo;
	__u32 fields[4];
	int err;

	memcpy(fields, r->data, sizeof(fields));
	relo = (struct core_relo){
		.type_id = fields[1], .access = btf_string(a->obj->btf, fields[2]), .kind = fields[3]};
	if (!(sec.flags & ELF_SHF_EXECINSTR) || r->insn_offset % 8 || sec.size < 8 || r->insn_offset > sec.size - 8)
		return -EINVAL;
	if (!a->kernel) {
		err = read_kernel_types(a);
		if (err)
			return err;
	}
	/* the object's file is a private copy (open_object) */
	return patch_insn(a, &relo, (__u8 *)a->obj->file + (sec.data - (const __u8 *)a->obj->file) + r->insn_offset,
			  sec.size - r->insn_offset);
}

int libbpf_apply_core(struct bpf_object *obj)
{
	struct apply a = {.obj = obj};
	int err = libbpf_ext_each(obj, EXT_CORE_RELO, RECORD_SIZE, apply_record, &a);

	if (err)
		pr_warn("%s: CO-RE relocations failed: %s\n", obj->name, strerror(-err));
	btf_free(a.kernel);
	free(a.bytes);
	return err;
}
