/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * M-01: another domain's kernel
 *
 * Attacker: the S-mode kernel of a second OpenSBI domain, on a hart of its own (m01_domains.dts)
 * Action: calls every function of the extension with the first kernel's descriptors; attaches the
 *	first kernel's program to its own text; closes and locks; touches firmware and arena; executes
 *	breakpoints of its own at an address at which the first kernel has a probe, while that probe
 *	comes and goes
 * Contained: the extension is not there for it (-4, DENIED); its breakpoints are its own
 * Oracle: each answer; the second kernel's trap handler; the first kernel's map, links and locks;
 *	hits counted
 * Harts: 2
 * Short: virt smepmp
 */
#include "payload.h"

#define MAP 1
#define PROG 2
#define LINK 3
#define DENIED (-4)
#define SPINS 20000
#define ROUNDS 200
#define PATIENCE 100000000ul /* 10 s */

/*
 * The second kernel: code, data and stack at OTHER_BASE (payload.ld). It can reach nothing else, so
 * it calls nothing of this file's and has no strings.
 */
#define OTHER __attribute__((section(".other.text"), noinline, noclone))
#define OTHER_DATA __attribute__((section(".other.data")))
#define PAGE_ALIGNED __attribute__((aligned(4096)))
#define FUNCTIONS 10

static OTHER_DATA volatile struct {
	uint64_t ready, go, done; /* the stage asked for, the stage finished */
	uint64_t victim, arena;	  /* what it attacks */
	int64_t probed, errors[FUNCTIONS], attached;
	uint64_t cause, epc, breakpoints, own;
	uint64_t firmware_load, firmware_store, arena_load, arena_store;
} other = {.ready = 1};
static OTHER_DATA union bpf_attr attr;
static OTHER_DATA uint64_t target;
static OTHER_DATA PAGE_ALIGNED uint64_t root[512], middle[512], leaf[512];
static OTHER_DATA PAGE_ALIGNED uint16_t own_page[2048];
static OTHER_DATA __attribute__((aligned(16), used)) char other_stack[4096];

/* OpenSBI starts the second domain here. */
asm(".section .other.start, \"ax\"\n"
    " csrw sie, zero\n csrw satp, zero\n"
    " la sp, other_stack + 4096\n"
    " call other_main\n"
    "1: j 1b\n"
    ".text\n");

OTHER __attribute__((interrupt("supervisor"), aligned(4))) static void other_trap(void)
{
	uint64_t cause, epc;

	asm volatile("csrr %0, scause\n\tcsrr %1, sepc" : "=r"(cause), "=r"(epc));
	other.cause = cause;
	other.epc = epc;
	if (cause == CAUSE_BREAKPOINT)
		other.breakpoints++;
	asm volatile("csrw sepc, %0" : : "r"(epc + (cause == CAUSE_BREAKPOINT ? 2 : 4)));
}

OTHER static struct sbiret other_sbi(uint64_t ext, uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x5)
{
	register uint64_t a0 asm("a0") = x0;
	register uint64_t a1 asm("a1") = x1;
	register uint64_t a2 asm("a2") = x2;
	register uint64_t a3 asm("a3") = 0;
	register uint64_t a4 asm("a4") = 0; /* owner: the kernel, as in the first domain */
	register uint64_t a5 asm("a5") = x5;
	register uint64_t a6 asm("a6") = fid;
	register uint64_t a7 asm("a7") = ext;

	asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7) : "memory");
	return (struct sbiret){(int64_t)a0, (int64_t)a1};
}

/* scause of a load or store there, 0 if it went through */
OTHER static uint64_t other_touch(uint64_t at, bool store)
{
	uint64_t value = 0;

	other.cause = 0;
	if (store)
		asm volatile(".option push\n.option norvc\nsd %0, (%1)\n.option pop"
			     :
			     : "r"(value), "r"(at)
			     : "memory");
	else
		asm volatile(".option push\n.option norvc\nld %0, (%1)\n.option pop"
			     : "=r"(value)
			     : "r"(at)
			     : "memory");
	return other.cause;
}

OTHER static void other_calls(void)
{
	other.probed = other_sbi(SBI_EXT_BASE, 3, SBI_EXT_EBPF, 0, 0, 0).value;
	/* a link of the first kernel's program, at the second's text and at the first's */
	attr.link_prog_fd = PROG;
	attr.link_attach_type = BPF_TRACE_KPROBE_MULTI;
	attr.km_cnt = 1;
	attr.km_addrs = (uint64_t)&target;
	target = (uint64_t)other_touch;
	other.attached =
		other_sbi(SBI_EXT_EBPF, SBI_EXT_EBPF_CALL, BPF_LINK_CREATE, (uint64_t)&attr, sizeof(attr), 40).error;
	target = other.victim;
	for (uint64_t fid = 0; fid < FUNCTIONS; fid++) {
		uint64_t a0 = 0, a1 = LINK, a2 = 0; /* close(0, LINK), exit(0), trace_read() ... */

		if (fid == SBI_EXT_EBPF_CALL) {
			a0 = BPF_LINK_CREATE;
			a1 = (uint64_t)&attr;
			a2 = sizeof(attr);
		} else if (fid == SBI_EXT_EBPF_LOCK) {
			a0 = SBI_EBPF_LOCK_ATTACH;
		}
		other.errors[fid] = other_sbi(SBI_EXT_EBPF, fid, a0, a1, a2, 41).error;
	}
}

