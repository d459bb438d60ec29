/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-09: a program reads what others have left behind
 *
 * Attacker: a program that the verifier should refuse, or has wrongly accepted
 * Action: one program fills its stack, a map and a ring record with a pattern and is gone; the next
 *	one reads unwritten stack, registers, new map values and reserved records
 * Contained: what is uninitialised is refused or reads as 0; nothing of the pattern is seen
 * Oracle: the value a test run returns; a search for the pattern in new maps
 * Short: virt virt-noverifier
 */
#include "payload.h"

#define MAP 1
#define PROG 3
#define PATTERN 0x5ec2e75ul

static void leave_pattern(void)
{
	struct bpf_insn insns[64 * 1 + 2];
	uint32_t retval;

	for (int i = 0; i < 64; i++)
		insns[i] = ST(BPF_DW, BPF_REG_10, (int16_t)(-8 * (i + 1)), PATTERN);
	insns[64] = MOV_IMM(BPF_REG_0, 0);
	insns[65] = EXIT();
	check("fill the stack", load(insns, COUNT(insns), PROG), PROG);
	check("run", test_run(PROG, &retval), 0);
	check("close", close_fd(PROG), 0);
}

/* Refused, or what it reads is 0. */
static void reads_nothing(const char *what, const struct bpf_insn *insns, uint32_t count)
{
	uint32_t retval = 1;
	int64_t ret = load(insns, count, PROG);

	if (ret < 0) {
		check_true(what, verifier_on() && (ret == -EACCES || ret == -EINVAL));
		return;
	}
	check(what, test_run(PROG, &retval), 0);
	check(what, retval, 0);
	close_fd(PROG);
}

static void stack_and_registers(void)
{
	const struct bpf_insn reg[] = {MOV_REG(BPF_REG_0, BPF_REG_7), EXIT()};

	for (int off = -8; off >= -512; off -= 56) {
		const struct bpf_insn insns[] = {LDX(BPF_DW, BPF_REG_0, BPF_REG_10, (int16_t)off), EXIT()};

		leave_pattern();
		reads_nothing("unwritten stack", insns, COUNT(insns));
	}
	reads_nothing("a register nobody set", reg, COUNT(reg));
}

/* A map in the place of one that was full of the pattern, and in the place of programs */
static void new_maps(void)
{
	static uint64_t value[128];
	uint32_t key;
	const union bpf_attr look = {.map_fd = MAP, .key = (uint64_t)&key, .value = (uint64_t)value};
	uint64_t seen = 0;

	for (int round = 0; round < 2; round++) {
		check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, sizeof(value), 64, MAP), MAP);
		for (key = 0; key < 64; key++) {
			check("read", bpf(BPF_MAP_LOOKUP_ELEM, &look, 0), 0);
			for (unsigned int i = 0; i < COUNT(value); i++) {
				seen += value[i] != 0;
				value[i] = PATTERN;
			}
			check("write", bpf(BPF_MAP_UPDATE_ELEM, &look, 0), 0);
		}
		check("close", close_fd(MAP), 0);
	}
	check("words of the pattern in a new map", (int64_t)seen, 0);
}

/* A deleted element's value must not be what a new one of the same place begins with. */
static void map_slots(void)
{
	const struct bpf_insn insns[] = {
		ST(BPF_W, BPF_REG_10, -4, 9),	      MAP_PTR(BPF_REG_1, MAP),
		MOV_REG(BPF_REG_2, BPF_REG_10),	      ADD_IMM(BPF_REG_2, -4),
		CALL(BPF_FUNC_map_lookup_elem),	      JEQ_IMM(BPF_REG_0, 0, 1),
		LDX(BPF_DW, BPF_REG_0, BPF_REG_0, 0), EXIT(),
	};
	uint32_t key = 3, retval = 1;
	const union bpf_attr attr = {.map_fd = MAP, .key = (uint64_t)&key};

	check("a hash", make_map(BPF_MAP_TYPE_HASH, 4, 8, 4, MAP), MAP);
	check("put", put(0, MAP, 3, PATTERN), 0);
	check("delete", bpf(BPF_MAP_DELETE_ELEM, &attr, 0), 0);
	check("load", load(insns, COUNT(insns), PROG), PROG);
	check("run", test_run(PROG, &retval), 0);
	check("a key that is not there", retval, 0);
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
}

void experiment(void)
{
	stack_and_registers();
	new_maps();
	map_slots();
}
