/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * M-02: a guest of a hypervisor
 *
 * Attacker: code in VS-mode, below a hypervisor in HS-mode
 * Action: breakpoints at an address that is probed in the hypervisor, with probes armed; calls of the
 *	extension
 * Contained: a guest's breakpoint is its own or its hypervisor's, never a hit; its ecall reaches the
 *	hypervisor
 * Oracle: the hypervisor's trap handler; hits counted
 * Short: virt
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 3
#define HSTATUS_SPV (1ul << 7)
#define SSTATUS_SPP (1ul << 8)

static volatile uint64_t guest_breakpoints, guest_calls, resume_at;

/* What VS-mode runs: a breakpoint, the probed function, a call of the extension, and out. */
extern char guest_code[];
asm(".text\n .balign 4\n .globl guest_code\nguest_code:\n"
    " .option push\n .option rvc\n c.ebreak\n .option pop\n"
    " la t0, victim\n li a0, 1\n jalr t0\n"
    " li a7, 0x08425046\n li a6, 9\n li a0, 15\n ecall\n"
    " li a7, 0\n ecall\n");

bool experiment_trap(struct trap_frame *tf)
{
	uint64_t hstatus;

	asm volatile("csrr %0, 0x600" : "=r"(hstatus));
	if (!(hstatus & HSTATUS_SPV))
		return false;
	if (tf->cause == CAUSE_BREAKPOINT) { /* the guest's own, or the one in victim()'s text, which it sees as text */
		guest_breakpoints++;
		if (tf->epc == (uint64_t)victim) { /* what a hypervisor would do: come back without it */
			tf->x[A0] = 4;
			tf->epc = tf->x[RA];
		} else {
			tf->epc += 2;
		}
		return true;
	}
	if (tf->cause != CAUSE_ECALL_VS)
		return false;
	if (tf->x[16] == SBI_EXT_EBPF) { /* a7 */
		guest_calls++;
		tf->epc += 4;
		return true;
	}
	/* the end: back to HS-mode */
	asm volatile("csrc 0x600, %0" : : "r"(HSTATUS_SPV));
	tf->status |= SSTATUS_SPP;
	tf->epc = resume_at;
	return true;
}

static void run_guest(void)
{
	asm volatile("csrs 0x600, %0\n" /* hstatus.SPV */
		     "csrs sstatus, %1\n"
		     "csrw 0x680, zero\n" /* hgatp: no second translation */
		     "csrw 0x280, zero\n" /* vsatp */
		     "la t1, 1f\n sd t1, (%3)\n mv s2, sp\n"
		     "csrw sepc, %2\n sret\n"
		     "1: mv sp, s2\n"
		     :
		     : "r"(HSTATUS_SPV), "r"(SSTATUS_SPP), "r"(guest_code), "r"(&resume_at)
		     : "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
		       "s2", "memory");
}

void experiment(void)
{
	struct bpf_insn insns[COUNTER_INSNS];
	uint64_t value = 0;

	check("a map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	counter_program(insns, MAP);
	check("load", load(insns, COUNTER_INSNS, PROG), PROG);
	run_guest();
	check("without probes: the guest's breakpoint", (int64_t)guest_breakpoints, 1);
	check("the guest's call reached its hypervisor", (int64_t)guest_calls, 1);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	run_guest();
	check("with probes: both breakpoints of the guest", (int64_t)guest_breakpoints, 3);
	check("its call", (int64_t)guest_calls, 2);
	check("no lock was set", info(SBI_EBPF_INFO_LOCKS), 0);
	check("read", get(0, MAP, 0, &value), 0);
	check("none was a hit", (int64_t)value, 0);
	check("the hypervisor's are", (int64_t)right_calls(10), 10);
	check("read", get(0, MAP, 0, &value), 0);
	check("hits", (int64_t)value, 10);
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
}
