/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Z-00: what the protections cost
 *
 * Attacker: none
 * Action: hits, calls and breakpoints are counted in instructions, with and without the protection
 * Contained: the numbers of the cost table; nothing is attacked
 * Oracle: every one of them is above 0; with -icount they are exact
 * Short: virt
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 3
#define ROUNDS 8

static uint64_t root[512] __attribute__((aligned(4096)));

static uint64_t insns_now(void)
{
	uint64_t n;

	asm volatile("rdinstret %0" : "=r"(n));
	return n;
}

static void cost(const char *what, uint64_t n)
{
	check_true(what, (int64_t)n > 0);
	print("cost: ");
	print(what);
	print(" = ");
	print_number((int64_t)n);
	print("\n");
}

/* The least of some: the first one fills caches of the firmware. */
static uint64_t least(void (*fn)(void))
{
	uint64_t best = -1ul;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = insns_now(), taken;

		fn();
		taken = insns_now() - start;
		if (taken < best)
			best = taken;
	}
	return best;
}

static void call_victim(void)
{
	victim(1);
}

static void look_up(void)
{
	uint64_t value;

	get(0, MAP, 0, &value);
}

static void look_up_translated(void)
{
	static uint32_t key;
	static uint64_t value;
	const union bpf_attr attr = {.map_fd = MAP, .key = (uint64_t)&key, .value = (uint64_t)&value};

	ebpf(SBI_EXT_EBPF_CALL, BPF_MAP_LOOKUP_ELEM, (uint64_t)&attr, sizeof(attr), satp_of(SV39, root), 0, 0);
}

static void own_breakpoint(void)
{
	asm volatile("ebreak");
}

/* One hit of a program, less the call of the function without it. */
static void hit(const char *what, const struct bpf_insn *insns, uint32_t count, uint64_t without)
{
	check("load", load(insns, count, PROG), PROG);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	cost(what, least(call_victim) - without + 1);
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
}

static void hits(uint64_t without)
{
	const struct bpf_insn empty[] = {MOV_IMM(BPF_REG_0, 0), EXIT()};
	const struct bpf_insn reader[] = {MOV_REG(BPF_REG_1, BPF_REG_10),
					  ADD_IMM(BPF_REG_1, -8),
					  MOV_IMM(BPF_REG_2, 8),
					  IMM64(BPF_REG_3, (uint64_t)root),
					  CALL(BPF_FUNC_probe_read_kernel),
					  MOV_IMM(BPF_REG_0, 0),
					  EXIT()};
	struct bpf_insn counter[COUNTER_INSNS];

	counter_program(counter, MAP);
	hit("hit, empty program", empty, COUNT(empty), without);
	hit("hit, array counter", counter, COUNT(counter), without);
	hit("hit, probe_read of 8 bytes", reader, COUNT(reader), without);
	set_satp(satp_of(SV39, root));
	hit("hit, probe_read of 8 bytes, Sv39", reader, COUNT(reader), without);
	set_satp(0);
}

static void loading(void)
{
	struct bpf_insn counter[COUNTER_INSNS];
	uint64_t start;

	counter_program(counter, MAP);
	start = insns_now();
	check("load", load(counter, COUNT(counter), PROG), PROG);
	cost("load, verified", insns_now() - start);
	check("close", close_fd(PROG), 0);
}

/* GET_INFO of the check does 64 small slices and nothing else worth mentioning. */
static void self_check(void)
{
	uint64_t start = insns_now();

	for (int i = 0; i < ROUNDS; i++)
		info(SBI_EBPF_INFO_CHECKS);
	cost("self-check, small slice", (insns_now() - start) / ROUNDS / 64);
}

static void breakpoints(void)
{
	const struct bpf_insn empty[] = {MOV_IMM(BPF_REG_0, 0), EXIT()};

	cost("foreign breakpoint, none armed", least(own_breakpoint));
	check("load", load(empty, COUNT(empty), PROG), PROG);
	check("attach", attach(PROG, (uint64_t)bystander, 0, LINK), LINK);
	cost("foreign breakpoint, armed", least(own_breakpoint));
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
}

void experiment(void)
{
	sv39_identity(root);
	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	hits(least(call_victim));
	cost("call, look-up", least(look_up));
	cost("call, look-up, Sv39", least(look_up_translated));
	loading();
	self_check();
	breakpoints();
	check("close", close_fd(MAP), 0);
}
