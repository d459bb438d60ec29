/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's user interface, test by test: usertests [-f] [NAME...]. Each test
 * runs in a process of its own (usertests/usertests.h); after it there must be as
 * many free pages, processes and files as before. -f: the long ones, too.
 *
 * Prints a line for each test that went wrong; ends with: usertests: N checks, N wrong
 */
#include "usertests/usertests.h"
#include "guest_test.h"

#include <dirent.h>

struct account {
	long pages, processes, files;
};

void usertests_wrong(const char *what, const char *file, int line)
{
	printf("%s:%d: %s (errno %d)\n", file, line, what, errno);
	exit(99);
}

int usertests_wait(int pid)
{
	int code = 0;

	CHECK(waitpid(pid, &code) == pid);
	return code;
}

int usertests_child(void (*fn)(void))
{
	int pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		fn();
		exit(0);
	}
	return usertests_wait(pid);
}

static void nothing(void)
{
}

static long count_lines(const char *path)
{
	static char buf[4096];
	int fd = open(path, O_RDONLY);
	long lines = 0, n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (long i = 0; i < n; i++)
			lines += buf[i] == '\n';
	close(fd);
	return lines;
}

static long count_files(void)
{
	static uint64_t buf[512];
	int fd = open(".", O_RDONLY), n;
	long files = 0;

	while ((n = getdents(fd, (struct dirent *)buf, sizeof(buf))) > 0)
		for (int at = 0; at < n; at += ((const struct dirent *)((const char *)buf + at))->d_reclen)
			files++;
	close(fd);
	return files;
}

static struct account account_now(void)
{
	return (struct account){
		.pages = raw_pages(),
		.processes = count_lines("proc/tasks"),
		.files = count_files(),
	};
}

/* Processes without a parent end when they are ready to: they are given a second. */
static bool account_settles(const struct account *before)
{
	struct account now;

	for (int tries = 0; tries < 100; tries++) {
		now = account_now();
		if (now.pages == before->pages && now.processes == before->processes && now.files == before->files)
			return true;
		usleep(10000);
	}
	printf("left behind: %ld pages, %ld processes, %ld files\n", before->pages - now.pages,
	       now.processes - before->processes, now.files - before->files);
	return false;
}

static bool parent_sleeps(void)
{
	FILE *tasks = fopen("proc/tasks", "r");
	char line[128], state[8];
	bool sleeps = false;
	int pid;

	while (tasks && fgets(line, sizeof(line), tasks))
		if (sscanf(line, "%d %*d %*d %*d %7s", &pid, state) == 2 && pid == getppid())
			sleeps = !strcmp(state, "sleep");
	if (tasks)
		fclose(tasks);
	return sleeps;
}

/* Who started this process may still be on the way to wait for it, and bring in a page of its own: that gets a second.
 */
static void wait_for_parent(void)
{
	for (int tries = 0; tries < 100 && !parent_sleeps(); tries++)
		usleep(10000);
}

static void run(const struct usertest *test)
{
	struct account before = account_now();
	int pid = fork(), code = 0;

	if (pid == 0) {
		test->run();
		exit(0);
	}
	check(pid > 0 && waitpid(pid, &code) == pid && code == test->code, test->name, code);
	check(account_settles(&before), test->name, 0);
}

static bool wanted(const struct usertest *test, char **names, bool full)
{
	if (!*names)
		return full || !test->full;
	for (; *names; names++)
		if (!strcmp(*names, test->name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static const struct usertest *const groups[] = {process_tests, memory_tests, file_tests, pipe_tests,
							thread_tests,  sync_tests,   end_tests};
	bool full = argc > 1 && !strcmp(argv[1], "-f");

	if (argc > 1 && !strcmp(argv[1], "--as"))
		return process_as(argc - 2, argv + 2);
	check(usertests_child(nothing) == 0, "a child", 0); /* brings in all pages of this process that a test needs */
	account_now();
	wait_for_parent();
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (const struct usertest *t = groups[g]; t->name; t++)
			if (wanted(t, argv + 1 + full, full))
				run(t);
	return checks_done("usertests");
}
