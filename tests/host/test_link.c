/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attaching: BPF_LINK_CREATE with BPF_TRACE_KPROBE_MULTI, BPF_LINK_DETACH, the
 * tutorial's BPF_PROG_ATTACH and BPF_PROG_DETACH. Kernel text must be what it
 * was when all is over, and all-or-nothing must mean it.
 */
#include "world.h"

#include "helper.h"
#include "kprobe.h"
#include "task.h"

#define FD 3u /* the program */
#define LINK 4u
#define MAP 10u
#define U_ARRAY (USER + 0x8000u) /* of addresses or name pointers */
#define U_COOKIES (USER + 0x18000u)
#define U_NAMES (USER + 0x28000u)

static uint8_t text_before[TEXT_SIZE];

/* Adds the attach cookie to element 0 and counts in element 1. */
static const struct bpf_insn counter[] = {
	MOV64_REG(6, 1),      CALL(BPF_FUNC_get_attach_cookie),
	MOV64_REG(7, 0),      LD_REF(1, BPF_PSEUDO_MAP_VALUE, MAP, 0),
	LDX(BPF_DW, 2, 1, 0), INSN(BPF_ALU64 | BPF_ADD | BPF_X, 2, 7, 0, 0),
	STX(BPF_DW, 1, 2, 0), LDX(BPF_DW, 2, 1, 8),
	ADD64_IMM(2, 1),      STX(BPF_DW, 1, 2, 8),
	MOV64_IMM(0, 0),      EXIT(),
};

static int setup(void **state)
{
	int err = world_setup(state);

	memcpy(text_before, ram_at(TEXT), TEXT_SIZE);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 16, 1, MAP), MAP);
	assert_int_equal(prog_load(counter, COUNT(counter), FD), FD);
	return err;
}

static void assert_text_restored(void)
{
	assert_memory_equal(ram_at(TEXT), text_before, TEXT_SIZE);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_ARMED_PROBES), 0);
	assert_false(host_breakpoints_taken);
}

static int teardown(void **state)
{
	int err = world_teardown(state);

	assert_text_restored();
	return err;
}

/* Element 0 = sum of cookies (which 0) or element 1 = number of runs (which 1), and back to 0 */
static uint64_t counted(unsigned int which)
{
	uint64_t values[2];

	user_put64(U_DATA, 0);
	assert_int_equal(elem(BPF_MAP_LOOKUP_ELEM, MAP, U_DATA, U_DATA + 8, 0), 0);
	user_read(values, U_DATA + 8, sizeof(values));
	return values[which];
}

static enum ebpf_hit_result hit(uint64_t pc)
{
	struct ebpf_pt_regs regs;
	struct rv_trap trap;
	enum ebpf_hit_result result;

	memset(&regs, 0, sizeof(regs));
	memset(&trap, 0, sizeof(trap));
	regs.epc = pc;
	result = host_hit(&regs, &trap);
	if (result == EBPF_HIT_DONE)
		assert_int_equal(regs.epc, pc + 2);
	return result;
}

static void link_attr(union bpf_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->link_prog_fd = FD;
	attr->link_attach_type = BPF_TRACE_KPROBE_MULTI;
}

static int64_t link_addrs(const uint64_t *addrs, uint32_t cnt)
{
	union bpf_attr attr;

	link_attr(&attr);
	user_write(U_ARRAY, addrs, cnt * sizeof(*addrs));
	attr.km_addrs = U_ARRAY;
	attr.km_cnt = cnt;
	return bpf(BPF_LINK_CREATE, &attr, LINK);
}

static int64_t link_syms(const char *const *names, uint32_t cnt)
{
	union bpf_attr attr;
	uint64_t at = U_NAMES;

	link_attr(&attr);
	for (uint32_t i = 0; i < cnt; i++) {
		user_put64(U_ARRAY + 8 * i, at);
		user_puts(at, names[i]);
		at += strlen(names[i]) + 1;
	}
	attr.km_syms = U_ARRAY;
	attr.km_cnt = cnt;
	return bpf(BPF_LINK_CREATE, &attr, LINK);
}

