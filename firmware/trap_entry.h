/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where trap_entry.S finds what it reads of the core's structures; trap.c
 * checks each of these numbers against the structure itself.
 */
#ifndef SEAM_TRAP_ENTRY_H
#define SEAM_TRAP_ENTRY_H

/* struct ebpf_probe_table */
#define TABLE_SLOTS 0
#define TABLE_FACTOR 8
#define TABLE_SHIFT 16
#define TABLE_MASK 24

/* struct ebpf_probe */
#define PROBE_ADDR 0
#define PROBE_LIGHT_SATP 8
#define PROBE_LEAF 16
#define PROBE_LEAF_RETURN 24
#define PROBE_NONE 3 /* addr where a search ends */

#endif
