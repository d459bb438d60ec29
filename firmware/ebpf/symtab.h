/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's symbol table, a checked copy in the arena (uapi/sbi_ebpf.h has
 * its format). Readers hold no lock: the control lock (cmd.h) excludes changes.
 */
#ifndef EBPF_SYMTAB_H
#define EBPF_SYMTAB_H

#include <stdint.h>

/* No table. With the arena, before anything else; what an earlier arena held is forgotten, not freed. */
void ebpf_symtab_init(void);

/*
 * Replace the table by the `size` bytes at physical address `pa`; size 0 removes
 * it. 0, -EINVAL (format, order, a name outside the strings), -E2BIG, -EFAULT,
 * -ENOMEM. On an error the old table stays. -ERESTART: a large table takes
 * several calls with the same arguments; one with others gives up what was begun.
 */
int ebpf_symtab_set(uint64_t pa, uint64_t size);

/*
 * Resolve a probe target: "name", "name+0x10", "name+16". Tried in this order:
 * exact; the part after the last "::" (rCore writes Rust paths). 0 with *addr,
 * -ENOENT, or -EINVAL for a malformed or too large offset (at or past the symbol's end).
 * Of several symbols with one name the lowest address is meant.
 */
int ebpf_symtab_resolve(const char *target, uint64_t *addr);

/*
 * The symbol that holds addr, the innermost if there are several: its name and
 * the offset in it, or NULL. One without a size ends at the next higher address;
 * if there is none, it holds nothing but its own.
 */
const char *ebpf_symtab_find(uint64_t addr, uint64_t *offset);

#endif