static void test_link_by_address(void **state)
{
	const uint64_t addrs[] = {TEXT, TEXT + 32};

	(void)state;
	assert_int_equal(hit(TEXT), EBPF_HIT_RETRY); /* no breakpoint there: whoever saw one tries again */
	assert_int_equal(link_addrs(addrs, 2), LINK);
	/* once for breakpoints being taken, once for the new text of all of them */
	assert_int_equal(host_syncs, 2);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_ARMED_PROBES), 2);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 3);
	assert_true(host_breakpoints_taken);
	assert_int_equal(hit(TEXT), EBPF_HIT_DONE);
	assert_int_equal(hit(TEXT + 32), EBPF_HIT_DONE);
	assert_int_equal(counted(1), 2);
	assert_int_equal(counted(0), 0); /* no cookies given */
	assert_int_equal(ebpf_call_close(PROC, LINK), 0);
	assert_text_restored();
}

static void test_link_by_name_with_cookies(void **state)
{
	static const char *const names[] = {"f0", "f7+0x4", "f7+6", "sys_openat"};
	union bpf_attr attr;

	(void)state;
	assert_int_equal(link_syms(names, 4), LINK);
	assert_int_equal(ebpf_call_close(PROC, LINK), 0);
	link_attr(&attr);
	attr.km_syms = U_ARRAY;
	attr.km_cnt = 4;
	attr.km_cookies = U_COOKIES;
	for (unsigned int i = 0; i < 4; i++)
		user_put64(U_COOKIES + 8 * i, (uint64_t)1 << (16 * i));
	assert_int_equal(bpf(BPF_LINK_CREATE, &attr, LINK), LINK);
	hit(TEXT);
	hit(TEXT + 7 * 16 + 4);
	hit(TEXT + 7 * 16 + 6);
	hit(TEXT + 7 * 16 + 6);
	hit(SYS_OPENAT);
	assert_true(counted(0) == 0x0001000200010001);
}

static void test_link_attr_refused(void **state)
{
	union bpf_attr good, attr;

	(void)state;
	link_attr(&good);
	good.km_addrs = U_ARRAY;
	good.km_cnt = 1;
	user_put64(U_ARRAY, TEXT);
#define CASE(field, value, err)                                                                                        \
	do {                                                                                                           \
		attr = good;                                                                                           \
		attr.field = (value);                                                                                  \
		assert_int_equal(bpf(BPF_LINK_CREATE, &attr, LINK), err);                                              \
	} while (0)
	CASE(link_prog_fd, 99, -EBADF);
	CASE(link_prog_fd, MAP, -EINVAL);
	CASE(link_attach_type, 0, -EINVAL);
	CASE(link_attach_type, 41, -EINVAL);
	CASE(link_flags, 1, -EINVAL);
	CASE(km_flags, 2, -EINVAL);
	CASE(km_syms, U_ARRAY, -EINVAL); /* both */
	CASE(km_addrs, 0, -EINVAL);	 /* neither */
	CASE(km_cnt, 0, -EINVAL);
	CASE(km_cnt, EBPF_MAX_LINK_ADDRS + 1, -E2BIG);
	CASE(km_addrs, USER_HOLE, -EFAULT);
	CASE(km_addrs, UINT64_MAX - 7, -EFAULT);
	CASE(km_cookies, USER_HOLE, -EFAULT);
	CASE(km_flags, BPF_F_KPROBE_MULTI_RETURN, -ENODEV); /* no trampoline yet */
#undef CASE
	attr = good;
	((char *)&attr)[48] = 1; /* after the last field */
	assert_int_equal(bpf(BPF_LINK_CREATE, &attr, LINK), -EINVAL);
	assert_int_equal(bpf(BPF_LINK_CREATE, &good, FD), -EEXIST);
	assert_int_equal(bpf_as(OTHER, BPF_LINK_CREATE, &good, LINK), -EBADF);
}

static void test_link_names_refused(void **state)
{
	static const char *const unknown[] = {"f1", "no_such_function"};
	static const char *const past[] = {"f1", "f2+16"};
	char name[EBPF_SYM_NAME_LEN + 1];
	const char *longest[] = {name};

	(void)state;
	assert_int_equal(link_syms(unknown, 2), -ESRCH);
	assert_int_equal(link_syms(past, 2), -EINVAL);
	memset(name, 'a', sizeof(name));
	name[EBPF_SYM_NAME_LEN] = 0;
	assert_int_equal(link_syms(longest, 1), -E2BIG);
	name[EBPF_SYM_NAME_LEN - 1] = 0;
	assert_int_equal(link_syms(longest, 1), -ESRCH);
	name[0] = 0;
	assert_int_not_equal(link_syms(longest, 1), LINK);
	user_put64(U_ARRAY, USER_HOLE);
	assert_text_restored();
}

