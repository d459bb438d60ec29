/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_PROG_LOAD of any instructions, with maps of several types at hand, all log
 * levels and both ABIs. What is accepted is run on any context. Nothing may be
 * left when its descriptor is closed.
 */
#include "fuzz.h"

#include "../host/world.h"

#include "map.h"

#define MAX_SLOTS 512u
#define PROG 20u
#define PATIENCE 20u /* slices; then the load is given up, as by a process that is killed */

static void make_maps(void)
{
	static const struct {
		uint32_t type, key, value, max;
	} maps[] = {
		{BPF_MAP_TYPE_ARRAY, 4, 16, 4},		  {BPF_MAP_TYPE_HASH, 8, 8, 8},
		{BPF_MAP_TYPE_RINGBUF, 0, 0, 4096},	  {BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 2},
		{BPF_MAP_TYPE_LRU_HASH, 4, 4, 4},	  {BPF_MAP_TYPE_QUEUE, 0, 8, 4},
		{BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4},	  {BPF_MAP_TYPE_STACK_TRACE, 4, 64, 8},
		{BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1}, {BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 16},
		{BPF_MAP_TYPE_LPM_TRIE, 8, 8, 8},
	};
	static const uint32_t rdonly = BPF_F_RDONLY_PROG;

	for (uint32_t i = 0; i < COUNT(maps); i++)
		assert_int_equal(map_create_as(PROC, maps[i].type, maps[i].key, maps[i].value, maps[i].max,
					       maps[i].type == BPF_MAP_TYPE_LPM_TRIE ? BPF_F_NO_PREALLOC : 0, i + 1),
				 i + 1);
	assert_int_equal(map_create_as(PROC, BPF_MAP_TYPE_ARRAY, 4, 8, 1, rdonly, COUNT(maps) + 1), COUNT(maps) + 1);
}

static void once(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	fuzz_asserts_abort();
	world_setup(NULL);
	host_ktime_ns = 1000000;
	host_insns_step = 20000; /* slices end by this clock */
	make_maps();
	world_free = ebpf_arena_free_bytes();
}

static int64_t load(struct fuzz_in *in, uint32_t cnt)
{
	static const uint32_t sizes[] = {U_LOG_SIZE, 0, 64, 300};
	uint8_t how = fuzz_u8(in);
	union bpf_attr attr;
	unsigned int patience = PATIENCE;
	int64_t result;

	prog_attr(&attr, NULL, 0);
	attr.insn_cnt = cnt;
	attr.log_level = how & 7;
	attr.log_size = sizes[how >> 3 & 3];
	if (!attr.log_level || !attr.log_size)
		attr.log_level = attr.log_size = attr.log_buf = 0;
	attr.prog_flags = how & 32 ? EBPF_F_RCORE_ABI : how & 64 ? BPF_F_STRICT_ALIGNMENT : 0;
	user_put64(U_DATA, (uint64_t)1 << 32);
	user_put64(U_DATA + 8, (uint64_t)3 << 32 | 2);
	attr.fd_array = U_DATA;
	attr.fd_array_cnt = how & 128 ? 4 : 0;
	user_write(U_ATTR, &attr, sizeof(attr));
	do
		result = ebpf_call_bpf(BPF_PROG_LOAD, U_ATTR, sizeof(attr), world_user_satp, PROC, PROG);
	while (result == -ERESTART && patience--);
	return result;
}

static void run(struct fuzz_in *in)
{
	struct ebpf_pt_regs regs;
	union bpf_attr attr;

	fuzz_bytes(in, &regs, sizeof(regs));
	user_write(U_DATA, &regs, sizeof(regs));
	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = PROG;
	attr.test.ctx_in = U_DATA;
	attr.test.ctx_size_in = sizeof(regs);
	bpf(BPF_PROG_TEST_RUN, &attr, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_in in = {data, size};
	uint8_t slots[8 * MAX_SLOTS];
	uint32_t cnt;
	int64_t result;

	once();
	cnt = 1 + fuzz_u16(&in) % MAX_SLOTS;
	if (cnt > in.left / 8) /* zeroes behind the end are no news */
		cnt = in.left / 8 ? (uint32_t)(in.left / 8) : 1;
	fuzz_bytes(&in, slots, 8 * cnt);
	user_write(U_PROG, slots, 8 * cnt);
	result = load(&in, cnt);
	if (!world_documented(result))
		fuzz_die("undocumented result %lld", (long long)result);
	if (result >= 0)
		run(&in);
	while (ebpf_call_close(PROC, PROG) == -ERESTART)
		;
	assert_true(ebpf_arena_consistent());
	assert_int_equal(ebpf_arena_free_bytes(), world_free);
	return 0;
}
