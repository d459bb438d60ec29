/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes: ends, blocking, order. */
#include "usertests.h"

#define CAPACITY 4096

static int reader, writer;

static void make(void)
{
	uint64_t ends[2];

	CHECK(pipe(ends) == 0 && ends[0] >= 3 && ends[1] >= 3 && ends[0] != ends[1]);
	reader = (int)ends[0];
	writer = (int)ends[1];
}

static void parts(void)
{
	char buf[32];

	make();
	CHECK(write(writer, "Hello world", 11) == 11);
	CHECK(read(reader, buf, 32) == 11 && !memcmp(buf, "Hello world", 11)); /* what is there, at once */
	CHECK(read(writer, buf, 1) == -1 && write(reader, buf, 1) == -1 && read(reader, buf, 0) == 0);
	CHECK(write(writer, "ab", 2) == 2 && read(reader, BAD_POINTER, 1) == -1 && read(reader, buf, 2) == 2);
	CHECK(write(writer, BAD_POINTER, 1) == -1 && write(writer, "end", 3) == 3);
	close(writer);
	CHECK(read(reader, buf, 32) == 3 && read(reader, buf, 32) == 0);
}

static void no_reader(void)
{
	make();
	close(reader);
	CHECK(write(writer, "x", 1) == -1);
}

/* A reader waits for the byte, and for the end of the last writer. */
static void blocks(void)
{
	char c = 0;
	int pid;

	make();
	pid = fork();
	if (pid == 0) {
		close(writer);
		CHECK(read(reader, &c, 1) == 1 && c == 'x');
		_exit(read(reader, &c, 1) == 0 ? 0 : 1);
	}
	usleep(30000);
	write(writer, "x", 1);
	usleep(30000);
	close(writer);
	CHECK(usertests_wait(pid) == 0);
}

/* Much more than fits, in pieces of odd sizes. */
static void stream(void)
{
	static uint8_t buf[3000];
	const long total = 40 * CAPACITY;
	long done = 0, n;
	int pid;

	make();
	pid = fork();
	if (pid == 0) {
		close(reader);
		for (long at = 0, len; at < total; at += len) {
			len = at % 2999 + 1 < total - at ? at % 2999 + 1 : total - at;
			for (long i = 0; i < len; i++)
				buf[i] = (uint8_t)((at + i) % 251);
			CHECK(write(writer, buf, (size_t)len) == len);
		}
		_exit(0);
	}
	close(writer);
	while ((n = read(reader, buf, 777)) > 0)
		for (long i = 0; i < n; i++, done++)
			CHECK(buf[i] == done % 251);
	CHECK(done == total && usertests_wait(pid) == 0);
}

static void full_then_closed(void)
{
	static char buf[2 * CAPACITY];
	int pid;

	make();
	pid = fork();
	if (pid == 0) {
		close(reader);
		_exit(write(writer, buf, sizeof(buf)) == CAPACITY ? 0 : 1); /* waits for room until nobody reads */
	}
	usleep(30000);
	close(reader);
	CHECK(usertests_wait(pid) == 0);
}

static void chain(void)
{
	int first = -1, in;
	char c = 0;

	for (int i = 0; i < 20; i++) {
		in = reader;
		make();
		if (i == 0)
			first = writer;
		else if (fork() == 0) {
			close(first);
			while (read(in, &c, 1) == 1) {
				c++;
				write(writer, &c, 1);
			}
			_exit(0);
		}
		if (i) {
			close(in);
			close(writer);
			writer = -1;
		}
	}
	write(first, "A", 1);
	CHECK(read(reader, &c, 1) == 1 && c == 'A' + 19);
	close(first);
	CHECK(read(reader, &c, 1) == 0);
	for (int i = 0; i < 19; i++)
		CHECK(wait(NULL) > 0);
}

const struct usertest pipe_tests[] = {
	{"pipe", parts, 0, false},
	{"pipe-no-reader", no_reader, 0, false},
	{"pipe-blocks", blocks, 0, false},
	{"pipe-stream", stream, 0, false},
	{"pipe-full", full_then_closed, 0, false},
	{"pipe-chain", chain, 0, false},
	{0},
};