/* The last one cannot be probed: nothing stays armed. */
static void test_link_is_all_or_nothing(void **state)
{
	const uint64_t wfi[] = {TEXT, TEXT + 16, SYS_OPENAT + 8}, odd[] = {TEXT, TEXT + 17}, hole[] = {TEXT, 0x1000};
	static const char *const middle[] = {"f1", "sys_openat+10"};

	(void)state;
	assert_int_equal(link_addrs(wfi, 3), -EOPNOTSUPP);
	assert_non_null(strstr(host_log_line, "no probe at"));
	assert_text_restored();
	assert_int_equal(link_addrs(odd, 2), -EINVAL);
	assert_int_equal(link_addrs(hole, 2), -EFAULT);
	assert_int_equal(link_syms(middle, 2), -EINVAL);
	assert_text_restored();
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 2);
}

static void test_link_detach(void **state)
{
	const uint64_t addrs[] = {TEXT, TEXT + 32};
	union bpf_attr attr;

	(void)state;
	memset(&attr, 0, sizeof(attr));
	attr.detach_link_fd = LINK;
	assert_int_equal(bpf(BPF_LINK_DETACH, &attr, 0), -EBADF);
	assert_int_equal(link_addrs(addrs, 2), LINK);
	attr.detach_link_fd = FD;
	assert_int_equal(bpf(BPF_LINK_DETACH, &attr, 0), -EINVAL);
	attr.detach_link_fd = LINK;
	assert_int_equal(bpf(BPF_LINK_DETACH, &attr, 0), 0);
	assert_text_restored();
	/* the link is still there, without effect */
	assert_int_equal(bpf(BPF_LINK_DETACH, &attr, 0), 0);
	assert_int_equal(ebpf_call_close(PROC, LINK), 0);
	assert_int_equal(ebpf_call_close(PROC, LINK), -EBADF);
}

/* A link keeps its program, and that its maps; a duplicate keeps the link. */
static void test_link_keeps_what_it_needs(void **state)
{
	const uint64_t addrs[] = {TEXT};

	(void)state;
	assert_int_equal(link_addrs(addrs, 1), LINK);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	assert_int_equal(hit(TEXT), EBPF_HIT_DONE);
	assert_int_equal(counted(1), 1);
	assert_int_equal(ebpf_call_dup(PROC, LINK, OTHER, 3), 3);
	assert_int_equal(world_exit(PROC), 0);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 3);
	assert_int_equal(hit(TEXT), EBPF_HIT_DONE);
	assert_int_equal(ebpf_call_close(OTHER, 3), 0);
	world_assert_balance();
	assert_text_restored();
}

static void make_addrs(uint32_t cnt)
{
	for (uint32_t i = 0; i < cnt; i++)
		user_put64(U_ARRAY + 8 * i, TEXT + 16 * i);
}

static void test_link_large_is_sliced_both_ways(void **state)
{
	union bpf_attr attr;
	unsigned int up, down;

	(void)state;
	make_addrs(WORLD_FUNCS);
	link_attr(&attr);
	attr.km_addrs = U_ARRAY;
	attr.km_cnt = WORLD_FUNCS;
	assert_int_equal(bpf(BPF_LINK_CREATE, &attr, LINK), LINK);
	up = world_restarts;
	assert_true(up > 20);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_ARMED_PROBES), WORLD_FUNCS);
	for (uint32_t i = 0; i < WORLD_FUNCS; i++)
		assert_int_equal(hit(TEXT + 16 * i), EBPF_HIT_DONE);
	assert_int_equal(counted(1), WORLD_FUNCS);
	for (down = 0; ebpf_call_close(PROC, LINK) == -ERESTART; down++)
		;
	assert_true(down > 20);
	assert_int_equal(ebpf_call_close(PROC, LINK), -EBADF);
	assert_text_restored();
}

