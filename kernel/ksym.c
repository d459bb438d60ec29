/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbol table: printk.h. */
#include "printk.h"
#include "../firmware/ebpf/uapi/sbi_ebpf.h"

#include <stddef.h>

extern const char ksyms_header[], ksyms_end[];

static const struct ebpf_symtab_header *header(void)
{
	return (const struct ebpf_symtab_header *)ksyms_header;
}

static const struct ebpf_symtab_entry *entries(void)
{
	return (const struct ebpf_symtab_entry *)(header() + 1);
}

static const char *strings(void)
{
	return (const char *)(entries() + header()->count);
}

const char *ksym_find(uint64_t addr, uint64_t *offset)
{
	const struct ebpf_symtab_entry *e = entries();
	uint32_t lo = 0, hi = header()->count, mid;

	while (lo < hi) { /* the first entry above addr */
		mid = (lo + hi) / 2;
		if (e[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0 || (e[lo - 1].size && addr - e[lo - 1].addr >= e[lo - 1].size))
		return NULL;
	*offset = addr - e[lo - 1].addr;
	return strings() + e[lo - 1].name;
}

const char *ksym_by_index(uint32_t i, uint64_t *addr)
{
	if (i >= header()->count)
		return NULL;
	*addr = entries()[i].addr;
	return strings() + entries()[i].name;
}

const void *ksym_table(uint64_t *size)
{
	*size = (uint64_t)(ksyms_end - ksyms_header);
	return ksyms_header;
}
