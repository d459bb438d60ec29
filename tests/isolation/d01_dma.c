/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * D-01: a device writes the firmware's memory
 *
 * Attacker: the S-mode kernel, through a device that it programs (QEMU's edu, a PCI function with DMA)
 * Action: has the device read the firmware's first bytes and write others there
 * Contained: not at all: no bus of this machine checks devices, and the PMP is for harts. It is noticed:
 *	the self-check finds the change, loading and attaching are locked until reset
 * Oracle: what the device has written is read back by it; DAMAGE; the locks; a load and an attachment
 *	that are refused; a probe attached before goes on counting
 * Qemu: -device edu,dma_mask=0xffffffff
 * Verdict: noticed
 * Short: virt
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 3

/* PCI on virt: configuration space of bus 0, and where its memory window is */
#define ECAM 0x30000000ul
#define PCI_WINDOW 0x40000000ul
#define EDU_ID 0x11e81234u
/* edu's registers (QEMU, docs/specs/edu) and its buffer, as its own DMA engine addresses it */
#define EDU_DMA_FROM 0x80ul
#define EDU_DMA_TO 0x88ul
#define EDU_DMA_COUNT 0x90ul
#define EDU_DMA_COMMAND 0x98ul
#define EDU_BUFFER 0x40000ul
#define EDU_START 1u
#define EDU_TO_MEMORY 2u

#define SIE_STIE 32ul
#define POLL 100000ul /* 10 ms */

static volatile uint64_t seen, mine;

static volatile uint32_t *config(unsigned int device, unsigned int offset)
{
	return (volatile uint32_t *)(ECAM + (device << 15) + offset);
}

static bool find_device(void)
{
	for (unsigned int d = 0; d < 32; d++)
		if (*config(d, 0) == EDU_ID) {
			*config(d, 0x10) = PCI_WINDOW;
			*config(d, 4) |= 6; /* memory, bus master */
			return true;
		}
	return false;
}

static volatile uint64_t *edu(uint64_t reg)
{
	return (volatile uint64_t *)(PCI_WINDOW + reg);
}

/* The transfer takes the device a tenth of a second: sleep meanwhile. */
static void transfer(uint64_t from, uint64_t to, uint64_t command)
{
	*edu(EDU_DMA_FROM) = from;
	*edu(EDU_DMA_TO) = to;
	*edu(EDU_DMA_COUNT) = 8;
	*edu(EDU_DMA_COMMAND) = command | EDU_START;
	asm volatile("csrs sie, %0" : : "r"(SIE_STIE));
	while (*edu(EDU_DMA_COMMAND) & EDU_START) {
		sbi(SBI_EXT_TIME, 0, now() + POLL, 0, 0, 0, 0, 0);
		asm volatile("wfi");
	}
	asm volatile("csrc sie, %0" : : "r"(SIE_STIE));
	sbi(SBI_EXT_TIME, 0, 0 - 1ul, 0, 0, 0, 0, 0);
}

static void copy_by_device(uint64_t from, uint64_t to)
{
	transfer(from, EDU_BUFFER, 0);
	transfer(EDU_BUFFER, to, EDU_TO_MEMORY);
}

static void two_rounds(void)
{
	for (int64_t start = info(SBI_EBPF_INFO_CHECKS); info(SBI_EBPF_INFO_CHECKS) < start + 2;)
		;
}

void experiment(void)
{
	struct bpf_insn insns[COUNTER_INSNS];
	uint64_t value = 0;

	check_true("the device", find_device());
	check("map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	counter_program(insns, MAP);
	check("load", load(insns, COUNTER_INSNS, PROG), PROG);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);

	/* The firmware's first instructions have run once, at reset: what is there now does no harm. */
	copy_by_device(FIRMWARE, (uint64_t)&seen);
	mine = ~seen;
	copy_by_device((uint64_t)&mine, FIRMWARE);
	copy_by_device(FIRMWARE, (uint64_t)&value);
	check("the device has read and written the firmware", (int64_t)value, (int64_t)mine);
	keeps_damage();
	keeps_locks();
	two_rounds();
	check_true("damage is found", info(SBI_EBPF_INFO_DAMAGE) > 0);
	check("locks", info(SBI_EBPF_INFO_LOCKS), SBI_EBPF_LOCK_LOAD | SBI_EBPF_LOCK_ATTACH);
	check("a load", load(insns, COUNTER_INSNS, 10), -EPERM);
	check("an attachment", attach(PROG, (uint64_t)bystander, 0, 11), -EPERM);
	check("results", (int64_t)right_calls(10), 10);
	value = 0;
	check("read", get(0, MAP, 0, &value), 0);
	check("hits", (int64_t)value, 10);

	copy_by_device((uint64_t)&seen, FIRMWARE); /* or the runner would find it, too */
	two_rounds();
	check_true("damage stays known", info(SBI_EBPF_INFO_DAMAGE) > 0);
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
}