/* Given up at each point, by exit; and failing at the very end. */
static void test_link_slices_dropped(void **state)
{
	union bpf_attr attr;
	int64_t result = -ERESTART;

	(void)state;
	make_addrs(256);
	link_attr(&attr);
	attr.km_addrs = U_ARRAY;
	attr.km_cnt = 256;
	for (unsigned int calls = 1; result == -ERESTART; calls++) {
		user_write(U_ATTR, &attr, sizeof(attr));
		for (unsigned int i = 0; i < calls; i++)
			result = ebpf_call_bpf(BPF_LINK_CREATE, U_ATTR, sizeof(attr), world_user_satp, PROC, LINK);
		while (ebpf_call_close(PROC, LINK) == -ERESTART)
			;
		assert_text_restored();
		assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 2);
	}
	assert_int_equal(result, LINK);
	user_put64(U_ARRAY + 8 * 255, SYS_OPENAT + 8);
	assert_int_equal(bpf(BPF_LINK_CREATE, &attr, LINK), -EOPNOTSUPP);
	assert_text_restored();
	/* another command with the same number, half way */
	user_write(U_ATTR, &attr, sizeof(attr));
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(ebpf_call_bpf(BPF_LINK_CREATE, U_ATTR, sizeof(attr), world_user_satp, PROC, LINK),
				 -ERESTART);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 4, 1, LINK), LINK);
	assert_text_restored();
}

/* What has begun to be undone is undone, even if the first command comes back. */
static void test_link_dropped_is_not_taken_up_again(void **state)
{
	union bpf_attr attr;
	int64_t result = -ERESTART;

	(void)state;
	make_addrs(256);
	link_attr(&attr);
	attr.km_addrs = U_ARRAY;
	attr.km_cnt = 256;
	user_write(U_ATTR, &attr, sizeof(attr));
	while (ebpf_call_info(SBI_EBPF_INFO_ARMED_PROBES) < 100)
		assert_int_equal(ebpf_call_bpf(BPF_LINK_CREATE, U_ATTR, sizeof(attr), world_user_satp, PROC, LINK),
				 -ERESTART);
	assert_int_equal(ebpf_call_bpf(BPF_MAP_CREATE, U_ATTR, sizeof(attr), world_user_satp, PROC, LINK), -ERESTART);
	while (result == -ERESTART)
		result = ebpf_call_bpf(BPF_LINK_CREATE, U_ATTR, sizeof(attr), world_user_satp, PROC, LINK);
	assert_int_equal(result, -EINTR);
	assert_text_restored();
	assert_int_equal(ebpf_call_close(PROC, LINK), -EBADF);
}

