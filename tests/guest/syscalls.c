/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls with random numbers and arguments, made by processes that fork,
 * start threads and programs, block and are killed: nothing of that may take the
 * kernel down or leave a page, a process or an object of the firmware behind.
 *
 * syscalls [CALLS [SEED]]: rounds of children until that many calls were made;
 * after each round everybody is killed, and the accounts are compared. Not
 * called: reboot; kill of those who are not descendants.
 *
 * Prints: syscalls: N calls, N rounds, seed N; then N checks, 0 wrong
 */
#include "guest_test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define CHILDREN 8
#define ROUND_MS 300
#define TICK_CALLS 8 /* a byte in the pipe of the counts is so many calls */
#define COUNT_FD 100 /* its write end; no random call names it */
#define WINDOW 0x10000000ul
#define KERNEL 0xffffffffc0000000ul
#define DIRECT_MAP 0xffffffc000000000ul

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const long numbers[] = {
	SYS_openat,
	SYS_close,
	SYS_read,
	SYS_write,
	SYS_fstat,
	SYS_pipe2,
	SYS_dup,
	SYS_dup3,
	SYS_linkat,
	SYS_unlinkat,
	SYS_getdents64,
	SYS_exit,
	SYS_sched_yield,
	SYS_setpriority,
	SYS_gettimeofday,
	SYS_nanosleep,
	SYS_getpid,
	SYS_getppid,
	SYS_gettid,
	SYS_clone,
	SYS_execve,
	SYS_wait4,
	SYS_spawn,
	SYS_kill,
	SYS_mmap,
	SYS_munmap,
	SYS_task_info,
	SYS_mailread,
	SYS_mailwrite,
	SYS_bpf,
	SYS_bpf,
	SYS_bpf,
	SYS_debug_ebreak,
	SYS_mem_info,
	SYS_cpu_info,
	SYS_ebpf_info,
	SYS_thread_create,
	SYS_waittid,
	SYS_mutex_create,
	SYS_mutex_lock,
	SYS_mutex_unlock,
	SYS_semaphore_create,
	SYS_semaphore_up,
	SYS_semaphore_down,
	SYS_condvar_create,
	SYS_condvar_signal,
	SYS_condvar_wait,
	SYS_enable_deadlock_detect,
	SYSCALL_MAX,
	999,
};
/* Files that may be made, written and removed; files that may only be read or run. */
static const char *const scratch[] = {"fuzz-a", "fuzz-b"};
static const char *const paths[] = {"true", "false", "echo", "proc/tasks", "proc/kallsyms", ".", "/", "", "nothing"};

static const struct bpf_insn return_0[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
static const char *const symbol[] = {"sys_getpid"};
static union bpf_attr attrs[] = {
	{.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 4},
	{.map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 4},
	{.prog_type = BPF_PROG_TYPE_KPROBE, .insn_cnt = 2, .insns = (uint64_t)return_0, .license = (uint64_t) "GPL"},
	{.link_prog_fd = 4, .link_attach_type = BPF_TRACE_KPROBE_MULTI, .km_cnt = 1, .km_syms = (uint64_t)symbol},
};
static const int commands[] = {BPF_MAP_CREATE, BPF_MAP_CREATE, BPF_PROG_LOAD, BPF_LINK_CREATE};

static char buffer[65536] __attribute__((aligned(4096)));
static struct user_timeval pause_time; /* of nanosleep: seconds, nanoseconds */
static uint64_t state;
static int first_pid; /* of this round's descendants */

static uint64_t random64(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * UINT64_C(2685821657736338717);
}

static uint64_t below(uint64_t n)
{
	return (random64() >> 16) % n;
}

/* Anything but an address inside the program, apart from the buffer. */
static uint64_t argument(void)
{
	uint64_t bit;

	switch (below(11)) {
	case 0:
		return random64();
	case 1:
		return below(12);
	case 2:
	case 3:
		return (uint64_t)buffer + below(sizeof(buffer));
	case 4:
		return -below(3);
	case 5:
		return DIRECT_MAP + 0x80000000 + below(0x10000000);
	case 6:
		return KERNEL + below(0x100000);
	case 7:
		return (uint64_t)paths[below(COUNT(paths))];
	case 8:
		return WINDOW + below(64) * 4096;
	case 9:
		return below(4096);
	default:
		bit = below(64);
		return bit < 12 || bit > 24 ? 1ul << bit : 0;
	}
}

/* Some arguments have to be chosen, so that the system as such survives, or the call gets anywhere. */
static void choose(long nr, uint64_t a[6])
{
	const bool own = below(2);
	unsigned int i;

	switch (nr) {
	case SYS_openat:
		a[0] = (uint64_t)(own ? scratch[below(COUNT(scratch))] : paths[below(COUNT(paths))]);
		a[1] = own ? below(2) ? O_CREATE | O_RDWR : random64() & 0x603 : random64() & ~0x603ul;
		break;
	case SYS_linkat:
		/* Not of a program: that would be written to under its second name. */
		a[1] = (uint64_t)scratch[below(COUNT(scratch))];
		a[3] = (uint64_t)scratch[below(COUNT(scratch))];
		break;
	case SYS_unlinkat:
		a[1] = (uint64_t)scratch[below(COUNT(scratch))];
		break;
	case SYS_read:
	case SYS_write:
		if (own)
			a[0] = below(12);
		a[2] %= sizeof(buffer);
		break;
	case SYS_nanosleep:
		pause_time = (struct user_timeval){0, below(20000000)};
		a[0] = (uint64_t)&pause_time;
		break;
	case SYS_kill:
		a[0] = (uint64_t)first_pid + below(64);
		break;
	case SYS_mmap:
	case SYS_munmap:
		a[0] = own ? WINDOW + below(64) * 4096 : KERNEL + a[0];
		a[1] = own ? below(16 * 4096) : a[1];
		break;
	case SYS_bpf:
		i = (unsigned int)below(COUNT(attrs));
		a[0] = own ? (uint64_t)commands[i] : below(40);
		if (own) {
			attrs[3].link_prog_fd = 3 + (uint32_t)below(6);
			a[1] = (uint64_t)&attrs[i];
			a[2] = sizeof(attrs[i]);
		}
		break;
	}
}

/* Calls that end the caller, make another one, or may block for good are made less often. */
static bool skip(long nr)
{
	switch (nr) {
	case SYS_exit:
	case SYS_execve:
	case SYS_debug_ebreak: /* it prints a line */
		return below(32) != 0;
	case SYS_clone:
	case SYS_spawn:
	case SYS_thread_create:
	case SYS_wait4:
	case SYS_waittid:
	case SYS_mutex_lock:
	case SYS_semaphore_down:
	case SYS_condvar_wait:
	case SYS_kill:
	case SYS_read:
		return below(8) != 0;
	default:
		return false;
	}
}

static void storm(void)
{
	uint64_t a[6];
	long nr;

	for (unsigned int n = 1;; n++) {
		do
			nr = numbers[below(COUNT(numbers))];
		while (skip(nr));
		for (unsigned int i = 0; i < 6; i++)
			a[i] = argument();
		choose(nr, a);
		if (nr == SYS_thread_create)
			a[0] = (uint64_t)storm;
		if (a[0] == COUNT_FD || (nr == SYS_dup3 && a[1] == COUNT_FD))
			continue;
		if (n % TICK_CALLS == 0)
			syscall3(SYS_write, COUNT_FD, (long)"", 1);
		syscall6(nr, (long)a[0], (long)a[1], (long)a[2], (long)a[3], (long)a[4], (long)a[5]);
	}
}

static void sleep_ms(uint64_t ms)
{
	struct user_timeval tv = {ms / 1000, ms % 1000 * 1000000};

	syscall3(SYS_nanosleep, (long)&tv, 0, 0);
}

static int start_child(uint64_t seed, long write_end)
{
	int pid = fork();

	if (pid != 0)
		return pid;
	state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	syscall3(SYS_dup3, write_end, COUNT_FD, 0);
	for (int fd = 0; fd < 12; fd++)
		close(fd);
	storm();
	return 0;
}

/* A process that ends at once: every pid given before is smaller. */
static int newest_pid(void)
{
	int pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL);
	return pid;
}

