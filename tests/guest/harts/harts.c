// SPDX-License-Identifier: BSD-2-Clause
/*
 * Harts that stop, start and suspend, and a machine that is reset, with probes
 * armed: a bare S-mode payload of several harts, without kernel/.
 *
 * One hart (first_hart) attaches and detaches; the others do what it tells them
 * through struct hart: call the probed function, run into a breakpoint of their
 * own, stop, suspend. Every call of the function by any hart is counted by a
 * program as long as the probe is armed, and by none when it is not. After the
 * tests the machine is reset, once warm and once cold, with everything left open:
 * the next boot must find nothing of it. A page that no loader writes tells which
 * boot this is. SBI v2.0 ch. 9 (HSM), ch. 10 (SRST).
 *
 * Prints: N passed, N failed
 */
#include "harts.h"
#include "rvtest.h" /* print(), shutdown() */
#include "uapi/bpf.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#define SBI_EXT_IPI 0x735049
#define SBI_EXT_HSM 0x48534D
#define SBI_EXT_SRST 0x53525354
#define RESET_COLD 1
#define RESET_WARM 2
#define SUSPEND_RETENTIVE 0
#define SUSPEND_NON_RETENTIVE 0x80000000
#define SSIP 2
#define CAUSE_BREAKPOINT 3
#define CAUSE_LOAD_ACCESS 5

enum hsm { HART_START, HART_STOP, HART_STATUS, HART_SUSPEND };
enum state { STARTED, STOPPED, START_PENDING, STOP_PENDING, SUSPENDED };
enum order { REST, CALL, BREAK, PEEK, STOP, SUSPEND, SUSPEND_AND_FORGET };
enum { MAP_FD = 1, PROG_FD, LINK_FD };

#define CALLS 200
#define RAM UINT64_C(0x80000000)
#define BLOCK UINT64_C(0x800000) /* the arena is one of them, the firmware lies in another */
#define BLOCKS 32
#define PATIENCE 200000000ULL /* rounds of waiting before it is a failure */

struct hart {
	bool here;
	uint64_t order;	      /* enum order; REST when it is done */
	uint64_t breakpoints; /* seen by this hart's own trap vector */
	uint64_t closed;      /* bit n: it may not read block n of RAM */
};

/* What a reset leaves: memory that belongs to no image. */
static struct memory_of_boots {
	uint64_t magic, boots, arena_free, passed, failed;
} *const past = (void *)0x86000000;
#define MAGIC 0x6d6270662d626f6fULL

static struct hart harts[MAX_HARTS];
static uint64_t expected; /* what the counter must be */

uint64_t probed(uint64_t x);
void first_hart(uint64_t id);
void other_hart(uint64_t id, uint64_t resumed);
uint64_t harts_trap(uint64_t cause, uint64_t epc);
void hart_entry(void);
void own_breakpoint(void);
uint64_t peek(uint64_t at);
extern char peek_load[], peek_faulted[];

void *memset(void *dst, int value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((char *)dst)[i] = (char)value;
	return dst;
}

/* ---- the machine below ---- */

static uint64_t this_hart(void)
{
	uint64_t id;

	asm("mv %0, tp" : "=r"(id));
	return id;
}

static int64_t sbi(uint64_t ext, uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4,
		   uint64_t x5, int64_t *value)
{
	register uint64_t a0 asm("a0") = x0;
	register uint64_t a1 asm("a1") = x1;
	register uint64_t a2 asm("a2") = x2;
	register uint64_t a3 asm("a3") = x3;
	register uint64_t a4 asm("a4") = x4;
	register uint64_t a5 asm("a5") = x5;
	register uint64_t a6 asm("a6") = fid;
	register uint64_t a7 asm("a7") = ext;

	asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7) : "memory");
	if (value)
		*value = (int64_t)a1;
	return (int64_t)a0;
}

static int64_t hsm(enum hsm function, uint64_t x0, uint64_t x1, uint64_t x2, int64_t *value)
{
	return sbi(SBI_EXT_HSM, function, x0, x1, x2, 0, 0, 0, value);
}

