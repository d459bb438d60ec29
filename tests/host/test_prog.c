/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_PROG_LOAD: what is accepted, what is refused and in which words, map
 * references, slices, and that nothing of a refused program is left.
 */
#include "vlog.h"
#include "world.h"

#include "obj.h"
#include "prog.h"
#include "run.h"

#define FD 3u
#define MAP 10u

static const struct bpf_insn ret0[] = {MOV64_IMM(0, 0), EXIT()};

/* The program behind a descriptor; it stays alive as long as that. */
static struct ebpf_prog *prog_of(uint32_t fd)
{
	int err;
	struct ebpf_obj *obj = ebpf_obj_get(PROC, fd, EBPF_OBJ_PROG, &err);

	assert_non_null(obj);
	ebpf_obj_put(obj);
	return (struct ebpf_prog *)obj;
}

static uint64_t run_prog(uint32_t fd)
{
	static _Alignas(16) uint8_t stack[EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE];
	struct ebpf_pt_regs regs;
	struct ebpf_run run = {.prog = prog_of(fd),
			       .ctx = (uint8_t *)&regs,
			       .ctx_size = sizeof(regs),
			       .stack = stack,
			       .budget = EBPF_RUN_BUDGET};
	uint64_t r0 = 0;
	int err;

	memset(&regs, 0, sizeof(regs));
	run.arg[0] = (uintptr_t)&regs;
	err = ebpf_run(&run, &r0);
	if (err)
		fail_msg("run stopped: %d %s at %u", err, run.fault, run.fault_pc);
	return r0;
}

static void refused(const union bpf_attr *attr, int64_t err, const char *words)
{
	assert_int_equal(bpf(BPF_PROG_LOAD, attr, FD), err);
	if (!strstr(world_log(), words))
		fail_msg("log is \"%s\", expected \"%s\"", world_log(), words);
}

static void insns_refused(const struct bpf_insn *insns, uint32_t cnt, int64_t err, const char *words)
{
	union bpf_attr attr;

	prog_attr(&attr, insns, cnt);
	refused(&attr, err, words);
}

static void test_prog_load_and_close(void **state)
{
	(void)state;
	assert_int_equal(prog_load(ret0, COUNT(ret0), FD), FD);
	assert_non_null(strstr(world_log(), "processed 2 insns"));
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 1);
	assert_int_equal(run_prog(FD), 0);
	assert_string_equal(prog_of(FD)->name, "test");
	assert_true(prog_of(FD)->gpl);
	assert_int_equal(prog_of(FD)->checked, EBPF_ALWAYS_CHECKED);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	world_assert_balance();
}

static void test_prog_attr_refused(void **state)
{
	union bpf_attr attr;

	(void)state;
#define CASE(field, value, err, words)                                                                                 \
	do {                                                                                                           \
		prog_attr(&attr, ret0, COUNT(ret0));                                                                   \
		attr.field = (value);                                                                                  \
		refused(&attr, err, words);                                                                            \
	} while (0)
	CASE(prog_type, BPF_PROG_TYPE_SOCKET_FILTER, -EINVAL, "BPF_PROG_TYPE_KPROBE");
	CASE(prog_type, 0, -EINVAL, "BPF_PROG_TYPE_KPROBE");
	CASE(prog_type, 0xffffffff, -EINVAL, "BPF_PROG_TYPE_KPROBE");
	CASE(insn_cnt, 0, -E2BIG, "insn_cnt");
	CASE(insn_cnt, EBPF_MAX_INSNS + 1, -E2BIG, "insn_cnt");
	CASE(insn_cnt, 0xffffffff, -E2BIG, "insn_cnt");
	CASE(insns, 0, -EFAULT, "insns are not readable");
	CASE(insns, USER_HOLE - 8, -EFAULT, "insns are not readable");
	CASE(insns, UINT64_MAX - 7, -EFAULT, "insns are not readable");
	CASE(license, 0, -EFAULT, "license");
	CASE(license, USER_HOLE, -EFAULT, "license");
	CASE(prog_flags, BPF_F_SLEEPABLE, -EINVAL, "prog_flags");
	CASE(prog_flags, 1u << 30, -EINVAL, "prog_flags");
	CASE(prog_ifindex, 1, -EINVAL, "prog_ifindex");
	CASE(core_relo_cnt, 1, -EINVAL, "core_relos");
	CASE(attach_btf_id, 1, -EINVAL, "attach_btf_id");
	CASE(fd_array_cnt, 65, -E2BIG, "fd_array_cnt");
	CASE(fd_array_cnt, 1, -EPROTO, "fd_array[0]: fd_idx without fd_array is invalid");
	CASE(prog_name[0], '$', -EINVAL, "prog_name");
#undef CASE
	prog_attr(&attr, ret0, COUNT(ret0));
	memset(attr.prog_name, 'a', sizeof(attr.prog_name));
	refused(&attr, -EINVAL, "prog_name");
	world_assert_balance();
}

