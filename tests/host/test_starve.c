/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No memory: each scenario is played with its first allocation failing, then
 * with the second, and so on until none is left to fail; once with only that one
 * failing and once with all after it as well. It ends with -ENOMEM or does
 * without; either way nothing is left when everybody has gone, no probe is armed
 * and kernel text is what it was. A scenario uses descriptors from 1 on.
 */
#include "btf.h"
#include "world.h"

#include "btf_builder.h"
#include "kprobe.h"

#define U_ARRAY (USER + 0x8000u)
#define U_NAMES (USER + 0xa000u)
#define TRAMPOLINE (SYS_OPENAT + 12)
#define TRY(call)                                                                                                      \
	do {                                                                                                           \
		int64_t try_ = (call);                                                                                 \
		if (try_ < 0)                                                                                          \
			return try_;                                                                                   \
	} while (0)

static uint8_t text_before[TEXT_SIZE];
static union bpf_attr attr;

static union bpf_attr *blank(void)
{
	memset(&attr, 0, sizeof(attr));
	return &attr;
}

static void hit(uint64_t addr)
{
	struct ebpf_pt_regs regs;
	struct rv_trap trap;

	memset(&regs, 0, sizeof(regs));
	memset(&trap, 0, sizeof(trap));
	regs.epc = addr;
	regs.x[0] = TEXT;
	regs.x[1] = RAM + 0x7000;
	ebpf_kprobe_hit(&regs, &trap, 0, host_satp);
	if (regs.x[0] == TRAMPOLINE) {
		regs.epc = regs.x[0];
		ebpf_kprobe_hit(&regs, &trap, 0, host_satp);
	}
}

/* --- Maps: one of each type is made, filled beyond what it was made with, read and emptied --- */

static const struct {
	uint32_t type, key, value, max, flags;
} maps[] = {
	{BPF_MAP_TYPE_HASH, 4, 600, 8, 0},	     {BPF_MAP_TYPE_HASH, 8, 8, 8, BPF_F_NO_PREALLOC},
	{BPF_MAP_TYPE_ARRAY, 4, 8, 600, 0},	     {BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 8, 0},
	{BPF_MAP_TYPE_PERCPU_ARRAY, 4, 600, 4, 0},   {BPF_MAP_TYPE_LRU_HASH, 4, 8, 4, 0},
	{BPF_MAP_TYPE_LRU_PERCPU_HASH, 4, 8, 4, 0},  {BPF_MAP_TYPE_LPM_TRIE, 8, 8, 8, BPF_F_NO_PREALLOC},
	{BPF_MAP_TYPE_QUEUE, 0, 16, 8, 0},	     {BPF_MAP_TYPE_STACK, 0, 16, 8, 0},
	{BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 100, 0},   {BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0},
	{BPF_MAP_TYPE_STACK_TRACE, 4, 64, 8, 0},     {BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 0},
	{BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2, 0}, {BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 4, 0},
	{BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 4, 0},
};
static uint32_t which_map;

static int64_t make_map(uint64_t fd)
{
	blank()->map_type = maps[which_map].type;
	attr.key_size = maps[which_map].key;
	attr.value_size = maps[which_map].value;
	attr.max_entries = maps[which_map].max;
	attr.map_flags = maps[which_map].flags;
	if (attr.map_type == BPF_MAP_TYPE_ARRAY_OF_MAPS || attr.map_type == BPF_MAP_TYPE_HASH_OF_MAPS)
		attr.inner_map_fd = 1;
	return bpf(BPF_MAP_CREATE, &attr, fd);
}

static int64_t one_map(void)
{
	int64_t result = 0;

	TRY(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 1));
	TRY(make_map(2));
	for (uint64_t key = 0; key < 4; key++) {
		user_put64(U_DATA, maps[which_map].type == BPF_MAP_TYPE_LPM_TRIE ? key << 32 | 32 : key);
		user_put64(U_DATA + 8, 1); /* the inner map, for a map of maps */
		result = elem(BPF_MAP_UPDATE_ELEM, 2, maps[which_map].key ? U_DATA : 0, U_DATA + 8, BPF_ANY);
		if (result == -ENOMEM)
			return result;
	}
	result = elem(BPF_MAP_LOOKUP_ELEM, 2, maps[which_map].key ? U_DATA : 0, U_DATA + 8, 0);
	if (result == -ENOMEM)
		return result;
	result = elem(BPF_MAP_DELETE_ELEM, 2, U_DATA, 0, 0);
	return result == -ENOMEM ? result : 0;
}

static int64_t a_batch(void)
{
	TRY(map_create(BPF_MAP_TYPE_HASH, 4, 8, 64, 1));
	for (uint32_t i = 0; i < 64; i++)
		user_write(U_ARRAY + 4 * i, &i, 4);
	blank()->batch.keys = U_ARRAY;
	attr.batch.values = USER + 0x10000;
	attr.batch.count = 64;
	attr.batch.map_fd = 1;
	TRY(bpf(BPF_MAP_UPDATE_BATCH, &attr, 9));
	attr.batch.out_batch = U_DATA;
	attr.batch.count = 64;
	return bpf(BPF_MAP_LOOKUP_AND_DELETE_BATCH, &attr, 9) == -ENOMEM ? -ENOMEM : 0;
}