/* Map the page of the first kernel's victim() to a page with a breakpoint at the same place. */
OTHER static uint64_t map_own_page(void)
{
	const uint64_t va = other.victim, base = (uint64_t)own_page & ~((2ul << 20) - 1), v = PTE_RWX;
	const uint64_t at = va % 4096 / 2;

	own_page[at] = 0x9002; /* c.ebreak; ret, wherever something that is no breakpoint would go on */
	for (uint64_t i = 1; i < 4; i++)
		own_page[at + i] = 0x8082;
	leaf[va >> 12 & 511] = (uint64_t)own_page >> 12 << 10 | v;
	middle[va >> 21 & 511] = (uint64_t)leaf >> 12 << 10 | PTE_V;
	middle[base >> 21 & 511] = base >> 12 << 10 | v;
	root[va >> 30] = (uint64_t)middle >> 12 << 10 | PTE_V;
	asm volatile("csrw satp, %0\n\tsfence.vma\n\tfence.i" : : "r"(SV39 << 60 | (uint64_t)root >> 12) : "memory");
	return va;
}

OTHER static void other_breakpoints(void)
{
	void (*const own)(void) = (void (*)(void))map_own_page();

	for (uint64_t i = 0; i < SPINS; i++) {
		other.epc = 0;
		own();
		other.own += other.epc == (uint64_t)own;
	}
}

OTHER __attribute__((used)) void other_main(void)
{
	asm volatile("csrw stvec, %0" : : "r"(other_trap));
	while (!other.go)
		;
	other_calls();
	other.firmware_load = other_touch(FIRMWARE, false);
	other.firmware_store = other_touch(FIRMWARE, true);
	other.arena_load = other_touch(other.arena, false);
	other.arena_store = other_touch(other.arena, true);
	__atomic_store_n(&other.done, 1, __ATOMIC_RELEASE);
	while (other.go < 2)
		;
	other_breakpoints();
	__atomic_store_n(&other.done, 2, __ATOMIC_RELEASE);
	for (;;)
		asm volatile("wfi");
}

/* ---- the first kernel ---- */

static bool stage_done(uint64_t stage)
{
	for (uint64_t start = now(); __atomic_load_n(&other.done, __ATOMIC_ACQUIRE) < stage;)
		if (now() - start > PATIENCE)
			return false;
	return true;
}

static void check_calls(void)
{
	uint64_t value = 0;

	check("the extension, as the other kernel sees it", other.probed, 0);
	for (uint64_t fid = 0; fid < FUNCTIONS; fid++)
		check("a call of the other kernel", other.errors[fid], DENIED);
	check("a link of the other kernel", other.attached, DENIED);
	check("firmware, load", (int64_t)other.firmware_load, CAUSE_LOAD_ACCESS);
	check("firmware, store", (int64_t)other.firmware_store, CAUSE_STORE_ACCESS);
	check("arena, load", (int64_t)other.arena_load, CAUSE_LOAD_ACCESS);
	check("arena, store", (int64_t)other.arena_store, CAUSE_STORE_ACCESS);
	check("the link is there: results", (int64_t)right_calls(10), 10);
	check("the link is there: counter", get(0, MAP, 0, &value), 0);
	check("the link is there: hits", (int64_t)value, 10);
}

void experiment(void)
{
	struct bpf_insn insns[COUNTER_INSNS];
	uint64_t value = 0, calls = 10;

	check("the other domain has started", (int64_t)other.ready, 1);
	check("map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	counter_program(insns, MAP);
	check("load", load(insns, COUNTER_INSNS, PROG), PROG);
	check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	other.victim = (uint64_t)victim;
	other.arena = find_arena(RAM_END);
	__atomic_store_n(&other.go, 1, __ATOMIC_RELEASE);
	check_true("the other kernel's calls have ended", stage_done(1));
	check_calls();

	__atomic_store_n(&other.go, 2, __ATOMIC_RELEASE);
	for (uint64_t i = 0; i < ROUNDS || !__atomic_load_n(&other.done, __ATOMIC_ACQUIRE); i++) {
		calls += right_calls(10);
		check("detach", close_fd(LINK), 0);
		check("results, not probed", (int64_t)right_calls(10), 10);
		check("attach", attach(PROG, (uint64_t)victim, 0, LINK), LINK);
	}
	check_true("the other kernel's breakpoints have ended", stage_done(2));
	check("breakpoints that were its own", (int64_t)other.own, SPINS);
	check("and as many in all", (int64_t)other.breakpoints, SPINS);
	check("read", get(0, MAP, 0, &value), 0);
	check("hits: the first kernel's calls only", (int64_t)value, (int64_t)calls);
	check("locks", info(SBI_EBPF_INFO_LOCKS), 0);
	check("close", close_fd(LINK), 0);
	check("close", close_fd(PROG), 0);
	check("close", close_fd(MAP), 0);
}
