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

/* Where the variables of .kconfig lie in the map: one behind the other, 8 bytes each. -1: it is none of them. */
static long kconfig_offset(const struct btf *btf, const char *name)
{
	struct btf_type sec, var;

	if (!find_section(btf, ".kconfig", &sec))
		return -1;
	for (__u32 i = 0; i < sec.vlen; i++)
		if (btf_get(btf, btf_word(&sec, 3 * i), &var) && var.kind == BTF_KIND_VAR && !strcmp(var.name, name))
			return 8l * i;
	return -1;
}

static bool is_weak(const struct bpf_object *obj, const char *name)
{
	__u32 index = bpf_elf_find_symbol(&obj->elf, name);

	return index != BPF_ELF_NONE && bpf_elf_symbol(&obj->elf, index).bind == ELF_STB_WEAK;
}

static int kconfig_value(const struct bpf_object *obj, const struct btf_type *var, __u64 *value)
{
	*value = 0;
	if (btf_sizeof(obj->btf, var->size) > 8) {
		pr_warn("extern '%s': text is not supported\n", var->name);
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

int libbpf_collect_kconfig(struct bpf_object *obj)
{
	struct btf_type sec, var;
	struct bpf_map *map;
	__u64 *values;
	int err = 0;

	if (!find_section(obj->btf, ".kconfig", &sec) || !sec.vlen)
		return 0;
	values = calloc(sec.vlen, sizeof(*values));
	if (!values)
		return -ENOMEM;
	for (__u32 i = 0; !err && i < sec.vlen; i++) {
		if (!btf_get(obj->btf, btf_word(&sec, 3 * i), &var) || var.kind != BTF_KIND_VAR)
			err = -EINVAL;
		else
			err = kconfig_value(obj, &var, &values[i]);
	}
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
	long offset = kconfig_offset(prog->obj->btf, name);
	const struct bpf_map *map = libbpf_map_of(prog->obj, KCONFIG_SECTION, 0);
	struct btf_type sec;

	if (offset >= 0 && map && offset < map->value_size) {
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
