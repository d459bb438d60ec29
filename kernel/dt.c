/* SPDX-License-Identifier: BSD-2-Clause */
/* From device tree to struct machine: dt.h. */
#include "dt.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "fdt.h"
#include "kvm.h"
#include "memlayout.h"
#include "printk.h"
#include "string.h"

struct machine machine;

static void add_range(struct range *list, uint32_t *count, uint64_t start, uint64_t size)
{
	uint64_t end = start + size;

	if (size == 0)
		return;
	if (end < start || end > DIRECT_MAP_SIZE)
		end = DIRECT_MAP_SIZE; /* what lies above cannot be reached */
	if (start >= end)
		return;
	if (*count == MAX_RANGES - 2)
		panic("device tree: more than %d memory ranges of one kind", MAX_RANGES - 2);
	list[(*count)++] = (struct range){start, end};
}

static void add_reserved(uint64_t start, uint64_t size)
{
	add_range(machine.reserved, &machine.reserved_count, start, size);
}

bool ranges_gap(const struct range *list, uint32_t count, uint64_t limit, uint64_t *start, uint64_t *end)
{
	bool moved;

	*start = PAGE_ROUND_UP(*start);
	*end = PAGE_ROUND_DOWN(limit);
	do {
		moved = false;
		for (const struct range *r = list; r < list + count; r++) {
			if (*start >= PAGE_ROUND_DOWN(r->start) && *start < PAGE_ROUND_UP(r->end)) {
				*start = PAGE_ROUND_UP(r->end);
				moved = true;
			}
		}
	} while (moved);
	for (const struct range *r = list; r < list + count; r++) {
		if (r->start >= *start && r->start < *end)
			*end = PAGE_ROUND_DOWN(r->start);
	}
	return *start < *end;
}

static void read_memory(const struct fdt *fdt)
{
	uint64_t addr, size;
	const char *type;
	int node;

	for (node = fdt_first_child(fdt, FDT_ROOT); node >= 0; node = fdt_next_sibling(fdt, node)) {
		type = fdt_string(fdt, node, "device_type");
		if (!type || strcmp(type, "memory") != 0 || !fdt_enabled(fdt, node))
			continue;
		for (uint32_t i = 0; fdt_reg(fdt, FDT_ROOT, node, i, &addr, &size); i++)
			add_range(machine.ram, &machine.ram_count, addr, size);
	}
}

static void read_reserved(const struct fdt *fdt)
{
	int parent = fdt_child(fdt, FDT_ROOT, "reserved-memory");
	uint64_t addr, size;
	uint32_t len;

	for (uint32_t i = 0; fdt_reservation(fdt, i, &addr, &size); i++)
		add_reserved(addr, size);
	for (int node = fdt_first_child(fdt, parent); node >= 0; node = fdt_next_sibling(fdt, node)) {
		if (!fdt_enabled(fdt, node))
			continue;
		for (uint32_t i = 0; fdt_reg(fdt, parent, node, i, &addr, &size); i++) {
			add_reserved(addr, size);
			if (fdt_prop(fdt, node, "no-map", &len))
				add_range(machine.no_map, &machine.no_map_count, addr, size);
		}
	}
}

static void read_chosen(const struct fdt *fdt)
{
	int chosen = fdt_child(fdt, FDT_ROOT, "chosen");
	const char *args = fdt_string(fdt, chosen, "bootargs");
	uint64_t start, end;

	if (args && strlen(args) >= sizeof(machine.bootargs))
		printk(LOG_WARN, "command line cut to %d bytes\n", MAX_BOOTARGS - 1);
	if (args)
		strcopy(machine.bootargs, args, sizeof(machine.bootargs));
	if (fdt_number(fdt, chosen, "linux,initrd-start", &start) &&
	    fdt_number(fdt, chosen, "linux,initrd-end", &end) && start < end && end <= DIRECT_MAP_SIZE) {
		machine.initrd = (struct range){start, end};
		add_reserved(start, end - start);
	}
}

/* rv64i...: does the ISA string list the extension (`_sstc`), or riscv,isa-extensions name it? */
static bool has_extension(const struct fdt *fdt, int node, const char *name)
{
	const char *isa = fdt_string(fdt, node, "riscv,isa");
	size_t n = strlen(name);

	for (; isa && *isa; isa++) {
		if (*isa == '_' && strncmp(isa + 1, name, n) == 0 && (isa[n + 1] == '_' || isa[n + 1] == 0))
			return true;
	}
	return fdt_has_string(fdt, node, "riscv,isa-extensions", name);
}

