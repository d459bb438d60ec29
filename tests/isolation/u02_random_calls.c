/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * U-02: a process calls with noise
 *
 * Attacker: a user process, through bpf(2)
 * Action: every command with sizes 0 to a page and beyond, attr of random words, of small numbers, and
 *	of pointers into its own memory, mutated one field at a time; the seed is fixed
 * Contained: an errno of Linux's every time; the kernel and the firmware go on; nothing is left
 * Oracle: the range of the errno; the firmware's accounts after everything is closed; a good call in
 *	the end
 * Short: virt
 */
#include "tests/guest/guest_test.h"

#include <string.h>

#define CALLS 1000000 /* in the long form (an argument) */
#define SHORT_CALLS 2000
#define COMMANDS 40
#define HIGHEST_FD 100

static uint64_t state = 0x9e3779b97f4a7c15ul;
static char page[8192] __attribute__((aligned(4096)));

/* Objects that a call has given a name outlive their descriptors: the names, to take them back in the end. */
#define NAME_SIZE 256
#define MAX_NAMES 64
static char given[MAX_NAMES][NAME_SIZE];
static unsigned int nr_given;

static void copy_name(char *name, uint64_t at)
{
	uint64_t len = 0;

	if (at >= (uint64_t)page && at < (uint64_t)page + sizeof(page))
		len = (uint64_t)page + sizeof(page) - at;
	if (len > NAME_SIZE - 1)
		len = NAME_SIZE - 1;
	memcpy(name, (const void *)at, len);
	name[len] = 0;
}

static long counted_call(uint32_t cmd, const uint64_t *words, long size)
{
	char name[NAME_SIZE]; /* before the call: it may write there */
	long ret;

	copy_name(name, words[0]);
	ret = raw_bpf(cmd, words, size);
	if (cmd == BPF_OBJ_PIN && ret == 0 && nr_given < MAX_NAMES)
		memcpy(given[nr_given++], name, NAME_SIZE);
	return ret;
}

static void take_names_back(void)
{
	for (unsigned int i = 0; i < nr_given; i++) {
		union bpf_attr attr = {.pin.pathname = (uint64_t)given[i]};

		raw_bpf(EBPF_OBJ_UNPIN, &attr, sizeof(attr)); /* another call may have done it */
	}
	printf("u02_random_calls: %u names given\n", nr_given);
}

static uint64_t random_word(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Words of the kind that get far: small numbers, own addresses, bits, now and then noise. */
static uint64_t likely_word(void)
{
	uint64_t r = random_word();

	switch (r % 8) {
	case 0:
		return r >> 3;
	case 1:
		return (uint64_t)page + (r >> 8) % sizeof(page);
	case 2:
		return 1ul << (r >> 8) % 64;
	case 3:
		return (r >> 8) % 16 | ((r >> 16) % 16) << 32;
	default:
		return (r >> 8) % 8;
	}
}

/* A call that would succeed, to be spoilt in one or two places. */
static uint32_t good_call(union bpf_attr *attr)
{
	static const struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
	static const char *names[] = {"sys_getppid"};

	memset(attr, 0, sizeof(*attr));
	switch (random_word() % 3) {
	case 0:
		attr->map_type = (uint32_t)(1 + random_word() % 30);
		attr->key_size = 4;
		attr->value_size = 8;
		attr->max_entries = 16;
		return BPF_MAP_CREATE;
	case 1:
		attr->prog_type = BPF_PROG_TYPE_KPROBE;
		attr->insn_cnt = 2;
		attr->insns = (uint64_t)insns;
		attr->license = (uint64_t) "GPL";
		return BPF_PROG_LOAD;
	default:
		attr->link_prog_fd = (uint32_t)(3 + random_word() % 8);
		attr->link_attach_type = BPF_TRACE_KPROBE_MULTI;
		attr->km_cnt = 1;
		attr->km_syms = (uint64_t)names;
		return BPF_LINK_CREATE;
	}
}

static long spoilt_call(void)
{
	union bpf_attr attr;
	uint64_t words[sizeof(attr) / 8];
	uint32_t cmd = good_call(&attr);

	memcpy(words, &attr, sizeof(words));
	for (uint64_t n = random_word() % 3; n; n--)
		words[random_word() % (sizeof(words) / 8)] = likely_word();
	return counted_call(cmd, words, sizeof(words));
}

static long call(void)
{
	uint64_t words[24];
	uint32_t cmd = (uint32_t)(random_word() % (COMMANDS + 4));

	if (random_word() % 2)
		return spoilt_call();
	if (cmd >= COMMANDS)
		cmd = 1000 + cmd - COMMANDS; /* EBPF_LOCK (1004) stays out: it would change the machine for good */
	for (unsigned int i = 0; i < 24; i++)
		words[i] = likely_word();
	for (unsigned int i = 2 + random_word() % 22; i < 24; i++)
		words[i] = 0;
	return counted_call(cmd, words,
			    (long)(random_word() % 8 ? 8 * (1 + random_word() % 24) : random_word() % 6000));
}

static void close_all(void)
{
	for (int fd = 3; fd < HIGHEST_FD; fd++)
		close(fd);
}

int main(int argc, char *argv[])
{
	struct accounts before = accounts_now();
	unsigned int made = 0, odd = 0;
	long ret;

	for (unsigned int i = 0; i < (argc > 1 ? CALLS : SHORT_CALLS); i++) {
		ret = call();
		odd += ret < 0 && ret <= -530; /* Linux's last errno is 530 */
		made += ret > 2;
		if (i % 64 == 0)
			close_all();
	}
	close_all();
	printf("u02_random_calls: %u calls made something\n", made);
	check(odd == 0, "answers that are no errno", odd);
	check(made > 0, "calls that made something", made);
	take_names_back();
	{
		union bpf_attr attr = {
			.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};

		ret = raw_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
		check(ret >= 0, "a good call", ret);
		close((int)ret);
	}
	accounts_check(&before, "accounts");
	return checks_done("u02_random_calls");
}
