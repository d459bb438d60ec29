/* SPDX-License-Identifier: BSD-2-Clause */
/* mmap and munmap, copy-on-write, lazily zeroed pages, and what a program must not touch. */
#include "usertests.h"

#define AT ((char *)0x10000000)
#define PAGE 4096ul
#define READ 1
#define WRITE 2

static char bss[3 * PAGE];
static char data[PAGE] = {1};

static long free_pages(void)
{
	return raw(SYS_mem_info, 0, 0, 0);
}

static long map(char *at, unsigned long len, int prot)
{
	return raw(SYS_mmap, (long)at, (long)len, prot);
}

static long unmap(char *at, unsigned long len)
{
	return raw(SYS_munmap, (long)at, (long)len, 0);
}

static void map_and_use(void)
{
	CHECK(map(AT, PAGE, READ | WRITE) == 0);
	for (unsigned long i = 0; i < PAGE; i++)
		CHECK(AT[i] == 0);
	memset(AT, 0x5a, PAGE);
	CHECK(map(AT + PAGE, 1, READ | WRITE) == 0 && AT[2 * PAGE - 1] == 0 && AT[PAGE - 1] == 0x5a);
	CHECK(map(AT + 8 * PAGE, 0, READ) == 0 && unmap(AT + 8 * PAGE, PAGE) == -1);
	CHECK(unmap(AT, 2 * PAGE) == 0 && map(AT, 2 * PAGE, READ | WRITE) == 0 && AT[0] == 0);
}

/* All or nothing. */
static void map_errors(void)
{
	CHECK(map(AT, PAGE, READ | WRITE) == 0);
	AT[0] = 7;
	CHECK(map(AT - PAGE, 3 * PAGE, READ) == -1 && unmap(AT - PAGE, PAGE) == -1 && AT[0] == 7);
	CHECK(map(AT + 1, PAGE, READ) == -1 && map(AT - PAGE, PAGE, 0) == -1 && map(AT - PAGE, PAGE, 8) == -1);
	CHECK(map(AT + PAGE, (1ul << 30) + 1, READ) == -1);
	CHECK(map(NULL, PAGE, READ) == -1 && map((char *)(1ul << 38) - PAGE, 2 * PAGE, READ) == -1);
	CHECK(map((char *)-PAGE, 2 * PAGE, READ) == -1 && map(BAD_POINTER, PAGE, READ) == -1);
	CHECK(unmap(AT, 2 * PAGE) == -1 && AT[0] == 7 && unmap(AT + 1, PAGE) == -1);
	CHECK(unmap(AT, -1ul) == -1 && unmap(BAD_POINTER, PAGE) == -1);
	CHECK(unmap(AT, PAGE) == 0 && unmap(AT, PAGE) == -1);
}

static void map_hole(void)
{
	CHECK(map(AT, 4 * PAGE, READ | WRITE) == 0 && unmap(AT + PAGE, PAGE) == 0);
	CHECK(map(AT + PAGE, PAGE - 1, WRITE) == 0);
	AT[0] = AT[2 * PAGE] = 1;
	CHECK(raw(SYS_write, 1, (long)AT + PAGE, 1) == -1); /* write-only */
}

static void write_read_only(void)
{
	CHECK(map(AT, PAGE, READ) == 0 && AT[0] == 0);
	AT[0] = 1;
}

static void read_write_only(void)
{
	volatile char *p = AT;

	CHECK(map(AT, PAGE, WRITE) == 0);
	(void)p[0];
}

static void execute_data(void)
{
	CHECK(map(AT, PAGE, READ | WRITE) == 0);
	memcpy(AT, &(uint32_t){0x00008067}, 4); /* ret */
	((void (*)(void))AT)();
}

static void write_null(void)
{
	*(volatile int *)0 = 1;
}

static void write_text(void)
{
	*(volatile char *)write_text = 1;
}

static void read_kernel(void)
{
	(void)*(volatile char *)BAD_POINTER;
}

static void illegal(void)
{
	asm volatile(".word 0");
}

static void privileged(void)
{
	asm volatile("csrr a0, sstatus" : : : "a0");
}

static void supervisor_return(void)
{
	asm volatile("sret");
}

static void breakpoint(void)
{
	asm volatile("ebreak");
}

