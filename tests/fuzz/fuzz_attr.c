/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every call of the SBI extension, any attr: the input is a list of calls by two
 * processes and the kernel, whose attr starts as a plausible one of its command
 * (or as the last one was) and has any words of it changed, and of things that
 * happen in between: memory written, descriptors closed and copied, exits,
 * probe hits. Only documented errors may come back, and when everybody has gone
 * the arena is as it was.
 */
#include "fuzz.h"

#include "../host/world.h"

#include "cmd.h"
#include "kprobe.h"
#include "walk.h"

#define MAX_CALLS 60u
#define PATIENCE 400u		 /* repetitions of a call that says -ERESTART; then it is left alone */
#define K_DATA (RAM + 0x180000u) /* for calls with the kernel's addresses: what is at USER for a process */
#define TRAMPOLINE (SYS_OPENAT + 12)
#define MAX_PINS 256u

static const uint32_t cmds[] = {
	BPF_MAP_CREATE,
	BPF_MAP_LOOKUP_ELEM,
	BPF_MAP_UPDATE_ELEM,
	BPF_MAP_DELETE_ELEM,
	BPF_MAP_GET_NEXT_KEY,
	BPF_PROG_LOAD,
	BPF_OBJ_PIN,
	BPF_OBJ_GET,
	BPF_PROG_ATTACH,
	BPF_PROG_DETACH,
	BPF_PROG_TEST_RUN,
	BPF_PROG_GET_NEXT_ID,
	BPF_MAP_GET_NEXT_ID,
	BPF_PROG_GET_FD_BY_ID,
	BPF_MAP_GET_FD_BY_ID,
	BPF_OBJ_GET_INFO_BY_FD,
	BPF_BTF_LOAD,
	BPF_BTF_GET_FD_BY_ID,
	BPF_MAP_LOOKUP_AND_DELETE_ELEM,
	BPF_MAP_FREEZE,
	BPF_BTF_GET_NEXT_ID,
	BPF_MAP_LOOKUP_BATCH,
	BPF_MAP_LOOKUP_AND_DELETE_BATCH,
	BPF_MAP_UPDATE_BATCH,
	BPF_MAP_DELETE_BATCH,
	BPF_LINK_CREATE,
	BPF_LINK_UPDATE,
	BPF_LINK_GET_FD_BY_ID,
	BPF_LINK_GET_NEXT_ID,
	BPF_LINK_DETACH,
	BPF_PROG_BIND_MAP,
	BPF_PROG_LOAD_EX,
	EBPF_MAP_DRAIN,
	EBPF_OBJ_UNPIN,
	EBPF_GET_INFO,
};

/* Who calls, and where his addresses lead */
struct caller {
	uint64_t owner, satp, base;
};

static struct caller callers[4];
static union bpf_attr attr; /* of the last call */
static char pin_names[MAX_PINS][256];
static uint32_t nr_pins;

/* At first, and after what is for ever */
static void begin_world(void)
{
	fuzz_asserts_abort();
	world_setup(NULL);
	host_insns_step = 20000; /* slices end by this clock */
	assert_int_equal(ebpf_call_set_trampoline(TRAMPOLINE), 0);
	callers[0] = (struct caller){PROC, world_user_satp, USER};
	callers[1] = (struct caller){OTHER, world_user_satp, USER};
	callers[2] = (struct caller){PROC | SBI_EBPF_OWNER_KERNEL_ADDR, world_kernel_satp, K_DATA};
	callers[3] = (struct caller){0, world_kernel_satp, K_DATA};
}

static uint64_t some_address(struct fuzz_in *in, const struct caller *caller)
{
	static const uint64_t odd[] = {0,	   USER_HOLE,	      USER_HOLE - 4, USER_S,	 USER_X,   USER_RO, RAM,
				       UINT64_MAX, (uint64_t)1 << 38, TEXT,	     SYS_OPENAT, USER - 8, 1};
	uint16_t at = fuzz_u16(in);

	if (at >= 0xff00)
		return odd[at % COUNT(odd)];
	return caller->base + at * 2u % (USER_PAGES * 4096u);
}

