/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Under every experiment: calls of the extension, checks, and the oracles that
 * are the same for all of them. What an experiment does to the machine is its own
 * file's; nothing here attacks.
 */
#include "payload.h"

#define SBI_EXT_CONSOLE_PUTCHAR 0x1
#define LONG_FORM_FLAG 0x87fe0000ul /* QEMU's loader device puts 1 there for the long form */
#define QUARANTINE 8		    /* aborted runs after which a program does not run again */
#define MAX_HARTS 32
#define CANARY_WORDS 512
#define STAY_TICKS 30000000ul /* 3 s */
#define ATTACK_PROG 90
#define ATTACK_LINK 91
#define LAST_MAP 92
#define LAST_PROG 93
#define LAST_LINK 94

extern char touch_begin[], touch_end[], touch_out[], hart_entry[];
void payload_main(void);
void payload_trap(struct trap_frame *tf);

uint32_t payload_boot_hart;
char load_log[4096];
volatile uint64_t breakpoints_seen, breakpoint_epc, breakpoint_tval;

static unsigned int passed, failed;
static bool locks_kept, objects_kept, damage_kept, is_long;
static uint64_t canary[CANARY_WORDS]; /* the kernel's memory next to what is attacked */

/* ---- memory ---- */

void *memset(void *dst, int value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((char *)dst)[i] = (char)value;
	return dst;
}

void *memcpy(void *dst, const void *src, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((char *)dst)[i] = ((const char *)src)[i];
	return dst;
}

bool contains(const char *text, const char *part)
{
	do {
		const char *a = text, *b = part;

		while (*b && *a == *b)
			a++, b++;
		if (!*b)
			return true;
	} while (*text++);
	return false;
}

/* ---- SBI ---- */

__attribute__((noinline, noclone)) struct sbiret sbi(uint64_t ext, uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2,
						     uint64_t x3, uint64_t x4, uint64_t x5)
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
	return (struct sbiret){(int64_t)a0, (int64_t)a1};
}

int64_t ebpf(uint64_t fid, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4, uint64_t x5)
{
	struct sbiret ret;

	do
		ret = sbi(SBI_EXT_EBPF, fid, x0, x1, x2, x3, x4, x5);
	while (ret.value == -SBI_EBPF_ERESTART);
	return ret.value;
}

int64_t info(uint64_t index)
{
	return ebpf(SBI_EXT_EBPF_GET_INFO, index, 0, 0, 0, 0, 0);
}

bool verifier_on(void)
{
	return info(SBI_EBPF_INFO_FEATURES) & SBI_EBPF_FEATURE_VERIFIER;
}

uint64_t now(void)
{
	uint64_t t;

	asm volatile("rdtime %0" : "=r"(t));
	return t;
}

/* ---- checks ---- */

static void put_char(char c)
{
	sbi(SBI_EXT_CONSOLE_PUTCHAR, 0, (uint8_t)c, 0, 0, 0, 0, 0);
}

void print(const char *s)
{
	for (; *s; s++)
		put_char(*s);
}

void print_number(int64_t n)
{
	char digits[21], *d = &digits[20];
	uint64_t v = n < 0 ? -(uint64_t)n : (uint64_t)n;

	*d = 0;
	do
		*--d = (char)('0' + v % 10);
	while (v /= 10);
	print(n < 0 ? "-" : "");
	print(d);
}

void note(const char *what, int64_t value)
{
	print("note: ");
	print(what);
	print(" = ");
	print_number(value);
	print("\n");
}

void check(const char *what, int64_t got, int64_t want)
{
	if (got == want) {
		passed++;
		return;
	}
	if (++failed > 50)
		return;
	print("ESCAPED: ");
	print(what);
	print(": ");
	print_number(got);
	print(", not ");
	print_number(want);
	print("\n");
}

void check_true(const char *what, bool ok)
{
	check(what, ok, 1);
}

void keeps_locks(void)
{
	locks_kept = true;
}

