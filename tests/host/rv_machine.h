/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the emulator's tests share: a machine with random registers, a bus of
 * arrays that counts what is asked of it and fails to order, and a check of one
 * run that looks at everything: result, pc, trap, and all that must not change.
 * Included by one test program each, after cmocka.
 */
#ifndef RV_MACHINE_H
#define RV_MACHINE_H

#include "rv_emulate.h"
#include "rv_oracle.h"

#define ALL_EXT (RV_EXT_F | RV_EXT_D | RV_EXT_ZBA | RV_EXT_ZBB | RV_EXT_ZBS | RV_EXT_ZICOND)
#define PC UINT64_C(0xffffffff80204567 - 1)
#define MEM_BASE UINT64_C(0x3fc0001000)
#define MEM_SIZE 64

static uint64_t seed;

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * UINT64_C(2685821657736338717);
}

/* Operands: many with few bits, few with many. */
static inline uint64_t random_operand(void)
{
	const uint64_t v = random64();

	switch (random64() >> 60) {
	case 0:
	case 1:
		return v >> (random64() & 63);
	case 2:
		return (uint64_t)((int64_t)v >> (random64() & 63));
	case 3:
		return (uint64_t)1 << (v & 63);
	case 4:
		return (uint32_t)v;
	default:
		return v;
	}
}

static inline unsigned int random_reg(void)
{
	/* x0 and equal registers often */
	static const uint8_t favourites[] = {0, 1, 2, 10, 11, 31};
	const uint64_t v = random64();

	return v & 1 ? favourites[(v >> 8) % sizeof(favourites)] : v >> 32 & 31;
}

static const uint64_t edges[] = {0,
				 1,
				 2,
				 3,
				 31,
				 32,
				 63,
				 64,
				 0x7f,
				 0x80,
				 0xff,
				 0x7fff,
				 0x8000,
				 0xffff,
				 0x7ffffffe,
				 0x7fffffff,
				 0x80000000,
				 0x80000001,
				 0xfffffffe,
				 0xffffffff,
				 0x100000000,
				 0x7fffffffffffffff,
				 0x8000000000000000,
				 0x8000000000000001,
				 0xffffffff00000000,
				 0xffffffff7fffffff,
				 0xffffffff80000000,
				 0xfffffffffffffffe,
				 0xffffffffffffffff,
				 0x0123456789abcdef,
				 0xaaaaaaaaaaaaaaaa,
				 0x5555555555555555};
#define EDGES (sizeof(edges) / sizeof(edges[0]))

static inline uint64_t word(uint64_t v)
{
	v %= UINT64_C(1) << 32;
	return v >= UINT64_C(1) << 31 ? v - (UINT64_C(1) << 32) : v;
}

static int64_t s64(uint64_t v)
{
	return (int64_t)v;
}

/* ---- the bus: one array of memory, what was asked of it, and faults to order ---- */

struct host_bus {
	uint8_t mem[MEM_SIZE];
	uint64_t fp[32];
	uint64_t csr;
	bool fp_on, fail;
	struct rv_trap failure;
	unsigned int loads, stores, amos, csrs, fences;
	uint32_t raw; /* of the last amo, csr or fence */
	uint64_t operand, va;
};

static struct host_bus bus_state;

static bool bus_fails(struct rv_trap *trap)
{
	if (bus_state.fail)
		*trap = bus_state.failure;
	return bus_state.fail;
}

static uint8_t *place(uint64_t va, unsigned int size)
{
	assert_true(va >= MEM_BASE && va - MEM_BASE <= MEM_SIZE - size);
	return &bus_state.mem[va - MEM_BASE];
}

static bool host_load(uint64_t va, unsigned int size, uint64_t *value, struct rv_trap *trap)
{
	bus_state.loads++;
	bus_state.va = va;
	*value = 0xbadbadbadbadbad; /* also when it fails */
	if (bus_fails(trap))
		return false;
	*value = 0;
	memcpy(value, place(va, size), size);
	return true;
}

static bool host_store(uint64_t va, unsigned int size, uint64_t value, struct rv_trap *trap)
{
	bus_state.stores++;
	bus_state.va = va;
	if (bus_fails(trap))
		return false;
	memcpy(place(va, size), &value, size);
	return true;
}

static int64_t amo_result(uint32_t funct5, int64_t old, int64_t operand, uint64_t uold, uint64_t uoperand)
{
	switch (funct5) {
	case 0x00:
		return (int64_t)(uold + uoperand);
	case 0x01:
		return operand;
	case 0x04:
		return old ^ operand;
	case 0x08:
		return old | operand;
	case 0x0c:
		return old & operand;
	case 0x10:
		return old < operand ? old : operand;
	case 0x14:
		return old > operand ? old : operand;
	case 0x18:
		return uold < uoperand ? old : operand;
	case 0x1c:
		return uold > uoperand ? old : operand;
	default:
		fail_msg("AMO %x reached the bus", funct5);
		return 0;
	}
}

