/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader of a flattened device tree (Devicetree Specification v0.4 ch. 5). A node
 * is the offset of its FDT_BEGIN_NODE token in the structure block; every access
 * is checked against the blocks' sizes, so a corrupt tree ends the walk early
 * and does nothing worse.
 */
#ifndef KERNEL_FDT_H
#define KERNEL_FDT_H

#include <stdbool.h>
#include <stdint.h>

struct fdt {
	const uint8_t *base;
	uint32_t size;
	uint32_t structs, structs_size;
	uint32_t strings, strings_size;
	uint32_t reservations;
};

#define FDT_ROOT 0
#define FDT_MAX_SIZE (2u << 20)

/* 0 or -EINVAL. `base` must have FDT_MAX_SIZE readable bytes behind it. */
int fdt_open(struct fdt *fdt, const void *base);

/* The next node in document order, or -1 at the end. *depth goes along (root = 0). */
int fdt_next_node(const struct fdt *fdt, int node, int *depth);
/* First child, next sibling; -1 if there is none. */
int fdt_first_child(const struct fdt *fdt, int node);
int fdt_next_sibling(const struct fdt *fdt, int node);
/* Child of a node by name; a name without @ matches any unit address. -1 if there is none. */
int fdt_child(const struct fdt *fdt, int node, const char *name);
const char *fdt_name(const struct fdt *fdt, int node);

/* Value of a property with its length, or NULL. */
const uint8_t *fdt_prop(const struct fdt *fdt, int node, const char *name, uint32_t *len);
/* As a string: NULL if it is not there or not terminated. */
const char *fdt_string(const struct fdt *fdt, int node, const char *name);
/* A number of one or two cells. */
bool fdt_number(const struct fdt *fdt, int node, const char *name, uint64_t *value);
/* Is `value` one of the strings of this list property? */
bool fdt_has_string(const struct fdt *fdt, int node, const char *name, const char *value);
/* Pair `index` of `reg` with the cell counts of `parent`. False when there is no such pair. */
bool fdt_reg(const struct fdt *fdt, int parent, int node, uint32_t index, uint64_t *addr, uint64_t *size);
/* Entry `index` of the memory reservation block. False at the end. */
bool fdt_reservation(const struct fdt *fdt, uint32_t index, uint64_t *addr, uint64_t *size);
/* status is absent, "okay" or "ok" */
bool fdt_enabled(const struct fdt *fdt, int node);

#endif