/* Harts that can run the kernel: enabled, with an MMU. The booting one becomes the first. */
static void read_cpus(const struct fdt *fdt, uint64_t boot_hartid)
{
	int cpus = fdt_child(fdt, FDT_ROOT, "cpus"), node;
	uint64_t hartid, size, timebase = 0;
	const char *type;
	uint32_t len;

	machine.harts[0] = boot_hartid;
	machine.hart_count = 1;
	machine.sstc = true;
	fdt_number(fdt, cpus, "timebase-frequency", &machine.timebase);
	for (node = fdt_first_child(fdt, cpus); node >= 0; node = fdt_next_sibling(fdt, node)) {
		type = fdt_string(fdt, node, "device_type");
		if (!type || strcmp(type, "cpu") != 0 || !fdt_reg(fdt, cpus, node, 0, &hartid, &size))
			continue;
		if (!machine.timebase && fdt_number(fdt, node, "timebase-frequency", &timebase))
			machine.timebase = timebase;
		if (!fdt_enabled(fdt, node) || !fdt_prop(fdt, node, "mmu-type", &len))
			continue;
		machine.sstc &= has_extension(fdt, node, "sstc");
		if (hartid == boot_hartid)
			continue;
		if (machine.hart_count == MAX_HARTS)
			printk(LOG_WARN, "hart %lu stays stopped: the kernel is built for %d\n", hartid, MAX_HARTS);
		else
			machine.harts[machine.hart_count++] = hartid;
	}
}

/* Which hart's interrupt controller has this phandle? Index in machine.harts or -1. */
static int hart_of_intc(const struct fdt *fdt, uint64_t phandle)
{
	int cpus = fdt_child(fdt, FDT_ROOT, "cpus"), node, intc;
	uint64_t value, hartid, size;

	for (node = fdt_first_child(fdt, cpus); node >= 0; node = fdt_next_sibling(fdt, node)) {
		intc = fdt_child(fdt, node, "interrupt-controller");
		if (!fdt_number(fdt, intc, "phandle", &value) || value != phandle ||
		    !fdt_reg(fdt, cpus, node, 0, &hartid, &size))
			continue;
		for (uint32_t i = 0; i < machine.hart_count; i++) {
			if (machine.harts[i] == hartid)
				return (int)i;
		}
	}
	return -1;
}

/* PLIC contexts are the pairs of interrupts-extended in order: (hart's controller, cause). */
static void read_plic(const struct fdt *fdt, int parent, int node)
{
	const uint8_t *p;
	uint32_t len, i;
	int hart;

	p = fdt_prop(fdt, node, "interrupts-extended", &len);
	if (!p || !fdt_reg(fdt, parent, node, 0, &machine.plic.base, &machine.plic.size) ||
	    machine.plic.size < 0x201000 || machine.plic.base + machine.plic.size > DIRECT_MAP_SIZE) {
		machine.plic.base = 0;
		return;
	}
	for (i = 0; i + 8 <= len; i += 8) {
		const uint8_t *q = p + i;
		uint32_t phandle = (uint32_t)q[0] << 24 | (uint32_t)q[1] << 16 | (uint32_t)q[2] << 8 | q[3];

		hart = q[7] == 9 ? hart_of_intc(fdt, phandle) : -1; /* 9: supervisor external interrupt */
		if (hart >= 0 && 0x200000 + 0x1000 * (i / 8) + 8 <= machine.plic.size)
			machine.plic.context[hart] = (int32_t)(i / 8);
	}
}

/* The last component of the path (or of the path behind the alias) in chosen/stdout-path; NULL: none. */
static const char *stdout_name(const struct fdt *fdt)
{
	const char *path = fdt_string(fdt, fdt_child(fdt, FDT_ROOT, "chosen"), "stdout-path"), *name;
	char alias[32];
	size_t n = 0;

	if (path && *path != '/') {
		while (path[n] && path[n] != ':' && n < sizeof(alias) - 1)
			n++;
		strcopy(alias, path, n + 1);
		path = fdt_string(fdt, fdt_child(fdt, FDT_ROOT, "aliases"), alias);
	}
	for (name = path; path && *path; path++) {
		if (*path == '/')
			name = path + 1;
	}
	return name;
}

