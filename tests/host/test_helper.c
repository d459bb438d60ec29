/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Helpers: the run-time check of their arguments and what they do. A helper is
 * called as the interpreter calls it: check first, then the function.
 */
#include "world.h"

#include "helper.h"
#include "kprobe.h"
#include "map.h"
#include "obj.h"
#include "run.h"
#include "task.h"
#include "vproto.h"

#define FD 3u
#define RCORE_FD 4u
#define MAP 10u	   /* array of two 24-byte values */
#define RO_MAP 11u /* BPF_F_RDONLY_PROG */
#define TASK_PA (RAM + 0x600000u)

static _Alignas(16) uint8_t stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];
static struct ebpf_pt_regs regs;
static struct ebpf_run run;
static uint64_t frame; /* 64 bytes below the top of the stack */

#define STOPPED 0xdeadfa11deadfa11 /* the check refused */

static uint64_t call(uint32_t id, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	const struct ebpf_helper *helper = ebpf_helper_of(id, ebpf_prog_is_rcore(run.prog));
	const uint64_t args[5] = {r1, r2, r3, r4, r5};

	assert_non_null(helper);
	run.fault = NULL;
	if (ebpf_helper_check_args(&run, helper, args)) {
		assert_non_null(run.fault);
		return STOPPED;
	}
	return helper->fn(&run, r1, r2, r3, r4, r5);
}

static struct ebpf_obj *obj_of(uint32_t fd)
{
	int err;
	struct ebpf_obj *obj = ebpf_obj_get(PROC, fd, 0, &err);

	assert_non_null(obj);
	ebpf_obj_put(obj);
	return obj;
}

static uint64_t map_addr(uint32_t fd)
{
	return (uintptr_t)obj_of(fd);
}

static void begin_run(uint32_t fd)
{
	uint64_t top = (uintptr_t)stack + sizeof(stack);

	memset(stack, 0x5a, sizeof(stack));
	memset(&run, 0, sizeof(run));
	run.prog = (struct ebpf_prog *)obj_of(fd);
	run.prog->checked = true; /* what is tested here are the run-time checks */
	run.stack = stack;
	run.ctx = (uint8_t *)&regs;
	run.ctx_size = sizeof(regs);
	run.budget = EBPF_RUN_BUDGET;
	run.depth = 0;
	run.lo = top;
	run.span = 8;
	frame = top - 64;
}

static int setup(void **state)
{
	static const struct bpf_insn insns[] = {LD_REF(0, BPF_PSEUDO_MAP_FD, MAP, 0),
						LD_REF(0, BPF_PSEUDO_MAP_FD, RO_MAP, 0), EXIT()};
	static const struct bpf_insn rcore[] = {MOV64_IMM(0, 0), EXIT()};
	uint32_t fds[2] = {MAP, RO_MAP};
	union bpf_attr attr;
	int err = world_setup(state);

	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 24, 2, MAP), MAP);
	assert_int_equal(map_create_as(PROC, BPF_MAP_TYPE_ARRAY, 4, 16, 1, BPF_F_RDONLY_PROG, RO_MAP), RO_MAP);
	assert_int_equal(prog_load(insns, COUNT(insns), FD), FD);
	prog_attr(&attr, rcore, COUNT(rcore));
	attr.prog_flags = EBPF_F_RCORE_ABI;
	user_write(U_DATA, fds, sizeof(fds));
	attr.fd_array = U_DATA;
	attr.fd_array_cnt = 2;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, RCORE_FD), RCORE_FD);
	begin_run(FD);
	return err;
}

static int teardown(void **state)
{
	ebpf_task_set_area(UINT64_MAX, 0);
	return world_teardown(state);
}

static void *at(uint64_t addr)
{
	return (void *)(uintptr_t)addr;
}

static void put32(uint64_t addr, uint32_t value)
{
	assert_true(ebpf_run_mem_ok(&run, addr, 4, true));
	memcpy(at(addr), &value, sizeof(value));
}