static void test_prog_attr_accepted(void **state)
{
	union bpf_attr attr;

	(void)state;
	prog_attr(&attr, ret0, COUNT(ret0));
	attr.kern_version = 0x60000; /* old loaders set it */
	attr.expected_attach_type = BPF_TRACE_KPROBE_MULTI;
	attr.prog_flags = BPF_F_ANY_ALIGNMENT;
	attr.log_level = 0;
	attr.log_buf = 0;
	attr.log_size = 0;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), FD);
	/* without a log attr is only read */
	user_write(USER_RO, &attr, sizeof(attr));
	assert_int_equal(bpf_at(BPF_PROG_LOAD, USER_RO, sizeof(attr), 6), 6);
	/* a licence that does not end: not GPL, and no error */
	for (unsigned int i = 0; i < 256; i++)
		*user_ptr(U_LICENSE + i) = 'G';
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 4), 4);
	assert_false(prog_of(4)->gpl);
	/* one that ends at the page end */
	user_write(USER_HOLE - 4, "GPL", 4);
	attr.license = USER_HOLE - 4;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 5), 5);
	assert_true(prog_of(5)->gpl);
}

static void test_prog_log_attr(void **state)
{
	union bpf_attr attr;
	uint32_t true_size;

	(void)state;
	/* Linux's rules for the three fields */
	prog_attr(&attr, ret0, COUNT(ret0));
	attr.log_level = 0;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EINVAL);
	prog_attr(&attr, ret0, COUNT(ret0));
	attr.log_size = 0;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EINVAL);
	prog_attr(&attr, ret0, COUNT(ret0));
	attr.log_buf = 0;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EINVAL);
	prog_attr(&attr, ret0, COUNT(ret0));
	attr.log_level = 16;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EINVAL);
	prog_attr(&attr, ret0, COUNT(ret0));
	attr.log_size = 0x40000000;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EINVAL);
	/* too small: cut off, terminated, -ENOSPC, and how much it would have been */
	prog_attr(&attr, ret0, COUNT(ret0));
	attr.prog_type = 1;
	attr.log_size = 9;
	*user_ptr(U_LOG + 9) = 'd';
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -ENOSPC);
	assert_string_equal(world_log(), "pported\n"); /* the end, as Linux since 6.4 */
	assert_int_equal(*user_ptr(U_LOG + 9), 'd');
	attr.log_level = 1 | EBPF_VLOG_FIXED;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -ENOSPC);
	assert_string_equal(world_log(), "only BPF");
	assert_int_equal(*user_ptr(U_LOG + 9), 'd');
	user_read(&true_size, U_ATTR + offsetof(union bpf_attr, log_true_size), sizeof(true_size));
	assert_true(true_size > 30 && true_size < 100);
	/* exactly as much is enough */
	attr.log_size = true_size;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EINVAL);
	/* not writable */
	attr.log_buf = USER_RO;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EFAULT);
	prog_attr(&attr, ret0, COUNT(ret0));
	attr.log_buf = USER_RO;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), -EFAULT);
	/* level without buffer asks for the size only */
	prog_attr(&attr, ret0, COUNT(ret0));
	attr.log_buf = 0;
	attr.log_size = 0;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), FD);
}

