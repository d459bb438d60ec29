/* SPDX-License-Identifier: BSD-2-Clause */
/* fork, exec, spawn, wait, exit, priorities, time, the registers of a system call. */
#include "usertests.h"

#include <stdlib.h>

static void exit_codes(void)
{
	static const int codes[] = {0, 1234, -1, -233, 66778, INT32_MAX, INT32_MIN};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		int pid = fork();

		if (pid == 0)
			exit(codes[i]);
		CHECK(usertests_wait(pid) == codes[i]);
	}
}

static void wait_rules(void)
{
	int pid, code = 77;

	CHECK(wait(&code) == -1 && code == 77);
	CHECK(waitpid(-1, NULL) == -1);
	pid = fork();
	if (pid == 0)
		exit(100);
	CHECK(waitpid(pid + 1, &code) == -1);
	CHECK(wait(&code) == pid && code == 100);
	CHECK(waitpid(pid, &code) == -1);
	pid = fork();
	if (pid == 0)
		exit(1);
	CHECK(raw(SYS_wait4, pid, (long)BAD_POINTER, 0) == -1);
	CHECK(waitpid(pid, NULL) == -1); /* it is gone all the same */
}

/* Codes by pid, in another order than that of the ends. */
static void wait_by_pid(void)
{
	int pids[8];

	for (int i = 0; i < 8; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			usleep((unsigned long)(80 - 10 * i) * 1000);
			exit(i);
		}
	}
	for (int i = 0; i < 8; i++)
		CHECK(usertests_wait(pids[i]) == i);
}

static void many_children(void)
{
	for (int i = 0; i < 40; i++) {
		int pid = fork();

		CHECK(pid >= 0);
		if (pid == 0)
			exit(0);
	}
	for (int i = 0; i < 40; i++)
		CHECK(wait(NULL) > 0);
	CHECK(wait(NULL) == -1);
}

/* As many processes as the kernel promises, all alive at once. */
static void processes_256(void)
{
	uint64_t ends[2];
	int n = 0, pid;
	char c;

	CHECK(pipe(ends) == 0);
	while ((pid = fork()) > 0)
		n++;
	if (pid == 0) {
		close((int)ends[1]);
		read((int)ends[0], &c, 1);
		_exit(0);
	}
	CHECK(n >= 256 - 8); /* the others: this one, usertests, its shell, what started that */
	close((int)ends[1]);
	while (n--)
		CHECK(wait(NULL) > 0);
	pid = fork();
	if (pid == 0)
		exit(5);
	CHECK(usertests_wait(pid) == 5);
}

static void parents(void)
{
	int parent = getpid(), pid = fork();

	if (pid == 0)
		exit(getppid() == parent && getpid() != parent ? 0 : 1);
	CHECK(usertests_wait(pid) == 0);
}

/* The parent ends first: its child has none then, and nobody has to wait for it. */
static void orphans(void)
{
	uint64_t ends[2];
	char c = 0;
	int pid;

	CHECK(pipe(ends) == 0);
	pid = fork();
	if (pid == 0) {
		if (fork() == 0) {
			while (getppid())
				sched_yield();
			write((int)ends[1], "x", 1);
		}
		_exit(0);
	}
	CHECK(usertests_wait(pid) == 0);
	CHECK(read((int)ends[0], &c, 1) == 1 && c == 'x');
	CHECK(wait(NULL) == -1);
}

static char *const six[] = {"usertests", "--as", "args", "a b", "", "\xce\xb1", NULL};

int process_as(int argc, char **argv)
{
	if (!strcmp(argv[0], "args")) {
		bool right = argc == 4 && !argv[4] && ((uintptr_t)argv & 7) == 0 && ((uintptr_t)argv[1] & 15) == 0;

		for (int i = 0; i < 4; i++)
			right = right && !strcmp(argv[i], six[i + 2]);
		return right ? 42 : 1;
	}
	return 2;
}

static void exec_arguments(void)
{
	int pid = fork();

	if (pid == 0) {
		exec("usertests", (char **)six);
		exit(1);
	}
	CHECK(usertests_wait(pid) == 42);
	pid = fork();
	if (pid == 0) {
		exec("true", NULL);
		exit(1);
	}
	CHECK(usertests_wait(pid) == 0);
	pid = fork();
	if (pid == 0) {
		exec("/false", NULL);
		exit(9);
	}
	CHECK(usertests_wait(pid) == 1);
}