static int recurse(volatile char *above)
{
	volatile char here[1024];

	here[0] = above[0];
	return here[0] ? 0 : recurse(here) + here[0];
}

static void stack_overflow(void)
{
	volatile char c = 0;

	recurse(&c);
}

/* After fork each sees its own stores, down to the last page, and pages cost nothing before that. */
static void copy_on_write(void)
{
	long before, after;
	int pid;

	CHECK(map(AT, 512 * PAGE, READ | WRITE) == 0);
	for (unsigned long i = 0; i < 512; i++)
		AT[i * PAGE] = (char)i;
	data[0] = 2;
	before = free_pages();
	pid = fork();
	if (pid == 0) {
		for (unsigned long i = 0; i < 512; i++) {
			CHECK(AT[i * PAGE] == (char)i);
			AT[i * PAGE] = (char)(i + 1);
		}
		data[0] = 3;
		_exit(data[0] == 3 && AT[PAGE] == 2 ? 0 : 1);
	}
	after = free_pages();
	CHECK(before - after < 500 || raw(SYS_cpu_info, 1, 0, 0) > 1); /* with more harts it may be at work already */
	CHECK(usertests_wait(pid) == 0);
	for (unsigned long i = 0; i < 512; i++)
		CHECK(AT[i * PAGE] == (char)i);
	CHECK(data[0] == 2);
}

/* 256 MiB mapped take a few tables; a page is there when it is touched. */
static void lazy(void)
{
	long before = free_pages(), reserved, touched;

	for (unsigned long i = 0; i < sizeof(bss); i++)
		CHECK(bss[i] == 0);
	before = free_pages();
	CHECK(map(AT, 256ul << 20, READ | WRITE) == 0);
	reserved = free_pages();
	CHECK(before - reserved <= 140);
	for (unsigned long i = 0; i < 100; i++)
		AT[i << 20] = 1;
	touched = free_pages();
	CHECK(reserved - touched == 100);
}

/* More than there is: the process ends, the kernel has it all back (the runner counts). */
static void out_of_memory(void)
{
	CHECK(map(AT, 1ul << 30, READ | WRITE) == 0);
	for (unsigned long i = 0; i < 1ul << 30; i += PAGE)
		AT[i] = 1;
}

/* The kernel's answer to memory that cannot be had is an error, not a stop. */
static void out_of_memory_in_calls(void)
{
	static char *const argv[] = {"true", NULL};
	int fd, pid = fork();

	if (pid == 0) {
		CHECK(map(AT, 1ul << 30, READ | WRITE) == 0);
		for (unsigned long i = 0; free_pages() > 8; i += PAGE)
			AT[i] = 1;
		for (int i = 0; i < 20; i++) {
			int child = fork();

			if (child == 0)
				_exit(0);
			if (child > 0)
				waitpid(child, NULL);
			child = spawn("usertests");
			if (child > 0)
				waitpid(child, NULL);
			fd = open("oom", O_CREATE | O_WRONLY);
			write(fd, AT, 64 * PAGE);
			close(fd);
			raw(SYS_thread_create, (long)_exit, 0, 0);
			raw(SYS_execve, (long)"no such program", (long)argv, 0);
		}
		_exit(0);
	}
	waitpid(pid, NULL); /* 0, or killed at a page of its own stack */
	unlink("oom");
}

const struct usertest memory_tests[] = {
	{"mmap", map_and_use, 0, false},
	{"mmap-errors", map_errors, 0, false},
	{"mmap-hole", map_hole, 0, false},
	{"write-read-only", write_read_only, -2, false},
	{"read-write-only", read_write_only, -2, false},
	{"execute-data", execute_data, -2, false},
	{"write-null", write_null, -2, false},
	{"write-text", write_text, -2, false},
	{"read-kernel", read_kernel, -2, false},
	{"illegal-instruction", illegal, -3, false},
	{"privileged-register", privileged, -3, false},
	{"supervisor-return", supervisor_return, -3, false},
	{"breakpoint", breakpoint, -1, false},
	{"stack-overflow", stack_overflow, -2, false},
	{"copy-on-write", copy_on_write, 0, false},
	{"lazy", lazy, 0, false},
	{"out-of-memory", out_of_memory, -2, true},
	{"out-of-memory-in-calls", out_of_memory_in_calls, 0, true},
	{0},
};
