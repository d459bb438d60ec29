/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interpreter, nothing else: one function, one label for each row of
 * opcodes.h, and a second one (chk_) for those that touch memory or call
 * helpers. A decoded instruction holds the address of its label; decode.c chose
 * with or without checks. What a run may touch is run.c's business.
 *
 * Budget: `limit` is where in the decoded code the run would have used it up
 * if it went straight on; each jump moves it along and looks. So straight
 * code costs nothing, no loop escapes, and the count is exact.
 *
 * RFC 9669 sec. 4 and 5. Arithmetic is on unsigned types, it wraps.
 */
#include "helper.h"
#include "interp_ops.h"
#include "leaf.h"
#include "run.h"
#include "uapi/errno.h"

/* ------------------------------------------------------------------- the loop */

/* A call that waits for its subprogram to return. r10 follows from the depth. */
struct frame {
	const struct ebpf_op *ret;
	uint64_t saved[4]; /* r6 to r9 */
};

/* prog->entry of the program that makes the interpreter tell its labels; no decoder returns it. */
#define EBPF_ENTRY_LABELS 0x80u

/* Go `bytes` further than the next instruction. */
#define JUMP(bytes)                                                                                                    \
	do {                                                                                                           \
		int64_t distance = (bytes);                                                                            \
		op = (const struct ebpf_op *)((const char *)op + distance) + 1;                                        \
		limit += (uint64_t)distance;                                                                           \
		if (unlikely((uintptr_t)op >= limit))                                                                  \
			goto out_of_budget;                                                                            \
		goto * op->code;                                                                                       \
	} while (0)

#define FRAME_TOP reg[10]

/*
 * In the region used last, or else in the current frame? (Plain accesses
 * through r10 are mostly not checked here: decode.c did.) What win, lo and span
 * say moves only in ebpf_run_reach(). span >= 8, so span - size does not wrap.
 */
#define NEAR(addr, size, allowed)                                                                                      \
	(likely((addr)-run->win < run->allowed && (size) <= run->allowed - ((addr)-run->win)) ||                       \
	 likely((addr)-run->lo <= run->span - (size)))

/* The long way. After it the unchecked label does the work: nothing but `op` has to survive the call. */
#define FAR(NAME, addr, size, access)                                                                                  \
	do {                                                                                                           \
		if (unlikely(!ebpf_run_reach(run, addr, size, access)))                                                \
			goto fault_memory;                                                                             \
		goto op_##NAME;                                                                                        \
	} while (0)

#define CHECK_LOAD(NAME, bits, type)                                                                                   \
	chk_##NAME:                                                                                                    \
	{                                                                                                              \
		uint64_t addr = SRC + (uint64_t)op->off;                                                               \
		if (unlikely(!NEAR(addr, bits / 8, win_read)))                                                         \
			FAR(NAME, addr, bits / 8, EBPF_RUN_READ);                                                      \
		DST = (uint64_t)(type)load##bits(addr);                                                                \
		NEXT;                                                                                                  \
	}

#define CHECK_STORE(NAME, bits, value)                                                                                 \
	chk_##NAME:                                                                                                    \
	{                                                                                                              \
		uint64_t addr = DST + (uint64_t)op->off;                                                               \
		if (unlikely(!NEAR(addr, bits / 8, win_write)))                                                        \
			FAR(NAME, addr, bits / 8, EBPF_RUN_WRITE);                                                     \
		store##bits(addr, value);                                                                              \
		NEXT;                                                                                                  \
	}

#define CHECK_ATOMIC(NAME, bits)                                                                                       \
	chk_##NAME:                                                                                                    \
	{                                                                                                              \
		uint64_t addr = DST + (uint64_t)op->off;                                                               \
		if (unlikely(!NEAR(addr, bits / 8, win_write)))                                                        \
			FAR(NAME, addr, bits / 8, EBPF_RUN_READ | EBPF_RUN_WRITE);                                     \
	}

