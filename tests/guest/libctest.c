/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's system calls in the guest: files, pipes, processes, threads
 * and what they wait for, memory, time. Prints one line a check; exits with the
 * number of failed ones. `libctest args a b` is run by itself as a child.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed;
static char *volatile nowhere = (char *)8;

static void check(bool ok, const char *what)
{
	printf("%s: %s\n", ok ? "ok" : "FAILED", what);
	failed += !ok;
}

static bool listed(const char *name)
{
	static uint64_t buf[256];
	int fd = open(".", O_RDONLY), n;
	bool found = false;

	while ((n = getdents(fd, (struct dirent *)buf, sizeof(buf))) > 0) {
		const struct dirent *d;

		for (int at = 0; at < n; at += d->d_reclen) {
			d = (const struct dirent *)((const char *)buf + at);
			found |= !strcmp(d->d_name, name);
		}
	}
	close(fd);
	return found;
}

static void test_files(void)
{
	static char big[9000], back[9000];
	int fd = open("libctest.tmp", O_CREATE | O_RDWR);
	Stat st;

	check(fd >= 3, "create a file");
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7);
	check(write(fd, big, sizeof(big)) == sizeof(big), "write");
	check(fstat(fd, &st) == 0 && st.mode == STAT_FILE && st.nlink == 1, "fstat");
	check(close(fd) == 0, "close");
	check(listed("libctest.tmp"), "listed by getdents");
	fd = open("libctest.tmp", O_RDONLY);
	check(read(fd, back, sizeof(back)) == sizeof(back) && !memcmp(big, back, sizeof(big)), "read back");
	check(read(fd, back, 1) == 0, "end of file");
	check(link("libctest.tmp", "libctest.tmp2") == 0 && unlink("libctest.tmp") == 0, "link, unlink");
	close(fd);
	check(unlink("libctest.tmp2") == 0 && !listed("libctest.tmp2"), "unlink the last name");
	check(open("libctest.tmp", O_RDONLY) == -1 && errno == ENOENT, "open what is not there");
	check(close(99) == -1 && errno == EBADF, "close what is not open");
}

static void test_streams(void)
{
	char line[32], *got = NULL, kind = 0, name[64] = "";
	unsigned long addr = 0;
	size_t size = 0;
	FILE *f = fopen("libctest.tmp", "w");
	int pid, code = -1;

	check(f && fprintf(f, "line %d\n", 1) == 7 && fclose(f) == 0, "write a stream");
	f = fopen("libctest.tmp", "a");
	check(f && fputs("line 2\n", f) == 0, "append to it");
	pid = fork(); /* what is in the buffer is written once */
	if (pid == 0)
		exit(0);
	check(waitpid(pid, &code) == pid && code == 0 && fclose(f) == 0, "a child ends with a stream open");
	f = fopen("libctest.tmp", "r");
	check(f && fgets(line, sizeof(line), f) && !strcmp(line, "line 1\n"), "fgets");
	check(f && getline(&got, &size, f) == 7 && !strcmp(got, "line 2\n"), "getline");
	check(f && getline(&got, &size, f) == -1 && feof(f) && fclose(f) == 0, "the end of it");
	free(got);
	check(unlink("libctest.tmp") == 0 && !fopen("libctest.tmp", "r") && errno == ENOENT, "no stream of no file");
	f = fopen("proc/kallsyms", "r");
	check(f && fscanf(f, "%lx %c %63s%*[^\n]", &addr, &kind, name) == 3 && addr && name[0], "fscanf");
	if (f)
		fclose(f);
}

static void test_numbers(void)
{
	volatile double ns = 1234567, thousand = 1000;
	volatile float third = 1.0f / 3;
	volatile unsigned long bits = 0x00f0;
	char text[32];

	snprintf(text, sizeof(text), "%.2f us", ns / thousand);
	check(!strcmp(text, "1234.57 us"), "double arithmetic");
	snprintf(text, sizeof(text), "%g %d", third * 3 > 0.5f ? (double)third : 0, (int)(ns * 2 - 1));
	check(!strcmp(text, "0.333333 2469133"), "float, comparisons, conversions");
	check(__builtin_clzl(bits) == 56 && __builtin_ctzl(bits) == 4 && __builtin_popcountl(bits) == 4,
	      "bits counted");
}

