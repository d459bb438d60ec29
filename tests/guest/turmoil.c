/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything at once for so long: turmoil [MS [WORKERS]]. Workers of four kinds make
 * processes and programs, push bytes through chains of pipes, write, link and
 * unlink files, and start threads that fight for a mutex. Meant to run under
 * probes on the scheduler and the page allocator: turmoil is the command of a tool
 * that has armed them. In the end nothing may be left.
 *
 * Prints the work done; ends with: turmoil: N checks, N wrong
 */
#include "guest_test.h"

#include <fcntl.h>
#include <string.h>

#define KINDS 4
#define THREADS 6

static int64_t end;
static volatile int shared;

static bool go_on(void)
{
	return get_mtime() < end;
}

/* Each returns how often it went round, or -1 - line at the first thing that went wrong. */
#define EXPECT(cond)                                                                                                   \
	do {                                                                                                           \
		if (!(cond))                                                                                           \
			return -1 - __LINE__;                                                                          \
	} while (0)

static int processes(int self)
{
	int rounds = 0, code, pid;

	for (; go_on(); rounds++) {
		pid = fork();
		EXPECT(pid >= 0);
		if (pid == 0) {
			if (rounds % 2)
				_exit(self);
			exec("true", NULL);
			_exit(99);
		}
		EXPECT(spawn("false") > 0 && waitpid(pid, &code) == pid && code == (rounds % 2 ? self : 0));
		EXPECT(wait(&code) > 0 && code == 1);
	}
	return rounds;
}

static int pipes(int self)
{
	static char block[6000];
	int rounds = 0, pid, n, got;
	uint64_t a[2], b[2];

	memset(block, self, sizeof(block));
	for (; go_on(); rounds++) {
		EXPECT(pipe(a) == 0 && pipe(b) == 0);
		pid = fork();
		EXPECT(pid >= 0);
		if (pid == 0) { /* b gets what a has */
			close((int)a[1]);
			close((int)b[0]);
			while ((n = (int)read((int)a[0], block, 700)) > 0)
				write((int)b[1], block, (size_t)n);
			_exit(0);
		}
		close((int)a[0]);
		close((int)b[1]);
		if (fork() == 0)
			_exit(write((int)a[1], block, sizeof(block)) != sizeof(block));
		close((int)a[1]);
		for (got = 0; (n = (int)read((int)b[0], block, sizeof(block))) > 0; got += n)
			EXPECT(block[0] == self && block[n - 1] == self);
		close((int)b[0]);
		EXPECT(got == sizeof(block) && wait(&n) > 0 && n == 0 && wait(&n) > 0 && n == 0);
	}
	return rounds;
}

static int files(int self)
{
	char name[] = "turmoil-00", other[] = "turmoil-00.b", block[3000];
	int rounds = 0, fd, again;

	name[6] = other[6] = (char)('0' + self / 10);
	name[7] = other[7] = (char)('0' + self % 10);
	for (; go_on(); rounds++) {
		fd = open(name, O_CREATE | O_RDWR);
		memset(block, rounds, sizeof(block));
		for (int i = 0; i < 10; i++)
			EXPECT(write(fd, block, sizeof(block)) == sizeof(block));
		EXPECT(link(name, other) == 0 && unlink(name) == 0);
		again = open(other, O_RDONLY);
		EXPECT(read(again, block, sizeof(block)) == sizeof(block) && block[2999] == (char)rounds);
		EXPECT(unlink(other) == 0 && close(again) == 0 && close(fd) == 0);
	}
	return rounds;
}

static void adds(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++) {
		mutex_lock(0);
		shared = shared + 1;
		mutex_unlock(0);
	}
}

static int threads(int self)
{
	int rounds = 0, id = mutex_blocking_create();

	(void)self;
	EXPECT(id == 0);
	for (; go_on(); rounds++) {
		shared = 0;
		for (int i = 1; i <= THREADS; i++)
			EXPECT(thread_create(adds, NULL) == i);
		for (int i = 1; i <= THREADS; i++)
			EXPECT(waittid(i) == 0);
		EXPECT(shared == 20 * THREADS);
	}
	return rounds;
}

int main(int argc, char **argv)
{
	static int (*const kinds[KINDS])(int) = {processes, pipes, files, threads};
	static const char *const names[KINDS] = {"programs run", "pipelines", "files", "sets of threads"};
	const int ms = argc > 1 ? atoi(argv[1]) : 1000, workers = argc > 2 ? atoi(argv[2]) : 12;
	long done[KINDS] = {0}, result[2], before;
	uint64_t ends[2];

	check(pipe(ends) == 0 && wait(NULL) == -1, "a pipe", 0);
	end = get_mtime() + ms;
	before = raw_pages();
	for (int i = 0; i < workers; i++) {
		if (fork())
			continue;
		result[0] = i % KINDS;
		result[1] = kinds[i % KINDS](i + 1);
		write((int)ends[1], result, sizeof(result));
		_exit(0);
	}
	for (int i = 0; i < workers; i++) {
		check(read((int)ends[0], result, sizeof(result)) == sizeof(result), "a worker ended", i);
		check(result[1] >= 0, names[result[0]], -1 - result[1]);
		done[result[0]] += result[1];
		wait(NULL);
	}
	check(raw_pages() == before, "pages lost", before - raw_pages());
	for (int i = 0; i < KINDS; i++) {
		check(done[i] > 0, names[i], done[i]);
		printf("turmoil: %ld %s\n", done[i], names[i]);
	}
	return checks_done("turmoil");
}
