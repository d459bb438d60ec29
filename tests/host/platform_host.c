/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * firmware/ebpf/platform.h over the C library: the machine the host tests and
 * host tools run on. It decides nothing; see platform_host.h for its variables.
 */
#include "platform_host.h"
#include "probe.h"
#include "kprobe.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

_Thread_local unsigned int host_hart;
_Thread_local uint64_t host_satp;
unsigned int host_hart_count = 1;
uint64_t host_ktime_ns;
uint64_t host_entropy = 1;
uint64_t host_insns;
uint64_t host_insns_step = 1;
unsigned int host_syncs;
unsigned int host_trace_wakes;
unsigned int host_breakpoint_sets;
bool host_breakpoints_taken;
void (*host_sync_hook)(void);
char host_log_line[512];
bool host_log_loud;
uint64_t host_fp[32];
bool host_fp_enabled = true;
uint64_t host_csr[4096];
unsigned int host_fences;
uint32_t ebpf_plat_rv_ext;

static struct host_window {
	uint64_t pa, size;
	uint8_t *mem;
	unsigned int access;
} windows[HOST_PHYS_WINDOWS];
static unsigned int nr_windows;

void host_reset(void)
{
	memset(host_constant, 0x5a, sizeof(host_constant));
	host_canaries_ok = true;
	nr_windows = 0;
	host_hart = 0;
	host_satp = 0;
	host_hart_count = 1;
	host_ktime_ns = 0;
	host_entropy = 1;
	host_insns = 0;
	host_insns_step = 1;
	host_syncs = host_trace_wakes = host_breakpoint_sets = host_fences = 0;
	host_breakpoints_taken = false;
	host_sync_hook = NULL;
	host_log_line[0] = 0;
	host_log_loud = false;
	host_fp_enabled = true;
	memset(host_fp, 0, sizeof(host_fp));
	memset(host_csr, 0, sizeof(host_csr));
}

void host_phys_add(uint64_t pa, void *mem, uint64_t size, unsigned int access)
{
	if (nr_windows == HOST_PHYS_WINDOWS) {
		fprintf(stderr, "host_phys_add: more than %d windows\n", HOST_PHYS_WINDOWS);
		abort();
	}
	windows[nr_windows++] = (struct host_window){.pa = pa, .size = size, .mem = mem, .access = access};
}

static struct host_window *window_of(uint64_t pa, uint64_t len)
{
	for (unsigned int i = 0; i < nr_windows; i++) {
		uint64_t at = pa - windows[i].pa;

		if (at < windows[i].size && len <= windows[i].size - at)
			return &windows[i];
	}
	return NULL;
}

void *host_phys_ptr(uint64_t pa, uint64_t len)
{
	struct host_window *window = window_of(pa, len);

	return window ? window->mem + (pa - window->pa) : NULL;
}

static void *phys_must(uint64_t pa, uint64_t len, const char *what)
{
	void *ptr = host_phys_ptr(pa, len);

	if (!ptr) {
		fprintf(stderr, "%s: no memory at physical 0x%llx, length %llu\n", what, (unsigned long long)pa,
			(unsigned long long)len);
		abort();
	}
	return ptr;
}

unsigned int ebpf_plat_hart(void)
{
	return host_hart;
}

unsigned int ebpf_plat_hart_count(void)
{
	return host_hart_count;
}

