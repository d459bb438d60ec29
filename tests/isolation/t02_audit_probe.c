/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * T-02: an audit probe that a compromised kernel cannot remove
 *
 * Attacker: the S-mode kernel, compromised after it has set up an audit probe and the locks
 * Action: close, exit, detach, unpin; overwrite, clear and forge the audit's map; run its program on
 *	made-up contexts; load and attach others; another symbol table; empty the logs; take the breakpoint
 *	out of the text, and put other instructions there; stop and start harts
 * Contained: -EPERM, or without effect: the probe goes on counting, its counts only grow, and a
 *	breakpoint that is taken out is put back by the next calls and counted as tampered with
 * Oracle: the audit's own count, read by number; the locks; TAMPERED
 * Harts: 2
 * Short: virt
 */
#include "payload.h"

#define AUDITOR 7 /* the process that set it up */
#define MAP 1
#define PROG 2
#define LINK 3
#define RING 4
#define ALL                                                                                                            \
	(SBI_EBPF_LOCK_LOAD | SBI_EBPF_LOCK_ATTACH | SBI_EBPF_LOCK_DETACH | SBI_EBPF_LOCK_TRACE_READ |                 \
	 SBI_EBPF_LOCK_UNPRIV)

static uint32_t audit_map_id;
static char name[] = "audit";

static int64_t as_auditor(uint32_t cmd, const union bpf_attr *attr, uint64_t newfd)
{
	return bpf_as(AUDITOR, cmd, attr, newfd);
}

static void set_up(void)
{
	struct bpf_insn insns[COUNTER_INSNS];
	const uint64_t addr = (uint64_t)victim;
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};

	check("the audit's map", as_auditor(BPF_MAP_CREATE, &attr, MAP), MAP);
	attr = (union bpf_attr){.map_type = BPF_MAP_TYPE_RINGBUF, .max_entries = 4096};
	check("its ring", as_auditor(BPF_MAP_CREATE, &attr, RING), RING);
	counter_program(insns, MAP);
	attr = (union bpf_attr){.prog_type = BPF_PROG_TYPE_KPROBE,
				.insn_cnt = COUNTER_INSNS,
				.insns = (uint64_t)insns,
				.license = (uint64_t) "GPL"};
	check("its program", as_auditor(BPF_PROG_LOAD, &attr, PROG), PROG);
	attr = (union bpf_attr){.link_prog_fd = PROG,
				.link_attach_type = BPF_TRACE_KPROBE_MULTI,
				.km_cnt = 1,
				.km_addrs = (uint64_t)&addr};
	check("attached", as_auditor(BPF_LINK_CREATE, &attr, LINK), LINK);
	attr = (union bpf_attr){.map_fd = MAP};
	check("the map is frozen: programs write it, nobody else", as_auditor(BPF_MAP_FREEZE, &attr, 0), 0);
	attr = (union bpf_attr){.pin.pathname = (uint64_t)name, .pin.bpf_fd = LINK};
	check("the link has a name", as_auditor(BPF_OBJ_PIN, &attr, 0), 0);
	attr = (union bpf_attr){.id.start_id = 0};
	check("the map's number", as_auditor(BPF_MAP_GET_NEXT_ID, &attr, 0), 0);
	audit_map_id = attr.id.next_id;
	check("locked", ebpf(SBI_EXT_EBPF_LOCK, ALL, 0, 0, 0, 0, 0), ALL);
}

/* What the audit has counted: the kernel may still look, by number. */
static uint64_t audit(void)
{
	const union bpf_attr attr = {.id.start_id = audit_map_id};
	uint64_t value = 0;

	check("by number", bpf(BPF_MAP_GET_FD_BY_ID, &attr, 60), 60);
	check("read", get(0, 60, 0, &value), 0);
	check("close", close_fd(60), 0);
	return value;
}

/* 10 calls; every one of them is counted. */
static void still_counts(const char *after)
{
	uint64_t before = audit();

	check(after, (int64_t)right_calls(10), 10);
	check(after, (int64_t)(audit() - before), 10);
}

