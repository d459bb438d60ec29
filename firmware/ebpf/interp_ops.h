/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What both interpreters are made of, interp.c and leaf.c: every operation that
 * calls nothing, as labels inside of the function that says OPERATIONS. Its
 * variables are `op`, `reg` and `regs`. What differs are macros of its own:
 *   JUMP(bytes)         go that much further than the next instruction
 *   FRAME_TOP           r10
 *   CHECK_*             what is in front of an access that is not verified, a label of its own
 *   STOP_MISALIGNED     before atomics
 *
 * RFC 9669 sec. 4 and 5. Arithmetic is on unsigned types, it wraps.
 */
#ifndef EBPF_INTERP_OPS_H
#define EBPF_INTERP_OPS_H

#include "decode.h"
#include "map.h"
#include "opcodes.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* One copy of the function, or its labels were several. */
#ifdef __clang__
#define ONE_COPY __attribute__((noinline))
#else
#define ONE_COPY __attribute__((noinline, noclone))
#endif

/* ------------------------------------------------------------------- memory */

typedef uint8_t __attribute__((may_alias)) word8;
typedef uint16_t __attribute__((may_alias)) word16;
typedef uint32_t __attribute__((may_alias)) word32;
typedef uint64_t __attribute__((may_alias)) word64;

/*
 * Programs may be misaligned. Most machines do such accesses by themselves; a
 * RISC-V hart in M-mode may trap, so there the address decides.
 */
#ifdef ALIGNED /* who includes this knows */
#elif defined(__riscv)
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

/* ---------------------------------------------------------------- operations */