void keeps_objects(void)
{
	objects_kept = true;
}

void keeps_damage(void)
{
	damage_kept = true;
}

bool long_form(void)
{
	return is_long;
}

__attribute__((noreturn)) static void end(void)
{
	print_number(passed);
	print(" passed, ");
	print_number(failed);
	print(" failed\n");
	for (uint64_t done = now(); now() - done < STAY_TICKS;) /* for who looks at the memory from outside */
		;
	sbi(SBI_EXT_SRST, 0, 0, 0, 0, 0, 0, 0);
	for (;;)
		asm volatile("wfi");
}

/* ---- traps ---- */

__attribute__((weak)) bool experiment_trap(struct trap_frame *tf)
{
	(void)tf;
	return false;
}

void payload_trap(struct trap_frame *tf)
{
	if (experiment_trap(tf))
		return;
	if (tf->cause == CAUSE_BREAKPOINT) {
		__atomic_fetch_add(&breakpoints_seen, 1, __ATOMIC_RELAXED);
		breakpoint_epc = tf->epc;
		breakpoint_tval = tf->tval;
		tf->epc += (*(const uint16_t *)tf->epc & 3) == 3 ? 4 : 2;
	} else if (tf->epc >= (uint64_t)touch_begin && tf->epc < (uint64_t)touch_end) {
		tf->x[A0] = tf->cause;
		tf->epc = (uint64_t)touch_out;
	} else if (tf->cause == CAUSE_FETCH_ACCESS || tf->cause == CAUSE_FETCH_PAGE) { /* touch_exec() */
		tf->x[A0] = tf->cause;
		tf->epc = tf->x[RA];
	} else {
		check("a trap nobody expected: scause", (int64_t)tf->cause, -1);
		check("  its sepc", (int64_t)tf->epc, -1);
		check("  its stval", (int64_t)tf->tval, -1);
		end();
	}
}

/* ---- bpf(2) ---- */

int64_t bpf_as(uint64_t owner, uint32_t cmd, const union bpf_attr *attr, uint64_t newfd)
{
	return ebpf(SBI_EXT_EBPF_CALL, cmd, (uint64_t)attr, sizeof(*attr), 0, owner | SBI_EBPF_OWNER_KERNEL_ADDR,
		    newfd);
}

int64_t bpf(uint32_t cmd, const union bpf_attr *attr, uint64_t newfd)
{
	return ebpf(SBI_EXT_EBPF_CALL, cmd, (uint64_t)attr, sizeof(*attr), 0, 0, newfd);
}

int64_t make_map(uint32_t type, uint32_t key, uint32_t value, uint32_t entries, uint64_t fd)
{
	const union bpf_attr attr = {.map_type = type, .key_size = key, .value_size = value, .max_entries = entries};

	return bpf(BPF_MAP_CREATE, &attr, fd);
}

int64_t put(uint64_t owner, uint32_t fd, uint32_t key, uint64_t value)
{
	const union bpf_attr attr = {.map_fd = fd, .key = (uint64_t)&key, .value = (uint64_t)&value};

	return bpf_as(owner, BPF_MAP_UPDATE_ELEM, &attr, 0);
}

int64_t get(uint64_t owner, uint32_t fd, uint32_t key, uint64_t *value)
{
	const union bpf_attr attr = {.map_fd = fd, .key = (uint64_t)&key, .value = (uint64_t)value};

	return bpf_as(owner, BPF_MAP_LOOKUP_ELEM, &attr, 0);
}

int64_t load(const struct bpf_insn *insns, uint32_t count, uint64_t fd)
{
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_KPROBE,
			       .insn_cnt = count,
			       .insns = (uint64_t)insns,
			       .license = (uint64_t) "GPL",
			       .log_level = 1,
			       .log_buf = (uint64_t)load_log,
			       .log_size = sizeof(load_log)};
	int64_t ret;

	load_log[0] = 0;
	ret = bpf(BPF_PROG_LOAD, &attr, fd);
	if (ret != -ENOSPC)
		return ret;
	attr.log_level = attr.log_size = 0; /* the log is too long to be kept: only the verdict */
	attr.log_buf = 0;
	return bpf(BPF_PROG_LOAD, &attr, fd);
}