uint64_t ebpf_plat_ktime_ns(void)
{
	struct timespec now;

	if (host_ktime_ns)
		return host_ktime_ns;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t ebpf_plat_entropy(void)
{
	/* one step of splitmix64: well mixed, and the same in each run of a test */
	uint64_t z = __atomic_add_fetch(&host_entropy, 0x9e3779b97f4a7c15u, __ATOMIC_RELAXED);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t ebpf_plat_insns(void)
{
	return __atomic_fetch_add(&host_insns, host_insns_step, __ATOMIC_RELAXED);
}

uint64_t ebpf_plat_satp(void)
{
	return host_satp;
}

void ebpf_plat_log(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(host_log_line, sizeof(host_log_line), fmt, args);
	va_end(args);
	if (host_log_loud)
		fputs(host_log_line, stderr);
}

uint64_t host_constant[512];
bool host_canaries_ok = true;

bool ebpf_plat_constant(unsigned int i, const uint64_t **words, uint64_t *count)
{
	*words = host_constant;
	*count = sizeof(host_constant) / sizeof(host_constant[0]);
	return i == 0;
}

bool ebpf_plat_canaries_ok(void)
{
	return host_canaries_ok;
}

bool ebpf_plat_phys_ok(uint64_t pa, uint64_t len, unsigned int access)
{
	struct host_window *window = len ? window_of(pa, len) : NULL;

	return window && (window->access & access) == access;
}

void ebpf_plat_phys_read(void *dst, uint64_t pa, size_t len)
{
	memcpy(dst, phys_must(pa, len, "ebpf_plat_phys_read"), len);
}

/* 2-byte stores patch instructions other threads may be looking at: a single access, as the contract says. */
void ebpf_plat_phys_write(uint64_t pa, const void *src, size_t len)
{
	uint8_t *dst = phys_must(pa, len, "ebpf_plat_phys_write");

	if (len == 2 && !((uintptr_t)dst & 1)) {
		uint16_t half;

		memcpy(&half, src, 2);
		__atomic_store_n((uint16_t *)(void *)dst, half, __ATOMIC_RELAXED);
		return;
	}
	memcpy(dst, src, len);
}

void ebpf_plat_sync_harts(void)
{
	__atomic_fetch_add(&host_syncs, 1, __ATOMIC_RELAXED);
	if (host_sync_hook)
		host_sync_hook();
}

void ebpf_plat_take_breakpoints(bool take)
{
	host_breakpoint_sets++;
	host_breakpoints_taken = take;
	ebpf_plat_sync_harts();
}

void ebpf_plat_trace_wake(void)
{
	__atomic_fetch_add(&host_trace_wakes, 1, __ATOMIC_RELAXED);
}

/* ------------------------------------------------------------------ the bus */

static bool page_fault(struct rv_trap *trap, uint64_t cause, uint64_t va)
{
	*trap = (struct rv_trap){.taken = true, .cause = cause, .tval = va};
	return false;
}

static bool bus_load(uint64_t va, unsigned int size, uint64_t *value, struct rv_trap *trap)
{
	if (!ebpf_plat_phys_ok(va, size, EBPF_ACCESS_READ))
		return page_fault(trap, 13, va);
	*value = 0;
	memcpy(value, host_phys_ptr(va, size), size);
	return true;
}

static bool bus_store(uint64_t va, unsigned int size, uint64_t value, struct rv_trap *trap)
{
	if (!ebpf_plat_phys_ok(va, size, EBPF_ACCESS_WRITE))
		return page_fault(trap, 15, va);
	memcpy(host_phys_ptr(va, size), &value, size);
	return true;
}

/* What an AMO stores, operands already sign-extended to 64 bits for .w (and truncated when stored). */
static uint64_t amo_result(unsigned int funct5, bool word, uint64_t old, uint64_t operand)
{
	uint64_t uold = word ? (uint32_t)old : old;
	uint64_t uoperand = word ? (uint32_t)operand : operand;

	switch (funct5) {
	case 0x00:
		return old + operand;
	case 0x01:
		return operand;
	case 0x04:
		return old ^ operand;
	case 0x08:
		return old | operand;
	case 0x0c:
		return old & operand;
	case 0x10:
		return (int64_t)old < (int64_t)operand ? old : operand;
	case 0x14:
		return (int64_t)old > (int64_t)operand ? old : operand;
	case 0x18:
		return uold < uoperand ? old : operand;
	case 0x1c:
		return uold > uoperand ? old : operand;
	}
	fprintf(stderr, "host bus: no AMO has funct5 0x%x\n", funct5);
	abort();
}

static bool bus_amo(uint32_t raw, uint64_t va, uint64_t operand, uint64_t *old, struct rv_trap *trap)
{
	bool word = ((raw >> 12) & 7) == 2;
	unsigned int size = word ? 4 : 8;
	uint64_t value;

	if (va & (size - 1)) {
		*trap = (struct rv_trap){.taken = true, .cause = 6, .tval = va};
		return false;
	}
	if (!ebpf_plat_phys_ok(va, size, EBPF_ACCESS_READ | EBPF_ACCESS_WRITE))
		return page_fault(trap, 15, va);
	if (!bus_load(va, size, old, trap))
		return false;
	if (word) {
		*old = (uint64_t)(int64_t)(int32_t)*old;
		operand = (uint64_t)(int64_t)(int32_t)operand;
	}
	value = amo_result(raw >> 27, word, *old, operand);
	return bus_store(va, size, value, trap);
}

static uint64_t bus_fp_read(unsigned int reg)
{
	return host_fp[reg & 31];
}

static void bus_fp_write(unsigned int reg, uint64_t value)
{
	host_fp[reg & 31] = value;
}

static bool bus_fp_on(void)
{
	return host_fp_enabled;
}

/* csrrw, csrrs, csrrc and their immediate forms on host_csr[]; CSRs 0xc00 and up are read-only (Priv v1.12 sec. 2.1).
 */
static bool bus_csr(uint32_t raw, uint64_t operand, uint64_t *old, struct rv_trap *trap)
{
	unsigned int csr = raw >> 20, funct3 = (raw >> 12) & 3;
	bool writes = funct3 == 1 || ((raw >> 15) & 31) != 0;

	if (writes && csr >= 0xc00) {
		*trap = (struct rv_trap){.taken = true, .cause = 2, .tval = raw};
		return false;
	}
	*old = host_csr[csr];
	if (!writes)
		return true;
	if (funct3 == 1)
		host_csr[csr] = operand;
	else if (funct3 == 2)
		host_csr[csr] |= operand;
	else
		host_csr[csr] &= ~operand;
	return true;
}

static void bus_fence(uint32_t raw)
{
	(void)raw;
	host_fences++;
}

const struct rv_bus ebpf_plat_bus = {
	.load = bus_load,
	.store = bus_store,
	.amo = bus_amo,
	.fp_read = bus_fp_read,
	.fp_write = bus_fp_write,
	.fp_on = bus_fp_on,
	.csr = bus_csr,
	.fence = bus_fence,
};

/* As a hit with fewer registers than all: of `regs` only those of `words` are filled in, the others may not be written.
 */
static uint64_t hit_with(struct ebpf_pt_regs *regs, uint32_t words, struct ebpf_probe *probe)
{
	static _Thread_local struct ebpf_pt_regs some;
	uint64_t next;
	unsigned int i;

	memset(&some, 0xa5, sizeof(some));
	for (i = 1; i < 32; i++)
		if (words >> i & 1)
			some.x[i - 1] = regs->x[i - 1];
	if (words == EBPF_CTX_LIGHT)
		next = ebpf_kprobe_hit_light(&some, probe, host_hart);
	else if (probe->leaf)
		next = ebpf_kprobe_hit_leaf(&some, probe, probe->leaf, host_hart);
	else
		next = probe->leaf_return(&some, probe, host_hart);
	for (i = 1; i < 32; i++) {
		if (words >> i & 1)
			regs->x[i - 1] = some.x[i - 1];
		else if (some.x[i - 1] != 0xa5a5a5a5a5a5a5a5u)
			abort(); /* it has written what the trap entry does not load again */
	}
	return next;
}

int host_hit(struct ebpf_pt_regs *regs, struct rv_trap *trap)
{
	struct ebpf_probe *probe = ebpf_probe_find(regs->epc);
	uint64_t next;

	if (!probe || probe->light_satp != host_satp)
		return (int)ebpf_kprobe_hit(regs, trap, host_hart, host_satp);
	next = probe->leaf || probe->leaf_return ? hit_with(regs, EBPF_CTX_LEAF, probe) : 1;
	if (next & 1)
		next = hit_with(regs, EBPF_CTX_LIGHT, probe);
	if (next & 1)
		return EBPF_HIT_FOREIGN;
	regs->epc = next;
	return EBPF_HIT_DONE;
}