static void test_helper_map_arguments(void **state)
{
	uint64_t map = map_addr(MAP), slot;

	(void)state;
	put32(frame, 1);
	slot = call(BPF_FUNC_map_lookup_elem, map, frame, 0, 0, 0);
	assert_true(slot == (uintptr_t)((struct ebpf_map *)at(map))->values + 24);
	put32(frame, 2);
	assert_int_equal(call(BPF_FUNC_map_lookup_elem, map, frame, 0, 0, 0), 0);
	/* keys the program may not read */
	assert_true(call(BPF_FUNC_map_lookup_elem, map, 0, 0, 0, 0) == STOPPED);
	assert_true(call(BPF_FUNC_map_lookup_elem, map, (uintptr_t)stack + sizeof(stack) - 3, 0, 0, 0) == STOPPED);
	assert_true(call(BPF_FUNC_map_lookup_elem, map, (uintptr_t)&frame, 0, 0, 0) == STOPPED);
	assert_true(call(BPF_FUNC_map_lookup_elem, map, map, 0, 0, 0) == STOPPED);
	/* no map: descriptor number, NULL, an address near one, a map of somebody else */
	assert_true(call(BPF_FUNC_map_lookup_elem, MAP, frame, 0, 0, 0) == STOPPED);
	assert_non_null(strstr(run.fault, "not a map of this program"));
	assert_true(call(BPF_FUNC_map_lookup_elem, 0, frame, 0, 0, 0) == STOPPED);
	assert_true(call(BPF_FUNC_map_lookup_elem, map + 8, frame, 0, 0, 0) == STOPPED);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 24, 2, 20), 20);
	assert_true(call(BPF_FUNC_map_lookup_elem, map_addr(20), frame, 0, 0, 0) == STOPPED);
	/* a value that would run past the context */
	assert_true(call(BPF_FUNC_map_update_elem, map, frame, (uintptr_t)&regs + sizeof(regs) - 16, 0, 0) == STOPPED);
	put32(frame, 0);
	assert_int_equal(call(BPF_FUNC_map_update_elem, map, frame, (uintptr_t)&regs, 0, 0), 0);
	assert_true(call(BPF_FUNC_map_update_elem, map, frame, (uintptr_t)&regs, BPF_NOEXIST, 0) == (uint64_t)-EEXIST);
	assert_true(call(BPF_FUNC_map_delete_elem, map, frame, 0, 0, 0) == (uint64_t)-EINVAL);
	/* read-only for programs */
	assert_true(call(BPF_FUNC_map_update_elem, map_addr(RO_MAP), frame, (uintptr_t)&regs, 0, 0) ==
		    (uint64_t)-EPERM);
}

static void test_helper_probe_read_kernel(void **state)
{
	(void)state;
	memcpy(ram_at(RAM + 0x500ffd), "kernel", 7);
	assert_int_equal(call(BPF_FUNC_probe_read_kernel, frame, 7, RAM + 0x500ffd, 0, 0), 0);
	assert_string_equal(at(frame), "kernel");
	/* legacy numbers too */
	assert_int_equal(call(BPF_FUNC_probe_read, frame + 16, 7, RAM + 0x500ffd, 0, 0), 0);
	assert_string_equal(at(frame + 16), "kernel");
	/* nothing there: zeroed, -EFAULT */
	assert_true(call(BPF_FUNC_probe_read_kernel, frame, 7, 0x10000000, 0, 0) == (uint64_t)-EFAULT);
	assert_memory_equal(at(frame), "\0\0\0\0\0\0\0", 7);
	assert_true(call(BPF_FUNC_probe_read_kernel, frame, 8, RAM + RAM_SIZE - 4, 0, 0) == (uint64_t)-EFAULT);
	assert_true(call(BPF_FUNC_probe_read_kernel, frame, 8, UINT64_MAX - 3, 0, 0) == (uint64_t)-EFAULT);
	assert_true(call(BPF_FUNC_probe_read_kernel, frame, 8, 0, 0, 0) == (uint64_t)-EFAULT);
	/* the firmware's own memory is not readable, but what the run may read is */
	assert_true(call(BPF_FUNC_probe_read_kernel, frame, 8, (uintptr_t)world_arena, 0, 0) == (uint64_t)-EFAULT);
	assert_true(call(BPF_FUNC_probe_read_kernel, frame, 8, map_addr(MAP), 0, 0) == (uint64_t)-EFAULT);
	memcpy(at(frame), "ownstack", 8);
	assert_int_equal(call(BPF_FUNC_probe_read_kernel, frame + 8, 8, frame, 0, 0), 0);
	assert_memory_equal(at(frame + 8), "ownstack", 8);
	/* sizes and destinations */
	assert_int_equal(call(BPF_FUNC_probe_read_kernel, frame, 0, RAM, 0, 0), 0);
	assert_true(call(BPF_FUNC_probe_read_kernel, frame, 65, RAM, 0, 0) == STOPPED);
	assert_true(call(BPF_FUNC_probe_read_kernel, frame, UINT64_MAX, RAM, 0, 0) == STOPPED);
	assert_true(call(BPF_FUNC_probe_read_kernel, (uintptr_t)&regs, 8, RAM, 0, 0) == STOPPED);
	assert_true(call(BPF_FUNC_probe_read_kernel, RAM, 8, RAM, 0, 0) == STOPPED);
}