int64_t attach(uint32_t prog, uint64_t addr, uint32_t flags, uint64_t fd)
{
	const union bpf_attr attr = {.link_prog_fd = prog,
				     .link_attach_type = BPF_TRACE_KPROBE_MULTI,
				     .km_flags = flags,
				     .km_cnt = 1,
				     .km_addrs = (uint64_t)&addr};

	return bpf(BPF_LINK_CREATE, &attr, fd);
}

int64_t close_fd(uint64_t fd)
{
	return ebpf(SBI_EXT_EBPF_CLOSE, 0, fd, 0, 0, 0, 0);
}

int64_t test_run(uint32_t prog, uint32_t *retval)
{
	union bpf_attr attr = {.test.prog_fd = prog};
	int64_t ret = bpf(BPF_PROG_TEST_RUN, &attr, 0);

	*retval = attr.test.retval;
	return ret;
}

/* ---- programs that must not get away with it ---- */

static void refused(const char *what, int64_t ret, const char *reason)
{
	check_true(what, ret == -EACCES || ret == -EINVAL || ret == -EPERM || ret == -E2BIG || ret == -EFAULT);
	if (contains(load_log, reason)) {
		passed++;
		return;
	}
	check(what, 0, 1);
	print("  the log does not say: ");
	print(reason);
	print("\n  it says: ");
	print(load_log);
	print("\n");
}

void contained(const char *what, const struct bpf_insn *insns, uint32_t count, const char *reason)
{
	int64_t ret = load(insns, count, ATTACK_PROG);
	int64_t aborts, missed;

	if (verifier_on() || ret < 0) {
		refused(what, ret, reason);
		if (ret >= 0)
			close_fd(ATTACK_PROG);
		return;
	}
	check(what, ret, ATTACK_PROG);
	check(what, attach(ATTACK_PROG, (uint64_t)victim, 0, ATTACK_LINK), ATTACK_LINK);
	aborts = info(SBI_EBPF_INFO_ABORTED_RUNS);
	missed = info(SBI_EBPF_INFO_MISSED);
	check(what, (int64_t)right_calls(QUARANTINE + 5), QUARANTINE + 5);
	check(what, info(SBI_EBPF_INFO_ABORTED_RUNS) - aborts, QUARANTINE);
	check(what, info(SBI_EBPF_INFO_MISSED) - missed, 5);
	check(what, close_fd(ATTACK_LINK), 0);
	check(what, close_fd(ATTACK_PROG), 0);
}

void harmless(const char *what, const struct bpf_insn *insns, uint32_t count, uint32_t want)
{
	uint32_t retval = ~want;
	int64_t ret = load(insns, count, ATTACK_PROG);

	check(what, ret, ATTACK_PROG);
	if (ret < 0) {
		print(load_log);
		return;
	}
	check(what, test_run(ATTACK_PROG, &retval), 0);
	check(what, retval, want);
	check(what, close_fd(ATTACK_PROG), 0);
}

/* ---- things to probe ---- */

__attribute__((noinline, noclone)) uint64_t victim(uint64_t x)
{
	asm volatile("");
	return 3 * x + 1;
}

__attribute__((noinline, noclone)) uint64_t bystander(uint64_t x)
{
	asm volatile("");
	return x ^ 0x55;
}

uint64_t right_calls(uint64_t n)
{
	uint64_t right = 0;

	for (uint64_t i = 0; i < n; i++)
		right += victim(i) == 3 * i + 1;
	return right;
}

