// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which instructions beyond RV64IMAC kernel text may contain: what every hart
 * of the device tree says it has. `riscv,isa-extensions` (a list) or the older
 * `riscv,isa` (one string: single letters, then _name for each).
 */
#include "seam.h"
#include "ebpf/rv_decode.h"

#include <libfdt.h>
#include <sbi/sbi_string.h>
#include <sbi_utils/fdt/fdt_helper.h>

static const struct {
	const char *name;
	u32 ext;
} known[] = {
	{"f", RV_EXT_F},     {"d", RV_EXT_D},	  {"zba", RV_EXT_ZBA},
	{"zbb", RV_EXT_ZBB}, {"zbs", RV_EXT_ZBS}, {"zicond", RV_EXT_ZICOND},
};

/* Is `name` in an ISA string such as "rv64imafdch_zicsr_zba"? */
static bool isa_has(const char *isa, size_t len, const char *name)
{
	size_t name_len = sbi_strlen(name), i;

	if (name_len == 1) {
		for (i = 4; i < len && isa[i] && isa[i] != '_'; i++)
			if (isa[i] == name[0] || (isa[i] == 'g' && (name[0] == 'f' || name[0] == 'd')))
				return true;
		return false;
	}
	for (i = 0; i + name_len < len && isa[i]; i++)
		if (isa[i] == '_' && !sbi_strncmp(&isa[i + 1], name, name_len) &&
		    (i + 1 + name_len == len || isa[i + 1 + name_len] == '_' || !isa[i + 1 + name_len]))
			return true;
	return false;
}

static u32 hart_extensions(const void *fdt, int cpu)
{
	int list_len, isa_len;
	const char *list = fdt_getprop(fdt, cpu, "riscv,isa-extensions", &list_len);
	const char *isa = fdt_getprop(fdt, cpu, "riscv,isa", &isa_len);
	unsigned int i;
	u32 ext = 0;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (list ? fdt_stringlist_contains(list, list_len, known[i].name)
			 : isa && isa_has(isa, isa_len, known[i].name))
			ext |= known[i].ext;
	return ext;
}

u32 seam_isa_extensions(const void *fdt)
{
	int cpus = fdt_path_offset(fdt, "/cpus"), cpu, len;
	const char *type;
	u32 ext = ~0U;

	if (cpus < 0)
		return 0;
	fdt_for_each_subnode(cpu, fdt, cpus) {
		type = fdt_getprop(fdt, cpu, "device_type", &len);
		/* a hart without an MMU runs no kernel */
		if (type && !sbi_strcmp(type, "cpu") && fdt_node_is_enabled(fdt, cpu) &&
		    fdt_getprop(fdt, cpu, "mmu-type", &len))
			ext &= hart_extensions(fdt, cpu);
	}
	return ext == ~0U ? 0 : ext;
}
