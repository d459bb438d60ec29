/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpf(2), close, dup and exit with random arguments, mostly almost right. Only
 * documented errors may come back, and when everybody has exited nothing may be
 * left. Each round has a seed of its own; a failing one is printed.
 * Usage: test_call_random [first seed [rounds]]
 */
#include "world.h"

#include "kprobe.h"
#include "obj.h"
#include "task.h"

#define ROUNDS 250u
#define CALLS 400u /* a round */
#define FDS 8u	   /* descriptor numbers in play: 1 .. FDS */

static uint64_t rng;
static uint64_t first_seed = 1, rounds = ROUNDS;
static uint64_t tried[40], succeeded[40];

static uint64_t rnd(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng * 0x2545f4914f6cdd1du >> 16;
}

static uint64_t below(uint64_t n)
{
	return rnd() % n;
}

static bool one_in(uint64_t n)
{
	return below(n) == 0;
}

static uint32_t some_fd(void)
{
	return one_in(30) ? (uint32_t)rnd() : (uint32_t)below(FDS + 1);
}

/* Mostly one that is of that type, if there is one: or most commands would never come to their point. */
static uint32_t some_fd_of(enum ebpf_obj_type type)
{
	uint32_t fd = some_fd();
	int err;

	for (unsigned int n = one_in(4) ? 0 : 8; n; n--, fd = (uint32_t)below(FDS + 1)) {
		struct ebpf_obj *obj = ebpf_obj_get(PROC, fd, type, &err);

		if (!obj)
			continue;
		ebpf_obj_put(obj);
		break;
	}
	return fd;
}

static uint64_t some_address(void)
{
	static const uint64_t odd[] = {0, USER_HOLE, USER_S, USER_X, USER_RO, RAM, UINT64_MAX, (uint64_t)1 << 38};

	if (one_in(25))
		return odd[below(COUNT(odd))];
	if (one_in(50))
		return rnd() << below(20);
	if (one_in(20))
		return USER_HOLE - below(64);
	return U_DATA + below(0x800);
}

static uint32_t some_size(void)
{
	static const uint32_t sizes[] = {0, 1, 3, 4, 8, 16, 512, 513, 65536, 65537, UINT32_MAX};

	return one_in(4) ? sizes[below(COUNT(sizes))] : (one_in(2) ? 4 : 8);
}

static void random_map_create(union bpf_attr *attr)
{
	static const uint32_t types[] = {BPF_MAP_TYPE_HASH,	    BPF_MAP_TYPE_ARRAY,	       BPF_MAP_TYPE_HASH,
					 BPF_MAP_TYPE_HASH,	    BPF_MAP_TYPE_ARRAY,	       BPF_MAP_TYPE_PERCPU_HASH,
					 BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_LRU_HASH,     BPF_MAP_TYPE_QUEUE,
					 BPF_MAP_TYPE_STACK,	    BPF_MAP_TYPE_BLOOM_FILTER, BPF_MAP_TYPE_RINGBUF};

	attr->map_type = one_in(15)  ? (uint32_t)below(40)
			 : one_in(3) ? types[below(COUNT(types))]
				     : 1 + (uint32_t)below(2);
	attr->key_size = one_in(15) ? 0 : some_size();
	attr->value_size = some_size();
	attr->max_entries = one_in(10) ? (uint32_t)rnd() : (uint32_t)below(one_in(8) ? 60000 : 50);
	if (attr->map_type == BPF_MAP_TYPE_RINGBUF && !one_in(10)) {
		attr->key_size = attr->value_size = 0;
		attr->max_entries = 4096u << below(3);
	}
	attr->map_flags = one_in(4) ? 1u << below(13) : 0;
	for (unsigned int i = 0; i < 4; i++)
		attr->map_name[i] = one_in(100) ? '/' : 'm';
}

static void random_elem(union bpf_attr *attr, uint32_t cmd)
{
	attr->map_fd = some_fd_of(EBPF_OBJ_MAP);
	attr->key = one_in(4) ? some_address() : USER + 0x9000;
	if (cmd != BPF_MAP_DELETE_ELEM || one_in(20))
		attr->value = some_address();
	if (cmd == BPF_MAP_UPDATE_ELEM || one_in(30))
		attr->flags = one_in(20) ? rnd() : below(3);
}