static void test_prog_insns_refused(void **state)
{
	const struct bpf_insn bad_code[] = {INSN(0xff, 0, 0, 0, 0), EXIT()};
	const struct bpf_insn bad_helper[] = {CALL(9999), EXIT()};
	const struct bpf_insn known_helper[] = {MOV64_IMM(0, 0), CALL(28), EXIT()};
	const struct bpf_insn falls_off[] = {MOV64_IMM(0, 0)};
	const struct bpf_insn half[] = {INSN(BPF_LD | BPF_IMM | BPF_DW, 0, 0, 0, 1)};
	const struct bpf_insn half_ref[] = {INSN(BPF_LD | BPF_IMM | BPF_DW, 0, BPF_PSEUDO_MAP_FD, 0, 1), EXIT()};

	(void)state;
	insns_refused(bad_code, COUNT(bad_code), -EINVAL, "insn 0: ");
	insns_refused(bad_helper, COUNT(bad_helper), -EINVAL, "0: (85) call unknown#9999");
	insns_refused(known_helper, COUNT(known_helper), -EINVAL, "1: (85) call bpf_csum_diff#28");
	insns_refused(falls_off, COUNT(falls_off), -EINVAL, "insn 0: ");
	insns_refused(half, COUNT(half), -EINVAL, "insn 0: invalid bpf_ld_imm64 insn");
	insns_refused(half_ref, COUNT(half_ref), -EINVAL, "insn 0: invalid bpf_ld_imm64 insn");
	world_assert_balance();
}

static void test_prog_gpl_helpers(void **state)
{
	const struct bpf_insn insns[] = {MOV64_IMM(1, 0), MOV64_IMM(2, 0), CALL(BPF_FUNC_get_current_task), EXIT()};
	const struct bpf_insn number[] = {MOV64_IMM(0, BPF_FUNC_get_current_task), EXIT()};
	union bpf_attr attr;

	(void)state;
	prog_attr(&attr, insns, COUNT(insns));
	user_puts(U_LICENSE, "Proprietary");
	refused(&attr, -EINVAL,
		"insn 2: cannot call GPL-restricted function from non-GPL compatible program\n"
		"2: (85) call bpf_get_current_task#35\n");
	user_puts(U_LICENSE, "Dual BSD/GPL");
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), FD);
	/* the number alone is no call */
	prog_attr(&attr, number, COUNT(number));
	user_puts(U_LICENSE, "Proprietary");
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 4), 4);
}

static void test_prog_map_by_fd(void **state)
{
	const struct bpf_insn count[] = {
		ST(BPF_DW, 10, -8, 5),
		LD_REF(1, BPF_PSEUDO_MAP_FD, MAP, 0),
		MOV64_REG(2, 10),
		ADD64_IMM(2, -8),
		CALL(BPF_FUNC_map_lookup_elem),
		JEQ_IMM(0, 0, 3),
		LDX(BPF_DW, 1, 0, 0),
		ADD64_IMM(1, 1),
		STX(BPF_DW, 0, 1, 0),
		MOV64_IMM(0, 0),
		EXIT(),
	};
	uint64_t value = 0;

	(void)state;
	insns_refused(count, COUNT(count), -EBADF,
		      "insn 1: fd is not pointing to valid bpf_map\n1: (18) r1 = map_fd 10");
	assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 8, 8, 4, MAP), MAP);
	assert_int_equal(put(MAP, 5, 40), 0);
	assert_int_equal(prog_load(count, COUNT(count), FD), FD);
	assert_non_null(strstr(world_log(), "1: (18) r1 = map[name:]\n"));
	run_prog(FD);
	run_prog(FD);
	assert_int_equal(get(MAP, 5, &value), 0);
	assert_int_equal(value, 42);
	/* a program is not a map, nor a map a program */
	insns_refused(count, COUNT(count), -EEXIST, "");
	/* the program keeps the map alive */
	assert_int_equal(ebpf_call_close(PROC, MAP), 0);
	run_prog(FD);
	assert_int_equal(ebpf_call_info(SBI_EBPF_INFO_OBJECTS), 2);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	world_assert_balance();
}