/* Refused, and the old image goes on. */
static void exec_errors(void)
{
	static char *bad[2] = {(char *)BAD_POINTER, NULL};
	static char *many[100];
	char *no_end[2] = {"true", (char *)16};
	int fd;

	CHECK(exec("no such program", NULL) == -1);
	CHECK(raw(SYS_execve, (long)BAD_POINTER, 0, 0) == -1);
	CHECK(raw(SYS_execve, (long)"true", (long)bad, 0) == -1);
	CHECK(raw(SYS_execve, (long)"true", (long)no_end, 0) == -1);
	for (int i = 0; i < 99; i++)
		many[i] = "word";
	CHECK(usertests_child(exec_arguments) == 0);
	fd = open("notelf", O_CREATE | O_WRONLY);
	CHECK(fd >= 0 && write(fd, "\177ELF\2\1\1 but no more", 20) == 20);
	close(fd);
	CHECK(exec("notelf", many) == -1);
	CHECK(unlink("notelf") == 0);
	CHECK(spawn("no such program") == -1 && raw(SYS_spawn, 0, 0, 0) == -1);
}

static void spawns(void)
{
	int pids[20];

	for (int i = 0; i < 20; i++)
		CHECK((pids[i] = spawn(i % 2 ? "false" : "true")) > 0);
	for (int i = 0; i < 20; i++)
		CHECK(usertests_wait(pids[i]) == i % 2);
	CHECK(wait(NULL) == -1);
}

static void priorities(void)
{
	CHECK(set_priority(10) == 10 && set_priority(INT32_MAX) == INT32_MAX && set_priority(2) == 2);
	CHECK(set_priority(1) == -1 && set_priority(0) == -1 && set_priority(-10) == -1);
	CHECK(raw(SYS_setpriority, INT64_MAX, 0, 0) == INT64_MAX);
}

/* What is counted while another one counts, for so many milliseconds of the clock. */
static long count_for(int ms)
{
	int64_t end = get_mtime() + ms;
	long n = 0;

	while (get_mtime() < end)
		for (volatile int i = 0; i < 1000; i++)
			n++;
	return n;
}

/* More children than harts: shares follow the priorities. */
static void stride(void)
{
	static const int prio[] = {5, 10};
	const int harts = (int)raw(SYS_cpu_info, 1, 0, 0), each = 2 * harts;
	uint64_t ends[2];
	long sum[2] = {0, 0}, got[2];

	CHECK(pipe(ends) == 0 && each <= 16);
	for (int i = 0; i < 2 * each; i++) {
		if (fork() == 0) {
			set_priority(prio[i % 2]);
			got[0] = i % 2;
			got[1] = count_for(1500);
			write((int)ends[1], got, sizeof(got));
			_exit(0);
		}
	}
	for (int i = 0; i < 2 * each; i++) {
		CHECK(read((int)ends[0], got, sizeof(got)) == sizeof(got));
		sum[got[0]] += got[1];
		CHECK(wait(NULL) > 0);
	}
	printf("stride: %ld and %ld for priorities 5 and 10\n", sum[0], sum[1]);
	CHECK(sum[1] * 10 > sum[0] * 13 && sum[1] < sum[0] * 3);
}

static void task_info(void)
{
	static struct user_task_info info;
	int64_t start = get_mtime();

	CHECK(raw(SYS_task_info, (long)&info, 0, 0) == 0);
	CHECK(info.status == TASK_STATUS_RUNNING && info.syscall_times[SYS_task_info] == 1);
	CHECK(info.syscall_times[SYS_getpid] == 0 && info.syscall_times[SYS_write] == 0);
	getpid();
	write(1, "", 0);
	CHECK(raw(SYS_task_info, (long)&info, 0, 0) == 0);
	CHECK(info.syscall_times[SYS_task_info] == 2 && info.syscall_times[SYS_getpid] == 1);
	CHECK(info.syscall_times[SYS_write] == 1 && info.syscall_times[SYS_gettimeofday] == 1);
	usleep(50000);
	CHECK(raw(SYS_task_info, (long)&info, 0, 0) == 0);
	CHECK(info.time >= 50 && info.time <= get_mtime() - start + 100);
	CHECK(raw(SYS_task_info, (long)BAD_POINTER, 0, 0) == -1);
}