/* What each command needs to get anywhere: the input changes the rest. */
static void plausible(struct fuzz_in *in, uint32_t cmd, const struct caller *caller)
{
	static const struct bpf_insn insns[] = {MOV64_IMM(0, 0), EXIT()};
	uint32_t fd = 1 + fuzz_u8(in) % 8;

	memset(&attr, 0, sizeof(attr));
	switch (cmd) {
	case BPF_MAP_CREATE:
		attr.map_type = fuzz_u8(in) % 36;
		attr.key_size = attr.map_type == BPF_MAP_TYPE_RINGBUF ? 0 : 4;
		attr.value_size = attr.map_type == BPF_MAP_TYPE_RINGBUF ? 0 : fd;
		attr.max_entries = attr.map_type == BPF_MAP_TYPE_RINGBUF ? 4096 : 1 + fuzz_u8(in);
		break;
	case BPF_PROG_LOAD:
		memcpy(ram_at(K_DATA + 0x5ff8), insns, sizeof(insns));
		user_write(U_PROG, insns, sizeof(insns));
		user_puts(U_LICENSE, "GPL");
		memcpy(ram_at(K_DATA + 0x2000), "GPL", 4);
		attr.prog_type = BPF_PROG_TYPE_KPROBE;
		attr.insn_cnt = 2;
		attr.insns = caller->base + 0x5ff8;
		attr.license = caller->base + 0x2000;
		break;
	case BPF_LINK_CREATE:
		attr.link_prog_fd = fd;
		attr.link_attach_type = BPF_TRACE_KPROBE_MULTI;
		attr.km_cnt = 1;
		attr.km_addrs = caller->base + 0x8000;
		user_put64(USER + 0x8000, TEXT + 16 * fuzz_u8(in));
		memcpy(ram_at(K_DATA + 0x8000), user_ptr(USER + 0x8000), 8);
		break;
	case BPF_PROG_ATTACH:
	case BPF_PROG_DETACH:
		user_puts(USER + 0x8000, "kprobe$f3");
		memcpy(ram_at(K_DATA + 0x8000), "kprobe$f3", 10);
		attr.rc_target = caller->base + 0x8000;
		attr.rc_str_len = 9;
		attr.rc_prog_fd = fd;
		break;
	case BPF_OBJ_PIN:
	case BPF_OBJ_GET:
	case EBPF_OBJ_UNPIN:
		user_puts(USER + 0x8000, "pin");
		memcpy(ram_at(K_DATA + 0x8000), "pin", 4);
		attr.pin.pathname = caller->base + 0x8000;
		attr.pin.bpf_fd = cmd == BPF_OBJ_PIN ? fd : 0;
		break;
	default:
		attr.map_fd = fd;
		attr.key = caller->base + 0x1000;
		if (cmd != BPF_MAP_DELETE_ELEM)
			attr.value = caller->base + 0x1100;
	}
}

/* Change one word, or one byte. */
static void change(struct fuzz_in *in, const struct caller *caller)
{
	uint32_t at = fuzz_u8(in) % (sizeof(attr) / 4) * 4, v32;
	uint8_t kind = fuzz_u8(in);
	uint64_t v64;

	switch (kind % 8) {
	case 0:
	case 1:
		v32 = fuzz_u8(in);
		break;
	case 2:
		v32 = fuzz_u32(in);
		break;
	case 3:
		v32 = 1u << fuzz_u8(in) % 32;
		break;
	case 4:
		v32 = -(uint32_t)fuzz_u8(in);
		break;
	case 5:
		((uint8_t *)&attr)[at + kind / 8 % 4] = fuzz_u8(in);
		return;
	default:
		v64 = kind % 8 == 6 ? some_address(in, caller) : fuzz_u64(in);
		memcpy((uint8_t *)&attr + (at < sizeof(attr) - 4 ? at : 0), &v64, 8);
		return;
	}
	memcpy((uint8_t *)&attr + at, &v32, 4);
}

static void note_pin(const struct caller *caller)
{
	struct ebpf_as as = {caller->satp, caller->base == USER ? EBPF_AS_USER : EBPF_AS_KERNEL};

	assert_true(nr_pins < MAX_PINS);
	assert_true(ebpf_copy_string(&as, pin_names[nr_pins], attr.pin.pathname, sizeof(pin_names[0])) > 1);
	nr_pins++;
}

static int64_t call_bpf(struct fuzz_in *in)
{
	uint8_t how = fuzz_u8(in), which = fuzz_u8(in), newfd = fuzz_u8(in) % 12;
	const struct caller *caller = &callers[how & 8 ? how & 3 : how & 1];
	uint32_t cmd = which < 250 ? cmds[which % COUNT(cmds)] : fuzz_u16(in);
	uint64_t size = sizeof(attr), at = caller->base;
	unsigned int patience = PATIENCE;
	int64_t result;

	if (!(how & 16))
		plausible(in, cmd, caller);
	for (unsigned int n = how >> 5; n; n--)
		change(in, caller);
	if (how == 255) {
		size = fuzz_u16(in);
		at = some_address(in, caller);
	} else {
		user_write(USER, &attr, sizeof(attr));
		memcpy(ram_at(K_DATA), &attr, sizeof(attr));
	}
	do
		result = ebpf_call_bpf(cmd, at, size, caller->satp, caller->owner, newfd);
	while (result == -ERESTART && patience--);
	if (cmd == BPF_OBJ_PIN && !result && how != 255)
		note_pin(caller);
	else if (cmd == BPF_OBJ_PIN && !result)
		fuzz_die("BPF_OBJ_PIN of an attr that is nowhere");
	return result;
}