static void test_helper_probe_read_str(void **state)
{
	char *out = at(frame);

	(void)state;
	strcpy((char *)ram_at(RAM + 0x500ffa), "a string");
	assert_int_equal(call(BPF_FUNC_probe_read_kernel_str, frame, 64, RAM + 0x500ffa, 0, 0), 9);
	assert_string_equal(out, "a string");
	assert_int_equal(call(BPF_FUNC_probe_read_kernel_str, frame, 9, RAM + 0x500ffa, 0, 0), 9);
	/* cut off: the size is answered, and it ends in a NUL */
	assert_int_equal(call(BPF_FUNC_probe_read_kernel_str, frame, 5, RAM + 0x500ffa, 0, 0), 5);
	assert_string_equal(out, "a st");
	assert_int_equal(call(BPF_FUNC_probe_read_str, frame, 1, RAM + 0x500ffa, 0, 0), 1);
	assert_string_equal(out, "");
	assert_int_equal(call(BPF_FUNC_probe_read_kernel_str, frame, 0, RAM + 0x500ffa, 0, 0), 0);
	/* runs off the end of memory */
	memset(ram_at(RAM + RAM_SIZE - 4), 'x', 4);
	memcpy(out, "12345678", 8);
	assert_true(call(BPF_FUNC_probe_read_kernel_str, frame, 8, RAM + RAM_SIZE - 4, 0, 0) == (uint64_t)-EFAULT);
	assert_memory_equal(out, "\0\0\0\0\0\0\0\0", 8);
	/* of the run itself */
	memcpy(out, "own", 4);
	assert_int_equal(call(BPF_FUNC_probe_read_kernel_str, frame + 16, 8, frame, 0, 0), 4);
	memset(out, 'y', 64);
	assert_true(call(BPF_FUNC_probe_read_kernel_str, frame, 64, frame + 60, 0, 0) == (uint64_t)-EFAULT);
}

static struct ebpf_task_area *set_task(void)
{
	struct ebpf_task_area *task = (void *)ram_at(TASK_PA);

	memset(task, 0, sizeof(*task));
	task->pid = 12;
	task->tgid = 11;
	task->task = 0xabcdef;
	task->satp = world_user_satp;
	memcpy(task->comm, "init", 5);
	task->seq = 2;
	assert_int_equal(ebpf_task_set_area(TASK_PA, 0), 0);
	return task;
}

static void test_helper_probe_read_user(void **state)
{
	(void)state;
	user_write(USER + 4094, "user", 5);
	/* nobody runs: no user space */
	assert_true(call(BPF_FUNC_probe_read_user, frame, 5, USER + 4094, 0, 0) == (uint64_t)-EFAULT);
	set_task();
	assert_int_equal(call(BPF_FUNC_probe_read_user, frame, 5, USER + 4094, 0, 0), 0);
	assert_string_equal(at(frame), "user");
	assert_int_equal(call(BPF_FUNC_probe_read_user_str, frame, 64, USER + 4094, 0, 0), 5);
	/* the legacy ones find it as well, the kernel ones do not */
	assert_int_equal(call(BPF_FUNC_probe_read, frame, 5, USER + 4094, 0, 0), 0);
	assert_int_equal(call(BPF_FUNC_probe_read_str, frame, 5, USER + 4094, 0, 0), 5);
	assert_true(call(BPF_FUNC_probe_read_kernel, frame, 5, USER + 4094, 0, 0) == (uint64_t)-EFAULT);
	assert_true(call(BPF_FUNC_probe_read_user_str, frame, 5, RAM, 0, 0) == (uint64_t)-EFAULT);
	assert_true(call(BPF_FUNC_probe_read_user_str, frame, 5, frame + 8, 0, 0) == (uint64_t)-EFAULT);
	/* S pages are not the user's, kernel memory is not */
	assert_true(call(BPF_FUNC_probe_read_user, frame, 5, USER_S, 0, 0) == (uint64_t)-EFAULT);
	assert_true(call(BPF_FUNC_probe_read_user, frame, 5, RAM, 0, 0) == (uint64_t)-EFAULT);
	/* nor what the run may read: that is not user memory either */
	assert_true(call(BPF_FUNC_probe_read_user, frame, 5, frame, 0, 0) == (uint64_t)-EFAULT);
}