/* Something like a program: a few plausible instructions, some of them damaged. */
static void random_insns(uint64_t at, uint32_t cnt)
{
	static const uint8_t codes[] = {0xb7, 0xbf, 0x07, 0x18, 0x85, 0x15, 0x05, 0x79, 0x7b, 0x63, 0xdb, 0x0f, 0x95};
	static const int32_t helpers[] = {1,  2,   3,	5,  6,	7,  8,	 14,  16,  113, 115,
					  12, 130, 131, 87, 88, 89, 132, 133, 195, 0,	9999};

	for (uint32_t i = 0; i < cnt; i++) {
		struct bpf_insn insn = {.code = codes[below(COUNT(codes))], .dst_reg = below(10)};

		switch (insn.code) {
		case 0x18:
			insn.src_reg = one_in(4) ? below(8) : 1;
			insn.imm = (int32_t)some_fd();
			user_write(at + 8 * i, &insn, 8);
			memset(&insn, 0, sizeof(insn));
			if (++i == cnt)
				return;
			break;
		case 0x85:
			insn.dst_reg = 0;
			insn.imm = helpers[below(COUNT(helpers))];
			break;
		case 0x95:
			insn.dst_reg = 0;
			break;
		case 0x79:
		case 0x7b:
		case 0x63:
			insn.off = (int16_t) - (8 * (int)below(8));
			insn.src_reg = 10;
			break;
		}
		if (one_in(60))
			((uint8_t *)&insn)[below(8)] = (uint8_t)rnd();
		if (i + 1 == cnt)
			insn = (struct bpf_insn)EXIT();
		user_write(at + 8 * i, &insn, 8);
	}
}

static void random_prog_load(union bpf_attr *attr)
{
	uint32_t cnt = 1 + (uint32_t)below(one_in(6) ? 3000 : 6);

	prog_attr(attr, (const struct bpf_insn[]){EXIT()}, 1);
	random_insns(U_PROG, cnt);
	if (one_in(3)) { /* one that is right */
		cnt = 2;
		user_write(U_PROG, (const struct bpf_insn[]){MOV64_IMM(0, 0), EXIT()}, 16);
	}
	attr->insn_cnt = cnt;
	if (one_in(20))
		attr->insns = some_address();
	if (one_in(20))
		attr->license = some_address();
	if (one_in(10))
		attr->log_buf = some_address();
	if (one_in(10))
		attr->log_size = (uint32_t)below(40);
	if (one_in(10))
		attr->log_level = (uint32_t)below(20);
	if (one_in(4))
		attr->prog_flags = EBPF_F_RCORE_ABI;
	if (one_in(4)) {
		attr->fd_array = some_address();
		attr->fd_array_cnt = (uint32_t)below(one_in(5) ? 70 : 3);
	}
}

static void random_drain(union bpf_attr *attr)
{
	attr->drain.map_fd = some_fd_of(EBPF_OBJ_MAP);
	attr->drain.buf = one_in(2) ? USER + 0x5000 : some_address();
	attr->drain.size = (uint32_t)below(one_in(4) ? 70000 : 300);
	attr->drain.flags = one_in(20);
}

static void random_link_create(union bpf_attr *attr)
{
	uint64_t array = USER + 0x10000;

	attr->link_prog_fd = some_fd();
	attr->link_attach_type = one_in(20) ? (uint32_t)rnd() : BPF_TRACE_KPROBE_MULTI;
	attr->km_flags = one_in(4);
	attr->km_cnt = one_in(30) ? (uint32_t)rnd() : 1 + (uint32_t)below(one_in(5) ? 200 : 4);
	for (uint32_t i = 0; i < 200; i++) {
		user_put64(array + 8 * i, TEXT + 16 * below(WORLD_FUNCS) + (one_in(300) ? 1 : 0));
		user_put64(array + 0x1000 + 8 * i, array + 0x2000 + 8 * below(32));
	}
	for (uint32_t i = 0; i < 32; i++) {
		char name[8];

		snprintf(name, sizeof(name), "%c%u", one_in(200) ? 'x' : 'f', (unsigned int)below(WORLD_FUNCS));
		user_write(array + 0x2000 + 8 * i, name, 8);
	}
	if (one_in(2))
		attr->km_addrs = array;
	else
		attr->km_syms = array + 0x1000;
	if (one_in(20))
		attr->km_addrs = some_address();
	if (one_in(4))
		attr->km_cookies = some_address();
}

