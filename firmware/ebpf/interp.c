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
#include "decode.h"
#include "helper.h"
#include "map.h"
#include "opcodes.h"
#include "run.h"
#include "uapi/errno.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* ------------------------------------------------------------------- memory */

typedef uint8_t __attribute__((may_alias)) word8;
typedef uint16_t __attribute__((may_alias)) word16;
typedef uint32_t __attribute__((may_alias)) word32;
typedef uint64_t __attribute__((may_alias)) word64;

/*
 * Programs may be misaligned. Most machines do such accesses by themselves; a
 * RISC-V hart in M-mode may trap, so there the address decides.
 */
#ifdef __riscv
#define ALIGNED(addr, size) likely(!((addr) & ((size)-1)))
#else
#define ALIGNED(addr, size) false
#endif

#define DEFINE_ACCESS(bits)                                                                                            \
	static inline uint64_t load##bits(uint64_t addr)                                                               \
	{                                                                                                              \
		uint##bits##_t value;                                                                                  \
		if (ALIGNED(addr, bits / 8))                                                                           \
			return *(const word##bits *)(uintptr_t)addr;                                                   \
		__builtin_memcpy(&value, (const void *)(uintptr_t)addr, sizeof(value));                                \
		return value;                                                                                          \
	}                                                                                                              \
	static inline void store##bits(uint64_t addr, uint64_t value)                                                  \
	{                                                                                                              \
		uint##bits##_t narrow = (uint##bits##_t)value;                                                         \
		if (ALIGNED(addr, bits / 8))                                                                           \
			*(word##bits *)(uintptr_t)addr = narrow;                                                       \
		else                                                                                                   \
			__builtin_memcpy((void *)(uintptr_t)addr, &narrow, sizeof(narrow));                            \
	}
DEFINE_ACCESS(16)
DEFINE_ACCESS(32)
DEFINE_ACCESS(64)

static inline uint64_t load8(uint64_t addr)
{
	return *(const uint8_t *)(uintptr_t)addr;
}

static inline void store8(uint64_t addr, uint64_t value)
{
	*(uint8_t *)(uintptr_t)addr = (uint8_t)value;
}

/* Spelled out: on RV64 without Zbb the builtin is a call into the compiler's library, which firmware lacks. */
static inline uint64_t swap16(uint64_t value)
{
	return (uint16_t)(value << 8 | (value & 0xff00) >> 8);
}

static inline uint64_t swap32(uint64_t value)
{
	uint32_t v = (uint32_t)value;

	return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static inline uint64_t swap64(uint64_t v)
{
#ifdef __riscv
	v = (v & 0x00ff00ff00ff00ffu) << 8 | (v >> 8 & 0x00ff00ff00ff00ffu);
	v = (v & 0x0000ffff0000ffffu) << 16 | (v >> 16 & 0x0000ffff0000ffffu);
	return v << 32 | v >> 32;
#else
	return __builtin_bswap64(v);
#endif
}

/* --------------------------------------------------------------- arithmetic */

static inline uint64_t div64(uint64_t a, uint64_t b)
{
	return b ? a / b : 0;
}

static inline uint64_t mod64(uint64_t a, uint64_t b)
{
	return b ? a % b : a;
}

static inline uint64_t div32(uint64_t a, uint64_t b)
{
	return (uint32_t)b ? (uint32_t)a / (uint32_t)b : 0;
}

static inline uint64_t mod32(uint64_t a, uint64_t b)
{
	return (uint32_t)b ? (uint32_t)a % (uint32_t)b : (uint32_t)a;
}

/* Signed: the smallest number divided by -1 is itself, remainder 0 (RFC 9669 sec. 4.1). */
static inline uint64_t sdiv64(uint64_t a, uint64_t b)
{
	if (b == 0)
		return 0;
	return b == UINT64_MAX ? -a : (uint64_t)((int64_t)a / (int64_t)b);
}

static inline uint64_t smod64(uint64_t a, uint64_t b)
{
	if (b == 0)
		return a;
	return b == UINT64_MAX ? 0 : (uint64_t)((int64_t)a % (int64_t)b);
}

static inline uint64_t sdiv32(uint64_t a, uint64_t b)
{
	if ((uint32_t)b == 0)
		return 0;
	return (uint32_t)b == UINT32_MAX ? (uint32_t)-a : (uint32_t)((int32_t)a / (int32_t)b);
}

static inline uint64_t smod32(uint64_t a, uint64_t b)
{
	if ((uint32_t)b == 0)
		return (uint32_t)a;
	return (uint32_t)b == UINT32_MAX ? 0 : (uint32_t)((int32_t)a % (int32_t)b);
}

/* ------------------------------------------------------------------ atomics */

/* What the cell held before. */
static inline uint64_t cmpxchg64(word64 *cell, uint64_t expected, uint64_t desired)
{
	__atomic_compare_exchange_n(cell, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return expected;
}

/*
 * RISC-V's lr.w sign-extends what it loads, and gcc before 14 (PR 114130) compares
 * it with a register that it has not sign-extended: so that is done here, out of its sight.
 */
static inline uint64_t cmpxchg32(word32 *cell, uint64_t expected, uint32_t desired)
{
	int64_t extended = (int32_t)expected;
	uint32_t low;

	__asm__("" : "+r"(extended));
	low = (uint32_t)extended;
	__atomic_compare_exchange_n(cell, &low, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return low;
}

/* ------------------------------------------------------------------- the loop */

/* A call that waits for its subprogram to return. r10 follows from the depth. */
struct frame {
	const struct ebpf_op *ret;
	uint64_t saved[4]; /* r6 to r9 */
};

/* prog->entry of the program that makes the interpreter tell its labels; no decoder returns it. */
#define EBPF_ENTRY_LABELS 0x80u

#define AT(field) (*(uint64_t *)(regs + op->field))
#define DST AT(dst)
#define SRC AT(src)
#define IMM ((uint64_t)(int64_t)op->imm)
#define NEXT                                                                                                           \
	do {                                                                                                           \
		op++;                                                                                                  \
		goto * op->code;                                                                                       \
	} while (0)

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

#define ALU(NAME, expr64, expr32)                                                                                      \
	op_##NAME##64_K:                                                                                               \
	{                                                                                                              \
		uint64_t a = DST, b = IMM;                                                                             \
		DST = expr64;                                                                                          \
		NEXT;                                                                                                  \
	}                                                                                                              \
	op_##NAME##64_X:                                                                                               \
	{                                                                                                              \
		uint64_t a = DST, b = SRC;                                                                             \
		DST = expr64;                                                                                          \
		NEXT;                                                                                                  \
	}                                                                                                              \
	op_##NAME##32_K:                                                                                               \
	{                                                                                                              \
		uint64_t a = DST, b = IMM;                                                                             \
		DST = (uint32_t)(expr32);                                                                              \
		NEXT;                                                                                                  \
	}                                                                                                              \
	op_##NAME##32_X:                                                                                               \
	{                                                                                                              \
		uint64_t a = DST, b = SRC;                                                                             \
		DST = (uint32_t)(expr32);                                                                              \
		NEXT;                                                                                                  \
	}

#define UNARY(NAME, expr)                                                                                              \
	op_##NAME:                                                                                                     \
	{                                                                                                              \
		uint64_t a = DST;                                                                                      \
		DST = expr;                                                                                            \
		NEXT;                                                                                                  \
	}

#define MOVSX(NAME, expr)                                                                                              \
	op_##NAME:                                                                                                     \
	{                                                                                                              \
		uint64_t b = SRC;                                                                                      \
		DST = expr;                                                                                            \
		NEXT;                                                                                                  \
	}

#define BRANCH(NAME, type, relation)                                                                                   \
	op_##NAME##_K:                                                                                                 \
	{                                                                                                              \
		type a = (type)DST, b = (type)IMM;                                                                     \
		if (a relation b)                                                                                      \
			JUMP((int64_t)op->off *(int64_t)sizeof(*op));                                                  \
		NEXT;                                                                                                  \
	}                                                                                                              \
	op_##NAME##_X:                                                                                                 \
	{                                                                                                              \
		type a = (type)DST, b = (type)SRC;                                                                     \
		if (a relation b)                                                                                      \
			JUMP(op->imm);                                                                                 \
		NEXT;                                                                                                  \
	}

#define BRANCHES(NAME, sign, relation)                                                                                 \
	BRANCH(NAME, sign##64_t, relation)                                                                             \
	BRANCH(NAME##32, sign##32_t, relation)

#define FRAME_PLACE (reg[10] + (uint64_t)op->off)

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

#define LOAD(NAME, bits, type)                                                                                         \
	chk_##NAME:                                                                                                    \
	{                                                                                                              \
		uint64_t addr = SRC + (uint64_t)op->off;                                                               \
		if (unlikely(!NEAR(addr, bits / 8, win_read)))                                                         \
			FAR(NAME, addr, bits / 8, EBPF_RUN_READ);                                                      \
		DST = (uint64_t)(type)load##bits(addr);                                                                \
		NEXT;                                                                                                  \
	}                                                                                                              \
	op_##NAME:                                                                                                     \
	{                                                                                                              \
		uint64_t addr = SRC + (uint64_t)op->off;                                                               \
		DST = (uint64_t)(type)load##bits(addr);                                                                \
		NEXT;                                                                                                  \
	}                                                                                                              \
	frm_##NAME:                                                                                                    \
	{                                                                                                              \
		DST = (uint64_t)(type) * (const word##bits *)(uintptr_t)FRAME_PLACE;                                   \
		NEXT;                                                                                                  \
	}

#define STORE(NAME, bits, value)                                                                                       \
	chk_##NAME:                                                                                                    \
	{                                                                                                              \
		uint64_t addr = DST + (uint64_t)op->off;                                                               \
		if (unlikely(!NEAR(addr, bits / 8, win_write)))                                                        \
			FAR(NAME, addr, bits / 8, EBPF_RUN_WRITE);                                                     \
		store##bits(addr, value);                                                                              \
		NEXT;                                                                                                  \
	}                                                                                                              \
	op_##NAME:                                                                                                     \
	{                                                                                                              \
		uint64_t addr = DST + (uint64_t)op->off;                                                               \
		store##bits(addr, value);                                                                              \
		NEXT;                                                                                                  \
	}                                                                                                              \
	frm_##NAME:                                                                                                    \
	{                                                                                                              \
		*(word##bits *)(uintptr_t)FRAME_PLACE = (uint##bits##_t)(value);                                       \
		NEXT;                                                                                                  \
	}

/*
 * Atomics are those of the hart, on the memory that other harts see. Those
 * without fetch order nothing, those with it are sequentially consistent, as in Linux.
 * A misaligned one cannot be atomic and stops the run even of a verified program.
 */
#define ATOMIC(NAME, bits, statement)                                                                                  \
	chk_##NAME:                                                                                                    \
	{                                                                                                              \
		uint64_t addr = DST + (uint64_t)op->off;                                                               \
		if (unlikely(!NEAR(addr, bits / 8, win_write)))                                                        \
			FAR(NAME, addr, bits / 8, EBPF_RUN_READ | EBPF_RUN_WRITE);                                     \
	}                                                                                                              \
	op_##NAME:                                                                                                     \
	{                                                                                                              \
		uint64_t addr = DST + (uint64_t)op->off;                                                               \
		uint##bits##_t operand = (uint##bits##_t)SRC;                                                          \
		word##bits *cell = (word##bits *)(uintptr_t)addr;                                                      \
		if (unlikely(addr & (bits / 8 - 1)))                                                                   \
			goto fault_misaligned;                                                                         \
		statement;                                                                                             \
		NEXT;                                                                                                  \
	}

#define ATOMICS(bits)                                                                                                  \
	ATOMIC(ADD##bits##_ATOMIC, bits, (void)__atomic_fetch_add(cell, operand, __ATOMIC_RELAXED))                    \
	ATOMIC(OR##bits##_ATOMIC, bits, (void)__atomic_fetch_or(cell, operand, __ATOMIC_RELAXED))                      \
	ATOMIC(AND##bits##_ATOMIC, bits, (void)__atomic_fetch_and(cell, operand, __ATOMIC_RELAXED))                    \
	ATOMIC(XOR##bits##_ATOMIC, bits, (void)__atomic_fetch_xor(cell, operand, __ATOMIC_RELAXED))                    \
	ATOMIC(ADD##bits##_FETCH, bits, SRC = __atomic_fetch_add(cell, operand, __ATOMIC_SEQ_CST))                     \
	ATOMIC(OR##bits##_FETCH, bits, SRC = __atomic_fetch_or(cell, operand, __ATOMIC_SEQ_CST))                       \
	ATOMIC(AND##bits##_FETCH, bits, SRC = __atomic_fetch_and(cell, operand, __ATOMIC_SEQ_CST))                     \
	ATOMIC(XOR##bits##_FETCH, bits, SRC = __atomic_fetch_xor(cell, operand, __ATOMIC_SEQ_CST))                     \
	ATOMIC(XCHG##bits, bits, SRC = __atomic_exchange_n(cell, operand, __ATOMIC_SEQ_CST))                           \
	ATOMIC(CMPXCHG##bits, bits, reg[0] = cmpxchg##bits(cell, reg[0], operand))

/* Misaligned they could not be ordered either. */
#define ORDERED(bits)                                                                                                  \
	chk_LDACQ##bits:                                                                                               \
	{                                                                                                              \
		uint64_t addr = SRC + (uint64_t)op->off;                                                               \
		if (unlikely(!NEAR(addr, bits / 8, win_read)))                                                         \
			FAR(LDACQ##bits, addr, bits / 8, EBPF_RUN_READ);                                               \
	}                                                                                                              \
	op_LDACQ##bits:                                                                                                \
	{                                                                                                              \
		uint64_t addr = SRC + (uint64_t)op->off;                                                               \
		if (unlikely(addr & (bits / 8 - 1)))                                                                   \
			goto fault_misaligned_load;                                                                    \
		DST = __atomic_load_n((const word##bits *)(uintptr_t)addr, __ATOMIC_ACQUIRE);                          \
		NEXT;                                                                                                  \
	}                                                                                                              \
	ATOMIC(STREL##bits, bits, __atomic_store_n(cell, operand, __ATOMIC_RELEASE))

/* The words of a new frame from `lo` (its highest) down to `first`, if that is lower. */
#define CLEAR_FRAME(lo, first)                                                                                         \
	do {                                                                                                           \
		*(word64 *)(uintptr_t)(lo) = 0;                                                                        \
		while ((lo) > (first)) {                                                                               \
			(lo) -= 8;                                                                                     \
			*(word64 *)(uintptr_t)(lo) = 0;                                                                \
		}                                                                                                      \
	} while (0)

/* A frame below the current one with its first `clear` bytes cleared; `return_to` is where its exit goes on. */
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

/* One copy, or its labels were several. */
#ifdef __clang__
#define ONE_COPY __attribute__((noinline))
#else
#define ONE_COPY __attribute__((noinline, noclone))
#endif

ONE_COPY int ebpf_run(struct ebpf_run *run, uint64_t *r0)
{
	static const int32_t rows[EBPF_NR_OPS][EBPF_OP_VARIANTS] = {EBPF_OPCODES(ROW, ROW)};
	static const int32_t extra[] = {
		&&exit_main - &&base, &&call_lookup - &&base, &&trap - &&base,	       &&lea - &&base,
		&&call_key - &&base,  &&call_update - &&base, &&tail_call - &&base,    &&call_back - &&base,
		&&call_0 - &&base,    &&lookup - &&base,      &&lookup_array - &&base, &&count - &&base,
		&&update - &&base,    &&return_k - &&base,    &&mov_store - &&base,    &&mov_store32 - &&base};
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
		uint64_t top = (uintptr_t)run->stack + EBPF_MAX_CALL_DEPTH * EBPF_STACK_SIZE, lo = top - 8,
			 first = top - (entry >> EBPF_ENTRY_STACK_SHIFT);

		if (entry & EBPF_ENTRY_PLAIN)
			goto * op->code;
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
	ALU(ADD, a + b, a + b)
	ALU(SUB, a - b, a - b)
	ALU(MUL, a * b, a * b)
	ALU(DIV, div64(a, b), div32(a, b))
	ALU(SDIV, sdiv64(a, b), sdiv32(a, b))
	ALU(MOD, mod64(a, b), mod32(a, b))
	ALU(SMOD, smod64(a, b), smod32(a, b))
	ALU(OR, a | b, a | b)
	ALU(AND, a & b, a & b)
	ALU(XOR, a ^ b, a ^ b)
	ALU(LSH, a << (b & 63), a << (b & 31))
	ALU(RSH, a >> (b & 63), (uint32_t)a >> (b & 31))
	ALU(ARSH, (uint64_t)((int64_t)a >> (b & 63)), (int32_t)a >> (b & 31))

op_MOV64_K:
	DST = IMM;
	NEXT;
op_MOV64_X:
	DST = SRC;
	NEXT;
op_MOV32_K:
	DST = (uint32_t)op->imm;
	NEXT;
op_MOV32_X:
	DST = (uint32_t)SRC;
	NEXT;
mov_store:
	DST = *(word64 *)(uintptr_t)(reg[10] + (uint64_t)op[1].off) = IMM;
	op++;
	NEXT;
mov_store32:
	DST = IMM;
	*(word32 *)(uintptr_t)(reg[10] + (uint64_t)op[1].off) = (uint32_t)op->imm;
	op++;
	NEXT;
lea: /* the pair rX = rY; rX += constant */
	DST = SRC + IMM;
	op++;
	NEXT;
	MOVSX(MOVSX64_8, (uint64_t)(int8_t)b)
	MOVSX(MOVSX64_16, (uint64_t)(int16_t)b)
	MOVSX(MOVSX64_32, (uint64_t)(int32_t)b)
	MOVSX(MOVSX32_8, (uint32_t)(int8_t)b)
	MOVSX(MOVSX32_16, (uint32_t)(int16_t)b)

	UNARY(NEG64, -a)
	UNARY(NEG32, (uint32_t)-a)
	UNARY(LE16, (uint16_t)a)
	UNARY(LE32, (uint32_t)a)
	UNARY(LE64, a)
	UNARY(BE16, swap16(a))
	UNARY(BE32, swap32(a))
	UNARY(BE64, swap64(a))
	UNARY(BSWAP16, swap16(a))
	UNARY(BSWAP32, swap32(a))
	UNARY(BSWAP64, swap64(a))

	LOAD(LDXB, 8, uint8_t)
	LOAD(LDXH, 16, uint16_t)
	LOAD(LDXW, 32, uint32_t)
	LOAD(LDXDW, 64, uint64_t)
	LOAD(LDXSB, 8, int8_t)
	LOAD(LDXSH, 16, int16_t)
	LOAD(LDXSW, 32, int32_t)
	STORE(STB, 8, IMM)
	STORE(STH, 16, IMM)
	STORE(STW, 32, IMM)
	STORE(STDW, 64, IMM)
	STORE(STXB, 8, SRC)
	STORE(STXH, 16, SRC)
	STORE(STXW, 32, SRC)
	STORE(STXDW, 64, SRC)
	ATOMICS(64)
	ATOMICS(32)
	ORDERED(64)
	ORDERED(32)
	ORDERED(16)
	ORDERED(8)

op_LDDW:
	DST = op[1].wide;
	op++;
	NEXT;
op_LDFUNC: /* a function is known by the load that names it: helper.c can tell that it is one */
	DST = (uintptr_t)op;
	op++;
	NEXT;

op_JA:
op_JA32:
	JUMP(op->imm);
	BRANCHES(JEQ, uint, ==)
	BRANCHES(JNE, uint, !=)
	BRANCHES(JGT, uint, >)
	BRANCHES(JGE, uint, >=)
	BRANCHES(JLT, uint, <)
	BRANCHES(JLE, uint, <=)
	BRANCHES(JSET, uint, &)
	BRANCHES(JSGT, int, >)
	BRANCHES(JSGE, int, >=)
	BRANCHES(JSLT, int, <)
	BRANCHES(JSLE, int, <=)

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
	goto looked_up;
}

lookup_array : {
	const struct ebpf_map *map = (const struct ebpf_map *)(uintptr_t)op[3].wide;
	uint32_t index = *(const word32 *)(uintptr_t)(reg[10] + IMM);

	reg[0] = 0;
	if (likely(index < map->max_entries))
		reg[0] = (uintptr_t)ebpf_map_value(map, index);
}
looked_up: /* NULL: the jump does what it does */
	op += reg[0] ? EBPF_LOOKUP_SLOTS - 1 : EBPF_LOOKUP_SLOTS - 2;
	NEXT;

count:
	DST = IMM;
	__atomic_fetch_add((word64 *)(uintptr_t)(*(uint64_t *)(regs + op[1].dst) + (uint64_t)op[1].off), IMM,
			   __ATOMIC_RELAXED);
	op++;
	NEXT;

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