static void test_helper_task(void **state)
{
	char *buf = at(frame);

	(void)state;
	/* without a description */
	assert_int_equal(call(BPF_FUNC_get_current_pid_tgid, 0, 0, 0, 0, 0), 0);
	assert_int_equal(call(BPF_FUNC_get_current_comm, frame, 16, 0, 0, 0), 0);
	assert_string_equal(buf, "");
	set_task();
	assert_true(call(BPF_FUNC_get_current_pid_tgid, 0, 0, 0, 0, 0) == ((uint64_t)11 << 32 | 12));
	assert_int_equal(call(BPF_FUNC_get_current_task, 0, 0, 0, 0, 0), 0xabcdef);
	assert_int_equal(call(BPF_FUNC_get_current_uid_gid, 0, 0, 0, 0, 0), 0);
	memset(buf, 'x', 32);
	assert_int_equal(call(BPF_FUNC_get_current_comm, frame, 24, 0, 0, 0), 0);
	assert_memory_equal(buf, "init\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0xxxxxxxx", 32);
	assert_int_equal(call(BPF_FUNC_get_current_comm, frame, 3, 0, 0, 0), 0);
	assert_string_equal(buf, "in");
	assert_int_equal(call(BPF_FUNC_get_current_comm, frame, 1, 0, 0, 0), 0);
	assert_string_equal(buf, "");
	assert_true(call(BPF_FUNC_get_current_comm, frame, 0, 0, 0, 0) == STOPPED);
}

static void test_helper_machine(void **state)
{
	uint64_t a, b, same = 0;

	(void)state;
	host_ktime_ns = 123456789;
	assert_int_equal(call(BPF_FUNC_ktime_get_ns, 0, 0, 0, 0, 0), 123456789);
	assert_int_equal(call(BPF_FUNC_ktime_get_boot_ns, 0, 0, 0, 0, 0), 123456789);
	host_hart = 3;
	assert_int_equal(call(BPF_FUNC_get_smp_processor_id, 0, 0, 0, 0, 0), 3);
	for (unsigned int i = 0; i < 1000; i++) {
		host_hart = 0;
		a = call(BPF_FUNC_get_prandom_u32, 0, 0, 0, 0, 0);
		host_hart = 1;
		b = call(BPF_FUNC_get_prandom_u32, 0, 0, 0, 0, 0);
		assert_true(a <= UINT32_MAX && b <= UINT32_MAX);
		same += a == b;
	}
	assert_true(same < 3);
}

static void test_helper_hit(void **state)
{
	struct ebpf_attachment attachment = {.addr = TEXT, .cookie = 77};
	struct ebpf_hit hit = {.attachment = &attachment};

	(void)state;
	/* a test run has no probe */
	assert_int_equal(call(BPF_FUNC_get_func_ip, (uintptr_t)&regs, 0, 0, 0, 0), 0);
	assert_int_equal(call(BPF_FUNC_get_attach_cookie, (uintptr_t)&regs, 0, 0, 0, 0), 0);
	run.hit = &hit;
	assert_int_equal(call(BPF_FUNC_get_func_ip, (uintptr_t)&regs, 0, 0, 0, 0), TEXT);
	assert_int_equal(call(BPF_FUNC_get_attach_cookie, (uintptr_t)&regs, 0, 0, 0, 0), 77);
	assert_true(call(BPF_FUNC_get_func_ip, (uintptr_t)&regs + 8, 0, 0, 0, 0) == STOPPED);
}

/* What is in the ring now; it is empty after that */
static const char *traced(void)
{
	static char text[512];
	int64_t len = ebpf_call_trace_read(RAM, sizeof(text) - 1, world_kernel_satp);

	assert_true(len >= 0);
	memcpy(text, ram_at(RAM), (size_t)len);
	text[len] = 0;
	return text;
}

static uint64_t printk(const char *fmt, uint64_t size, uint64_t r3, uint64_t r4, uint64_t r5)
{
	uint64_t addr = (uintptr_t)stack + sizeof(stack) - 400;

	assert_true(ebpf_run_mem_ok(&run, addr, 300, true));
	memcpy(at(addr), fmt, strlen(fmt) + 1);
	return call(BPF_FUNC_trace_printk, addr, size, r3, r4, r5);
}

static void test_helper_trace_printk(void **state)
{
	char full[EBPF_PRINTK_MAX + 1];

	(void)state;
	memset(full, 'f', sizeof(full));
	full[EBPF_PRINTK_MAX] = 0;
	assert_true(printk(full, EBPF_PRINTK_MAX, 0, 0, 0) == (uint64_t)-EINVAL);
	assert_int_equal(printk("hello\n", 7, 0, 0, 0), 6);
	assert_string_equal(traced(), "hello\n");
	assert_int_equal(printk("a line %d %lx", 14, 5, 0xfff, 0), 13);
	assert_string_equal(traced(), "a line 5 fff\n");
	/* no NUL in the memory named */
	assert_true(printk("hello", 5, 0, 0, 0) == (uint64_t)-EINVAL);
	assert_string_equal(traced(), "");
	assert_true(printk("%d %d %d %d", 12, 0, 0, 0) == (uint64_t)-EINVAL);
	assert_true(printk("x", 0, 0, 0, 0) == STOPPED);
	assert_true(printk("x", 300, 0, 0, 0) == (uint64_t)-E2BIG);
	/* strings: the kernel's, the run's own */
	strcpy((char *)ram_at(RAM + 0x500000), "kstring");
	memcpy(at(frame), "own", 4);
	assert_true(ebpf_run_mem_ok(&run, frame, 4, true));
	memcpy(at(frame), "own", 4);
	printk("%s and %s", 10, RAM + 0x500000, frame, 0);
	assert_string_equal(traced(), "kstring and own\n");
}