static void test_prog_map_value(void **state)
{
	const struct bpf_insn read[] = {LD_REF(1, BPF_PSEUDO_MAP_VALUE, MAP, 8), LDX(BPF_DW, 0, 1, 0), EXIT()};
	const struct bpf_insn past[] = {LD_REF(1, BPF_PSEUDO_MAP_VALUE, MAP, 16), LDX(BPF_DW, 0, 1, 0), EXIT()};
	const struct bpf_insn minus[] = {LD_REF(1, BPF_PSEUDO_MAP_VALUE, MAP, -8), LDX(BPF_DW, 0, 1, 0), EXIT()};
	uint64_t key = U_DATA;

	(void)state;
	insns_refused(read, COUNT(read), -EBADF, "insn 0: fd is not pointing to valid bpf_map");
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 16, 1, MAP), MAP);
	user_put64(key, 0);
	user_put64(U_DATA + 8, 1);
	user_put64(U_DATA + 16, 0x1234567890abcdef);
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, MAP, key, U_DATA + 8, 0), 0);
	assert_int_equal(prog_load(read, COUNT(read), FD), FD);
	assert_non_null(strstr(world_log(), "0: (18) r1 = map[name:][0]+8\n"));
	assert_true(run_prog(FD) == 0x1234567890abcdef);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	insns_refused(past, COUNT(past), -EINVAL, "insn 0: invalid access to map value pointer");
	insns_refused(minus, COUNT(minus), -EINVAL, "insn 0: invalid access to map value pointer");
	assert_int_equal(ebpf_call_close(PROC, MAP), 0);
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 16, 2, MAP), MAP);
	insns_refused(read, COUNT(read), -EINVAL, "no direct value access support for this map type");
}

static void test_prog_map_by_index(void **state)
{
	const struct bpf_insn by_index[] = {LD_REF(0, BPF_PSEUDO_MAP_IDX, 1, 0), EXIT()};
	const struct bpf_insn value[] = {LD_REF(1, BPF_PSEUDO_MAP_IDX_VALUE, 1, 4), LDX(BPF_W, 0, 1, 0), EXIT()};
	uint32_t fds[2] = {99, MAP}, data[2] = {1, 77};
	union bpf_attr attr;

	(void)state;
	insns_refused(by_index, COUNT(by_index), -EPROTO, "insn 0: fd_idx without fd_array is invalid");
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, MAP), MAP);
	user_put64(U_DATA, 0);
	user_write(U_DATA + 8, data, sizeof(data));
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, MAP, U_DATA, U_DATA + 8, 0), 0);
	user_write(U_DATA + 16, fds, sizeof(fds));
	prog_attr(&attr, by_index, COUNT(by_index));
	attr.fd_array = U_DATA + 16;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), FD);
	prog_attr(&attr, value, COUNT(value));
	attr.fd_array = U_DATA + 16;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 4), 4);
	assert_int_equal(run_prog(4), 77);
	assert_int_equal(prog_of(4)->nr_maps, 1);
	/* fd_array_cnt binds all of them, so all must be maps */
	attr.fd_array_cnt = 2;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 5), -EBADF);
	assert_non_null(strstr(world_log(), "fd_array[0]: fd is not pointing"));
	fds[0] = MAP;
	user_write(U_DATA + 16, fds, sizeof(fds));
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 5), 5);
	assert_int_equal(prog_of(5)->nr_maps, 1);
	attr.fd_array = USER_HOLE - 4;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 6), -EBADF);
	user_write(USER_HOLE - 4, &fds[1], 4);
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 6), -EFAULT);
}

static void test_prog_other_references_refused(void **state)
{
	const struct bpf_insn btf[] = {LD_REF(0, BPF_PSEUDO_BTF_ID, 1, 0), EXIT()};
	const struct bpf_insn func[] = {LD_REF(0, BPF_PSEUDO_FUNC, 1, 4), EXIT()};
	const struct bpf_insn no_func[] = {LD_REF(0, BPF_PSEUDO_FUNC, 99, 0), EXIT()};
	const struct bpf_insn unknown[] = {LD_REF(0, 7, 1, 0), EXIT()};
	const struct bpf_insn fd_with_offset[] = {LD_REF(0, BPF_PSEUDO_MAP_FD, 1, 4), EXIT()};

	(void)state;
	insns_refused(btf, COUNT(btf), -EINVAL, "BPF_PSEUDO_BTF_ID");
	insns_refused(func, COUNT(func), -EINVAL, "unrecognized bpf_ld_imm64 insn");
	insns_refused(no_func, COUNT(no_func), -EINVAL, "call to invalid destination");
	insns_refused(unknown, COUNT(unknown), -EINVAL, "unrecognized bpf_ld_imm64 insn");
	insns_refused(fd_with_offset, COUNT(fd_with_offset), -EINVAL, "unrecognized bpf_ld_imm64 insn");
}