#define CHECK_LDACQ(bits)                                                                                              \
	chk_LDACQ##bits:                                                                                               \
	{                                                                                                              \
		uint64_t addr = SRC + (uint64_t)op->off;                                                               \
		if (unlikely(!NEAR(addr, bits / 8, win_read)))                                                         \
			FAR(LDACQ##bits, addr, bits / 8, EBPF_RUN_READ);                                               \
	}

/* A misaligned one cannot be atomic and stops the run even of a verified program. */
#define STOP_MISALIGNED(addr, bits, where)                                                                             \
	do {                                                                                                           \
		if (unlikely(addr & (bits / 8 - 1)))                                                                   \
			goto where;                                                                                    \
	} while (0)

/* A frame below the current one with its first `clear` bytes cleared; `return_to` is where its exit goes on.
 */
#define PUSH_FRAME(return_to, clear)                                                                                   \
	do {                                                                                                           \
		struct frame *frame = &frames[run->depth];                                                             \
		uint64_t lo;                                                                                           \
                                                                                                                       \
		frame->ret = (return_to);                                                                              \
		frame->saved[0] = reg[6];                                                                              \
		frame->saved[1] = reg[7];                                                                              \
		frame->saved[2] = reg[8];                                                                              \
		frame->saved[3] = reg[9];                                                                              \
		run->frame_lo[run->depth++] = run->lo;                                                                 \
		reg[10] -= EBPF_STACK_SIZE;                                                                            \
		lo = reg[10] - 8;                                                                                      \
		CLEAR_FRAME(lo, reg[10] - (clear));                                                                    \
		run->lo = lo;                                                                                          \
		run->span = reg[10] - lo;                                                                              \
	} while (0)

/*
 * The arguments nearly every call of a map helper has: a map of the program,
 * and a key (and a value) in the cleared part of the current frame. False says
 * nothing: ebpf_helper_check_args() has to look.
 */
static inline bool in_frame(const struct ebpf_run *run, uint64_t addr, uint64_t size)
{
	return addr - run->lo < run->span && size <= run->span - (addr - run->lo);
}

static inline bool map_args_near(const struct ebpf_run *run, const uint64_t *reg, bool value)
{
	const struct ebpf_prog *prog = run->prog;

	for (uint32_t i = 0; i < prog->nr_maps; i++) {
		const struct ebpf_map *map = prog->maps[i];

		if ((uintptr_t)map == reg[1])
			return in_frame(run, reg[2], map->key_size) &&
			       (!value || in_frame(run, reg[3], map->value_size));
	}
	return false;
}

#define CALL_HELPER(helper) (helper)->fn(run, reg[1], reg[2], reg[3], reg[4], reg[5])

/* Label tables: distances, so that they need no relocation. Forms that touch memory have a checked label. */
#define BARE(name) (&&op_##name - &&base)
#define CHECKED(name) (&&chk_##name - &&base)
#define FRAME(name) (&&frm_##name - &&base)
#define NO_MEMORY(name) BARE(name), BARE(name), BARE(name)
#define PLAIN(name) BARE(name), CHECKED(name), FRAME(name)
#define OTHER(name) BARE(name), CHECKED(name), CHECKED(name)
#define VARIANTS_ALU_K NO_MEMORY
#define VARIANTS_ALU_X NO_MEMORY
#define VARIANTS_NEG NO_MEMORY
#define VARIANTS_END NO_MEMORY
#define VARIANTS_LDDW NO_MEMORY
#define VARIANTS_JA NO_MEMORY
#define VARIANTS_JA32 NO_MEMORY
#define VARIANTS_JMP_K NO_MEMORY
#define VARIANTS_JMP_X NO_MEMORY
#define VARIANTS_CALL_LOCAL NO_MEMORY
#define VARIANTS_EXIT NO_MEMORY
#define VARIANTS_LDX PLAIN
#define VARIANTS_ST PLAIN
#define VARIANTS_STX PLAIN
#define VARIANTS_ATOMIC OTHER
#define VARIANTS_FETCH OTHER
#define VARIANTS_CMPXCHG OTHER
#define VARIANTS_LDACQ OTHER
#define VARIANTS_STREL OTHER
#define VARIANTS_MAY_GOTO NO_MEMORY
#define VARIANTS_CALL OTHER
#define ROW(name, code, field, value, form, text) {VARIANTS_##form(name)},

/* The run ends at `op`, which has not been executed. */
static __attribute__((noinline)) int stopped(struct ebpf_run *run, const struct ebpf_op *op, uintptr_t limit,
					     int result)
{
	ebpf_run_end(run);
	run->fault_pc = (uint32_t)(op - run->prog->ops);
	run->left = (int64_t)(limit - (uintptr_t)op) + (int64_t)sizeof(*op);
	return result;
}

ONE_COPY int ebpf_run(struct ebpf_run *run, uint64_t *r0)
{
	static const int32_t rows[EBPF_NR_OPS][EBPF_OP_VARIANTS] = {EBPF_OPCODES(ROW, ROW)};
	static const int32_t extra[EBPF_NR_OP_EXTRA] = {
		[EBPF_OP_EXIT_MAIN] = &&exit_main - &&base,
		[EBPF_OP_CALL_LOOKUP] = &&call_lookup - &&base,
		[EBPF_OP_TRAP] = &&trap - &&base,
		[EBPF_OP_LEA] = &&lea - &&base,
		[EBPF_OP_CALL_KEY] = &&call_key - &&base,
		[EBPF_OP_CALL_UPDATE] = &&call_update - &&base,
		[EBPF_OP_TAIL_CALL] = &&tail_call - &&base,
		[EBPF_OP_CALL_BACK] = &&call_back - &&base,
		[EBPF_OP_CALL_0] = &&call_0 - &&base,
		[EBPF_OP_LOOKUP] = &&lookup - &&base,
		[EBPF_OP_LOOKUP_ARRAY] = &&lookup_array - &&base,
		[EBPF_OP_ELEMENT] = &&element - &&base,
		[EBPF_OP_ELEMENT_ST] = &&element_st - &&base,
		[EBPF_OP_COUNT] = &&count - &&base,
		[EBPF_OP_UPDATE] = &&update - &&base,
		[EBPF_OP_RETURN] = &&return_k - &&base,
		[EBPF_OP_MOV_STORE] = &&mov_store - &&base,
		[EBPF_OP_MOV_STORE32] = &&mov_store32 - &&base,
	};
	uint64_t reg[MAX_BPF_REG];
	char *regs = (char *)reg;
	struct frame frames[EBPF_MAX_CALL_DEPTH - 1];
	const struct ebpf_op *op;
	uintptr_t limit;

	/* or the compiler would work it out anew for each operand */
	__asm__("" : "+r"(regs));
	run->result = r0;
	limit = (uintptr_t)run->prog->ops + (uintptr_t)run->budget * sizeof(*op);
enter: /* also after a tail call */
	op = run->prog->ops;
	{
		uint32_t entry = run->prog->entry;
		uint64_t size = EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE, top, lo, first;

		__asm__("" : "+r"(size)); /* or it would be kept in a saved register, for the next time */
		top = (uintptr_t)run->stack + size;
		lo = top - 8;
		first = top - (entry >> EBPF_ENTRY_STACK_SHIFT);

		if (entry & EBPF_ENTRY_LEAF) {
			reg[0] = ebpf_leaf_run(run->prog, run->arg[0]);
			goto exit_main;
		}
		reg[1] = run->arg[0];
		reg[2] = run->arg[1];
		reg[10] = top;
		run->depth = 0;
		if (likely(entry & EBPF_ENTRY_LEAN)) {
			CLEAR_FRAME(lo, first);
			goto * op->code;
		}
		if (!(entry & EBPF_ENTRY_CLEAN)) {
			if (unlikely(entry == EBPF_ENTRY_LABELS)) {
				*(struct ebpf_labels *)(void *)run->result = (struct ebpf_labels){&&base, rows, extra};
				return 0;
			}
			reg[0] = reg[3] = reg[4] = reg[5] = 0;
			reg[6] = reg[7] = reg[8] = reg[9] = 0;
		}
		CLEAR_FRAME(lo, first);
		run->lo = lo;
		run->span = top - lo;
		/* the context is what most programs look at first */
		run->win = (uintptr_t)run->ctx;
		run->win_read = run->ctx_size;
		run->win_write = 0;
	}
	goto * op->code;
base:
	OPERATIONS
	RARE_OPERATIONS

op_LDFUNC: /* a function is known by the load that names it: helper.c can tell that it is one */
	DST = (uintptr_t)op;
	op++;
	NEXT;

op_MAY_GOTO: /* out of the loop when half of the budget is used: the other half is for what comes behind it */
	if (unlikely((int64_t)(limit - (uintptr_t)op) < run->budget / 2 * (int64_t)sizeof(*op)))
		JUMP(op->imm);
	NEXT;

op_CALL:
	reg[0] = CALL_HELPER(op->helper);
	NEXT;

call_0:
	reg[0] = op->helper->fn(run, 0, 0, 0, 0, 0);
	NEXT;

lookup : {
	struct ebpf_map *map = (struct ebpf_map *)(uintptr_t)op[3].wide;

	reg[0] = (uintptr_t)map->ops->lookup(map, (const void *)(uintptr_t)(reg[10] + IMM));
	/* NULL: the jump does what it does */
	op += reg[0] ? EBPF_LOOKUP_SLOTS - 1 : EBPF_LOOKUP_SLOTS - 2;
	NEXT;
}

update : {
	struct ebpf_map *map = (struct ebpf_map *)(uintptr_t)op[5].wide;
	const void *key = (const void *)(uintptr_t)(reg[10] + IMM);
	const void *value = (const void *)(uintptr_t)(reg[10] + (uint64_t)(int64_t)op[2].imm);

	reg[0] = (uint64_t)-ETIMEDOUT;
	if (ebpf_run_pay(run, map->value_size))
		reg[0] = (uint64_t)(int64_t)map->ops->update(map, key, value, (uint64_t)(int64_t)op[6].imm);
	op += EBPF_UPDATE_SLOTS - 1;
	NEXT;
}

chk_CALL:
	if (unlikely(ebpf_helper_check_args(run, op->helper, &reg[1])))
		goto fault_helper;
	reg[0] = CALL_HELPER(op->helper);
	NEXT;

call_lookup:
	if (unlikely(!map_args_near(run, reg, false)) && unlikely(ebpf_helper_check_args(run, op->helper, &reg[1])))
		goto fault_helper;
	reg[0] = CALL_HELPER(op->helper);
	if (reg[0]) {
		/* the value is what the program looks at next; r1 was found to be a map of the program */
		const struct ebpf_map *map = (const struct ebpf_map *)(uintptr_t)reg[1];

		run->win = reg[0];
		run->win_read = map->lookup_size; /* a map without read permission has no lookup */
		run->win_write = ebpf_map_prog_may(map, true) ? map->lookup_size : 0;
	}
	NEXT;

call_key:
	if (unlikely(!map_args_near(run, reg, false)) && unlikely(ebpf_helper_check_args(run, op->helper, &reg[1])))
		goto fault_helper;
	reg[0] = CALL_HELPER(op->helper);
	NEXT;

call_update:
	if (unlikely(!map_args_near(run, reg, true)) && unlikely(ebpf_helper_check_args(run, op->helper, &reg[1])))
		goto fault_helper;
	reg[0] = CALL_HELPER(op->helper);
	NEXT;

tail_call : {
	const struct ebpf_prog *next;

	if (run->prog->checked && unlikely(ebpf_helper_check_args(run, op->helper, &reg[1])))
		goto fault_helper;
	next = (const struct ebpf_prog *)(uintptr_t)CALL_HELPER(op->helper);
	reg[0] = 0;
	if (!next)
		NEXT;
	limit += (uintptr_t)next->ops - (uintptr_t)(op + 1);
	run->prog = (struct ebpf_prog *)(uintptr_t)next;
	op = next->ops;
	if (unlikely((uintptr_t)op >= limit))
		goto out_of_budget;
	goto enter;
}

op_CALL_LOCAL:
	if (unlikely(run->depth == EBPF_MAX_CALL_DEPTH - 1))
		goto fault_depth;
	PUSH_FRAME(op + 1, (uint64_t)op->off);
	JUMP(op->imm);

call_back: /* returning from the callback comes back to this instruction */
	if (!(run->looping & 1u << run->depth)) {
		if (unlikely(run->depth == EBPF_MAX_CALL_DEPTH - 1))
			goto fault_depth;
		if (run->prog->checked && unlikely(ebpf_helper_check_args(run, op->helper, &reg[1])))
			goto fault_helper;
		reg[0] = CALL_HELPER(op->helper);
		if (reg[0])
			NEXT;
	}
	switch (ebpf_loop_next(run, (uint64_t *)(void *)regs)) {
	case EBPF_LOOP_DONE:
		NEXT;
	case EBPF_LOOP_SEARCH:
		JUMP(-(int64_t)sizeof(*op));
	case EBPF_LOOP_CALL:
		PUSH_FRAME(op, run->prog->entry >> EBPF_ENTRY_STACK_SHIFT);
		JUMP((const char *)run->loops[run->depth - 1].callback - (const char *)(op + 1));
	}
	goto trap;

return_k:
	reg[0] = IMM;
	op++;
	goto exit_main;

op_EXIT:
	if (run->depth) {
		const struct frame *frame = &frames[--run->depth];

		reg[6] = frame->saved[0];
		reg[7] = frame->saved[1];
		reg[8] = frame->saved[2];
		reg[9] = frame->saved[3];
		reg[10] += EBPF_STACK_SIZE;
		run->lo = run->frame_lo[run->depth];
		run->span = reg[10] - run->lo;
		limit += (uintptr_t)frame->ret - (uintptr_t)(op + 1);
		op = frame->ret;
		goto * op->code;
	}
exit_main:
	if (unlikely(run->leftovers))
		ebpf_run_end(run);
	*run->result = reg[0];
	run->left = (int64_t)(limit - (uintptr_t)op);
	return 0;

out_of_budget:
	run->fault = "the instruction budget of a run is used up";
	run->fault_addr = 0;
	return stopped(run, op, limit, -ETIMEDOUT);
fault_depth:
	run->fault = "the call stack of 8 frames is too deep";
	run->fault_addr = 0;
	return stopped(run, op, limit, -EINVAL);
trap:
	run->fault = "not an instruction";
	run->fault_addr = 0;
	return stopped(run, op, limit, -EINVAL);
fault_misaligned:
	run->fault = "misaligned atomic access";
	run->fault_addr = DST + (uint64_t)op->off;
	return stopped(run, op, limit, -EFAULT);
fault_misaligned_load:
	run->fault = "misaligned atomic access";
	run->fault_addr = SRC + (uint64_t)op->off;
	return stopped(run, op, limit, -EFAULT);
fault_helper:
fault_memory: /* run->fault and run->fault_addr are set */
	return stopped(run, op, limit, -EFAULT);
}

void ebpf_interp_labels(struct ebpf_labels *labels)
{
	static const struct ebpf_prog asking = {.entry = EBPF_ENTRY_LABELS};
	struct ebpf_run run = {.prog = (struct ebpf_prog *)(uintptr_t)&asking};

	ebpf_run(&run, (uint64_t *)(void *)labels);
}