static void test_helper_trace_vprintk(void **state)
{
	uint64_t addr = frame, fmt = frame - 64, args[3] = {1, 2, 3};

	(void)state;
	assert_true(ebpf_run_mem_ok(&run, fmt, 128, true));
	memcpy(at(fmt), "%d %d %d", 9);
	memcpy(at(addr), args, sizeof(args));
	assert_int_equal(call(BPF_FUNC_trace_vprintk, fmt, 9, addr, 24, 0), 6);
	assert_string_equal(traced(), "1 2 3\n");
	assert_true(call(BPF_FUNC_trace_vprintk, fmt, 9, addr, 23, 0) == (uint64_t)-EINVAL);
	assert_true(call(BPF_FUNC_trace_vprintk, fmt, 9, addr, 28, 0) == (uint64_t)-EINVAL);
	assert_true(call(BPF_FUNC_trace_vprintk, fmt, 9, (uintptr_t)&regs, 13 * 8, 0) == (uint64_t)-EINVAL);
	assert_true(call(BPF_FUNC_trace_vprintk, fmt, 9, addr, 16, 0) == (uint64_t)-EINVAL);
	assert_true(call(BPF_FUNC_trace_vprintk, fmt, 9, 0, 24, 0) == STOPPED);
	assert_true(call(BPF_FUNC_trace_vprintk, fmt, 9, RAM, 24, 0) == STOPPED);
	memcpy(at(fmt), "none", 5);
	assert_int_equal(call(BPF_FUNC_trace_vprintk, fmt, 5, 0, 0, 0), 5);
	assert_string_equal(traced(), "none\n");
}

/* A run cannot spend more time in helpers than its budget allows. */
static void test_helper_work_is_bounded(void **state)
{
	unsigned int n = 0;

	(void)state;
	while (call(BPF_FUNC_probe_read_kernel, frame, 64, RAM, 0, 0) == 0)
		assert_true(++n < EBPF_RUN_BUDGET);
	assert_true(n > 1000);
	assert_true(call(BPF_FUNC_probe_read_kernel, frame, 64, RAM, 0, 0) == (uint64_t)-ETIMEDOUT);
	assert_true(call(BPF_FUNC_probe_read_kernel_str, frame, 64, RAM, 0, 0) == (uint64_t)-ETIMEDOUT);
	assert_true(printk("x", 2, 0, 0, 0) == (uint64_t)-ETIMEDOUT);
	/* what costs nothing goes on */
	put32(frame, 0);
	assert_true(call(BPF_FUNC_map_lookup_elem, map_addr(MAP), frame, 0, 0, 0) != 0);
}

static void test_helper_rcore_maps(void **state)
{
	uint64_t key = frame, value = frame + 8;

	(void)state;
	begin_run(RCORE_FD);
	put32(key, 1);
	assert_true(ebpf_run_mem_ok(&run, value, 24, true));
	memset(at(value), 7, 24);
	assert_int_equal(call(2, MAP, key, value, BPF_ANY, 0), 0);
	memset(at(value), 0, 24);
	/* 0 or -1, never a pointer; the number's upper half does not count */
	assert_int_equal(call(1, MAP | 0xffffffff00000000, key, value, 0, 0), 0);
	assert_int_equal(*(uint8_t *)at(value + 23), 7);
	put32(key, 2);
	assert_true(call(1, MAP, key, value, 0, 0) == UINT64_MAX);
	assert_true(call(2, MAP, key, value, 0, 0) == UINT64_MAX);
	assert_true(call(3, MAP, key, 0, 0, 0) == UINT64_MAX);
	/* a number that is no map of the program */
	assert_true(call(1, FD, key, value, 0, 0) == UINT64_MAX);
	assert_true(call(2, 99, 0, 0, 0, 0) == UINT64_MAX);
	assert_true(call(2, RO_MAP, key, value, 0, 0) == UINT64_MAX);
	/* memory that is not the program's stops it */
	assert_true(call(1, MAP, 0, value, 0, 0) == STOPPED);
	assert_true(call(1, MAP, key, (uintptr_t)stack + sizeof(stack) - 16, 0, 0) == STOPPED);
	assert_true(call(1, MAP, key, (uintptr_t)&regs, 0, 0) == STOPPED);
}