static void test_processes(void)
{
	char *args[] = {"libctest", "args", "a b", "c", NULL};
	int64_t two[2];
	char buf[16];
	int code = 0, pid;

	check(pipe(two) == 0, "pipe");
	pid = fork();
	if (pid == 0) {
		write((int)two[1], "through", 7);
		exit(12);
	}
	check(read((int)two[0], buf, sizeof(buf)) == 7 && !memcmp(buf, "through", 7), "read from a child");
	check(waitpid(pid, &code) == pid && code == 12, "fork and waitpid");
	check(waitpid(pid, &code) == -1, "a child is collected once");
	close((int)two[0]);
	close((int)two[1]);
	pid = fork();
	if (pid == 0) {
		exec("libctest", args);
		exit(99);
	}
	check(waitpid(pid, &code) == pid && code == 7, "exec with arguments");
	check(exec("nosuchprogram", args) == -1 && errno == ENOENT, "exec of nothing");
	pid = spawn("true");
	check(pid > 0 && waitpid(pid, &code) == pid && code == 0, "spawn");
	pid = fork();
	if (pid == 0)
		for (;;)
			sched_yield();
	check(kill(pid, 9) == 0 && waitpid(pid, &code) == pid && code == -9, "kill");
	pid = fork();
	if (pid == 0)
		*(volatile int *)nowhere = 1;
	check(waitpid(pid, &code) == pid && code == -2, "a null pointer ends the process with -2");
}

static int mutex, semaphore, condvar, counter;
static bool released;

static int adder(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		void *p = malloc((size_t)i + 1);

		mutex_lock(mutex);
		counter += (int)(long)arg;
		mutex_unlock(mutex);
		free(p);
	}
	return 40 + (int)(long)arg;
}

static int waiter(void *arg)
{
	semaphore_down(semaphore);
	mutex_lock(mutex);
	while (!released)
		condvar_wait(condvar, mutex);
	mutex_unlock(mutex);
	(void)arg;
	exit(5); /* ends this thread */
}

static void test_threads(void)
{
	int tid[4], codes = 0, last;

	mutex = mutex_blocking_create();
	semaphore = semaphore_create(0);
	condvar = condvar_create();
	check(mutex >= 0 && semaphore >= 0 && condvar >= 0, "create mutex, semaphore, condvar");
	for (long i = 0; i < 4; i++)
		tid[i] = thread_create(adder, (void *)(i + 1));
	last = thread_create(waiter, NULL);
	check(tid[3] > 0 && last > 0, "thread_create");
	for (int i = 0; i < 4; i++)
		codes += waittid(tid[i]);
	check(codes == 170, "a thread's return value is its exit code");
	check(counter == 10000, "no update lost under the mutex");
	semaphore_up(semaphore);
	mutex_lock(mutex);
	released = true;
	condvar_signal(condvar);
	mutex_unlock(mutex);
	check(waittid(last) == 5, "semaphore, condvar, exit in a thread");
	check(waittid(last) == -1, "a thread is collected once");
}

static void test_memory_and_time(void)
{
	char *page = (char *)0x10000000;
	int64_t before = get_mtime(), after;
	char *p = malloc(100000);

	check(mmap(page, 4096, 3, 0, -1) == 0 && page[4095] == 0, "mmap gives zeroed memory");
	page[0] = 1;
	check(munmap(page, 4096) == 0, "munmap");
	check(p != NULL, "malloc 100000 bytes");
	free(p);
	usleep(50000);
	after = get_mtime();
	check(after - before >= 50 && after - before < 1000, "sleep takes its milliseconds");
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "args") && !strcmp(argv[2], "a b") && !strcmp(argv[3], "c"))
		return 7;
	test_files();
	test_streams();
	test_numbers();
	test_processes();
	test_threads();
	test_memory_and_time();
	printf("libctest: %d failed\n", failed);
	return failed;
}