void counter_program(struct bpf_insn insns[COUNTER_INSNS], int32_t map_fd)
{
	const struct bpf_insn program[COUNTER_INSNS] = {
		ST(BPF_W, BPF_REG_10, -4, 0),	MOV_REG(BPF_REG_2, BPF_REG_10),
		ADD_IMM(BPF_REG_2, -4),		MAP_PTR(BPF_REG_1, map_fd),
		CALL(BPF_FUNC_map_lookup_elem), JEQ_IMM(BPF_REG_0, 0, 2),
		MOV_IMM(BPF_REG_1, 1),		ATOMIC(BPF_DW, BPF_ADD, BPF_REG_0, BPF_REG_1, 0),
		MOV_IMM(BPF_REG_0, 0),		EXIT(),
	};

	memcpy(insns, program, sizeof(program));
}

uint64_t find_arena(uint64_t ram_end)
{
	uint64_t size = (uint64_t)info(SBI_EBPF_INFO_ARENA_SIZE);

	for (uint64_t at = FIRMWARE + size; at + size <= ram_end; at += size)
		if (touch_load(at))
			return at;
	return 0;
}

uint64_t touchable(uint64_t start, uint64_t size, uint64_t step)
{
	uint64_t n = 0;

	for (uint64_t at = start; at < start + size; at += step) {
		n += touch_load(at) != CAUSE_LOAD_ACCESS;
		n += touch_store(at, 0) != CAUSE_STORE_ACCESS;
	}
	return n;
}

/* ---- harts ---- */

struct hart_job {
	void (*fn)(uint64_t);
	uint64_t arg;
	uint32_t hart, running;
};
static struct hart_job jobs[MAX_HARTS];
void payload_hart_main(struct hart_job *job);

unsigned int harts(void)
{
	int64_t n = info(SBI_EBPF_INFO_HARTS);

	return n < MAX_HARTS ? (unsigned int)n : MAX_HARTS;
}

void payload_hart_main(struct hart_job *job)
{
	job->fn(job->arg);
	__atomic_store_n(&job->running, 0, __ATOMIC_RELEASE);
	sbi(SBI_EXT_HSM, 1, 0, 0, 0, 0, 0, 0); /* stop */
}

static int64_t hart_state(unsigned int hart)
{
	return sbi(SBI_EXT_HSM, 2, hart, 0, 0, 0, 0, 0).value;
}

void start_hart(unsigned int n, void (*fn)(uint64_t), uint64_t arg)
{
	struct hart_job *job = &jobs[n];

	/* the n-th of the others: hart ids of virt are 0 .. harts() - 1 */
	job->hart = n - 1 < payload_boot_hart ? n - 1 : n;
	job->fn = fn;
	job->arg = arg;
	__atomic_store_n(&job->running, 1, __ATOMIC_RELEASE);
	check("start a hart", sbi(SBI_EXT_HSM, 0, job->hart, (uint64_t)hart_entry, (uint64_t)job, 0, 0, 0).error, 0);
}

void wait_harts(void)
{
	for (unsigned int i = 1; i < MAX_HARTS; i++) {
		if (!jobs[i].fn)
			continue;
		while (__atomic_load_n(&jobs[i].running, __ATOMIC_ACQUIRE) || hart_state(jobs[i].hart) != 1)
			;
		jobs[i].fn = NULL;
	}
}

/* ---- page tables ---- */

uint64_t pte_of(uint64_t pa, uint64_t bits)
{
	return pa >> 12 << 10 | bits;
}

uint64_t satp_of(uint64_t mode, const void *root)
{
	return mode << 60 | (uint64_t)root >> 12;
}

void sv39_identity(uint64_t root[512])
{
	for (uint64_t i = 0; i < 512; i++)
		root[i] = i < 4 ? pte_of(i << 30, PTE_RWX) : 0;
}

void set_satp(uint64_t satp)
{
	asm volatile("csrw satp, %0\n\tsfence.vma" : : "r"(satp) : "memory");
}

/* ---- the oracles that all experiments share ---- */

