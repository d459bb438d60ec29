/* SPDX-License-Identifier: BSD-2-Clause */
/* Device tree reader: fdt.h. */
#include "fdt.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "string.h"

#define FDT_MAGIC 0xd00dfeed
#define FDT_BEGIN_NODE 1
#define FDT_END_NODE 2
#define FDT_PROP 3
#define FDT_NOP 4

/* Header words */
#define OFF_TOTALSIZE 4
#define OFF_STRUCTS 8
#define OFF_STRINGS 12
#define OFF_RESERVATIONS 16
#define OFF_LAST_COMPATIBLE 24
#define OFF_STRINGS_SIZE 32
#define OFF_STRUCTS_SIZE 36
#define HEADER_SIZE 40

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t cells(const uint8_t *p, uint32_t n)
{
	uint64_t v = 0;

	for (; n; n--, p += 4)
		v = v << 32 | be32(p);
	return v;
}

static bool inside(uint32_t off, uint32_t len, uint32_t size)
{
	return off <= size && len <= size - off;
}

int fdt_open(struct fdt *fdt, const void *base)
{
	const uint8_t *p = base;

	if (be32(p) != FDT_MAGIC || be32(p + OFF_LAST_COMPATIBLE) > 17)
		return -EINVAL;
	*fdt = (struct fdt){
		.base = base,
		.size = be32(p + OFF_TOTALSIZE),
		.structs = be32(p + OFF_STRUCTS),
		.structs_size = be32(p + OFF_STRUCTS_SIZE),
		.strings = be32(p + OFF_STRINGS),
		.strings_size = be32(p + OFF_STRINGS_SIZE),
		.reservations = be32(p + OFF_RESERVATIONS),
	};
	if (fdt->size < HEADER_SIZE || fdt->size > FDT_MAX_SIZE ||
	    !inside(fdt->structs, fdt->structs_size, fdt->size) ||
	    !inside(fdt->strings, fdt->strings_size, fdt->size) || fdt->reservations > fdt->size ||
	    ((fdt->structs | fdt->structs_size) & 3) || fdt->structs_size > INT32_MAX)
		return -EINVAL;
	return 0;
}

/* Length of the NUL-terminated string at p, which ends before `end`; -1 if it does not. */
static int64_t string_length(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *nul = p < end ? memchr(p, 0, (size_t)(end - p)) : NULL;

	return nul ? nul - p : -1;
}

/*
 * The token at `off` and the offset behind it, payload included. 0 when there is
 * none any more or it runs over the end of the block.
 */
static uint32_t token(const struct fdt *fdt, uint32_t off, uint32_t *next)
{
	const uint8_t *block = fdt->base + fdt->structs;
	uint32_t size = fdt->structs_size, type, len;
	int64_t n;

	if ((off & 3) || !inside(off, 4, size))
		return 0;
	type = be32(block + off);
	*next = off + 4;
	if (type == FDT_BEGIN_NODE) {
		n = string_length(block + off + 4, block + size);
		if (n < 0)
			return 0;
		*next += ((uint32_t)n + 4) & ~3u;
	} else if (type == FDT_PROP) {
		if (!inside(off, 12, size))
			return 0;
		len = be32(block + off + 4);
		if (!inside(off + 12, len, size))
			return 0;
		*next += 8 + ((len + 3) & ~3u);
	} else if (type != FDT_END_NODE && type != FDT_NOP) {
		return 0;
	}
	return type;
}

int fdt_next_node(const struct fdt *fdt, int node, int *depth)
{
	uint32_t off = (uint32_t)node, next, type;

	if (node < 0 || token(fdt, off, &off) != FDT_BEGIN_NODE)
		return -1;
	++*depth;
	while ((type = token(fdt, off, &next)) != 0) {
		if (type == FDT_BEGIN_NODE)
			return (int)off;
		if (type == FDT_END_NODE)
			--*depth;
		off = next;
	}
	return -1;
}

int fdt_first_child(const struct fdt *fdt, int node)
{
	int depth = 0, next = fdt_next_node(fdt, node, &depth);

	return depth == 1 ? next : -1;
}