static int64_t a_ring(void)
{
	static const struct bpf_insn insns[] = {
		ST(BPF_DW, 10, -8, 7),
		LD_REF(1, BPF_PSEUDO_MAP_FD, 1, 0),
		MOV64_REG(2, 10),
		ADD64_IMM(2, -8),
		MOV64_IMM(3, 8),
		MOV64_IMM(4, 0),
		CALL(BPF_FUNC_ringbuf_output),
		MOV64_IMM(0, 0),
		EXIT(),
	};

	TRY(map_create(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 1));
	TRY(prog_load(insns, COUNT(insns), 2));
	blank()->test.prog_fd = 2;
	TRY(bpf(BPF_PROG_TEST_RUN, &attr, 0));
	blank()->drain.map_fd = 1;
	attr.drain.buf = U_ARRAY;
	attr.drain.size = 4096;
	return bpf(EBPF_MAP_DRAIN, &attr, 0);
}

/* --- Programs --- */

/* Maps, branches, a loop, spills, a local function: work for every part of the verifier. */
static const struct bpf_insn large[] = {
	MOV64_REG(6, 1),
	LDX(BPF_DW, 7, 6, 80),
	STX(BPF_DW, 10, 7, -16),
	ST(BPF_W, 10, -4, 0),
	MOV64_IMM(8, 0),
	ADD64_IMM(8, 1),
	INSN(BPF_JMP | BPF_JGT | BPF_K, 7, 0, 1, 5),
	ADD64_IMM(7, 3),
	INSN(BPF_JMP | BPF_JLT | BPF_K, 8, 0, -4, 4),
	MOV64_REG(2, 10),
	ADD64_IMM(2, -4),
	LD_REF(1, BPF_PSEUDO_MAP_FD, 1, 0),
	CALL(BPF_FUNC_map_lookup_elem),
	JEQ_IMM(0, 0, 3),
	LDX(BPF_DW, 1, 10, -16),
	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 3),
	EXIT(),
	MOV64_IMM(0, 0),
	EXIT(),
	MOV64_REG(0, 1),
	EXIT(),
};

static int64_t programs(void)
{
	TRY(map_create(BPF_MAP_TYPE_HASH, 4, 8, 8, 1));
	TRY(prog_load(large, COUNT(large), 2));
	prog_attr(&attr, large, COUNT(large));
	attr.log_level = 2;
	attr.log_buf = USER + 0x14000;
	attr.log_size = 0x20000;
	TRY(bpf(BPF_PROG_LOAD, &attr, 3));
	blank()->test.prog_fd = 3;
	return bpf(BPF_PROG_TEST_RUN, &attr, 0);
}

static int64_t rcore_program(void)
{
	static const struct bpf_insn insns[] = {MOV64_IMM(0, 0), EXIT()};
	uint32_t fd = 1;

	TRY(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 1));
	prog_attr(&attr, insns, COUNT(insns));
	user_write(U_DATA, &fd, sizeof(fd));
	attr.prog_flags = EBPF_F_RCORE_ABI;
	attr.fd_array = U_DATA;
	attr.fd_array_cnt = 1;
	TRY(bpf(BPF_PROG_LOAD, &attr, 2));
	user_puts(U_NAMES, "kprobe$f3");
	blank()->rc_target = U_NAMES;
	attr.rc_str_len = 9;
	attr.rc_prog_fd = 2;
	TRY(bpf(BPF_PROG_ATTACH, &attr, 0));
	hit(TEXT + 3 * 16);
	return bpf(BPF_PROG_DETACH, &attr, 0);
}

static int64_t type_information(void)
{
	static struct btf_builder builder;
	static uint8_t blob[8192];
	size_t size;

	put_begin(&builder);
	put_type(&builder, "node", BTF_KIND_STRUCT, 1, 4);
	put_member(&builder, "n", 1, 0);
	put_ptr(&builder, 2);
	put_array(&builder, 2, 6);
	size = put_finish(&builder, blob);
	user_write(U_ARRAY, blob, size);
	blank()->btf = U_ARRAY;
	attr.btf_size = (uint32_t)size;
	TRY(bpf(BPF_BTF_LOAD, &attr, 1));
	blank()->map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 4;
	attr.max_entries = 1;
	attr.btf_fd = 1;
	attr.btf_key_type_id = 1;
	attr.btf_value_type_id = 2;
	return bpf(BPF_MAP_CREATE, &attr, 2);
}

/* --- Links --- */