/* Text and data of the kernel that no experiment has business with */
static uint64_t hash_of(const void *start, const void *stop)
{
	uint64_t hash = 1;

	for (const uint16_t *p = start; (const void *)p < stop; p++)
		hash = (hash ^ *p) * 0x9e3779b97f4a7c15ul;
	return hash;
}

static void fill_canary(void)
{
	for (uint64_t i = 0; i < CANARY_WORDS; i++)
		canary[i] = i * 0x0101010101010101ul;
}

static bool canary_whole(void)
{
	for (uint64_t i = 0; i < CANARY_WORDS; i++)
		if (canary[i] != i * 0x0101010101010101ul)
			return false;
	return true;
}

static void self_check(void)
{
	int64_t start = info(SBI_EBPF_INFO_CHECKS);

	while (info(SBI_EBPF_INFO_CHECKS) < start + 2)
		;
	check("damage the firmware finds in itself", info(SBI_EBPF_INFO_DAMAGE) != 0, damage_kept);
}

/* The firmware still does its work, from load to hit to detach. */
static void end_to_end(void)
{
	struct bpf_insn insns[COUNTER_INSNS];
	uint64_t value = 0;

	check("in the end: map", make_map(BPF_MAP_TYPE_ARRAY, 4, 8, 1, LAST_MAP), LAST_MAP);
	counter_program(insns, LAST_MAP);
	check("in the end: load", load(insns, COUNTER_INSNS, LAST_PROG), LAST_PROG);
	check("in the end: attach", attach(LAST_PROG, (uint64_t)victim, 0, LAST_LINK), LAST_LINK);
	check("in the end: results", (int64_t)right_calls(100), 100);
	check("in the end: read", get(0, LAST_MAP, 0, &value), 0);
	check("in the end: hits counted", (int64_t)value, 100);
	check("in the end: detach", close_fd(LAST_LINK), 0);
	close_fd(LAST_PROG);
	close_fd(LAST_MAP);
}

static struct ebpf_task_area area __attribute__((aligned(64))) = {.pid = 42, .tgid = 42, .comm = "attacker"};

static void hand_over(void)
{
	check("version", sbi(SBI_EXT_BASE, 3, SBI_EXT_EBPF, 0, 0, 0, 0, 0).value >> 16, SBI_EBPF_VERSION_MAJOR);
	check("isolation level", info(SBI_EBPF_INFO_ISOLATION), SBI_EBPF_ISOLATION_FULL);
	check("task area", ebpf(SBI_EXT_EBPF_SET_TASK_AREA, (uint64_t)&area, 0, 0, 0, 0, 0), 0);
	check("trampoline", ebpf(SBI_EXT_EBPF_SET_RETURN_TRAMPOLINE, (uint64_t)return_trampoline, 0, 0, 0, 0, 0), 0);
}

void payload_main(void)
{
	uint64_t text;
	int64_t free_before;

	is_long = *(volatile uint32_t *)LONG_FORM_FLAG == 1;
	fill_canary();
	hand_over();
	text = hash_of(text_start, text_end);
	free_before = info(SBI_EBPF_INFO_ARENA_FREE);

	experiment();

	set_satp(0);
	self_check();
	if (!locks_kept)
		end_to_end();
	if (!objects_kept) {
		check("objects left", info(SBI_EBPF_INFO_OBJECTS), 0);
		check("probes left", info(SBI_EBPF_INFO_ARMED_PROBES), 0);
		check("arena bytes free", info(SBI_EBPF_INFO_ARENA_FREE), free_before);
		check_true("kernel text as it was", hash_of(text_start, text_end) == text);
	}
	check_true("kernel memory as it was", canary_whole());
	note("stay", info(SBI_EBPF_INFO_MAX_STAY));
	note("stay bound", info(SBI_EBPF_INFO_STAY_BOUND));
	note("aborted runs", info(SBI_EBPF_INFO_ABORTED_RUNS));
	end();
}