static void time_passes(void)
{
	TimeVal tv = {0, 0}, before;
	int64_t t = get_mtime();

	CHECK(sys_get_time(&tv, 0) == 0 && tv.sec * 1000000 + tv.usec > 1000 && tv.usec < 1000000);
	for (int i = 0; i < 1000; i++) {
		before = tv;
		CHECK(sys_get_time(&tv, 0) == 0);
		CHECK(tv.sec > before.sec || (tv.sec == before.sec && tv.usec >= before.usec));
	}
	usleep(100000);
	CHECK(get_mtime() - t >= 100);
	CHECK(raw(SYS_gettimeofday, (long)BAD_POINTER, 0, 0) == -1);
	CHECK(raw(SYS_nanosleep, (long)BAD_POINTER, 0, 0) == -1);
	tv = (TimeVal){0, 1000000000};
	CHECK(raw(SYS_nanosleep, (long)&tv, 0, 0) == -1);
}

/* A system call changes a0 and no other register. */
static void registers(void)
{
	uint64_t wrong;

	asm volatile("li a1, 11; li a2, 12; li a3, 13; li a4, 14; li a5, 15; li a6, 16; li a7, 172\n"
		     "li t0, 20; li t1, 21; li t2, 22; li t3, 23; li t4, 24; li t5, 25; li t6, 26\n"
		     "li s2, 32; li s11, 41\n"
		     "ecall\n"
		     "addi a1, a1, -11; addi a2, a2, -12; addi a3, a3, -13; addi a4, a4, -14; addi a5, a5, -15\n"
		     "addi a6, a6, -16; addi a7, a7, -172; addi t0, t0, -20; addi t1, t1, -21; addi t2, t2, -22\n"
		     "addi t3, t3, -23; addi t4, t4, -24; addi t5, t5, -25; addi t6, t6, -26; addi s2, s2, -32\n"
		     "addi s11, s11, -41\n"
		     "or a1, a1, a2; or a1, a1, a3; or a1, a1, a4; or a1, a1, a5; or a1, a1, a6; or a1, a1, a7\n"
		     "or a1, a1, t0; or a1, a1, t1; or a1, a1, t2; or a1, a1, t3; or a1, a1, t4; or a1, a1, t5\n"
		     "or a1, a1, t6; or a1, a1, s2; or %0, a1, s11\n"
		     : "=r"(wrong)
		     :
		     : "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "s2",
		       "s11", "memory");
	CHECK(wrong == 0);
	CHECK(raw(SYSCALL_MAX, 0, 0, 0) == -1 && raw(-1, 0, 0, 0) == -1 && raw(461, 0, 0, 0) == -1);
}

static void mail(void)
{
	char text[300] = "a message", got[300];

	for (int i = 0; i < 16; i++)
		CHECK(raw(SYS_mailwrite, getpid(), (long)text, 10 + i) == 10 + i);
	CHECK(raw(SYS_mailwrite, getpid(), (long)text, 10) == -1 && raw(SYS_mailwrite, getpid(), (long)text, 0) == -1);
	CHECK(raw(SYS_mailread, (long)got, 0, 0) == 0);
	CHECK(raw(SYS_mailread, (long)BAD_POINTER, 10, 0) == -1);
	for (int i = 0; i < 16; i++) {
		memset(got, 1, sizeof(got));
		CHECK(raw(SYS_mailread, (long)got, 300, 0) == 10 + i && !strcmp(got, "a message"));
	}
	CHECK(raw(SYS_mailread, (long)got, 300, 0) == -1 && raw(SYS_mailread, (long)got, 0, 0) == -1);
	CHECK(raw(SYS_mailwrite, getpid(), (long)text, 300) == 256 && raw(SYS_mailread, (long)got, 4, 0) == 4);
	CHECK(raw(SYS_mailwrite, 1000000, (long)text, 1) == -1);
}

const struct usertest process_tests[] = {
	{"exit-codes", exit_codes, 0, false},
	{"wait", wait_rules, 0, false},
	{"wait-by-pid", wait_by_pid, 0, false},
	{"many-children", many_children, 0, false},
	{"256-processes", processes_256, 0, false},
	{"parents", parents, 0, false},
	{"orphans", orphans, 0, false},
	{"exec", exec_arguments, 0, false},
	{"exec-errors", exec_errors, 0, false},
	{"spawn", spawns, 0, false},
	{"priorities", priorities, 0, false},
	{"stride", stride, 0, true},
	{"task-info", task_info, 0, false},
	{"time", time_passes, 0, false},
	{"registers", registers, 0, false},
	{"mail", mail, 0, false},
	{0},
};