static int64_t a_link(uint32_t flags, bool names, uint64_t fd)
{
	for (uint32_t i = 0; i < 40; i++) {
		char name[8];

		snprintf(name, sizeof(name), "f%u", 2 * i);
		user_puts(U_NAMES + 8 * i, name);
		user_put64(U_ARRAY + 8 * i, names ? U_NAMES + 8 * i : TEXT + 32 * i);
	}
	blank()->link_prog_fd = 2;
	attr.link_attach_type = BPF_TRACE_KPROBE_MULTI;
	attr.km_flags = flags;
	attr.km_cnt = 40;
	if (names)
		attr.km_syms = U_ARRAY;
	else
		attr.km_addrs = U_ARRAY;
	attr.km_cookies = U_ARRAY;
	TRY(bpf(BPF_LINK_CREATE, &attr, fd));
	hit(TEXT);
	hit(TEXT + 39 * 32);
	return 0;
}

static int64_t links(void)
{
	TRY(map_create(BPF_MAP_TYPE_HASH, 4, 8, 8, 1));
	TRY(prog_load(large, COUNT(large), 2));
	TRY(a_link(0, false, 3));
	TRY(a_link(BPF_F_KPROBE_MULTI_RETURN, true, 4));
	TRY(ebpf_call_dup(PROC, 3, OTHER, 3));
	blank()->detach_link_fd = 4;
	return bpf(BPF_LINK_DETACH, &attr, 0);
}

/* --- Names, numbers, symbols, output --- */

static int64_t pins(void)
{
	TRY(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 1));
	user_puts(U_NAMES, "pinned");
	blank()->pin.pathname = U_NAMES;
	attr.pin.bpf_fd = 1;
	TRY(bpf(BPF_OBJ_PIN, &attr, 0));
	attr.pin.bpf_fd = 0;
	return bpf(BPF_OBJ_GET, &attr, 2);
}

static int64_t symbols(void)
{
	const struct ebpf_symtab_header *header = (const void *)ram_at(SYMTAB_PA);

	return set_symbols(SYMTAB_PA, sizeof(*header) + header->count * (uint64_t)header->entry_size + header->strings);
}

static int64_t output(void)
{
	static const struct bpf_insn insns[] = {
		ST(BPF_W, 10, -4, 0x000a6968), /* "hi\n" */
		MOV64_REG(1, 10),
		ADD64_IMM(1, -4),
		MOV64_IMM(2, 4),
		CALL(BPF_FUNC_trace_printk),
		MOV64_IMM(0, 0),
		EXIT(),
	};

	TRY(prog_load(insns, COUNT(insns), 1));
	blank()->test.prog_fd = 1;
	TRY(bpf(BPF_PROG_TEST_RUN, &attr, 0));
	return ebpf_call_trace_read(RAM, 4096, world_kernel_satp) > 0 ? 0 : -EPROTO;
}

/* --- The game --- */

static void everybody_goes(void)
{
	ebpf_arena_fail(0, false);
	user_puts(U_NAMES, "pinned");
	blank()->pin.pathname = U_NAMES;
	bpf(EBPF_OBJ_UNPIN, &attr, 0); /* if it came to that */
	assert_int_equal(world_exit(PROC), 0);
	assert_int_equal(world_exit(OTHER), 0);
	ebpf_call_trace_read(RAM, 4096, world_kernel_satp);
	world_assert_balance();
	assert_memory_equal(ram_at(TEXT), text_before, TEXT_SIZE);
}

static void starve(int64_t (*scenario)(void), const char *name)
{
	for (int forever = 0; forever < 2; forever++) {
		uint64_t n;

		for (n = 1;; n++) {
			int64_t result;
			uint64_t tried;

			ebpf_arena_fail(n, forever);
			result = scenario();
			tried = ebpf_arena_allocs();
			everybody_goes();
			if (tried < n) {
				if (result < 0)
					fail_msg("%s: %lld with all the memory", name, (long long)result);
				break;
			}
			if (result < 0 && result != -ENOMEM)
				fail_msg("%s, allocation %llu fails: %lld", name, (unsigned long long)n,
					 (long long)result);
		}
		if (n < 2)
			fail_msg("%s: allocates nothing", name);
	}
}

static void test_starve_maps(void **state)
{
	(void)state;
	for (which_map = 0; which_map < COUNT(maps); which_map++) {
		char name[24];

		snprintf(name, sizeof(name), "map type %u", maps[which_map].type);
		starve(one_map, name);
	}
}

static void test_starve_commands(void **state)
{
	static const struct {
		const char *name;
		int64_t (*scenario)(void);
	} scenarios[] = {
		{"batches", a_batch},
		{"ring buffer", a_ring},
		{"programs", programs},
		{"rCore's program", rcore_program},
		{"BTF", type_information},
		{"links", links},
		{"pins", pins},
		{"symbols", symbols},
		{"trace output", output},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(scenarios); i++)
		starve(scenarios[i].scenario, scenarios[i].name);
}

static int setup(void **state)
{
	int err = world_setup(state);

	memcpy(text_before, ram_at(TEXT), TEXT_SIZE);
	assert_int_equal(ebpf_call_set_trampoline(TRAMPOLINE), 0);
	world_free = ebpf_arena_free_bytes();
	return err;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {T(test_starve_maps), T(test_starve_commands)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