static void random_rcore(union bpf_attr *attr)
{
	static const char *const targets[] = {"kprobe$f3",   "KProbe$<a::b>::sys_openat", "kretprobe@exit$f9",
					      "kprobe$f3+2", "kretprobe@entry$f4",	  "kprobe$",
					      "bad$f1",	     "kprobe$no_such_symbol"};
	const char *target = targets[below(COUNT(targets))];

	user_puts(USER + 0x14000, target);
	attr->rc_target = one_in(20) ? some_address() : USER + 0x14000;
	attr->rc_str_len = one_in(20) ? (uint32_t)below(400) : (uint32_t)strlen(target);
	attr->rc_prog_fd = some_fd();
}

static uint32_t random_attr(union bpf_attr *attr)
{
	static const uint32_t cmds[] = {
		BPF_MAP_CREATE,	      BPF_MAP_LOOKUP_ELEM,  BPF_MAP_UPDATE_ELEM,    BPF_MAP_DELETE_ELEM,
		BPF_MAP_GET_NEXT_KEY, BPF_PROG_LOAD,	    BPF_LINK_CREATE,	    BPF_LINK_DETACH,
		BPF_PROG_ATTACH,      BPF_PROG_DETACH,	    BPF_OBJ_GET_INFO_BY_FD, BPF_MAP_LOOKUP_AND_DELETE_ELEM,
		EBPF_MAP_DRAIN,	      BPF_MAP_GET_NEXT_ID,  BPF_MAP_GET_FD_BY_ID,   BPF_PROG_GET_FD_BY_ID,
		BPF_MAP_LOOKUP_BATCH, BPF_MAP_UPDATE_BATCH, BPF_MAP_DELETE_BATCH,   BPF_MAP_LOOKUP_AND_DELETE_BATCH,
		BPF_PROG_BIND_MAP,    BPF_PROG_TEST_RUN,    BPF_MAP_UPDATE_ELEM,    BPF_MAP_FREEZE};
	uint32_t cmd = cmds[below(COUNT(cmds))];

	memset(attr, 0, sizeof(*attr));
	switch (cmd) {
	case BPF_MAP_CREATE:
		random_map_create(attr);
		break;
	case BPF_PROG_LOAD:
		random_prog_load(attr);
		break;
	case BPF_LINK_CREATE:
		random_link_create(attr);
		break;
	case BPF_PROG_ATTACH:
	case BPF_PROG_DETACH:
		random_rcore(attr);
		break;
	case BPF_LINK_DETACH:
		attr->detach_link_fd = some_fd_of(EBPF_OBJ_LINK);
		break;
	case BPF_OBJ_GET_INFO_BY_FD:
		attr->info.bpf_fd = some_fd();
		attr->info.info_len = (uint32_t)below(one_in(4) ? 6000 : 240);
		attr->info.info = one_in(2) ? USER + 0x5000 : some_address();
		break;
	case BPF_MAP_GET_NEXT_ID:
	case BPF_MAP_GET_FD_BY_ID:
	case BPF_PROG_GET_FD_BY_ID:
		attr->id.start_id = (uint32_t)below(12);
		break;
	case BPF_PROG_BIND_MAP:
		attr->bind.prog_fd = some_fd_of(EBPF_OBJ_PROG);
		attr->bind.map_fd = some_fd_of(EBPF_OBJ_MAP);
		break;
	case BPF_PROG_TEST_RUN:
		attr->test.prog_fd = some_fd_of(EBPF_OBJ_PROG);
		attr->test.ctx_size_in = one_in(3) ? (uint32_t)below(300) : 0;
		attr->test.ctx_in = attr->test.ctx_size_in ? some_address() : 0;
		break;
	case EBPF_MAP_DRAIN:
		random_drain(attr);
		break;
	case BPF_MAP_LOOKUP_BATCH:
	case BPF_MAP_UPDATE_BATCH:
	case BPF_MAP_DELETE_BATCH:
	case BPF_MAP_LOOKUP_AND_DELETE_BATCH:
		attr->batch.map_fd = some_fd_of(EBPF_OBJ_MAP);
		attr->batch.in_batch = one_in(2) ? some_address() : 0;
		attr->batch.out_batch = some_address();
		attr->batch.keys = one_in(4) ? some_address() : USER + 0x9000;
		attr->batch.values = one_in(4) ? some_address() : USER + 0x9000;
		attr->batch.count = (uint32_t)below(one_in(4) ? 1000 : 5);
		attr->batch.elem_flags = one_in(20);
		break;
	case BPF_MAP_FREEZE:
		attr->map_fd = one_in(4) ? some_fd() : 0; /* a frozen map is a dull one */
		break;
	default:
		random_elem(attr, cmd);
	}
	if (one_in(40))
		((uint8_t *)attr)[below(sizeof(*attr))] ^= (uint8_t)(1u << below(8));
	return one_in(100) ? (uint32_t)below(40) : cmd;
}