static bool is_stdout(const struct fdt *fdt, int node)
{
	const char *name = stdout_name(fdt), *mine = fdt_name(fdt, node);
	size_t n = strlen(mine);

	return name && strncmp(name, mine, n) == 0 && (name[n] == 0 || name[n] == ':');
}

/* The first one, or the one that stdout-path names. */
static void read_uart(const struct fdt *fdt, int parent, int node)
{
	bool sifive = fdt_has_string(fdt, node, "compatible", "sifive,uart0");
	uint64_t shift = sifive ? 2 : 0, width = sifive ? 4 : 1, irq = 0, base, size;

	if ((machine.uart.base && !is_stdout(fdt, node)) || !fdt_reg(fdt, parent, node, 0, &base, &size))
		return;
	fdt_number(fdt, node, "reg-shift", &shift);
	fdt_number(fdt, node, "reg-io-width", &width);
	fdt_number(fdt, node, "interrupts", &irq);
	if (shift > 4 || (width != 1 && width != 4) || size < 8UL << shift || base > DIRECT_MAP_SIZE - size)
		return;
	machine.uart.base = base;
	machine.uart.size = size;
	machine.uart.reg_shift = (uint32_t)shift;
	machine.uart.reg_io_width = (uint32_t)width;
	machine.uart.irq = (uint32_t)(irq >> 32 ? irq >> 32 : irq); /* a second cell has flags */
	machine.uart.sifive = sifive;
}

static bool is_one_of(const struct fdt *fdt, int node, const char *const *compatible)
{
	for (; *compatible; compatible++) {
		if (fdt_has_string(fdt, node, "compatible", *compatible))
			return true;
	}
	return false;
}

/* Devices, at most seven buses deep. */
static void read_devices(const struct fdt *fdt)
{
	static const char *const uarts[] = {"ns16550a", "ns16550", "snps,dw-apb-uart", "sifive,uart0", NULL};
	static const char *const plics[] = {"riscv,plic0", "sifive,plic-1.0.0", "thead,c900-plic", NULL};
	int parents[8] = {FDT_ROOT}, node = FDT_ROOT, depth = 0;

	for (uint32_t i = 0; i < MAX_HARTS; i++)
		machine.plic.context[i] = -1;
	while ((node = fdt_next_node(fdt, node, &depth)) >= 0) {
		if (depth < 1 || depth >= 8)
			continue;
		parents[depth] = node;
		if (!fdt_enabled(fdt, node))
			continue;
		if (is_one_of(fdt, node, uarts))
			read_uart(fdt, parents[depth - 1], node);
		if (is_one_of(fdt, node, plics))
			read_plic(fdt, parents[depth - 1], node);
	}
}

int dt_init(uint64_t pa, uint64_t boot_hartid)
{
	struct fdt fdt;

	if (pa == 0 || (pa & 7) || pa > DIRECT_MAP_SIZE - FDT_MAX_SIZE || fdt_open(&fdt, phys_to_virt(pa)) != 0)
		return -EINVAL;
	add_reserved(pa, fdt.size);
	read_memory(&fdt);
	read_reserved(&fdt);
	read_chosen(&fdt);
	read_cpus(&fdt, boot_hartid);
	read_devices(&fdt);
	return machine.ram_count && machine.timebase ? 0 : -EINVAL;
}

bool bootarg(const char *name, char *value, uint32_t size)
{
	size_t n = strlen(name), len;
	const char *p = machine.bootargs;
	bool rest = strcmp(name, "cmd=") == 0;

	for (; *p; p++) {
		if ((p == machine.bootargs || p[-1] == ' ') && strncmp(p, name, n) == 0)
			break;
		if ((p == machine.bootargs || p[-1] == ' ') && strncmp(p, "cmd=", 4) == 0)
			return false; /* the rest is the command's */
	}
	if (!*p)
		return false;
	p += n;
	for (len = 0; p[len] && (rest || p[len] != ' '); len++)
		;
	len = len < size - 1 ? len : size - 1;
	memcpy(value, p, len);
	value[len] = 0;
	return true;
}