static void test_link_return_probe(void **state)
{
	const uint64_t addrs[] = {TEXT + 16};
	union bpf_attr attr;
	struct ebpf_pt_regs regs;
	struct rv_trap trap;

	(void)state;
	assert_int_equal(ebpf_call_set_trampoline(0x1000), -EFAULT);
	assert_int_equal(ebpf_call_set_trampoline(SYS_OPENAT + 12), 0);
	user_write(U_ARRAY, addrs, sizeof(addrs));
	link_attr(&attr);
	attr.km_flags = BPF_F_KPROBE_MULTI_RETURN;
	attr.km_addrs = U_ARRAY;
	attr.km_cnt = 1;
	assert_int_equal(bpf(BPF_LINK_CREATE, &attr, LINK), LINK);
	assert_int_equal(ebpf_call_set_trampoline(SYS_OPENAT + 12), -EBUSY);
	memset(&regs, 0, sizeof(regs));
	memset(&trap, 0, sizeof(trap));
	regs.epc = TEXT + 16;
	regs.x[0] = TEXT + 0x100; /* ra */
	regs.x[1] = RAM + 0x7000; /* sp */
	assert_int_equal(host_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(counted(1), 0);
	assert_int_equal(regs.x[0], SYS_OPENAT + 12);
	regs.epc = regs.x[0];
	assert_int_equal(host_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.epc, TEXT + 0x100);
	assert_int_equal(counted(1), 1);
}

/* One address or a function's return, with this program */
static int64_t link_one(uint32_t prog_fd, uint64_t addr, uint32_t flags, uint64_t newfd)
{
	union bpf_attr attr;

	link_attr(&attr);
	user_put64(U_ARRAY, addr);
	attr.link_prog_fd = prog_fd;
	attr.km_flags = flags;
	attr.km_addrs = U_ARRAY;
	attr.km_cnt = 1;
	return bpf(BPF_LINK_CREATE, &attr, newfd);
}

/* r2 to return */
static void load_override(int32_t result, uint64_t fd)
{
	const struct bpf_insn insns[] = {MOV64_IMM(2, result), CALL(BPF_FUNC_override_return), MOV64_IMM(0, 0), EXIT()};

	ebpf_policy_allow = SBI_EBPF_FEATURE_OVERRIDE_RETURN;
	assert_int_equal(prog_load(insns, COUNT(insns), fd), fd);
	ebpf_policy_allow = 0;
}

/* A function that is called at `pc` with ra and sp */
static struct ebpf_pt_regs called(uint64_t pc)
{
	struct ebpf_pt_regs regs;
	struct rv_trap trap;

	memset(&regs, 0, sizeof(regs));
	memset(&trap, 0, sizeof(trap));
	regs.epc = pc;
	regs.x[0] = TEXT + 0x101; /* bit 0 of ra does not count */
	regs.x[1] = RAM + 0x7000;
	regs.x[9] = 5; /* a0 */
	assert_int_equal(host_hit(&regs, &trap), EBPF_HIT_DONE);
	return regs;
}

static void test_link_override(void **state)
{
	struct ebpf_pt_regs regs;

	(void)state;
	load_override(-12, 20);
	assert_int_equal(link_one(20, TEXT + 16, 0, LINK), LINK);
	regs = called(TEXT + 16);
	assert_int_equal(regs.epc, TEXT + 0x100);
	assert_int_equal((int64_t)regs.x[9], -12); /* the displaced instruction adds 1: it was not executed */
	assert_int_equal(regs.x[0], TEXT + 0x101);
	/* the others on the same instruction run as well; the last one to say something decides */
	assert_int_equal(link_one(FD, TEXT + 16, 0, LINK + 1), LINK + 1);
	load_override(-13, 21);
	assert_int_equal(link_one(21, TEXT + 16, 0, LINK + 2), LINK + 2);
	regs = called(TEXT + 16);
	assert_int_equal((int64_t)regs.x[9], -13);
	assert_int_equal(counted(1), 1);
	/* without them all is as before */
	assert_int_equal(ebpf_call_close(PROC, LINK), 0);
	assert_int_equal(ebpf_call_close(PROC, LINK + 2), 0);
	regs = called(TEXT + 16);
	assert_int_equal(regs.epc, TEXT + 18);
	assert_int_equal(regs.x[9], 6);
}

static void test_link_override_and_return_probe(void **state)
{
	struct ebpf_pt_regs regs;
	struct rv_trap trap;

	(void)state;
	memset(&trap, 0, sizeof(trap));
	assert_int_equal(ebpf_call_set_trampoline(SYS_OPENAT + 12), 0);
	load_override(-12, 20);
	assert_int_equal(link_one(20, TEXT + 16, 0, LINK), LINK);
	assert_int_equal(link_one(FD, TEXT + 16, BPF_F_KPROBE_MULTI_RETURN, LINK + 1), LINK + 1);
	regs = called(TEXT + 16);
	assert_int_equal(regs.epc, SYS_OPENAT + 12);
	assert_int_equal(counted(1), 0);
	assert_int_equal(host_hit(&regs, &trap), EBPF_HIT_DONE);
	assert_int_equal(regs.epc, TEXT + 0x100);
	assert_int_equal((int64_t)regs.x[9], -12);
	assert_int_equal(counted(1), 1);
}

/* Where it could not work, and by ways that would hide what the program does */
static void test_link_override_refused(void **state)
{
	(void)state;
	assert_int_equal(ebpf_call_set_trampoline(SYS_OPENAT + 12), 0);
	load_override(1, 20);
	assert_int_equal(link_one(20, TEXT + 16, BPF_F_KPROBE_MULTI_RETURN, LINK), -EINVAL);
	assert_non_null(strstr(host_log_line, "bpf_override_return() needs a kprobe on the first instruction"));
	assert_int_equal(link_one(20, TEXT + 18, 0, LINK), -EINVAL);
	assert_int_equal(map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 30), 30);
	assert_int_equal(put(30, 0, 20), -EINVAL);
	/* no function is known: no beginning of one either */
	assert_int_equal(set_symbols(0, 0), 0);
	assert_int_equal(link_one(20, TEXT + 16, 0, LINK), -EINVAL);
	world_text();
}