static void check(const char *what, uint64_t got, uint64_t want)
{
	__atomic_fetch_add(got == want ? &past->passed : &past->failed, 1, __ATOMIC_RELAXED);
	if (got == want)
		return;
	print("WRONG: %s: %x, not %x\n", what, got, want);
}

/* ---- bpf(2) of owner 0 ---- */

static int64_t ebpf(uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5)
{
	int64_t value;

	do
		sbi(SBI_EXT_EBPF, fid, x0, x1, x2, x3, x4, x5, &value);
	while (value == -SBI_EBPF_ERESTART);
	return value;
}

static int64_t bpf(enum bpf_cmd cmd, const union bpf_attr *attr, uint64_t newfd)
{
	return ebpf(SBI_EXT_EBPF_CALL, cmd, (uint64_t)attr, sizeof(*attr), 0, 0, newfd);
}

static int64_t info(uint64_t what)
{
	return ebpf(SBI_EXT_EBPF_GET_INFO, what, 0, 0, 0, 0, 0);
}

/* (*(u64 *)map[0]) += 1, atomically: several harts do it */
static const struct bpf_insn count_insns[] = {
	{BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0},
	{BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0},
	{BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4},
	{BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, MAP_FD},
	{0},
	{BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem},
	{BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, 0},
	{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1},
	{BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD},
	{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
	{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
};

static void make_program(void)
{
	const union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	const union bpf_attr prog = {.prog_type = BPF_PROG_TYPE_KPROBE,
				     .insn_cnt = sizeof(count_insns) / sizeof(count_insns[0]),
				     .insns = (uint64_t)count_insns,
				     .license = (uint64_t) "GPL"};

	check("map", (uint64_t)bpf(BPF_MAP_CREATE, &map, MAP_FD), MAP_FD);
	check("program", (uint64_t)bpf(BPF_PROG_LOAD, &prog, PROG_FD), PROG_FD);
}

static void attach(void)
{
	const uint64_t addrs[] = {(uint64_t)probed};
	const union bpf_attr attr = {.link_prog_fd = PROG_FD,
				     .link_attach_type = BPF_TRACE_KPROBE_MULTI,
				     .km_cnt = 1,
				     .km_addrs = (uint64_t)addrs};

	check("attach", (uint64_t)bpf(BPF_LINK_CREATE, &attr, LINK_FD), LINK_FD);
	check("probes armed", (uint64_t)info(SBI_EBPF_INFO_ARMED_PROBES), 1);
}

static void detach(void)
{
	check("close the link", (uint64_t)ebpf(SBI_EXT_EBPF_CLOSE, 0, LINK_FD, 0, 0, 0, 0), 0);
	check("no probe armed", (uint64_t)info(SBI_EBPF_INFO_ARMED_PROBES), 0);
}

static uint64_t counter(void)
{
	uint32_t key = 0;
	uint64_t value = 0;
	const union bpf_attr attr = {.map_fd = MAP_FD, .key = (uint64_t)&key, .value = (uint64_t)&value};

	check("counter", (uint64_t)bpf(BPF_MAP_LOOKUP_ELEM, &attr, 0), 0);
	return value;
}

/* ---- the function that is probed, and what every hart can do ---- */

__attribute__((noinline, noclone)) uint64_t probed(uint64_t x)
{
	asm volatile("");
	return 3 * x + 1;
}

static void call_probed(void)
{
	uint64_t wrong = 0;

	for (uint64_t i = 0; i < CALLS; i++)
		wrong += probed(i) != 3 * i + 1;
	if (wrong)
		print("WRONG: %x results of the probed function\n", wrong);
	__atomic_fetch_add(&past->failed, wrong, __ATOMIC_RELAXED);
}

uint64_t harts_trap(uint64_t cause, uint64_t epc)
{
	if (cause == CAUSE_LOAD_ACCESS && epc == (uint64_t)peek_load)
		return (uint64_t)peek_faulted;
	if (cause != CAUSE_BREAKPOINT || epc != (uint64_t)own_breakpoint) {
		past->failed++;
		print("unexpected trap: cause %x at %x\n", cause, epc);
		print("%u passed, %u failed\n", (unsigned int)past->passed, (unsigned int)past->failed);
		past->magic = 0;
		shutdown();
	}
	harts[this_hart()].breakpoints++;
	return epc + 4;
}

/* ---- the other harts ---- */

static bool woken(void)
{
	uint64_t pending;

	asm volatile("csrr %0, sip" : "=r"(pending));
	return pending & SSIP;
}

/* Until another hart wakes it: a suspension may end early, for any reason. */
static int64_t suspend(bool forget)
{
	int64_t error = 0;

	asm volatile("csrs sie, %0" ::"r"((uint64_t)SSIP)); /* what ends it; not taken, as sstatus.SIE is clear */
	while (!error && !woken())
		error = hsm(HART_SUSPEND, forget ? SUSPEND_NON_RETENTIVE : SUSPEND_RETENTIVE, (uint64_t)hart_entry,
			    forget, NULL);
	asm volatile("csrc sip, %0" ::"r"((uint64_t)SSIP));
	return error;
}

/* What this hart may not read, firmware and arena, is the PMP's doing: a hart that starts has it set up again. */
static void peek_everywhere(struct hart *me)
{
	me->closed = 0;
	for (uint64_t i = 0; i < BLOCKS; i++)
		me->closed |= peek(RAM + i * BLOCK) << i;
}

/* Comes here when it is started, and again after a suspension that keeps nothing. */
void other_hart(uint64_t id, uint64_t resumed)
{
	struct hart *me = &harts[id];

	if (resumed) {
		suspend(true);
		__atomic_store_n(&me->order, REST, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&me->here, true, __ATOMIC_RELEASE);
	for (;;) {
		uint64_t order = __atomic_load_n(&me->order, __ATOMIC_ACQUIRE);

		switch (order) {
		case REST:
			continue;
		case CALL:
			call_probed();
			break;
		case BREAK:
			own_breakpoint();
			break;
		case PEEK:
			peek_everywhere(me);
			break;
		case STOP:
			__atomic_store_n(&me->order, REST, __ATOMIC_RELEASE);
			hsm(HART_STOP, 0, 0, 0, NULL);
			break;
		default:
			asm volatile("csrc sip, %0" ::"r"((uint64_t)SSIP));
			check("suspend", (uint64_t)suspend(order == SUSPEND_AND_FORGET), 0);
		}
		__atomic_store_n(&me->order, REST, __ATOMIC_RELEASE);
	}
}

/* Wait until a hart's state or order is as wanted, or give up aloud. */
static void wait_state(uint64_t id, enum state wanted)
{
	int64_t state = -1;

	for (uint64_t i = 0; i < PATIENCE && state != (int64_t)wanted; i++)
		hsm(HART_STATUS, id, 0, 0, &state);
	check("hart state", (uint64_t)state, wanted);
}

static void wait_rest(uint64_t id)
{
	for (uint64_t i = 0; i < PATIENCE; i++)
		if (__atomic_load_n(&harts[id].order, __ATOMIC_ACQUIRE) == REST)
			return;
	check("order carried out", harts[id].order, REST);
}

static void order(uint64_t id, enum order what)
{
	__atomic_store_n(&harts[id].order, what, __ATOMIC_RELEASE);
}

static bool start(uint64_t id)
{
	harts[id].here = false;
	if (hsm(HART_START, id, (uint64_t)hart_entry, 0, NULL))
		return false;
	for (uint64_t i = 0; i < PATIENCE; i++)
		if (__atomic_load_n(&harts[id].here, __ATOMIC_ACQUIRE))
			return true;
	check("started hart arrives", 0, 1);
	return false;
}

static void stop(uint64_t id)
{
	order(id, STOP);
	wait_state(id, STOPPED);
}

static void wake(uint64_t id)
{
	sbi(SBI_EXT_IPI, 0, 1, id, 0, 0, 0, 0, NULL);
	wait_rest(id);
	wait_state(id, STARTED);
}

/* ---- the tests ---- */

/* Hart id and this one call the function; both are counted if a probe is armed, else neither is. */
static void calls_are_counted(const char *when, uint64_t id, bool armed)
{
	order(id, CALL);
	call_probed();
	wait_rest(id);
	expected += armed ? 2 * CALLS : 0;
	check(when, counter(), expected);
}

/* A breakpoint of the hart's own goes to its own vector, probes or not; firmware and arena are closed to it. */
static void traps_are_set_up(uint64_t id)
{
	uint64_t before = harts[id].breakpoints;

	order(id, BREAK);
	wait_rest(id);
	check("breakpoint of its own", harts[id].breakpoints, before + 1);
	order(id, PEEK);
	wait_rest(id);
	check("memory that the hart may not read", harts[id].closed, harts[this_hart()].closed);
}

static void test_stop(uint64_t id)
{
	attach();
	calls_are_counted("probe armed", id, true);
	stop(id);
	call_probed();
	expected += CALLS;
	check("with the other hart stopped", counter(), expected);
	check("start again", start(id), true);
	calls_are_counted("hart stopped and started", id, true);
	traps_are_set_up(id);
	stop(id);
	detach();
	check("start after the probe is gone", start(id), true);
	calls_are_counted("probe detached while the hart was stopped", id, false);
	traps_are_set_up(id);
	stop(id);
	attach();
	check("start under a new probe", start(id), true);
	calls_are_counted("probe attached while the hart was stopped", id, true);
	traps_are_set_up(id);
	detach();
}

static void test_suspend(uint64_t id, enum order how)
{
	attach();
	order(id, how);
	wait_state(id, SUSPENDED);
	wake(id);
	calls_are_counted("probe armed all the time", id, true);
	traps_are_set_up(id);
	order(id, how);
	wait_state(id, SUSPENDED);
	detach();
	wake(id);
	calls_are_counted("probe detached while the hart was suspended", id, false);
	traps_are_set_up(id);
	order(id, how);
	wait_state(id, SUSPENDED);
	attach();
	wake(id);
	calls_are_counted("probe attached while the hart was suspended", id, true);
	traps_are_set_up(id);
	detach();
}

static void test_harts(uint64_t self)
{
	unsigned int others = 0;

	peek_everywhere(&harts[self]);
	/* two bits: the lowest, where the firmware is, and another, where the arena is */
	check("the firmware is closed", harts[self].closed & 1, 1);
	check("one more block is",
	      harts[self].closed > 1 && !((harts[self].closed & ~1) & ((harts[self].closed & ~1) - 1)), 1);
	make_program();
	expected = 0;
	for (uint64_t id = 0; id < MAX_HARTS; id++) {
		if (id == self || !start(id))
			continue;
		others++;
		test_stop(id);
		test_suspend(id, SUSPEND);
		test_suspend(id, SUSPEND_AND_FORGET);
	}
	check("other harts", others > 0, true);
	print("boot %u: %u other harts, %u calls counted\n", (unsigned int)past->boots, others, (unsigned int)expected);
}

/* Nothing of the boot before. */
static void test_clean(void)
{
	check("objects after reset", (uint64_t)info(SBI_EBPF_INFO_OBJECTS), 0);
	check("probes armed after reset", (uint64_t)info(SBI_EBPF_INFO_ARMED_PROBES), 0);
	if (past->boots == 1)
		past->arena_free = (uint64_t)info(SBI_EBPF_INFO_ARENA_FREE);
	check("arena after reset", (uint64_t)info(SBI_EBPF_INFO_ARENA_FREE), past->arena_free);
}

static void reset(uint64_t type)
{
	attach(); /* left armed, with the map and the program */
	sbi(SBI_EXT_SRST, 0, type, 0, 0, 0, 0, 0, NULL);
	check("reset", 0, 1);
	shutdown();
}

void first_hart(uint64_t self)
{
	if (past->magic != MAGIC)
		*past = (struct memory_of_boots){.magic = MAGIC};
	past->boots++;
	test_clean();
	test_harts(self);
	if (past->boots == 1)
		reset(RESET_WARM);
	if (past->boots == 2)
		reset(RESET_COLD);
	check("boots", past->boots, 3);
	print("%u passed, %u failed\n", (unsigned int)past->passed, (unsigned int)past->failed);
	past->magic = 0;
	shutdown();
}