static void test_helper_rcore_rest(void **state)
{
	static const uint32_t no_ops[] = {0, 4, 9, 10, 11, 12, 13, 15};

	(void)state;
	begin_run(RCORE_FD);
	for (size_t i = 0; i < COUNT(no_ops); i++)
		assert_int_equal(call(no_ops[i], 1, 2, 3, 4, 5), 0);
	for (uint32_t id = 17; id < 300; id++)
		assert_null(ebpf_helper_of(id, true));
	assert_null(ebpf_helper_of(UINT32_MAX, true));
	assert_null(ebpf_helper_of(UINT32_MAX, false));
	assert_null(ebpf_helper_of(0, false));
	set_task();
	assert_true(call(14, 0, 0, 0, 0, 0) == ((uint64_t)11 << 32 | 11));
	assert_int_equal(call(16, frame, 5, 0, 0, 0), 4);
	assert_string_equal(at(frame), "init");
	assert_true(call(16, frame, 4, 0, 0, 0) == UINT64_MAX);
	host_hart = 2;
	assert_int_equal(call(8, 0, 0, 0, 0, 0), 2);
	host_ktime_ns = 55;
	assert_int_equal(call(5, 0, 0, 0, 0, 0), 55);
	host_hart = 0;
	assert_int_equal(call(7, 0, 0, 0, 0, 0) >> 32, 0);
	/* printk: no newline is added, the NUL does not come out */
	assert_int_equal(printk("v = {}, {}", 11, 7, UINT64_MAX, 0), 0);
	assert_string_equal(traced(), "v = 7, 18446744073709551615");
}

/* A kind of argument that no helper has yet: a string that nobody can change under the helper's eyes. */
static void test_helper_constant_strings(void **state)
{
	static const struct ebpf_helper prototype = {.name = "takes_string", .arg = {EBPF_ARG_CONST_STR}};
	const struct ebpf_map *ro = at(map_addr(RO_MAP)), *rw = at(map_addr(MAP));
	uint64_t args[5] = {0};

	(void)state;
	user_put64(U_DATA, 0);
	user_write(U_DATA + 8, "a string\0endless", 16);
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, RO_MAP, U_DATA, U_DATA + 8, 0), 0);
	args[0] = (uintptr_t)ro->values;
	assert_int_equal(ebpf_helper_check_args(&run, &prototype, args), -EFAULT); /* bpf(2) could change it */
	((struct ebpf_map *)at(map_addr(RO_MAP)))->frozen = 1;
	assert_int_equal(ebpf_helper_check_args(&run, &prototype, args), 0);
	args[0] += 9; /* no end within the value */
	assert_int_equal(ebpf_helper_check_args(&run, &prototype, args), -EFAULT);
	args[0] = (uintptr_t)rw->values; /* zero, but a program can write there */
	assert_int_equal(ebpf_helper_check_args(&run, &prototype, args), -EFAULT);
	args[0] = frame;
	assert_int_equal(ebpf_helper_check_args(&run, &prototype, args), -EFAULT);
	args[0] = 0;
	assert_int_equal(ebpf_helper_check_args(&run, &prototype, args), -EFAULT);
}

/* A constant string for the program's read-only map, 15 characters at most */
static uint64_t constant(const char *text)
{
	struct ebpf_map *ro = at(map_addr(RO_MAP));

	memset(ro->values, 0, 16);
	memcpy(ro->values, text, strlen(text));
	ro->frozen = 1;
	return (uintptr_t)ro->values;
}

static void test_helper_snprintf(void **state)
{
	uint64_t buf = frame, args = frame + 32;

	(void)state;
	assert_true(ebpf_run_mem_ok(&run, frame, 64, true));
	memcpy(at(args), (uint64_t[]){(uint64_t)-7, 0x1234}, 16);
	assert_int_equal(call(165, buf, 32, constant("<%d|%5lx>"), args, 16), 11);
	assert_string_equal(at(buf), "<-7| 1234>");
	/* cut off, and still said how long it would have been; NULL only asks */
	assert_int_equal(call(165, buf, 4, constant("<%d|%5lx>"), args, 16), 11);
	assert_string_equal(at(buf), "<-7");
	assert_int_equal(call(165, 0, 0, constant("<%d|%5lx>"), args, 16), 11);
	assert_int_equal(call(165, buf, 8, constant("%1000d!"), args, 8), 1002);
	assert_string_equal(at(buf), "       ");
	assert_int_equal(call(165, buf, 8, constant("none"), 0, 0), 5);
	/* a string in a map of the program is kernel memory like any other */
	*(uint64_t *)at(args) = constant("[%s]");
	assert_int_equal(call(165, buf, 16, constant("[%s]"), args, 8), 7);
	assert_string_equal(at(buf), "[[%s]]");
	assert_int_equal((int64_t)call(165, buf, 8, constant("%d %d"), args, 8), -EINVAL);
	assert_int_equal((int64_t)call(165, buf, 8, constant("%f"), args, 8), -EINVAL);
	assert_int_equal((int64_t)call(165, buf, 8, constant("%d"), args, 12), -EINVAL);
	assert_int_equal(call(165, buf, 8, frame, args, 8), STOPPED); /* a format that could change */
	run.budget = 0;
	assert_int_equal((int64_t)call(165, buf, 8, constant("%d"), args, 8), -ETIMEDOUT);
}

