/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extern variables of a program. Of section .kconfig: what libbpf itself knows about
 * the kernel (LINUX_KERNEL_VERSION ...) and, if they are weak, configuration symbols,
 * of which there are none here; they are the values of a read-only map. Of section
 * .ksyms: addresses of the kernel's functions, by its list of them.
 */
#include "../include/trace_helpers.h"
#include "libbpf_btf.h"
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SETTINGS 256    /* that a program asks for */
#define LINUX_ABI 0x060c00u /* 6.12: the bpf(2) that the firmware follows */

static const struct {
	const char *name;
	__u64 value;
} known[] = {
	{"LINUX_KERNEL_VERSION", LINUX_ABI},
	{"LINUX_HAS_BPF_COOKIE", 1},
	{"LINUX_HAS_SYSCALL_WRAPPER", 0}, /* the kernel's sys_*() take their arguments in registers */
};

/* The data section of BTF with that name; false if there is none. */
static bool find_section(const struct btf *btf, const char *name, struct btf_type *sec)
{
	for (__u32 id = 1; btf && btf_get(btf, id, sec); id++)
		if (sec->kind == BTF_KIND_DATASEC && !strcmp(sec->name, name))
			return true;
	return false;
}

/* A variable of the .kconfig section, by its place in the section's list; false: the types are damaged. */
static bool kconfig_var(const struct btf *btf, const struct btf_type *sec, __u32 i, struct btf_type *var)
{
	return btf_get(btf, btf_word(sec, 3 * i), var) && var->kind == BTF_KIND_VAR;
}

/* Bytes; 0: it is nothing that a setting can be */
static __u32 kconfig_size(const struct btf *btf, const struct btf_type *var)
{
	long size = btf_sizeof(btf, var->size);

	return size > 0 && size <= 8 ? (__u32)size : 0;
}

/* The map is laid out as libbpf does it, so that skel->kconfig fits: wide ones first, then by name. */
static bool lies_before(const struct btf *btf, const struct btf_type *a, const struct btf_type *b)
{
	__u32 x = kconfig_size(btf, a), y = kconfig_size(btf, b);

	return x != y ? x > y : strcmp(a->name, b->name) < 0;
}

/* Where the variable of that name lies in the map, and how large it is. -1: it is none of them */
static long kconfig_offset(const struct btf *btf, const char *name, __u32 *size)
{
	struct btf_type sec, var, other;
	bool found = false;
	long offset = 0;

	if (!find_section(btf, ".kconfig", &sec))
		return -1;
	for (__u32 i = 0; !found && i < sec.vlen; i++)
		found = kconfig_var(btf, &sec, i, &var) && !strcmp(var.name, name);
	if (!found)
		return -1;
	for (__u32 i = 0; i < sec.vlen; i++)
		if (kconfig_var(btf, &sec, i, &other) && lies_before(btf, &other, &var))
			offset += kconfig_size(btf, &other);
	*size = kconfig_size(btf, &var);
	return offset;
}

static bool is_weak(const struct bpf_object *obj, const char *name)
{
	__u32 index = bpf_elf_find_symbol(&obj->elf, name);

	return index != BPF_ELF_NONE && bpf_elf_symbol(&obj->elf, index).bind == ELF_STB_WEAK;
}

static int kconfig_value(const struct bpf_object *obj, const struct btf_type *var, __u64 *value)
{
	*value = 0;
	if (!kconfig_size(obj->btf, var)) {
		pr_warn("extern '%s': text is not supported, only numbers\n", var->name);
		return -EOPNOTSUPP;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, var->name) != 0)
			continue;
		*value = known[i].value;
		return 0;
	}
	if (is_weak(obj, var->name))
		return 0;
	pr_warn("extern '%s': this kernel has no such setting (declare it __weak to go without)\n", var->name);
	return -ESRCH;
}

static int put_kconfig_value(const struct bpf_object *obj, const struct btf_type *sec, __u32 i, __u8 *values)
{
	struct btf_type var;
	__u64 value;
	__u32 size;
	long offset;
	int err;

	if (!kconfig_var(obj->btf, sec, i, &var))
		return -EINVAL;
	err = kconfig_value(obj, &var, &value);
	if (err)
		return err;
	offset = kconfig_offset(obj->btf, var.name, &size);
	memcpy(values + offset, &value, size);
	return 0;
}

int libbpf_collect_kconfig(struct bpf_object *obj)
{
	struct btf_type sec;
	struct bpf_map *map;
	__u8 *values;
	int err = 0;

	if (!find_section(obj->btf, ".kconfig", &sec) || !sec.vlen)
		return 0;
	if (sec.vlen > MAX_SETTINGS) {
		pr_warn("%s: asks for %u settings of the kernel, at most %d\n", obj->name, sec.vlen, MAX_SETTINGS);
		return -E2BIG;
	}
	values = calloc(sec.vlen, 8);
	if (!values)
		return -ENOMEM;
	for (__u32 i = 0; !err && i < sec.vlen; i++)
		err = put_kconfig_value(obj, &sec, i, values);
	map = err ? NULL : libbpf_add_data_map(obj, ".kconfig", KCONFIG_SECTION, true, values, sec.vlen * 8);
	free(values);
	return err ? err : map ? 0 : -ENOMEM;
}

/* A function's address into a wide load: no map, just a number. */
static int ksym_address(const struct bpf_program *prog, struct bpf_insn *insn, const char *name)
{
	struct ksyms *ksyms = ksyms__load();
	const struct ksym *sym = ksyms ? ksyms__get_symbol(ksyms, name) : NULL;
	__u64 addr = sym ? sym->addr : 0;
	bool weak = is_weak(prog->obj, name);

	ksyms__free(ksyms);
	if (!addr && !weak) {
		pr_warn("prog '%s': extern '%s' is no function of the kernel\n", prog->name, name);
		return -ESRCH;
	}
	insn[0].src_reg = 0;
	insn[0].imm = (__s32)addr;
	insn[1].imm = (__s32)(addr >> 32);
	return 0;
}

int libbpf_resolve_extern(const struct bpf_program *prog, struct bpf_insn *insn, const char *name)
{
	__u32 size = 0;
	long offset = kconfig_offset(prog->obj->btf, name, &size);
	const struct bpf_map *map = libbpf_map_of(prog->obj, KCONFIG_SECTION, 0);
	struct btf_type sec;

	if (offset >= 0 && map && offset + size <= map->value_size) {
		insn[0].src_reg = BPF_PSEUDO_MAP_VALUE;
		insn[0].imm = map->fd;
		insn[1].imm = (__s32)offset;
		return 0;
	}
	if (find_section(prog->obj->btf, ".ksyms", &sec))
		return ksym_address(prog, insn, name);
	pr_warn("prog '%s': extern '%s' is not supported\n", prog->name, name);
	return -EOPNOTSUPP;
}
