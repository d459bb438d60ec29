// SPDX-License-Identifier: BSD-2-Clause
/*
 * RAM and the arena. The arena is one naturally aligned power-of-two block, so
 * that one PMP entry protects it; it is added to the root domain as M-mode-only
 * memory before the domains are final, and OpenSBI's own device-tree fixup then
 * announces it as no-map reserved memory to whoever boots next. If the PMP has
 * no entry left for it and isolation.c lets that pass, it is reserved here instead.
 *
 * Place: the highest block of RAM (below 4 GiB if there is some) that nothing
 * in the device tree claims: firmware, the tree itself, initrd, reserved memory.
 * The top of each bank is left to boot loaders: U-Boot moves itself there before
 * it looks at reserved memory. A board can fix the place with EBPF_ARENA_BASE.
 *
 * On some boards the bus leads to the same RAM once more, through a window at
 * another address (BOARD_ALIASES). Firmware and arena are closed there as well if
 * the PMP has entries for that; if not, harts.c finds the level to be lower.
 */
#include "seam.h"

#include <libfdt.h>
#include <sbi/sbi_console.h>
#include <sbi/sbi_domain.h>
#include <sbi/sbi_error.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_scratch.h>
#include <sbi_utils/fdt/fdt_helper.h>

#ifndef EBPF_ARENA_SIZE
#error "EBPF_ARENA_SIZE: the board says how large the arena is (BOARD_ARENA_SIZE)"
#endif
_Static_assert((EBPF_ARENA_SIZE & (EBPF_ARENA_SIZE - 1)) == 0, "the arena is a power of two");

#define MAX_RANGES 16
#define NEXT_STAGE_ROOM (32UL << 20) /* kept free behind the next stage's entry: its image, whose size nobody tells */
#define LOADER_ROOM (64UL << 20)     /* kept free at the top of a bank, but not more than a quarter of it */

struct range {
	u64 base, end; /* [base, end) */
};

static struct range ram[MAX_RANGES];
static unsigned int nr_ram;
static struct range open_ram[MAX_RANGES]; /* all of it is S-mode's in the root domain, for any access */
static unsigned int nr_open;
static u64 arena_base;
static bool arena_unprotected; /* the PMP has no entry for it */

#ifndef EBPF_ALIASES
#define EBPF_ALIASES
#endif
static const u64 aliases[] = {EBPF_ALIASES 0}; /* how far behind its own place RAM appears again; ends with 0 */

bool seam_is_ram(u64 pa, u64 len)
{
	unsigned int i;

	if (!len || pa + len < pa)
		return false;
	for (i = 0; i < nr_ram; i++)
		if (ram[i].base <= pa && pa + len <= ram[i].end)
			return true;
	return false;
}

bool seam_is_open_ram(u64 pa, u64 len)
{
	unsigned int i;

	for (i = 0; i < nr_open; i++)
		if (open_ram[i].base <= pa && pa < open_ram[i].end && len && len <= open_ram[i].end - pa)
			return true;
	return false;
}

bool seam_is_arena(u64 pa, u64 len)
{
	return arena_base && pa < arena_base + EBPF_ARENA_SIZE && arena_base < pa + len;
}

/* The lowest region of the root domain in [base, end) that withholds something from S-mode, or an empty one at end. */
static struct range next_withheld(u64 base, u64 end)
{
	const unsigned long all = SBI_DOMAIN_MEMREGION_SU_RWX;
	const struct sbi_domain_memregion *reg;
	struct range hole = {end, end};
	u64 last;

	sbi_domain_for_each_memregion(&root, reg) {
		last = reg->order < __riscv_xlen ? reg->base + (1UL << reg->order) - 1 : -1UL;
		if ((reg->flags & all) != all && last >= base && reg->base < hole.base)
			hole = (struct range){reg->base, last == -1UL ? last : last + 1};
	}
	if (seam_is_arena(base, end - base) && arena_base < hole.base)
		hole = (struct range){arena_base, arena_base + EBPF_ARENA_SIZE};
	return hole;
}

/* What OpenSBI's fixup does for regions of the domain, for an arena that is none. */
static int reserve_arena(void *fdt)
{
	int parent, node;

	if (fdt_open_into(fdt, fdt, fdt_totalsize(fdt) + 512))
		return SBI_ENOMEM;
	parent = fdt_path_offset(fdt, "/reserved-memory");
	if (parent < 0) /* OpenSBI has made one, if there was none */
		return SBI_ENOENT;
	node = fdt_add_subnode(fdt, parent, "mbpf-arena");
	if (node < 0 || fdt_appendprop_addrrange(fdt, parent, node, "reg", arena_base, EBPF_ARENA_SIZE) ||
	    fdt_setprop_empty(fdt, node, "no-map"))
		return SBI_ENOMEM;
	return 0;
}