/* Linux's verdict at load, not at the first run */
static void test_helper_snprintf_format_is_checked_at_load(void **state)
{
	struct bpf_insn insns[] = {MOV64_REG(1, 10),
				   ADD64_IMM(1, -8),
				   MOV64_IMM(2, 8),
				   LD_REF(3, BPF_PSEUDO_MAP_VALUE, RO_MAP, 0),
				   ST(BPF_DW, 10, -16, 7),
				   ST(BPF_DW, 10, -8, 0),
				   MOV64_REG(4, 10),
				   ADD64_IMM(4, -16),
				   MOV64_IMM(5, 8),
				   CALL(165),
				   EXIT()};
	static const struct {
		const char *format;
		bool ok;
	} cases[] = {{"%d", true}, {"%d %d", false}, {"%q", false}, {"\001", false}, {"%%", true}, {"%ps", true}};

	(void)state;
	assert_true(prog_load(insns, COUNT(insns), 20) < 0);
	assert_non_null(strstr(world_log(), "R3 does not point to a readonly map"));
	for (size_t i = 0; i < COUNT(cases); i++) {
		constant(cases[i].format);
		assert_int_equal(prog_load(insns, COUNT(insns), 20), cases[i].ok ? 20 : -EINVAL);
		if (cases[i].ok)
			assert_int_equal(ebpf_call_close(PROC, 20), 0);
		else
			assert_non_null(strstr(world_log(), "Invalid format string"));
	}
}

static void test_helper_strtol(void **state)
{
	static const struct {
		const char *text;
		uint64_t base;
		int64_t used, number; /* signed */
		int64_t unsigned_used;
	} cases[] = {
		{"42", 0, 2, 42, 2},
		{" \t-17x", 10, 5, -17, -EINVAL},
		{"0x1F", 0, 4, 31, 4},
		{"0x1F", 16, 4, 31, 4},
		{"0x", 0, 1, 0, 1},
		{"0x", 16, -EINVAL, 0, -EINVAL},
		{"0777", 0, 4, 511, 4},
		{"089", 0, 1, 0, 1},
		{"9223372036854775807", 10, 19, INT64_MAX, 19},
		{"9223372036854775808", 10, -ERANGE, 0, 19},
		{"-9223372036854775808", 10, 20, INT64_MIN, -EINVAL},
		{"18446744073709551615", 10, -ERANGE, 0, 20},
		{"18446744073709551616", 10, -ERANGE, 0, -ERANGE},
		{"", 10, -EINVAL, 0, -EINVAL},
		{"  ", 10, -EINVAL, 0, -EINVAL},
		{"-", 10, -EINVAL, 0, -EINVAL},
		{"+1", 10, -EINVAL, 0, -EINVAL},
		{"12", 7, -EINVAL, 0, -EINVAL},
		{"12", 1 << 5, -EINVAL, 0, -EINVAL},
	};

	(void)state;
	assert_true(ebpf_run_mem_ok(&run, frame, 64, true));
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t size = strlen(cases[i].text);

		memcpy(at(frame), cases[i].text, size + 1); /* the NUL is one more character that is no digit */
		assert_int_equal((int64_t)call(105, frame, size + 1, cases[i].base, frame + 56, 0), cases[i].used);
		if (cases[i].used > 0)
			assert_int_equal(*(int64_t *)at(frame + 56), cases[i].number);
		assert_int_equal((int64_t)call(106, frame, size + 1, cases[i].base, frame + 56, 0),
				 cases[i].unsigned_used);
	}
	assert_int_equal(call(105, frame, 0, 10, frame + 56, 0), STOPPED);
}

static void test_helper_strncmp(void **state)
{
	uint64_t text = constant("abc");

	(void)state;
	assert_true(ebpf_run_mem_ok(&run, frame, 64, true));
	memcpy(at(frame), "abcd", 5);
	assert_int_equal(call(182, frame, 3, text, 0, 0), 0);
	assert_true((int64_t)call(182, frame, 4, text, 0, 0) > 0);
	assert_true((int64_t)call(182, frame, 5, constant("abd"), 0, 0) < 0);
	assert_int_equal(call(182, frame, 0, text, 0, 0), STOPPED);
	assert_int_equal(call(182, frame, 3, frame, 0, 0), STOPPED);
}