/* Until nobody is left. False: somebody could not be killed. */
static bool kill_descendants(void)
{
	int last = first_pid, top, alive, tries = 0;

	do {
		alive = 0;
		top = newest_pid(); /* -1: no room for one more; kill those that are known */
		last = top > last ? top : last + 64;
		for (int pid = first_pid; pid <= last; pid++)
			alive += syscall3(SYS_kill, pid, 9, 0) == 0;
		sleep_ms(10);
	} while ((alive || top < 0) && ++tries < 300);
	while (waitpid(-1, NULL) > 0)
		;
	return !alive;
}

static unsigned long count_of(int fd)
{
	unsigned long ticks = 0;
	long n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		ticks += (unsigned long)n;
	return ticks * TICK_CALLS;
}

static long processes(void)
{
	int fd = open("proc/tasks", O_RDONLY);
	long lines = 0, n;

	while ((n = read(fd, buffer, 512)) > 0)
		for (long i = 0; i < n; i++)
			lines += buffer[i] == '\n';
	close(fd);
	return lines;
}

static unsigned long one_round(uint64_t seed)
{
	unsigned long calls;
	long fds[2];

	if (!check(pipe(fds) == 0, "pipe", 0))
		return 0;
	first_pid = newest_pid() + 1;
	for (unsigned int i = 0; i < CHILDREN; i++)
		check(start_child(seed + i, fds[1]) > 0, "fork", i);
	close((int)fds[1]);
	sleep_ms(ROUND_MS);
	check(kill_descendants(), "somebody cannot be killed", first_pid);
	calls = count_of((int)fds[0]);
	check(calls > 0, "calls in this round", (long)calls);
	close((int)fds[0]);
	for (unsigned int i = 0; i < COUNT(scratch); i++)
		syscall3(SYS_unlinkat, -100, (long)scratch[i], 0);
	return calls;
}

int main(int argc, char **argv)
{
	const unsigned long wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	const uint64_t seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	unsigned long calls = 0, round = 0;
	struct accounts before;
	long free_pages, procs;

	/* Whoever lives longer than a round gets a mailbox now. */
	for (int pid = 1; pid <= getpid(); pid++)
		syscall3(SYS_mailwrite, pid, (long)"", 1);
	one_round(seed); /* tables that grow once */
	before = accounts_now();
	free_pages = raw_pages();
	procs = processes();
	while (calls < wanted && checks_failed == 0) {
		calls += one_round(seed + ++round * CHILDREN);
		check(raw_pages() == free_pages, "pages lost", free_pages - raw_pages());
		check(processes() == procs, "processes left", processes() - procs);
		accounts_check(&before, "firmware's accounts");
	}
	printf("syscalls: %lu calls, %lu rounds, seed %lu\n", calls, round, seed);
	return checks_done("syscalls");
}
