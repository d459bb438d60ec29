/* SPDX-License-Identifier: BSD-2-Clause */
/* Files: contents, names, descriptors, views of the kernel. */
#include "usertests.h"

static int create(const char *name, const char *text)
{
	int fd = open(name, O_CREATE | O_RDWR);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

/* The number the next open() has to get. */
static int lowest(void)
{
	int fd = dup(1);

	close(fd);
	return fd;
}

static void contents(void)
{
	int low = lowest(), fd = create("ut-a", "Hello, world!"), again;
	char buf[32] = "";

	CHECK(fd == low && read(fd, buf, sizeof(buf)) == 0);
	again = open("./ut-a", O_RDONLY);
	CHECK(again == low + 1 && read(again, buf, 5) == 5 && !memcmp(buf, "Hello", 5));
	CHECK(read(again, buf, sizeof(buf)) == 8 && read(again, buf, sizeof(buf)) == 0);
	CHECK(write(again, "x", 1) == -1);
	close(again);
	again = open("ut-a", O_WRONLY);
	CHECK(read(again, buf, 1) == -1 && write(again, "J", 1) == 1);
	close(again);
	again = open("/ut-a", O_CREATE | O_RDONLY); /* O_CREATE keeps what there is */
	CHECK(read(again, buf, sizeof(buf)) == 13 && !memcmp(buf, "Jello", 5));
	close(again);
	again = open("ut-a", O_RDWR | O_TRUNC);
	CHECK(read(again, buf, sizeof(buf)) == 0);
	close(again);
	close(fd);
	CHECK(unlink("ut-a") == 0 && open("ut-a", O_RDONLY) == -1 && unlink("ut-a") == -1);
}

static void bad_calls(void)
{
	int low = lowest(), fd = create("ut-a", "text");
	char buf[4];

	CHECK(fd == low && close(open("", O_CREATE)) == 0); /* the directory */
	CHECK(exec("", NULL) == -1 && spawn("") == -1 && unlink("") == -1 && link("", "ut-b") == -1);
	CHECK(link("ut-a", "") == -1 && link("ut-a", "/") == -1 && unlink(".") == -1 && exec(".", NULL) == -1);
	CHECK(open("nothing", O_RDONLY) == -1 && raw(SYS_openat, 0, 0, 2) == -1);
	CHECK(open("a name of more than sixty-three bytes, which is too long for a file here.....", O_CREATE) == -1);
	CHECK(read(fd, BAD_POINTER, 4) == 0 && write(fd, BAD_POINTER, 4) == -1);
	close(fd);
	fd = open("ut-a", O_RDONLY);
	CHECK(read(fd, BAD_POINTER, 4) == -1 && read(fd, NULL, 4) == -1 && read(fd, (void *)create, 4) == -1);
	CHECK(read(fd, buf, 4) == 4 && read(100, buf, 1) == -1 && read(-1, buf, 1) == -1 &&
	      read(1 << 20, buf, 1) == -1);
	CHECK(close(100) == -1 && close(-1) == -1 && dup(100) == -1);
	CHECK(raw(SYS_fstat, fd, (long)BAD_POINTER, 0) == -1 && raw(SYS_fstat, 100, (long)buf, 0) == -1);
	CHECK(raw(SYS_pipe2, (long)BAD_POINTER, 0, 0) == -1 && raw(SYS_getdents64, fd, (long)buf, 4) == -1);
	close(fd);
	CHECK(raw(SYS_pipe2, 0, 0, 0) == -1 && open("ut-a", O_RDONLY) == low); /* nothing was left open */
	unlink("ut-a");
}

static void links(void)
{
	Stat a, b;
	char buf[8];
	int fd = create("ut-a", "linked"), other;

	CHECK(fstat(fd, &a) == 0 && a.mode == STAT_FILE && a.nlink == 1);
	CHECK(link("ut-a", "ut-a") == -1 && link("nothing", "ut-b") == -1);
	CHECK(link("ut-a", "ut-b") == 0 && link("ut-a", "ut-b") == -1 && link("ut-b", "ut-c") == 0);
	CHECK(fstat(fd, &a) == 0 && a.nlink == 3);
	CHECK(unlink("ut-a") == 0);
	other = open("ut-c", O_RDONLY);
	CHECK(fstat(other, &b) == 0 && b.nlink == 2 && b.ino == a.ino && b.dev == a.dev);
	CHECK(read(other, buf, 6) == 6 && !memcmp(buf, "linked", 6));
	CHECK(unlink("ut-b") == 0 && unlink("ut-c") == 0 && open("ut-c", O_RDONLY) == -1);
	CHECK(fstat(fd, &a) == 0 && a.nlink == 0 && write(fd, "still", 5) == 5); /* until it is closed */
	CHECK(fstat(open(".", O_RDONLY), &a) == 0 && a.mode == STAT_DIR);
}

/* Large files one after the other: their pages come back (the runner counts). */
static void recycling(void)
{
	static char block[1000];
	int fd;

	for (int i = 0; i < 10; i++) {
		fd = open("ut-large", O_CREATE | O_RDWR);
		for (int k = 0; k < 145; k++) {
			memset(block, i + k, sizeof(block));
			CHECK(write(fd, block, sizeof(block)) == sizeof(block));
		}
		close(fd);
		fd = open("ut-large", O_RDONLY);
		for (int k = 0; k < 145; k++)
			CHECK(read(fd, block, sizeof(block)) == sizeof(block) && block[999] == (char)(i + k));
		CHECK(read(fd, block, 1) == 0);
		close(fd);
		CHECK(unlink("ut-large") == 0 && open("ut-large", O_RDONLY) == -1);
	}
}

static void descriptors(void)
{
	char buf[4];
	int fd = create("ut-a", "abcdef"), copy, pid, n = 0;

	close(fd);
	fd = open("ut-a", O_RDONLY);
	copy = dup(fd);
	CHECK(copy == fd + 1 && read(fd, buf, 2) == 2 && read(copy, buf, 2) == 2 && !memcmp(buf, "cd", 2));
	CHECK(dup2(fd, 80) == 80 && read(80, buf, 2) == 2 && !memcmp(buf, "ef", 2) && dup2(fd, 1 << 20) == -1);
	pid = fork();
	if (pid == 0) /* inherited, and closed there only there */
		_exit(read(80, buf, 1) == 0 && close(80) == 0 ? 0 : 1);
	CHECK(usertests_wait(pid) == 0 && close(80) == 0 && close(80) == -1);
	close(fd);
	CHECK(open("ut-a", O_RDONLY) == fd); /* the lowest free number */
	while ((fd = open("ut-a", O_RDONLY)) >= 0)
		n++;
	CHECK(n > 64 && close(99) == 0 && open("ut-a", O_RDONLY) == 99);
	unlink("ut-a");
}

static void at_once(void)
{
	char name[] = "ut-0";
	int fd;

	for (int i = 0; i < 8; i++) {
		if (fork())
			continue;
		name[3] = (char)('0' + i % 4); /* two of them on each name */
		for (int k = 0; k < 50; k++) {
			fd = open(name, O_CREATE | O_RDWR);
			write(fd, name, 4);
			link(name, "ut-x");
			unlink(name);
			unlink("ut-x");
			close(fd);
		}
		_exit(0);
	}
	for (int i = 0; i < 8; i++)
		CHECK(wait(NULL) > 0);
	for (int i = 0; i < 4; i++) {
		name[3] = (char)('0' + i);
		unlink(name);
	}
	unlink("ut-x");
}

static bool begins(const char *path, const char *text)
{
	char buf[32] = "";
	int fd = open(path, O_RDONLY);
	bool same = read(fd, buf, sizeof(buf) - 1) > 0 && !strncmp(buf, text, strlen(text));

	close(fd);
	return same;
}

static void views(void)
{
	int low = lowest();

	CHECK(begins("proc/meminfo", "MemTotal:") && begins("proc/tasks", "  PID  PPID") &&
	      begins("proc/kallsyms", "ffff"));
	CHECK(begins("proc/interrupts", "HART") && begins("proc/kmsg", "[") && begins("/proc/cmdline", ""));
	CHECK(open("proc/nothing", O_RDONLY) == -1 && open("proc", O_RDONLY) == low);
	CHECK(open("proc/trace_pipe", O_RDONLY) == low + 1 && open("proc/trace_pipe", O_RDONLY) == -1);
	CHECK(close(low + 1) == 0 && open("proc/trace_pipe", O_RDONLY) == low + 1);
}

const struct usertest file_tests[] = {
	{"contents", contents, 0, false},
	{"bad-file-calls", bad_calls, 0, false},
	{"links", links, 0, false},
	{"recycling", recycling, 0, false},
	{"descriptors", descriptors, 0, false},
	{"files-at-once", at_once, 0, false},
	{"views", views, 0, false},
	{0},
};