static bool host_amo(uint32_t raw, uint64_t va, uint64_t operand, uint64_t *old, struct rv_trap *trap)
{
	const unsigned int size = raw >> 12 & 1 ? 8 : 4;
	int64_t result;

	bus_state.amos++;
	bus_state.va = va;
	bus_state.raw = raw;
	bus_state.operand = operand;
	if (bus_fails(trap))
		return false;
	if (size == 4) {
		int32_t word;

		memcpy(&word, place(va, 4), 4);
		*old = (uint64_t)(int64_t)word;
		result = amo_result(raw >> 27, word, (int32_t)operand, (uint32_t)word, (uint32_t)operand);
	} else {
		memcpy(old, place(va, 8), 8);
		result = amo_result(raw >> 27, (int64_t)*old, (int64_t)operand, *old, operand);
	}
	memcpy(place(va, size), &result, size);
	return true;
}

static uint64_t host_fp_read(unsigned int reg)
{
	assert_true(bus_state.fp_on && reg < 32);
	return bus_state.fp[reg];
}

static void host_fp_write(unsigned int reg, uint64_t value)
{
	assert_true(bus_state.fp_on && reg < 32);
	bus_state.fp[reg] = value;
}

static bool host_fp_on(void)
{
	return bus_state.fp_on;
}

static bool host_csr(uint32_t raw, uint64_t operand, uint64_t *old, struct rv_trap *trap)
{
	bus_state.csrs++;
	bus_state.raw = raw;
	bus_state.operand = operand;
	if (bus_fails(trap))
		return false;
	*old = bus_state.csr;
	return true;
}

static void host_fence(uint32_t raw)
{
	bus_state.fences++;
	bus_state.raw = raw;
}

static const struct rv_bus host_bus = {.load = host_load,
				       .store = host_store,
				       .amo = host_amo,
				       .fp_read = host_fp_read,
				       .fp_write = host_fp_write,
				       .fp_on = host_fp_on,
				       .csr = host_csr,
				       .fence = host_fence};

/* ---- one run ---- */

struct machine {
	uint64_t x[32], pc;
	struct rv_trap trap;
};

static struct machine random_machine(void)
{
	struct machine m = {.pc = PC};

	for (unsigned int i = 0; i < 32; i++)
		m.x[i] = random_operand();
	m.x[0] = 0xdeaddeaddeaddead; /* holds the pc in struct pt_regs: never read, never written */
	m.trap.taken = true;	     /* must be cleared */
	return m;
}

/* What an instruction reads from register r. */
static uint64_t value_of(const struct machine *m, unsigned int r)
{
	return r ? m->x[r] : 0;
}

static void run(uint32_t raw, struct machine *m)
{
	struct rv_insn insn;

	rv_decode(raw, ALL_EXT, &insn);
	if (insn.kind == RV_REJECT)
		fail_msg("%08x refused: %s", raw, insn.reason);
	rv_emulate(&insn, m->x, &m->pc, &host_bus, &m->trap);
}

/* As `before`, but for register rd and the pc; no trap. */
static inline void expect(uint32_t raw, const struct machine *before, const struct machine *after, unsigned int rd,
			  uint64_t value, uint64_t pc)
{
	if (after->trap.taken || after->pc != pc)
		fail_msg("%08x: pc %#jx, expected %#jx, trap %d cause %ju", raw, (uintmax_t)after->pc, (uintmax_t)pc,
			 after->trap.taken, (uintmax_t)after->trap.cause);
	for (unsigned int i = 0; i < 32; i++) {
		const uint64_t expected = i == rd && rd ? value : before->x[i];

		if (after->x[i] != expected)
			fail_msg("%08x: x%u is %#jx, expected %#jx (rs1 %#jx, rs2 %#jx)", raw, i,
				 (uintmax_t)after->x[i], (uintmax_t)expected,
				 (uintmax_t)value_of(before, raw >> 15 & 31),
				 (uintmax_t)value_of(before, raw >> 20 & 31));
	}
}

static inline void expect_trap(uint32_t raw, const struct machine *before, const struct machine *after, uint64_t cause,
			       uint64_t tval)
{
	if (!after->trap.taken || after->trap.cause != cause || after->trap.tval != tval)
		fail_msg("%08x: trap %d cause %ju tval %#jx, expected cause %ju tval %#jx", raw, after->trap.taken,
			 (uintmax_t)after->trap.cause, (uintmax_t)after->trap.tval, (uintmax_t)cause, (uintmax_t)tval);
	assert_int_equal(after->pc, before->pc);
	assert_memory_equal(after->x, before->x, sizeof(after->x));
}

static int seed_it(void **state)
{
	(void)state;
	seed = 0x2545f4914f6cdd1d;
	memset(&bus_state, 0, sizeof(bus_state));
	return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, seed_it)

#endif
