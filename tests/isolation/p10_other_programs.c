/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-10: one owner reaches for another's objects
 *
 * Attacker: owner 8, who guesses the descriptors of owner 7
 * Action: every command on every number up to 64, programs that name them, the numbers of unprivileged
 *	owners; maps and programs closed on one hart while a program that uses them runs on another
 * Contained: -EBADF, and -EPERM by number without privilege; what runs keeps what it uses
 * Oracle: errnos; the values of owner 7; counts of hits; the shared accounts
 * Harts: 4
 * Short: virt
 */
#include "payload.h"

#define A 7
#define B 8
#define MAP 1
#define PROG 2
#define LINK 3
#define SECRET 0x5ec2e7ul

static int64_t make_for(uint64_t owner, uint64_t fd)
{
	const union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};

	return bpf_as(owner, BPF_MAP_CREATE, &attr, fd);
}

static void guesses(void)
{
	static const uint32_t cmds[] = {BPF_MAP_LOOKUP_ELEM,	BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM,
					BPF_MAP_GET_NEXT_KEY,	BPF_MAP_FREEZE,	     BPF_MAP_LOOKUP_AND_DELETE_ELEM,
					BPF_OBJ_GET_INFO_BY_FD, EBPF_MAP_DRAIN,	     BPF_LINK_DETACH};
	static uint64_t key, value = 0x666;
	uint64_t got = 0;

	check("A's map", make_for(A, MAP), MAP);
	check("A's value", put(A, MAP, 0, SECRET), 0);
	for (uint32_t fd = 0; fd < 64; fd++) {
		const struct bpf_insn insns[] = {MAP_VALUE(BPF_REG_1, (int32_t)fd, 0),
						 LDX(BPF_DW, BPF_REG_0, BPF_REG_1, 0), EXIT()};
		const union bpf_attr prog = {.prog_type = BPF_PROG_TYPE_KPROBE,
					     .insn_cnt = COUNT(insns),
					     .insns = (uint64_t)insns,
					     .license = (uint64_t) "GPL"};

		for (unsigned int i = 0; i < COUNT(cmds); i++) {
			union bpf_attr attr = {.map_fd = fd, .key = (uint64_t)&key};

			if (cmds[i] != BPF_MAP_DELETE_ELEM)
				attr.value = (uint64_t)&value;

			if (cmds[i] == BPF_OBJ_GET_INFO_BY_FD)
				attr = (union bpf_attr){.info.bpf_fd = fd};
			if (cmds[i] == EBPF_MAP_DRAIN)
				attr = (union bpf_attr){.drain.map_fd = fd};
			if (cmds[i] == BPF_LINK_DETACH || cmds[i] == BPF_MAP_FREEZE)
				attr = (union bpf_attr){.map_fd = fd};
			check("B's guess", bpf_as(B, cmds[i], &attr, 5), -EBADF);
		}
		check("B's program", bpf_as(B, BPF_PROG_LOAD, &prog, 5), -EBADF);
		check("close as B", ebpf(SBI_EXT_EBPF_CLOSE, B, fd, 0, 0, 0, 0), -EBADF);
	}
	check("A's value", get(A, MAP, 0, &got), 0);
	check("it is as it was", (int64_t)got, SECRET);
}

/* By number: the kernel's processes are told from each other by privilege. */
static void numbers(void)
{
	union bpf_attr attr = {.id.start_id = 0};

	check("the next number", bpf_as(B | SBI_EBPF_OWNER_UNPRIV, BPF_MAP_GET_NEXT_ID, &attr, 5), -EPERM);
	for (uint32_t id = 0; id < 64; id++) {
		attr = (union bpf_attr){.id.start_id = id};
		check("by number", bpf_as(B | SBI_EBPF_OWNER_UNPRIV, BPF_MAP_GET_FD_BY_ID, &attr, 5), -EPERM);
	}
	check("exit", ebpf(SBI_EXT_EBPF_EXIT, A, 0, 0, 0, 0, 0), 0);
	check("exit", ebpf(SBI_EXT_EBPF_EXIT, B, 0, 0, 0, 0, 0), 0);
}

static volatile uint32_t stop;
static uint64_t calls[8], right[8];

static void call_victim(uint64_t n)
{
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		right[n] += victim(calls[n]) == 3 * calls[n] + 1;
		calls[n]++;
	}
}

/* Maps, programs and links go while three harts run them. */
static void closed_in_use(void)
{
	struct bpf_insn insns[COUNTER_INSNS];
	unsigned int others = harts() < 4 ? harts() - 1 : 3;

	for (unsigned int n = 1; n <= others; n++)
		start_hart(n, call_victim, n);
	for (int i = 0; i < (long_form() ? 60 : 10); i++) {
		check("map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
		counter_program(insns, MAP);
		check("load", load(insns, COUNTER_INSNS, PROG), PROG);
		check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
		check("close the map", close_fd(MAP), 0);
		check("close the program", close_fd(PROG), 0);
		check("results", (int64_t)right_calls(20), 20);
		check("close the link", close_fd(LINK), 0);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	wait_harts();
	for (unsigned int n = 1; n <= others; n++)
		check("results on another hart", (int64_t)right[n], (int64_t)calls[n]);
}

void experiment(void)
{
	guesses();
	numbers();
	closed_in_use();
}