static void test_prog_no_more_than_64_maps(void **state)
{
	static struct bpf_insn insns[65 * 2 + 1];

	(void)state;
	for (unsigned int i = 0; i < 65; i++) {
		const struct bpf_insn ref[] = {LD_REF(0, BPF_PSEUDO_MAP_FD, (int32_t)(100 + i), 0)};

		assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 100 + i), 100 + i);
		memcpy(&insns[2 * i], ref, sizeof(ref));
	}
	insns[64 * 2] = EXIT();
	assert_int_equal(prog_load(insns, 64 * 2 + 1, FD), FD);
	memcpy(&insns[64 * 2], (const struct bpf_insn[]){LD_REF(0, BPF_PSEUDO_MAP_FD, 164, 0)}, 16);
	insns[65 * 2] = EXIT();
	insns_refused(insns, COUNT(insns), -EEXIST, "");
	assert_int_equal(prog_load(insns, COUNT(insns), 4), -E2BIG);
	assert_non_null(strstr(world_log(), "insn 128: the number of maps"));
}

/* As many slots as there may be: sliced, copied once. */
static void test_prog_large_is_loaded_in_slices(void **state)
{
	static struct bpf_insn insns[20000];
	union bpf_attr attr;
	int64_t result;

	(void)state;
	for (size_t i = 0; i < COUNT(insns); i++)
		insns[i] = (struct bpf_insn)ADD64_IMM(0, 1);
	insns[0] = (struct bpf_insn)MOV64_IMM(0, 1);
	insns[COUNT(insns) - 1] = EXIT();
	prog_attr(&attr, insns, COUNT(insns));
	attr.log_level = 0; /* the log of so many is longer than the room for it */
	attr.log_buf = 0;
	attr.log_size = 0;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), FD);
	assert_true(world_restarts > 10);
	assert_int_equal(run_prog(FD), COUNT(insns) - 1);
	assert_int_equal(ebpf_call_close(PROC, FD), 0);
	world_assert_balance();

	/* dropped at every point */
	for (unsigned int calls = 1;; calls++) {
		user_write(U_ATTR, &attr, sizeof(attr));
		for (unsigned int i = 0; i < calls; i++)
			result = ebpf_call_bpf(BPF_PROG_LOAD, U_ATTR, sizeof(attr), world_user_satp, PROC, FD);
		if (result == FD)
			break;
		assert_int_equal(result, -ERESTART);
		assert_int_equal(world_exit(PROC), 0);
		world_assert_balance();
	}
}

static void test_prog_largest(void **state)
{
	struct bpf_insn *insns = (void *)ram_at(RAM + 0x500000);
	union bpf_attr *attr = (void *)ram_at(RAM);
	int64_t result;

	(void)state;
	for (size_t i = 0; i < EBPF_MAX_INSNS; i++)
		insns[i] = (struct bpf_insn)MOV64_IMM(0, 1);
	insns[EBPF_MAX_INSNS - 1] = EXIT();
	memset(attr, 0, sizeof(*attr));
	attr->prog_type = BPF_PROG_TYPE_KPROBE;
	attr->insns = RAM + 0x500000;
	attr->insn_cnt = EBPF_MAX_INSNS;
	attr->license = RAM + 0x1000;
	do
		result = ebpf_call_bpf(BPF_PROG_LOAD, RAM, sizeof(*attr), world_kernel_satp, 0, FD);
	while (result == -ERESTART);
	assert_int_equal(result, FD);
}

/* Stack that a program never wrote reads as zero, whatever the last run on this hart has left there. */
static void test_prog_sees_nothing_of_earlier_runs(void **state)
{
	static struct bpf_insn writer[66], reader[67];
	unsigned int n = 0;

	(void)state;
	writer[n++] = (struct bpf_insn)MOV64_IMM(0, 0);
	for (int off = -512; off < 0; off += 8)
		writer[n++] = (struct bpf_insn){
			.code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = (int16_t)off, .imm = 0x5ec2e7};
	writer[n++] = (struct bpf_insn)EXIT();
	assert_int_equal(prog_load(writer, n, FD), FD);
	assert_int_equal(run_prog(FD), 0);

	reader[0] = (struct bpf_insn)MOV64_IMM(0, 0);
	n = 1;
	for (int off = -256; off < 0; off += 8) {
		reader[n++] = (struct bpf_insn)LDX(BPF_DW, 1, 10, (int16_t)off);
		reader[n++] = (struct bpf_insn){.code = BPF_ALU64 | BPF_OR | BPF_X, .dst_reg = 0, .src_reg = 1};
	}
	reader[n++] = (struct bpf_insn)EXIT();
	assert_int_equal(prog_load(reader, n, 4), 4);
	assert_int_equal(prog_of(4)->checked, EBPF_ALWAYS_CHECKED);
	assert_int_equal(run_prog(4), 0);
}

