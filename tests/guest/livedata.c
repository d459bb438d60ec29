/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * skel->bss and skel->data after load: what programs do to them is seen, what the
 * process stores arrives, and neither undoes the other's, also while a child makes
 * the program count all the time.
 */
#include "guest_test.h"
#include "livedata.skel.h"

#include <string.h>
#include <unistd.h>

#define CALLS 20000
#define STORES 40

static struct livedata *skel;

static struct livedata__bss in_the_map(void)
{
	struct livedata__bss bss = {0};
	int zero = 0;

	check(!bpf_map__lookup_elem(skel->maps.bss, &zero, sizeof(zero), &bss, sizeof(bss), 0), "read the map", errno);
	return bss;
}

static void test_seen(void)
{
	int pid = getpid();

	usleep(1);
	check(skel->bss->calls == 1 && skel->bss->last == 7, "the program saw what was set before load",
	      (long)skel->bss->last);
	check(skel->bss->sum == 92345, ".data as it was changed before load", (long)skel->bss->sum);
	check(kill(pid + 1000, 9) == -1 && errno == ESRCH, "no such process", errno);
	usleep(1);
	check(errno == ESRCH, "errno is left alone", errno);
}

static void test_stored(void)
{
	struct livedata__bss bss;
	size_t size;

	memcpy(skel->data->odd, "\x09\x08\x07\x06\x05", 5);
	for (int i = 0; i < 100; i++)
		skel->bss->many[i] = ~0ul - (u64)i; /* more than one program of stores holds */
	skel->bss->calls = 100;
	check(bpf_map__initial_value(skel->maps.bss, &size) == skel->bss && size == sizeof(bss), "at any time", 0);
	bss = in_the_map();
	check(bss.calls == 100 && bss.last == 7 && !memcmp(bss.many, skel->bss->many, sizeof(bss.many)), "stored",
	      (long)bss.calls);
	getpid();
	bpf_map__initial_value(skel->maps.bss, &size);
	check(skel->bss->calls == 101 && skel->bss->sum == 98765, "the program goes on from there",
	      (long)skel->bss->sum);
}

/* Stores beside a counter that is counting */
static void test_at_once(void)
{
	u64 calls = skel->bss->calls;
	u32 changes = skel->bss->changes;
	int pid = fork(), code = -1;

	if (pid == 0) {
		for (int i = 0; i < CALLS; i++)
			getpid();
		_exit(0);
	}
	for (u32 i = 0; i < STORES; i++) {
		skel->bss->mark = 1000 + i;
		usleep(1000);
	}
	check(waitpid(pid, &code) == pid && !code, "the child ends", code);
	check(skel->bss->calls == calls + CALLS, "no call is lost", (long)(skel->bss->calls - calls));
	check(skel->bss->last > 1000 && skel->bss->last < 1000 + STORES, "the stores were seen", skel->bss->last);
	check(skel->bss->changes > changes + 1, "more than one of them", skel->bss->changes);
}

static void test_end(void)
{
	struct livedata__bss bss;

	getpid();
	livedata__detach(skel);
	bss = in_the_map();
	check(!memcmp(&bss, skel->bss, sizeof(bss)), "the last word when it is detached", (long)skel->bss->calls);
	livedata__attach(skel);
	skel->bss->mark = 5;
	livedata__detach(skel);
	livedata__attach(skel); /* what was stored goes first */
	getpid();
	livedata__detach(skel);
	check(skel->bss->last == 5, "stored before it is attached", skel->bss->last);
}

int main(void)
{
	struct accounts before = accounts_now();

	skel = livedata__open();
	if (!check(skel != NULL, "open", errno))
		return checks_done("livedata");
	skel->bss->mark = 7;
	skel->data->odd[0] = 9;
	if (check(!livedata__load(skel) && !livedata__attach(skel), "load and attach", errno)) {
		test_seen();
		test_stored();
		test_at_once();
		test_end();
	}
	livedata__destroy(skel);
	usleep(1); /* nothing to look at any more */
	accounts_check(&before, "what is left");
	return checks_done("livedata");
}