/*
 * A program that misbehaves is stopped, counted, said so in the trace, and after
 * a while not run any more. One the verifier has not seen, or it would not have got here.
 */
static void test_link_aborted_runs(void **state)
{
	static const struct bpf_insn bad[] = {MOV64_IMM(1, 0), LDX(BPF_DW, 0, 1, 0), EXIT()};
	const uint64_t addrs[] = {TEXT};
	union bpf_attr attr;
	int64_t before;

	(void)state;
	before = ebpf_call_info(SBI_EBPF_INFO_ABORTED_RUNS);
	assert_int_equal(prog_load(bad, COUNT(bad), 20), -EACCES);
	prog_attr(&attr, bad, COUNT(bad));
	attr.prog_flags = EBPF_F_RCORE_ABI;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 20), 20);
	user_write(U_ARRAY, addrs, sizeof(addrs));
	link_attr(&attr);
	attr.link_prog_fd = 20;
	attr.km_addrs = U_ARRAY;
	attr.km_cnt = 1;
	assert_int_equal(bpf(BPF_LINK_CREATE, &attr, LINK), LINK);
	for (unsigned int i = 0; i < EBPF_MAX_ABORTS + 5; i++)
		assert_int_equal(hit(TEXT), EBPF_HIT_DONE);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_ABORTED_RUNS) - before, EBPF_MAX_ABORTS);
	assert_true(ebpf_call_trace_read(RAM, 4096, world_kernel_satp) > 0);
}

static void test_link_attach_locked(void **state)
{
	const uint64_t addrs[] = {TEXT};
	union bpf_attr attr;

	(void)state;
	assert_int_equal(ebpf_call_lock(SBI_EBPF_LOCK_ATTACH), SBI_EBPF_LOCK_ATTACH);
	assert_int_equal(link_addrs(addrs, 1), -EPERM);
	memset(&attr, 0, sizeof(attr));
	attr.rc_prog_fd = FD;
	assert_int_equal(bpf(BPF_PROG_ATTACH, &attr, 0), -EPERM);
	assert_text_restored();
}

/* Once detaching is locked a probe cannot be got rid of, whoever exits. The world is not cleaned up after this. */
static void test_link_detach_locked(void **state)
{
	const uint64_t addrs[] = {TEXT};
	union bpf_attr attr;

	(void)state;
	assert_int_equal(link_addrs(addrs, 1), LINK);
	user_write(U_DATA, "kprobe$f5", 9);
	memset(&attr, 0, sizeof(attr));
	attr.rc_target = U_DATA;
	attr.rc_str_len = 9;
	attr.rc_prog_fd = FD;
	assert_int_equal(bpf(BPF_PROG_ATTACH, &attr, 0), 0);
	assert_int_equal(ebpf_call_lock(SBI_EBPF_LOCK_DETACH), SBI_EBPF_LOCK_DETACH);
	assert_int_equal(bpf(BPF_PROG_DETACH, &attr, 0), -EPERM);
	memset(&attr, 0, sizeof(attr));
	attr.detach_link_fd = LINK;
	assert_int_equal(bpf(BPF_LINK_DETACH, &attr, 0), -EPERM);
	assert_int_equal(ebpf_call_dup(PROC, MAP, OTHER, MAP), MAP);
	assert_int_equal(ebpf_call_close(PROC, LINK), 0);
	assert_int_equal(ebpf_call_close(PROC, LINK), -EBADF);
	assert_int_equal(world_exit(PROC), 0);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_ARMED_PROBES), 2);
	assert_int_equal(hit(TEXT), EBPF_HIT_DONE);
	assert_int_equal(hit(TEXT + 5 * 16), EBPF_HIT_DONE);
	user_put64(U_DATA, 0);
	assert_int_equal(elem_as(OTHER, BPF_MAP_LOOKUP_ELEM, MAP, U_DATA, U_DATA + 8, 0), 0);
	assert_int_equal(user_get64(U_DATA + 16), 2);
	/* a creation that fails may still undo what it armed */
	assert_int_equal(map_create_as(OTHER, BPF_MAP_TYPE_ARRAY, 4, 16, 1, 0, 20), 20);
	assert_true(ebpf_arena_consistent());
}