static void through_calls(void)
{
	const uint64_t addr = (uint64_t)bystander;
	union bpf_attr attr = {.detach_link_fd = LINK};
	uint32_t key = 0;
	uint64_t zero = 0;
	struct bpf_insn insns[COUNTER_INSNS];

	check("detach", as_auditor(BPF_LINK_DETACH, &attr, 0), -EPERM);
	attr = (union bpf_attr){.map_fd = MAP, .key = (uint64_t)&key, .value = (uint64_t)&zero};
	check("overwrite", as_auditor(BPF_MAP_UPDATE_ELEM, &attr, 0), -EPERM);
	check_true("delete", as_auditor(BPF_MAP_DELETE_ELEM, &attr, 0) < 0);
	check_true("take", as_auditor(BPF_MAP_LOOKUP_AND_DELETE_ELEM, &attr, 0) < 0);
	attr = (union bpf_attr){.test.prog_fd = PROG};
	check("forge by test runs", as_auditor(BPF_PROG_TEST_RUN, &attr, 0), -EPERM);
	counter_program(insns, MAP);
	check("another program", load(insns, COUNTER_INSNS, 70), -EPERM);
	check("another map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 70), -EPERM);
	attr = (union bpf_attr){.link_prog_fd = PROG,
				.link_attach_type = BPF_TRACE_KPROBE_MULTI,
				.km_cnt = 1,
				.km_addrs = (uint64_t)&addr};
	check("another attachment", as_auditor(BPF_LINK_CREATE, &attr, 71), -EPERM);
	check("another symbol table", ebpf(SBI_EXT_EBPF_SET_SYMBOLS, 0, 0, 0, 0, 0, 0), -EPERM);
	check("another trampoline",
	      ebpf(SBI_EXT_EBPF_SET_RETURN_TRAMPOLINE, (uint64_t)return_trampoline, 0, 0, 0, 0, 0), -EPERM);
	check("empty the trace", ebpf(SBI_EXT_EBPF_TRACE_READ, (uint64_t)load_log, 100, 0, 0, 0, 0), -EPERM);
	attr = (union bpf_attr){.drain.map_fd = RING, .drain.buf = (uint64_t)load_log, .drain.size = 64};
	check("empty the ring", as_auditor(EBPF_MAP_DRAIN, &attr, 0), -EPERM);
	check("unlock", ebpf(SBI_EXT_EBPF_LOCK, 0, 0, 0, 0, 0, 0), ALL);
	still_counts("after calls");
}

/* Everything that holds it, closed. */
static void let_go(void)
{
	union bpf_attr attr = {.pin.pathname = (uint64_t)name};

	for (uint64_t fd = 1; fd < 5; fd++)
		check("close", ebpf(SBI_EXT_EBPF_CLOSE, AUDITOR, fd, 0, 0, 0, 0), 0);
	check("unpin", bpf(EBPF_OBJ_UNPIN, &attr, 0), 0);
	check("exit", ebpf(SBI_EXT_EBPF_EXIT, AUDITOR, 0, 0, 0, 0, 0), 0);
	for (uint64_t owner = 0; owner < 16; owner++)
		check("exit of all", ebpf(SBI_EXT_EBPF_EXIT, owner, 0, 0, 0, 0, 0), 0);
	check("exit as the firmware's own", ebpf(SBI_EXT_EBPF_EXIT, 1ul << 62, 0, 0, 0, 0, 0), 0);
	check("exit as the firmware's own", ebpf(SBI_EXT_EBPF_EXIT, 3ul << 62, 0, 0, 0, 0, 0), 0);
	still_counts("after everything is closed");
}

/* Ordinary calls of a kernel bring the self-check round. */
static void calls_of_a_kernel(void)
{
	for (int i = 0; i < 300; i++)
		ebpf(SBI_EXT_EBPF_EXIT, 1000, 0, 0, 0, 0, 0);
}

static void through_text(void)
{
	static const uint16_t others[] = {0x0001 /* c.nop */, 0x8082 /* ret */, 0x0505};
	volatile uint16_t *text = (volatile uint16_t *)victim;
	uint16_t breakpoint = *text;
	int64_t tampered = info(SBI_EBPF_INFO_TAMPERED);

	for (unsigned int i = 0; i < COUNT(others); i++) {
		*text = others[i];
		asm volatile("fence.i");
		calls_of_a_kernel();
		check("the breakpoint is back", *text, breakpoint);
		still_counts("after its text was changed");
	}
	check("each time was noticed", info(SBI_EBPF_INFO_TAMPERED) - tampered, COUNT(others));
}

static uint64_t right;

static void call_some(uint64_t n)
{
	right = right_calls(n);
}

static void other_harts(void)
{
	uint64_t before = audit();

	for (int i = 0; i < 3; i++) {
		start_hart(1, call_some, 10);
		wait_harts();
		check("results on another hart", (int64_t)right, 10);
	}
	check("counted there", (int64_t)(audit() - before), 30);
	sbi(SBI_EXT_TIME, 0, now() + 10000, 0, 0, 0, 0, 0);
	asm volatile("csrs sie, %0" : : "r"(1ul << 5));
	sbi(SBI_EXT_HSM, 3, 0, 0, 0, 0, 0, 0);
	asm volatile("csrw sie, zero");
	still_counts("after a suspend");
}

void experiment(void)
{
	keeps_locks();
	keeps_objects();
	set_up();
	still_counts("at the beginning");
	through_calls();
	let_go();
	through_text();
	other_harts();
}