int seam_memory_seal(void *fdt)
{
	struct range hole;
	unsigned int i;
	u64 at;

	if (arena_unprotected && reserve_arena(fdt)) {
		sbi_printf("mbpf: the device tree has no room to reserve the arena\n");
		return SBI_ENOMEM;
	}
	for (i = 0; i < nr_ram; i++)
		for (at = ram[i].base; at < ram[i].end && nr_open < MAX_RANGES; at = hole.end) {
			hole = next_withheld(at, ram[i].end);
			if (hole.base > at)
				open_ram[nr_open++] = (struct range){at, hole.base};
		}
	return 0;
}

void *seam_arena_base(void)
{
	return (void *)(unsigned long)arena_base;
}

unsigned long seam_arena_size(void)
{
	return arena_base ? EBPF_ARENA_SIZE : 0;
}

static void read_memory_node(const void *fdt, int node)
{
	u64 base, size;
	int i;

	for (i = 0; nr_ram < MAX_RANGES; i++) {
		if (fdt_get_node_addr_size(fdt, node, i, &base, &size))
			return;
		if (size && base + size > base)
			ram[nr_ram++] = (struct range){base, base + size};
	}
}

static void read_memory(const void *fdt)
{
	const char *type;
	int node, len;

	nr_ram = 0;
	fdt_for_each_subnode(node, fdt, 0) {
		type = fdt_getprop(fdt, node, "device_type", &len);
		if (type && len == sizeof("memory") && !__builtin_memcmp(type, "memory", len) &&
		    fdt_node_is_enabled(fdt, node))
			read_memory_node(fdt, node);
	}
}

static bool overlaps(const struct range *a, u64 base, u64 end)
{
	return a->base < end && base < a->end;
}

/* An address property of /chosen, 32 or 64 bits wide. */
static bool chosen_address(const void *fdt, int chosen, const char *name, u64 *value)
{
	int len;
	const void *prop = fdt_getprop(fdt, chosen, name, &len);

	if (!prop)
		return false;
	if (len == 4)
		*value = fdt32_ld(prop);
	else if (len == 8)
		*value = fdt64_ld(prop);
	else
		return false;
	return true;
}

static bool claimed_by_reserved_memory(const void *fdt, u64 base, u64 end)
{
	int parent = fdt_path_offset(fdt, "/reserved-memory"), node, i;
	u64 addr, size;

	if (parent < 0)
		return false;
	fdt_for_each_subnode(node, fdt, parent)
		for (i = 0; !fdt_get_node_addr_size(fdt, node, i, &addr, &size); i++)
			if (overlaps(&(struct range){addr, addr + size}, base, end))
				return true;
	return false;
}

/* Is anything we know of in [base, end)? */
static bool claimed(const void *fdt, u64 base, u64 end)
{
	struct sbi_scratch *scratch = sbi_scratch_thishart_ptr();
	int i, chosen = fdt_path_offset(fdt, "/chosen");
	u64 fdt_at = (unsigned long)fdt, start, stop, addr, size;

	if (overlaps(&(struct range){scratch->fw_start, scratch->fw_start + scratch->fw_size}, base, end))
		return true;
	/* the tree grows a little in place when it is fixed up */
	if (overlaps(&(struct range){fdt_at, fdt_at + fdt_totalsize(fdt) + 0x10000}, base, end))
		return true;
	if (overlaps(&(struct range){scratch->next_addr, scratch->next_addr + NEXT_STAGE_ROOM}, base, end))
		return true;
	if (chosen >= 0 && chosen_address(fdt, chosen, "linux,initrd-start", &start) &&
	    chosen_address(fdt, chosen, "linux,initrd-end", &stop) && overlaps(&(struct range){start, stop}, base, end))
		return true;
	for (i = 0; i < fdt_num_mem_rsv(fdt); i++)
		if (!fdt_get_mem_rsv(fdt, i, &addr, &size) && overlaps(&(struct range){addr, addr + size}, base, end))
			return true;
	return claimed_by_reserved_memory(fdt, base, end);
}

static u64 loader_room(const struct range *r)
{
	u64 quarter = (r->end - r->base) / 4;

	return quarter < LOADER_ROOM ? quarter : LOADER_ROOM;
}

