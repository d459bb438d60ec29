/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * U-03: a thread changes what another one's call is about, while it is under way
 *
 * Attacker: a second thread of a process, on another hart
 * Action: flips the instructions of a program between a harmless and a forbidden one, and attr's
 *	map_fd and sizes, while the first thread loads and updates without pause
 * Contained: what was checked is what is there: a program that was accepted is the harmless one,
 *	whole; no mixture
 * Oracle: the value a test run of each accepted program returns; the firmware's accounts
 * Harts: 2
 * Short: virt
 */
#include "tests/guest/guest_test.h"

#include <string.h>

#define LOADS 400
#define GOOD 0x600d

/* r0 = GOOD; exit. The other form reads through a number; a mixture of the two uses a register nobody has set. */
static const struct bpf_insn good[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = GOOD},
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = 0},
	{.code = BPF_JMP | BPF_EXIT},
};
static const struct bpf_insn evil[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 0x10000000},
	{.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 0, .src_reg = 2},
	{.code = BPF_JMP | BPF_EXIT},
};
static struct bpf_insn insns[3];
static volatile int stop;
static volatile unsigned long flips;

static int flipper(void *arg)
{
	(void)arg;
	while (!stop) {
		memcpy(insns, flips % 2 ? good : evil, sizeof(insns));
		flips++;
	}
	return 0;
}

static unsigned int accepted, refused;
static bool verified; /* else everything is accepted, and the evil one is stopped when it runs */

static void load_once(void)
{
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_KPROBE,
			       .insn_cnt = 3,
			       .insns = (uint64_t)insns,
			       .license = (uint64_t) "GPL"};
	union bpf_attr run = {0};
	long fd = raw_bpf(BPF_PROG_LOAD, &attr, sizeof(attr)), ret;

	if (fd < 0) {
		refused++;
		check(fd == -EACCES || fd == -EINVAL, "errno of a refused program", fd);
		return;
	}
	accepted++;
	run.test.prog_fd = (uint32_t)fd;
	ret = raw_bpf(BPF_PROG_TEST_RUN, &run, sizeof(run));
	/* unverified, a mixture that sets no r0 returns 0 */
	check(ret == 0 ? run.test.retval == GOOD || (!verified && !run.test.retval) : ret == -EFAULT && !verified,
	      "what was accepted is what runs", ret ? ret : (long)run.test.retval);
	close((int)fd);
}

int main(void)
{
	struct accounts before = accounts_now();
	int tid;

	verified = ebpf_info(SBI_EBPF_INFO_FEATURES) & SBI_EBPF_FEATURE_VERIFIER;
	memcpy(insns, good, sizeof(insns));
	load_once();
	check(accepted == 1, "the harmless one is accepted", accepted);
	tid = thread_create(flipper, NULL);
	check(tid > 0, "a second thread", tid);
	for (unsigned int i = 0; i < LOADS; i++)
		load_once();
	stop = 1;
	waittid(tid);
	printf("u03_changing_memory: %u accepted, %u refused, %lu flips\n", accepted, refused, flips);
	check(flips > 0, "it was changed meanwhile", (long)flips);
	accounts_check(&before, "accounts");
	return checks_done("u03_changing_memory");
}