#define AT(field) (*(uint64_t *)(regs + op->field))
#define DST AT(dst)
#define SRC AT(src)
#define IMM ((uint64_t)(int64_t)op->imm)
#define NEXT                                                                                                           \
	do {                                                                                                           \
		op++;                                                                                                  \
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

/* The three forms of a plain access: with checks, without, and at a place of the frame that is aligned and good. */
#define FRAME_PLACE (FRAME_TOP + (uint64_t)op->off)

#define LOAD(NAME, bits, type)                                                                                         \
	CHECK_LOAD(NAME, bits, type)                                                                                   \
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
	CHECK_STORE(NAME, bits, value)                                                                                 \
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
 */
#define ATOMIC(NAME, bits, statement)                                                                                  \
	CHECK_ATOMIC(NAME, bits)                                                                                       \
	op_##NAME:                                                                                                     \
	{                                                                                                              \
		uint64_t addr = DST + (uint64_t)op->off;                                                               \
		uint##bits##_t operand = (uint##bits##_t)SRC;                                                          \
		word##bits *cell = (word##bits *)(uintptr_t)addr;                                                      \
		STOP_MISALIGNED(addr, bits, fault_misaligned);                                                         \
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
	ATOMIC(XCHG##bits, bits, SRC = __atomic_exchange_n(cell, operand, __ATOMIC_SEQ_CST))

/* Misaligned they could not be ordered either. */
#define ORDERED(bits)                                                                                                  \
	CHECK_LDACQ(bits)                                                                                              \
	op_LDACQ##bits:                                                                                                \
	{                                                                                                              \
		uint64_t addr = SRC + (uint64_t)op->off;                                                               \
		STOP_MISALIGNED(addr, bits, fault_misaligned_load);                                                    \
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

/* Those that are rare and would take leaf.c more registers than all others. */
#define RARE_OPERATIONS                                                                                                \
	ALU(SDIV, sdiv64(a, b), sdiv32(a, b))                                                                          \
	ALU(SMOD, smod64(a, b), smod32(a, b))                                                                          \
	UNARY(BE32, swap32(a))                                                                                         \
	UNARY(BE64, swap64(a))                                                                                         \
	UNARY(BSWAP32, swap32(a))                                                                                      \
	UNARY(BSWAP64, swap64(a))                                                                                      \
	ATOMIC(CMPXCHG64, 64, reg[0] = cmpxchg64(cell, reg[0], operand))                                               \
	ATOMIC(CMPXCHG32, 32, reg[0] = cmpxchg32(cell, reg[0], operand))

#define OPERATIONS                                                                                                     \
	ALU(ADD, a + b, a + b)                                                                                         \
	ALU(SUB, a - b, a - b)                                                                                         \
	ALU(MUL, (a) * (b), (a) * (b))                                                                                 \
	ALU(DIV, div64(a, b), div32(a, b))                                                                             \
	ALU(MOD, mod64(a, b), mod32(a, b))                                                                             \
	ALU(OR, a | b, a | b)                                                                                          \
	ALU(AND, (a) & (b), (a) & (b))                                                                                 \
	ALU(XOR, a ^ b, a ^ b)                                                                                         \
	ALU(LSH, a << (b & 63), a << (b & 31))                                                                         \
	ALU(RSH, a >> (b & 63), (uint32_t)a >> (b & 31))                                                               \
	ALU(ARSH, (uint64_t)((int64_t)a >> (b & 63)), (int32_t)a >> (b & 31))                                          \
	op_MOV64_K:                                                                                                    \
	DST = IMM;                                                                                                     \
	NEXT;                                                                                                          \
	op_MOV64_X:                                                                                                    \
	DST = SRC;                                                                                                     \
	NEXT;                                                                                                          \
	op_MOV32_K:                                                                                                    \
	DST = (uint32_t)op->imm;                                                                                       \
	NEXT;                                                                                                          \
	op_MOV32_X:                                                                                                    \
	DST = (uint32_t)SRC;                                                                                           \
	NEXT;                                                                                                          \
	mov_store:                                                                                                     \
	DST = *(word64 *)(uintptr_t)(FRAME_TOP + (uint64_t)op[1].off) = IMM;                                           \
	op++;                                                                                                          \
	NEXT;                                                                                                          \
	mov_store32:                                                                                                   \
	DST = IMM;                                                                                                     \
	*(word32 *)(uintptr_t)(FRAME_TOP + (uint64_t)op[1].off) = (uint32_t)op->imm;                                   \
	op++;                                                                                                          \
	NEXT;                                                                                                          \
	lea: /* the pair rX = rY; rX += constant */                                                                    \
	DST = SRC + IMM;                                                                                               \
	op++;                                                                                                          \
	NEXT;                                                                                                          \
	MOVSX(MOVSX64_8, (uint64_t)(int8_t)b)                                                                          \
	MOVSX(MOVSX64_16, (uint64_t)(int16_t)b)                                                                        \
	MOVSX(MOVSX64_32, (uint64_t)(int32_t)b)                                                                        \
	MOVSX(MOVSX32_8, (uint32_t)(int8_t)b)                                                                          \
	MOVSX(MOVSX32_16, (uint32_t)(int16_t)b)                                                                        \
	UNARY(NEG64, -a)                                                                                               \
	UNARY(NEG32, (uint32_t)-a)                                                                                     \
	UNARY(LE16, (uint16_t)a)                                                                                       \
	UNARY(LE32, (uint32_t)a)                                                                                       \
	UNARY(LE64, a)                                                                                                 \
	UNARY(BE16, swap16(a))                                                                                         \
	UNARY(BSWAP16, swap16(a))                                                                                      \
	LOAD(LDXB, 8, uint8_t)                                                                                         \
	LOAD(LDXH, 16, uint16_t)                                                                                       \
	LOAD(LDXW, 32, uint32_t)                                                                                       \
	LOAD(LDXDW, 64, uint64_t)                                                                                      \
	LOAD(LDXSB, 8, int8_t)                                                                                         \
	LOAD(LDXSH, 16, int16_t)                                                                                       \
	LOAD(LDXSW, 32, int32_t)                                                                                       \
	STORE(STB, 8, IMM)                                                                                             \
	STORE(STH, 16, IMM)                                                                                            \
	STORE(STW, 32, IMM)                                                                                            \
	STORE(STDW, 64, IMM)                                                                                           \
	STORE(STXB, 8, SRC)                                                                                            \
	STORE(STXH, 16, SRC)                                                                                           \
	STORE(STXW, 32, SRC)                                                                                           \
	STORE(STXDW, 64, SRC)                                                                                          \
	ATOMICS(64)                                                                                                    \
	ATOMICS(32)                                                                                                    \
	ORDERED(64)                                                                                                    \
	ORDERED(32)                                                                                                    \
	ORDERED(16)                                                                                                    \
	ORDERED(8)                                                                                                     \
	op_LDDW:                                                                                                       \
	DST = op[1].wide;                                                                                              \
	op++;                                                                                                          \
	NEXT;                                                                                                          \
	op_JA:                                                                                                         \
	op_JA32:                                                                                                       \
	JUMP(op->imm);                                                                                                 \
	BRANCHES(JEQ, uint, ==)                                                                                        \
	BRANCHES(JNE, uint, !=)                                                                                        \
	BRANCHES(JGT, uint, >)                                                                                         \
	BRANCHES(JGE, uint, >=)                                                                                        \
	BRANCHES(JLT, uint, <)                                                                                         \
	BRANCHES(JLE, uint, <=)                                                                                        \
	BRANCHES(JSET, uint, &)                                                                                        \
	BRANCHES(JSGT, int, >)                                                                                         \
	BRANCHES(JSGE, int, >=)                                                                                        \
	BRANCHES(JSLT, int, <)                                                                                         \
	BRANCHES(JSLE, int, <=)                                                                                        \
	lookup_array : {                                                                                               \
		const struct ebpf_map *map = (const struct ebpf_map *)(uintptr_t)op[3].wide;                           \
		uint32_t index = *(const word32 *)(uintptr_t)(FRAME_TOP + IMM);                                        \
		reg[0] = 0;                                                                                            \
		if (likely(index < map->max_entries))                                                                  \
			reg[0] = (uintptr_t)ebpf_map_value(map, index);                                                \
		/* NULL: the jump does what it does */                                                                 \
		op += reg[0] ? EBPF_LOOKUP_SLOTS - 1 : EBPF_LOOKUP_SLOTS - 2;                                          \
		NEXT;                                                                                                  \
	}                                                                                                              \
	element:                                                                                                       \
	*(word32 *)(uintptr_t)FRAME_PLACE = (uint32_t)op->imm;                                                         \
	reg[0] = op[1].wide;                                                                                           \
	op += EBPF_LOOKUP_SLOTS + 1;                                                                                   \
	NEXT;                                                                                                          \
	element_st:                                                                                                    \
	*(word32 *)(uintptr_t)FRAME_PLACE = (uint32_t)op->imm;                                                         \
	reg[0] = op[1].wide;                                                                                           \
	op += EBPF_LOOKUP_SLOTS;                                                                                       \
	NEXT;                                                                                                          \
	count:                                                                                                         \
	DST = IMM;                                                                                                     \
	__atomic_fetch_add((word64 *)(uintptr_t)(*(uint64_t *)(regs + op[1].dst) + (uint64_t)op[1].off), IMM,          \
			   __ATOMIC_RELAXED);                                                                          \
	op++;                                                                                                          \
	NEXT;

#endif