/* The highest free block of one range, below `top` and a loader's room; 0 if there is none. */
static u64 place_in(const void *fdt, const struct range *r, u64 top, bool leave_room)
{
	u64 end = r->end < top ? r->end : top, base;

	if (leave_room)
		end -= loader_room(r);
	if (end < EBPF_ARENA_SIZE)
		return 0;
	base = (end - EBPF_ARENA_SIZE) & ~(u64)(EBPF_ARENA_SIZE - 1);
	while (base >= r->base && base + EBPF_ARENA_SIZE <= end) {
		if (!claimed(fdt, base, base + EBPF_ARENA_SIZE))
			return base;
		if (base < EBPF_ARENA_SIZE)
			break;
		base -= EBPF_ARENA_SIZE;
	}
	return 0;
}

static u64 place_arena(const void *fdt)
{
	const u64 tops[] = {1ULL << 32, -1ULL};
	unsigned int t, i, room;
	u64 base;

#ifdef EBPF_ARENA_BASE
	base = EBPF_ARENA_BASE;
	if (seam_is_ram(base, EBPF_ARENA_SIZE) && !claimed(fdt, base, base + EBPF_ARENA_SIZE))
		return base;
	sbi_printf("mbpf: the board's arena at 0x%lx is not free RAM, looking for another place\n",
		   (unsigned long)base);
#endif
	for (room = 2; room-- > 0;)
		for (t = 0; t < sizeof(tops) / sizeof(tops[0]); t++)
			for (i = nr_ram; i-- > 0;) {
				base = place_in(fdt, &ram[i], tops[t], room);
				if (base)
					return base;
			}
	return 0;
}

/*
 * Are there PMP entries for so many more regions? OpenSBI gives entries to the regions
 * of the root domain from the smallest on, so one too many takes the last one's:
 * that of all memory for S-mode. With Smepmp it keeps the first entry for itself.
 */
static bool pmp_has_room(unsigned int more)
{
	unsigned int entries = seam_isolation_pmp_entries(), regions = 0;
	const struct sbi_domain_memregion *reg;

	sbi_domain_for_each_memregion(&root, reg)
		regions++;
	if (sbi_hart_has_extension(sbi_scratch_thishart_ptr(), SBI_HART_EXT_SMEPMP))
		regions++;
	/* without any PMP nothing is taken from anybody */
	return !entries || regions + more <= entries;
}

/* Make a naturally aligned block M-mode's own in the root domain. */
static int protect(u64 base, u64 size)
{
	int rc = sbi_domain_root_add_memrange(base, size, size,
					      SBI_DOMAIN_MEMREGION_M_READABLE | SBI_DOMAIN_MEMREGION_M_WRITABLE);

	if (rc)
		sbi_printf("mbpf: the block at 0x%lx is not accepted by the root domain (error %d)\n",
			   (unsigned long)base, rc);
	return rc;
}

/* The smallest naturally aligned block around the firmware. */
static struct range firmware_block(void)
{
	struct sbi_scratch *scratch = sbi_scratch_thishart_ptr();
	u64 size = 4096, base = scratch->fw_start;

	while (base + size < scratch->fw_start + scratch->fw_size) {
		size *= 2;
		base = scratch->fw_start & ~(size - 1);
	}
	return (struct range){base, base + size};
}

/* A level below "full" follows from what is missing here; it is no error. */
static void protect_aliases(void)
{
	const struct range fw = firmware_block();
	unsigned int i;

	for (i = 0; aliases[i]; i++)
		if (!pmp_has_room(2))
			sbi_printf("mbpf: too few PMP entries: firmware and arena are open at +0x%lx\n",
				   (unsigned long)aliases[i]);
		else if (!protect(fw.base + aliases[i], fw.end - fw.base))
			protect(arena_base + aliases[i], EBPF_ARENA_SIZE);
}

u64 seam_alias(unsigned int i)
{
	return aliases[i];
}

int seam_memory_init(const void *fdt)
{
	int rc = 0;

	read_memory(fdt);
	arena_base = place_arena(fdt);
	if (!arena_base) {
		sbi_printf("mbpf: no free RAM for an arena of %lu KiB, eBPF is off\n",
			   (unsigned long)EBPF_ARENA_SIZE >> 10);
		return SBI_ENOMEM;
	}
	arena_unprotected = !pmp_has_room(1);
	if (arena_unprotected)
		sbi_printf("mbpf: %u PMP entries, all needed by OpenSBI: none is left for the arena\n",
			   seam_isolation_pmp_entries());
	if (!arena_unprotected)
		rc = protect(arena_base, EBPF_ARENA_SIZE);
	else if (seam_isolation_wants_arena_entry() ||
		 sbi_hart_has_extension(sbi_scratch_thishart_ptr(), SBI_HART_EXT_SMEPMP))
		rc = SBI_EDENIED; /* with Smepmp M-mode itself could not use it */
	if (rc) {
		sbi_printf("mbpf: eBPF is off\n");
		arena_base = 0;
		return rc;
	}
	protect_aliases();
	return 0;
}