static void write_memory(struct fuzz_in *in)
{
	uint32_t at = fuzz_u16(in) * 2u % (USER_PAGES * 4096u - 256u);
	uint8_t bytes[256], len = fuzz_u8(in);

	fuzz_bytes(in, bytes, len);
	user_write(USER + at, bytes, len);
	memcpy(ram_at(K_DATA + at), bytes, len);
}

static void hit(struct fuzz_in *in)
{
	struct ebpf_pt_regs regs;
	struct rv_trap trap;

	memset(&regs, 0, sizeof(regs));
	memset(&trap, 0, sizeof(trap));
	regs.epc = TEXT + 16 * (fuzz_u16(in) % (WORLD_FUNCS + 1));
	regs.x[0] = TEXT;
	regs.x[1] = RAM + 0x7000;
	ebpf_kprobe_hit(&regs, &trap, 0, host_satp);
	/* a return that never comes would keep its instance: let it come */
	if (regs.x[0] == TRAMPOLINE) {
		regs.epc = regs.x[0];
		ebpf_kprobe_hit(&regs, &trap, 0, host_satp);
	}
}

static uint64_t some_owner(uint8_t how)
{
	return how & 1 ? OTHER : how & 2 ? 0 : PROC;
}

static int64_t one_call(struct fuzz_in *in)
{
	uint8_t what = fuzz_u8(in), a, b;

	switch (what % 16) {
	case 0:
	case 1:
		write_memory(in);
		return 0;
	case 2:
		a = fuzz_u8(in);
		return ebpf_call_close(some_owner(a), a >> 2);
	case 3:
		a = fuzz_u8(in);
		b = fuzz_u8(in);
		return ebpf_call_dup(some_owner(a), a >> 2, some_owner(b), b >> 2);
	case 4:
		return ebpf_call_exit(some_owner(fuzz_u8(in)));
	case 5:
	case 6:
		hit(in);
		return 0;
	case 7:
		return ebpf_call_trace_read(some_address(in, &callers[3]), fuzz_u16(in), world_kernel_satp);
	case 8:
		switch (fuzz_u8(in) % 4) {
		case 0:
			return ebpf_call_lock(fuzz_u8(in) & 15);
		case 1: /* some numbers are larger than any other result */
			ebpf_call_info(fuzz_u8(in));
			return 0;
		default:
			return ebpf_call_set_trampoline(some_address(in, &callers[3]));
		}
	}
	return call_bpf(in);
}

/* Everybody goes, names go, and what was locked is open again, as after a reset. */
static void end_world(void)
{
	if (ebpf_call_lock(0) & SBI_EBPF_LOCK_DETACH) { /* what was attached then is not detached any more */
		nr_pins = 0;
		begin_world();
		return;
	}
	ebpf_call_set_trampoline(TRAMPOLINE);
	for (unsigned int i = 0; i < COUNT(callers); i++)
		assert_int_equal(world_exit(callers[i].owner & ~SBI_EBPF_OWNER_KERNEL_ADDR), 0);
	while (nr_pins) {
		memset(&attr, 0, sizeof(attr));
		attr.pin.pathname = U_DATA;
		user_puts(U_DATA, pin_names[--nr_pins]);
		bpf(EBPF_OBJ_UNPIN, &attr, 0); /* the input may have done it */
	}
	assert_int_equal(world_exit(PROC), 0);
	ebpf_cmd_init();
	assert_int_equal(ebpf_call_set_trampoline(TRAMPOLINE), 0);
	world_assert_balance();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_in in = {data, size};

	if (!callers[0].satp)
		begin_world();
	memset(ram_at(USER_PA), 0, (USER_PAGES + 4) * 4096u);
	memset(ram_at(K_DATA), 0, USER_PAGES * 4096u);
	memset(&attr, 0, sizeof(attr));
	for (unsigned int n = 0; n < MAX_CALLS && in.left; n++) {
		int64_t result = one_call(&in);

		if (!world_documented(result))
			fuzz_die("undocumented result %lld", (long long)result);
	}
	end_world();
	return 0;
}