static int64_t random_bpf(void)
{
	uint64_t owner = one_in(4) ? OTHER : PROC, newfd = some_fd(), size = sizeof(union bpf_attr), attr_at = U_ATTR;
	union bpf_attr attr;
	uint32_t cmd = random_attr(&attr);
	unsigned int patience = one_in(4) ? (unsigned int)below(6) : 10000;
	int64_t result;

	if (one_in(30))
		size = below(300);
	if (one_in(60))
		attr_at = some_address();
	if (attr_at == U_ATTR)
		user_write(U_ATTR, &attr, sizeof(attr));
	do
		result = ebpf_call_bpf(cmd, attr_at, size, one_in(200) ? rnd() : world_user_satp, owner, newfd);
	while (result == -ERESTART && patience--);
	if (cmd < COUNT(tried)) {
		tried[cmd]++;
		succeeded[cmd] += result >= 0;
	}
	return result;
}

static void random_hit(void)
{
	struct ebpf_pt_regs regs;
	struct rv_trap trap;

	memset(&regs, 0, sizeof(regs));
	memset(&trap, 0, sizeof(trap));
	regs.epc = TEXT + 16 * below(WORLD_FUNCS);
	regs.x[0] = TEXT;
	regs.x[1] = RAM + 0x7000;
	host_hit(&regs, &trap);
	/* a return that never comes would keep its instance: let it come */
	if (regs.x[0] == SYS_OPENAT + 12) {
		regs.epc = regs.x[0];
		host_hit(&regs, &trap);
	}
}

static void random_call(void)
{
	int64_t result;

	switch (below(40)) {
	case 0:
	case 1:
		result = ebpf_call_close(one_in(4) ? OTHER : PROC, some_fd());
		break;
	case 2:
	case 3:
		result = ebpf_call_dup(one_in(4) ? OTHER : PROC, some_fd(), one_in(2) ? OTHER : PROC, some_fd());
		break;
	case 4:
		result = one_in(5) ? ebpf_call_exit(one_in(2) ? OTHER : PROC) : 0;
		break;
	case 5:
	case 6:
		random_hit();
		result = 0;
		break;
	case 7:
		result = ebpf_call_trace_read(some_address(), below(5000), world_user_satp);
		break;
	default:
		result = random_bpf();
	}
	if (!world_documented(result))
		fail_msg("undocumented result %lld", (long long)result);
}

static void test_call_random(void **state)
{
	for (uint64_t seed = first_seed; seed < first_seed + rounds; seed++) {
		rng = seed * 0x9e3779b97f4a7c15u | 1;
		world_setup(state);
		assert_int_equal(ebpf_call_set_trampoline(SYS_OPENAT + 12), 0);
		if (one_in(4))
			ebpf_arena_fail(1 + below(300), one_in(2));
		for (unsigned int i = 0; i < CALLS; i++)
			random_call();
		ebpf_arena_fail(0, false);
		if (ebpf_call_info(SBI_EBPF_INFO_ARENA_FREE) > (int64_t)world_free)
			fail_msg("seed %llu: more free than there was", (unsigned long long)seed);
		world_exit(PROC);
		world_exit(OTHER);
		if (ebpf_arena_free_bytes() != world_free || ebpf_call_info(SBI_EBPF_INFO_OBJECTS))
			fail_msg("something is left; run again: test_call_random %llu 1", (unsigned long long)seed);
		world_teardown(state);
	}
	/*
	 * The arguments must be good enough for everything to happen now and then; few maps have something to delete.
	 */
	for (uint32_t cmd = 0; rounds >= ROUNDS && cmd < COUNT(tried); cmd++)
		if (tried[cmd] > ROUNDS * CALLS / 40 &&
		    succeeded[cmd] <
			    tried[cmd] /
				    (cmd == BPF_MAP_DELETE_ELEM || cmd == BPF_MAP_LOOKUP_AND_DELETE_ELEM ? 400 : 100))
			fail_msg("command %u: %llu of %llu succeeded", cmd, (unsigned long long)succeeded[cmd],
				 (unsigned long long)tried[cmd]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_call_random)};

	if (argc > 1)
		first_seed = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		rounds = strtoull(argv[2], NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