static void test_prog_load_locked(void **state)
{
	union bpf_attr attr;

	(void)state;
	assert_int_equal(ebpf_call_lock(SBI_EBPF_LOCK_LOAD), SBI_EBPF_LOCK_LOAD);
	prog_attr(&attr, ret0, COUNT(ret0));
	refused(&attr, -EPERM, "locked");
}

static int64_t prog_scenario(void)
{
	const struct bpf_insn insns[] = {LD_REF(0, BPF_PSEUDO_MAP_FD, MAP, 0), EXIT()};
	int64_t err = map_create(BPF_MAP_TYPE_HASH, 8, 8, 8, MAP);

	if (err >= 0)
		err = prog_load(insns, COUNT(insns), FD);
	return err < 0 ? err : 0;
}

static void test_prog_allocations_fail(void **state)
{
	uint64_t n;

	(void)state;
	for (n = 1;; n++) {
		int64_t err;

		ebpf_arena_fail(n, false);
		err = prog_scenario();
		if (ebpf_arena_allocs() < n) {
			assert_int_equal(err, 0);
			break;
		}
		assert_int_equal(err, -ENOMEM);
		ebpf_arena_fail(0, false);
		assert_int_equal(world_exit(PROC), 0);
		world_assert_balance();
	}
	assert_true(n > 8);
}

/* The rCore ABI: maps by number, helpers' meanings, and only its own helpers. */
static void test_prog_rcore(void **state)
{
	const struct bpf_insn insns[] = {
		ST(BPF_W, 10, -4, 3), /* key */
		MOV64_IMM(1, MAP),
		MOV64_REG(2, 10),
		ADD64_IMM(2, -4),
		MOV64_REG(3, 10),
		ADD64_IMM(3, -16),
		CALL(1),
		JNE_IMM(0, 0, 2),
		LDX(BPF_DW, 0, 10, -16),
		EXIT(),
		MOV64_IMM(0, -7),
		EXIT(),
	};
	const struct bpf_insn above[] = {MOV64_IMM(0, 0), CALL(17), EXIT()};
	uint32_t fds[1] = {MAP};
	union bpf_attr attr;

	(void)state;
	assert_int_equal(map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, MAP), MAP);
	user_put64(U_DATA, 3);
	user_put64(U_DATA + 8, 1000);
	assert_int_equal(elem(BPF_MAP_UPDATE_ELEM, MAP, U_DATA, U_DATA + 8, 0), 0);
	prog_attr(&attr, insns, COUNT(insns));
	attr.prog_flags = EBPF_F_RCORE_ABI;
	/* not bound: the lookup fails with -1, the program goes on */
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, FD), FD);
	assert_true(run_prog(FD) == (uint64_t)-7);
	user_write(U_DATA, fds, sizeof(fds));
	attr.fd_array = U_DATA;
	attr.fd_array_cnt = 1;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 4), 4);
	assert_int_equal(run_prog(4), 1000);
	prog_attr(&attr, above, COUNT(above));
	attr.prog_flags = EBPF_F_RCORE_ABI;
	assert_int_equal(bpf(BPF_PROG_LOAD, &attr, 5), -EINVAL);
	assert_non_null(strstr(world_log(), "insn 1: "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_prog_load_and_close),
		TEST(test_prog_attr_refused),
		TEST(test_prog_attr_accepted),
		TEST(test_prog_log_attr),
		TEST(test_prog_insns_refused),
		TEST(test_prog_gpl_helpers),
		TEST(test_prog_map_by_fd),
		TEST(test_prog_map_value),
		TEST(test_prog_map_by_index),
		TEST(test_prog_other_references_refused),
		TEST(test_prog_no_more_than_64_maps),
		TEST(test_prog_large_is_loaded_in_slices),
		TEST(test_prog_largest),
		TEST(test_prog_sees_nothing_of_earlier_runs),
		TEST(test_prog_load_locked),
		TEST(test_prog_allocations_fail),
		TEST(test_prog_rcore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