int fdt_next_sibling(const struct fdt *fdt, int node)
{
	int depth = 0;

	do
		node = fdt_next_node(fdt, node, &depth);
	while (node >= 0 && depth > 0);
	return depth == 0 ? node : -1;
}

const char *fdt_name(const struct fdt *fdt, int node)
{
	uint32_t next;

	if (node < 0 || token(fdt, (uint32_t)node, &next) != FDT_BEGIN_NODE)
		return "";
	return (const char *)fdt->base + fdt->structs + node + 4;
}

int fdt_child(const struct fdt *fdt, int node, const char *name)
{
	size_t n = strlen(name);
	const char *s;

	for (node = fdt_first_child(fdt, node); node >= 0; node = fdt_next_sibling(fdt, node)) {
		s = fdt_name(fdt, node);
		if (strncmp(s, name, n) == 0 && (s[n] == 0 || s[n] == '@'))
			return node;
	}
	return -1;
}

const uint8_t *fdt_prop(const struct fdt *fdt, int node, const char *name, uint32_t *len)
{
	const uint8_t *strings = fdt->base + fdt->strings, *p;
	uint32_t off = (uint32_t)node, next, type, name_off;

	if (node < 0 || token(fdt, off, &off) != FDT_BEGIN_NODE)
		return NULL;
	for (; (type = token(fdt, off, &next)) == FDT_PROP || type == FDT_NOP; off = next) {
		if (type == FDT_NOP)
			continue;
		p = fdt->base + fdt->structs + off;
		name_off = be32(p + 8);
		if (name_off >= fdt->strings_size ||
		    string_length(strings + name_off, strings + fdt->strings_size) < 0 ||
		    strcmp((const char *)strings + name_off, name) != 0)
			continue;
		*len = be32(p + 4);
		return p + 12;
	}
	return NULL;
}

const char *fdt_string(const struct fdt *fdt, int node, const char *name)
{
	uint32_t len;
	const uint8_t *p = fdt_prop(fdt, node, name, &len);

	return p && string_length(p, p + len) >= 0 ? (const char *)p : NULL;
}

bool fdt_number(const struct fdt *fdt, int node, const char *name, uint64_t *value)
{
	uint32_t len;
	const uint8_t *p = fdt_prop(fdt, node, name, &len);

	if (!p || (len != 4 && len != 8))
		return false;
	*value = cells(p, len / 4);
	return true;
}

bool fdt_has_string(const struct fdt *fdt, int node, const char *name, const char *value)
{
	uint32_t len;
	const uint8_t *p = fdt_prop(fdt, node, name, &len);
	const uint8_t *end = p ? p + len : NULL;
	int64_t n;

	for (; p && p < end; p += n + 1) {
		n = string_length(p, end);
		if (n < 0)
			return false;
		if (strcmp((const char *)p, value) == 0)
			return true;
	}
	return false;
}

bool fdt_reg(const struct fdt *fdt, int parent, int node, uint32_t index, uint64_t *addr, uint64_t *size)
{
	uint64_t na = 2, ns = 1; /* the specification's defaults (sec. 2.3.5) */
	const uint8_t *p;
	uint32_t len;

	fdt_number(fdt, parent, "#address-cells", &na);
	fdt_number(fdt, parent, "#size-cells", &ns);
	p = fdt_prop(fdt, node, "reg", &len);
	if (!p || na < 1 || na > 2 || ns > 2 || (index + 1UL) * (na + ns) * 4 > len)
		return false;
	p += index * (na + ns) * 4;
	*addr = cells(p, (uint32_t)na);
	*size = cells(p + na * 4, (uint32_t)ns);
	return true;
}

bool fdt_reservation(const struct fdt *fdt, uint32_t index, uint64_t *addr, uint64_t *size)
{
	uint64_t off = fdt->reservations + 16UL * index;

	if (off + 16 > fdt->size)
		return false;
	*addr = cells(fdt->base + off, 2);
	*size = cells(fdt->base + off + 8, 2);
	return *addr || *size;
}

bool fdt_enabled(const struct fdt *fdt, int node)
{
	const char *status = fdt_string(fdt, node, "status");

	return !status || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0;
}