static int64_t rcore_attach(const char *target, uint32_t fd)
{
	union bpf_attr attr;

	/* what is after the fields may be anything */
	memset(&attr, 0xa5, sizeof(attr));
	attr.rc_target = USER_HOLE - strlen(target); /* no NUL, and nothing behind it */
	attr.rc_str_len = (uint32_t)strlen(target);
	attr.rc_prog_fd = fd;
	user_write(attr.rc_target, target, strlen(target));
	return bpf(BPF_PROG_ATTACH, &attr, 0);
}

static int64_t rcore_detach(uint32_t fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.rc_prog_fd = fd;
	return bpf(BPF_PROG_DETACH, &attr, 0);
}

static void test_link_rcore_attach_and_detach(void **state)
{
	(void)state;
	assert_int_equal(ebpf_call_set_trampoline(SYS_OPENAT + 12), 0);
	assert_int_equal(rcore_attach("kprobe$<linux_syscall::Syscall>::sys_openat", FD), 0);
	assert_int_equal(hit(SYS_OPENAT), EBPF_HIT_DONE);
	assert_int_equal(counted(1), 1);
	assert_int_equal(rcore_attach("KPROBE$sys_openat", FD), -EEXIST);
	assert_int_equal(rcore_attach("kretprobe@Entry$sys_openat", FD), 0);
	assert_int_equal(rcore_attach("kretprobe@exit$sys_openat", FD), 0);
	assert_int_equal(rcore_attach("kprobe$f3", FD), 0);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_ARMED_PROBES), 2);
	/* detach takes all of it, and the descriptor */
	assert_int_equal(rcore_detach(FD), 0);
	assert_text_restored();
	assert_int_equal(rcore_detach(FD), -EBADF);
	assert_int_equal(ebpf_call_close(PROC, FD), -EBADF);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 1);
}

/* More targets than go in one call; detach ends all, although another descriptor of the program remains. */
static void test_link_rcore_many_targets(void **state)
{
	char target[16];

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		snprintf(target, sizeof(target), "kprobe$f%u", i);
		assert_int_equal(rcore_attach(target, FD), 0);
	}
	assert_int_equal(ebpf_call_dup(PROC, FD, PROC, 30), 30);
	assert_int_equal(rcore_detach(FD), 0);
	assert_true(world_restarts > 0);
	assert_text_restored();
	/* the other descriptor can attach it again, and its close ends that in slices as well */
	for (unsigned int i = 0; i < 20; i++) {
		snprintf(target, sizeof(target), "kprobe$f%u", i);
		assert_int_equal(rcore_attach(target, 30), 0);
	}
	assert_int_equal(ebpf_call_close(PROC, 30), -ERESTART);
	while (ebpf_call_close(PROC, 30) == -ERESTART)
		;
	assert_text_restored();
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 1);
}

static void test_link_rcore_refused(void **state)
{
	union bpf_attr attr;
	char target[400];

	(void)state;
	assert_int_equal(rcore_attach("kprobe$f1", 99), -EBADF);
	assert_int_equal(rcore_attach("kprobe$f1", MAP), -EINVAL);
	assert_int_equal(rcore_attach("kprobe", FD), -EINVAL);
	assert_int_equal(rcore_attach("kretprobe$f1", FD), -EINVAL);
	assert_int_equal(rcore_attach("kprobe2$f1", FD), -EINVAL);
	assert_int_equal(rcore_attach("$f1", FD), -EINVAL);
	assert_int_equal(rcore_attach("kprobe$nothing", FD), -ENOENT);
	assert_int_not_equal(rcore_attach("kprobe$", FD), 0);
	assert_int_equal(rcore_attach("", FD), -EINVAL);
	memset(target, 'x', sizeof(target));
	memcpy(target, "kprobe$", 7);
	target[sizeof(target) - 1] = 0;
	assert_int_equal(rcore_attach(target, FD), -E2BIG);
	/* a NUL inside */
	user_write(U_DATA, "kprobe$f1\0z", 11);
	memset(&attr, 0, sizeof(attr));
	attr.rc_target = U_DATA;
	attr.rc_str_len = 11;
	attr.rc_prog_fd = FD;
	assert_int_equal(bpf(BPF_PROG_ATTACH, &attr, 0), -EINVAL);
	attr.rc_target = USER_HOLE - 3;
	assert_int_equal(bpf(BPF_PROG_ATTACH, &attr, 0), -EFAULT);
	assert_int_equal(rcore_detach(MAP), -EINVAL);
	assert_int_equal(rcore_detach(99), -EBADF);
	assert_text_restored();
}

