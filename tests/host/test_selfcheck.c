/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The self-check sees each kind of change, says so, and latches; without one it
 * goes round for ever and finds nothing.
 */
#include "world.h"

#include "kprobe.h"
#include "selfcheck.h"

#define FD 3u
#define LINK 4u
#define C_EBREAK 0x9002u
#define LOAD_AND_ATTACH (SBI_EBPF_LOCK_LOAD | SBI_EBPF_LOCK_ATTACH)

static const struct bpf_insn return_0[] = {MOV64_IMM(0, 0), EXIT()};

/* Rounds until one that began after now is complete. */
static void rounds(unsigned int n)
{
	int64_t start = ebpf_call_info(SBI_EBPF_INFO_CHECKS);
	unsigned int calls = 0;

	while (ebpf_call_info(SBI_EBPF_INFO_CHECKS) < start + (int64_t)n + 1)
		assert_true(++calls < 10000);
}

static void assert_damage(bool found)
{
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_DAMAGE) != 0, found);
	assert_int_equal(ebpf_call_lock(0), found ? LOAD_AND_ATTACH : 0);
	assert_int_equal(strstr(host_log_line, "SELF-CHECK") != NULL, found);
}

static uint16_t text_at(uint64_t pa)
{
	uint16_t half;

	memcpy(&half, ram_at(pa), 2);
	return half;
}

static void put_text(uint64_t pa, uint16_t half)
{
	memcpy(ram_at(pa), &half, 2);
}

static int64_t attach(uint64_t addr)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	user_put64(U_DATA, addr);
	attr.link_prog_fd = FD;
	attr.link_attach_type = BPF_TRACE_KPROBE_MULTI;
	attr.km_cnt = 1;
	attr.km_addrs = U_DATA;
	return bpf(BPF_LINK_CREATE, &attr, LINK);
}

static void test_selfcheck_quiet(void **state)
{
	(void)state;
	rounds(3);
	assert_int_equal(prog_load(return_0, COUNT(return_0), FD), FD);
	assert_int_equal(attach(TEXT), LINK);
	rounds(3);
	assert_damage(false);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_TAMPERED), 0);
}

/* Each word of the "text" in turn: the hash has no blind spot. */
static void test_selfcheck_constants(void **state)
{
	for (unsigned int i = 0; i < 512; i += 73) {
		world_setup(state);
		host_constant[i] ^= (uint64_t)1 << (i % 64);
		rounds(1);
		assert_damage(true);
		host_constant[i] ^= (uint64_t)1 << (i % 64);
		assert_int_equal(prog_load(return_0, COUNT(return_0), FD), -EPERM);
	}
}

static void test_selfcheck_canaries(void **state)
{
	(void)state;
	host_canaries_ok = false;
	rounds(1);
	assert_damage(true);
	host_canaries_ok = true;
	rounds(1);
	assert_damage(true); /* latched */
}

/* Ordinary calls bring the check round, too, nobody has to ask. */
static void test_selfcheck_goes_with_calls(void **state)
{
	unsigned int calls = 0;

	(void)state;
	host_canaries_ok = false;
	while (!ebpf_selfcheck_damage()) {
		assert_true(++calls < 1000);
		ebpf_call_exit(PROC);
	}
	host_canaries_ok = true;
}

/* A wild store behind a block's end, then the check with allocations and frees at every step of it. */
__attribute__((no_sanitize_address)) static void overrun(void *block, size_t size)
{
	((uint8_t *)block)[size] ^= 1;
}

static void test_selfcheck_arena(void **state)
{
	void *blocks[40];
	bool round;

	(void)state;
	for (unsigned int i = 0; i < 40; i++)
		blocks[i] = ebpf_alloc(NULL, 48);
	for (unsigned int i = 0; i < 40; i += 2) {
		ebpf_free(blocks[i]);
		assert_true(ebpf_arena_check(1, &round));
		if (i)
			ebpf_free(blocks[i - 1]);
		assert_true(ebpf_arena_check(i, &round));
	}
	assert_damage(false);
	overrun(blocks[39], 48);
	rounds(1);
	assert_damage(true);
	overrun(blocks[39], 48); /* as it was, for the balance */
	ebpf_free(blocks[39]);
}

static void test_selfcheck_breakpoint(void **state)
{
	uint16_t original = text_at(TEXT);

	(void)state;
	assert_int_equal(prog_load(return_0, COUNT(return_0), FD), FD);
	assert_int_equal(attach(TEXT), LINK);
	assert_int_equal(text_at(TEXT), C_EBREAK);
	/* the kernel takes it out: seen, and left alone, it is the kernel's text */
	put_text(TEXT, original);
	rounds(1);
	assert_true(ebpf_call_info(SBI_EBPF_INFO_TAMPERED) > 0);
	assert_int_equal(text_at(TEXT), original);
	assert_damage(false);
}

/* Under LOCK_DETACH it comes back, whatever stood there, but only where the address still leads. */
static void test_selfcheck_breakpoint_locked(void **state)
{
	static const uint16_t others[] = {0x0505, 0x0001, 0x8082};
	unsigned int syncs;
	int64_t seen;

	assert_int_equal(prog_load(return_0, COUNT(return_0), FD), FD);
	assert_int_equal(attach(TEXT), LINK);
	ebpf_call_lock(SBI_EBPF_LOCK_DETACH);
	for (size_t i = 0; i < COUNT(others); i++) {
		put_text(TEXT, others[i]);
		syncs = host_syncs;
		seen = ebpf_call_info(SBI_EBPF_INFO_TAMPERED);
		rounds(1);
		assert_int_equal(text_at(TEXT), C_EBREAK);
		assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_TAMPERED), seen + 1);
		assert_int_equal(host_syncs, syncs + 1);
	}
	/* not executable there any more */
	world_map(world_kernel_satp, TEXT, TEXT, PTE_R | PTE_W);
	put_text(TEXT, 0x1234);
	rounds(1);
	assert_int_equal(text_at(TEXT), 0x1234);
	/* another page there */
	world_map(world_kernel_satp, TEXT, TEXT + 4096, PTE_R | PTE_X);
	rounds(1);
	assert_int_equal(text_at(TEXT), 0x1234);
	assert_int_not_equal(text_at(TEXT + 4096), C_EBREAK);
	world_setup(state); /* what is locked stays: a new world */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_selfcheck_quiet),
		TEST(test_selfcheck_constants),
		TEST(test_selfcheck_canaries),
		TEST(test_selfcheck_goes_with_calls),
		TEST(test_selfcheck_arena),
		TEST(test_selfcheck_breakpoint),
		TEST(test_selfcheck_breakpoint_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