/* What the verifier holds programs to for Linux's sake, and what is there: the same prototypes. */
static void test_helper_prototypes_agree(void **state)
{
	unsigned int both = 0;

	(void)state;
	ebpf_policy_allow = SBI_EBPF_FEATURE_WRITE_USER | SBI_EBPF_FEATURE_OVERRIDE_RETURN;
	for (uint32_t id = 0; id < 1000; id++) {
		const struct ebpf_helper *ours = ebpf_helper_of(id, false), *linux = ebpf_vproto_of(id, false);

		if (!ours)
			continue;
		if (!linux)
			fail_msg("helper %u, %s, is not in vproto.c", id, ours->name);
		if (strcmp(ours->name, linux->name) || ours->ret != linux->ret || ours->gpl_only != linux->gpl_only ||
		    memcmp(ours->arg, linux->arg, sizeof(ours->arg)))
			fail_msg("helper %u: %s and %s of vproto.c differ", id, ours->name, linux->name);
		assert_string_equal(ebpf_helper_name(id), ours->name);
		both++;
	}
	assert_in_range(both, 40, 200);
	assert_non_null(ebpf_helper_of(36, false));
	assert_non_null(ebpf_helper_of(58, false));
	ebpf_policy_allow = 0;
	assert_null(ebpf_vproto_of(1, true));
}

/* Not there unless the policy wants it, and the log says so. */
static void test_helper_policy(void **state)
{
	struct bpf_insn insns[] = {MOV64_IMM(1, 0), MOV64_REG(2, 10), ADD64_IMM(2, -8), ST(BPF_DW, 10, -8, 77),
				   MOV64_IMM(3, 8), CALL(36),	      MOV64_IMM(0, 0),	EXIT()};
	uint64_t dst = U_DATA + 100;

	(void)state;
	assert_int_equal(prog_load(insns, COUNT(insns), 20), -EINVAL);
	assert_non_null(strstr(world_log(), "cannot use helper bpf_probe_write_user#36"));
	assert_non_null(strstr(world_log(), "kept back by policy"));
	insns[5].imm = 58;
	assert_int_equal(prog_load(insns, COUNT(insns), 20), -EINVAL);
	assert_non_null(strstr(world_log(), "kept back by policy"));
	assert_null(ebpf_helper_of(36, false));

	insns[5].imm = 36;
	ebpf_policy_allow = SBI_EBPF_FEATURE_WRITE_USER;
	assert_int_equal(prog_load(insns, COUNT(insns), 20), 20);
	assert_int_equal(ebpf_call_close(PROC, 20), 0);
	set_task();
	put32(frame, 0x1234);
	user_put64(dst, 0);
	assert_int_equal(call(36, dst, frame, 4, 0, 0), 0);
	assert_int_equal(user_get64(dst), 0x1234);
	assert_int_equal((int64_t)call(36, USER_RO, frame, 4, 0, 0), -EFAULT);
	assert_int_equal((int64_t)call(36, USER_S, frame, 4, 0, 0), -EFAULT);
	assert_int_equal((int64_t)call(36, TEXT, frame, 4, 0, 0), -EFAULT);
	assert_int_equal(call(36, dst, TEXT, 4, 0, 0), STOPPED);
	ebpf_policy_allow = 0;
}

static void test_helper_names(void **state)
{
	(void)state;
	assert_string_equal(ebpf_helper_name(1), "map_lookup_elem");
	assert_string_equal(ebpf_helper_name(113), "probe_read_kernel");
	assert_string_equal(ebpf_helper_name(12), "tail_call");
	assert_null(ebpf_helper_name(100000));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_helper_map_arguments),
		TEST(test_helper_probe_read_kernel),
		TEST(test_helper_probe_read_str),
		TEST(test_helper_probe_read_user),
		TEST(test_helper_task),
		TEST(test_helper_machine),
		TEST(test_helper_hit),
		TEST(test_helper_trace_printk),
		TEST(test_helper_trace_vprintk),
		TEST(test_helper_work_is_bounded),
		TEST(test_helper_rcore_maps),
		TEST(test_helper_rcore_rest),
		TEST(test_helper_constant_strings),
		TEST(test_helper_snprintf),
		TEST(test_helper_snprintf_format_is_checked_at_load),
		TEST(test_helper_strtol),
		TEST(test_helper_strncmp),
		TEST(test_helper_prototypes_agree),
		TEST(test_helper_policy),
		TEST(test_helper_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