/* Without detach: it ends with the last descriptor, not before. */
static void test_link_rcore_ends_with_last_descriptor(void **state)
{
	(void)state;
	assert_int_equal(rcore_attach("kprobe$f1", FD), 0);
	assert_int_equal(ebpf_call_dup(PROC, FD, OTHER, 1), 1);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	assert_int_equal(hit(TEXT + 16), EBPF_HIT_DONE);
	assert_int_equal(counted(1), 1);
	assert_int_equal(ebpf_call_close(OTHER, 1), 0);
	assert_text_restored();
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 1);
	/* also when a link keeps the program itself alive */
	assert_int_equal(prog_load(counter, COUNT(counter), FD), FD);
	assert_int_equal(rcore_attach("kprobe$f1", FD), 0);
	assert_int_equal(link_addrs((const uint64_t[]){TEXT}, 1), LINK);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	assert_int_equal(hit(TEXT), EBPF_HIT_DONE);
	assert_int_equal(hit(TEXT + 16), EBPF_HIT_RETRY);
}

/* Each allocation failed in turn, also those of the probes. */
static int64_t link_scenario(void)
{
	static const char *const names[] = {"f0", "f1", "f2"};
	int64_t err = link_syms(names, 3);

	if (err >= 0)
		err = rcore_attach("kprobe$f9", FD);
	if (err >= 0)
		err = ebpf_call_dup(PROC, FD, OTHER, 1);
	return err < 0 ? err : 0;
}

static void test_link_allocations_fail(void **state)
{
	size_t free_bytes = ebpf_arena_free_bytes();
	uint64_t n;

	(void)state;
	for (n = 1;; n++) {
		int64_t err;
		uint64_t tried;

		ebpf_arena_fail(n, false);
		err = link_scenario();
		tried = ebpf_arena_allocs();
		ebpf_arena_fail(0, false);
		if (tried < n) {
			assert_int_equal(err, 0);
			break;
		}
		assert_int_equal(err, -ENOMEM);
		world_exit(OTHER);
		while (ebpf_call_close(PROC, LINK) == -ERESTART)
			;
		/* what BPF_PROG_ATTACH did goes with the program */
		if (ebpf_call_info(SBI_EBPF_INFO_ARMED_PROBES)) {
			assert_int_equal(rcore_detach(FD), 0);
			assert_int_equal(prog_load(counter, COUNT(counter), FD), FD);
		}
		assert_text_restored();
		assert_int_equal(ebpf_arena_free_bytes(), free_bytes);
	}
	assert_true(n > 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_link_by_address),
		TEST(test_link_by_name_with_cookies),
		TEST(test_link_attr_refused),
		TEST(test_link_names_refused),
		TEST(test_link_is_all_or_nothing),
		TEST(test_link_detach),
		TEST(test_link_keeps_what_it_needs),
		TEST(test_link_large_is_sliced_both_ways),
		TEST(test_link_slices_dropped),
		TEST(test_link_dropped_is_not_taken_up_again),
		TEST(test_link_return_probe),
		TEST(test_link_override),
		TEST(test_link_override_and_return_probe),
		TEST(test_link_override_refused),
		TEST(test_link_aborted_runs),
		TEST(test_link_attach_locked),
		TEST(test_link_rcore_attach_and_detach),
		TEST(test_link_rcore_many_targets),
		TEST(test_link_rcore_refused),
		TEST(test_link_rcore_ends_with_last_descriptor),
		TEST(test_link_allocations_fail),
		cmocka_unit_test_setup(test_link_detach_locked, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
