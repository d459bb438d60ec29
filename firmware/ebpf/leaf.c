/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interpreter of leaf programs (leaf.h), and the hits that run nothing else.
 * firmware.mk compiles this file with few registers and looks that it calls
 * nobody: what the trap entry has not saved must come back as it was.
 *
 * No budget: a program without jumps back ends after at most as many
 * instructions as it has, and those are fewer (EBPF_MAX_INSNS).
 */
#include "leaf.h"

#ifdef __riscv
#define ALIGNED(addr, size) true /* the verifier has seen to that */
#endif
#include "interp_ops.h"
#include "kretprobe.h"

_Static_assert(EBPF_MAX_INSNS <= EBPF_RUN_BUDGET, "a program without loops keeps to the budget");

#define JUMP(bytes)                                                                                                    \
	do {                                                                                                           \
		op = (const struct ebpf_op *)((const char *)op + (int64_t)(bytes)) + 1;                                \
		goto * op->code;                                                                                       \
	} while (0)

#define FRAME_TOP ((uintptr_t)stack + sizeof(stack))

/* A verifier has let the program through, one that insists on alignment. */
#define CHECK_LOAD(NAME, bits, type)
#define CHECK_STORE(NAME, bits, value)
#define CHECK_ATOMIC(NAME, bits)
#define CHECK_LDACQ(bits)
#define STOP_MISALIGNED(addr, bits, where) (void)0

#define BARE(name) (&&op_##name - &&base)
#define FRAME(name) (&&frm_##name - &&base)
#define NONE (&&trap - &&base)
#define NO_MEMORY(name) BARE(name), NONE, NONE
#define PLAIN(name) BARE(name), NONE, FRAME(name)
#define NOT_HERE(name) NONE, NONE, NONE
#define VARIANTS_ALU_K NO_MEMORY
#define VARIANTS_ALU_X NO_MEMORY
#define VARIANTS_NEG NO_MEMORY
#define VARIANTS_END NO_MEMORY
#define VARIANTS_LDDW(name) LABEL_##name
#define LABEL_LDDW NO_MEMORY(LDDW)
#define LABEL_LDFUNC NOT_HERE(LDFUNC)
#define VARIANTS_JA NO_MEMORY
#define VARIANTS_JA32 NO_MEMORY
#define VARIANTS_JMP_K NO_MEMORY
#define VARIANTS_JMP_X NO_MEMORY
#define VARIANTS_CALL_LOCAL NOT_HERE
#define VARIANTS_EXIT NO_MEMORY
#define VARIANTS_LDX PLAIN
#define VARIANTS_ST PLAIN
#define VARIANTS_STX PLAIN
#define VARIANTS_ATOMIC NO_MEMORY
#define VARIANTS_FETCH NO_MEMORY
#define VARIANTS_CMPXCHG NO_MEMORY
#define VARIANTS_LDACQ NO_MEMORY
#define VARIANTS_STREL NO_MEMORY
#define VARIANTS_MAY_GOTO NOT_HERE
#define VARIANTS_CALL NOT_HERE
#define ROW(name, code, field, value, form, text) {VARIANTS_##form(name)},

/*
 * kprobe.h; and without a probe: run the one program, its r0. One function, because whatever is kept across a call
 * costs a hit two instructions.
 */
ONE_COPY uint64_t ebpf_kprobe_hit_leaf(struct ebpf_pt_regs *ctx, const struct ebpf_probe *probe,
				       const struct ebpf_attachment *attachment, unsigned long hart)
{
	static const int32_t rows[EBPF_NR_OPS][EBPF_OP_VARIANTS] = {EBPF_OPCODES(ROW, ROW)};
	static const int32_t extra[EBPF_NR_OP_EXTRA] = {
		[EBPF_OP_EXIT_MAIN] = &&op_EXIT - &&base,
		[EBPF_OP_CALL_LOOKUP] = NONE,
		[EBPF_OP_TRAP] = &&trap - &&base,
		[EBPF_OP_LEA] = &&lea - &&base,
		[EBPF_OP_CALL_KEY] = NONE,
		[EBPF_OP_CALL_UPDATE] = NONE,
		[EBPF_OP_TAIL_CALL] = NONE,
		[EBPF_OP_CALL_BACK] = NONE,
		[EBPF_OP_CALL_0] = NONE,
		[EBPF_OP_LOOKUP] = NONE,
		[EBPF_OP_LOOKUP_ARRAY] = &&lookup_array - &&base,
		[EBPF_OP_ELEMENT] = &&element - &&base,
		[EBPF_OP_ELEMENT_ST] = &&element_st - &&base,
		[EBPF_OP_COUNT] = &&count - &&base,
		[EBPF_OP_UPDATE] = NONE,
		[EBPF_OP_RETURN] = &&return_k - &&base,
		[EBPF_OP_MOV_STORE] = &&mov_store - &&base,
		[EBPF_OP_MOV_STORE32] = &&mov_store32 - &&base,
	};
	uint64_t reg[MAX_BPF_REG];
	_Alignas(16) char stack[EBPF_STACK_SIZE];
	const struct ebpf_op *op;
	char *regs = (char *)reg;
	uint32_t entry;

	/* or the compiler would work it out anew for each operand */
	__asm__("" : "+r"(regs));
	if (likely(probe))
		ebpf_hit_harts[hart].hits++;
again:
	op = attachment->prog->ops;
	entry = attachment->prog->entry;
	if (!(entry & EBPF_ENTRY_PLAIN)) {
		uint64_t lo = FRAME_TOP - 8, first = FRAME_TOP - (entry >> EBPF_ENTRY_STACK_SHIFT);

		if (unlikely(!op)) { /* somebody asks for them */
			*(struct ebpf_labels *)(void *)ctx = (struct ebpf_labels){&&base, rows, extra};
			return 0;
		}
		reg[1] = (uintptr_t)ctx;
		reg[10] = FRAME_TOP;
		CLEAR_FRAME(lo, first);
	}
	goto * op->code;
base:
	OPERATIONS

return_k:
	if (unlikely(!probe))
		return IMM;
	goto done; /* nobody asks what a probe's program returns */
op_EXIT:
	if (unlikely(!probe))
		return reg[0];
done:
	__atomic_fetch_add(&attachment->prog->hits, 1, __ATOMIC_RELAXED);
	attachment = __atomic_load_n(&attachment->next, __ATOMIC_RELAXED);
	/* one that is no leaf has been attached while this hit was on its way: too late for it */
	if (unlikely(attachment) && ebpf_prog_is_leaf(attachment->prog))
		goto again;
	ebpf_probe_add(probe, ctx);
	return probe->next;

#define LABEL(name) op_##name:
	EBPF_LEAF_LACKS(LABEL)
trap: /* nobody comes here: no program with one of those is a leaf, and nothing leads to a wide one's second slot */
	return 0;
}

uint64_t ebpf_leaf_run(const struct ebpf_prog *prog, uint64_t ctx)
{
	struct ebpf_attachment only; /* nobody looks at more of it */

	only.prog = (struct ebpf_prog *)(uintptr_t)prog;
	return ebpf_kprobe_hit_leaf((struct ebpf_pt_regs *)(uintptr_t)ctx, NULL, &only, 0);
}

void ebpf_leaf_labels(struct ebpf_labels *labels)
{
	static const struct ebpf_prog asking;

	ebpf_leaf_run(&asking, (uintptr_t)labels);
}

uint64_t ebpf_leaf_enter(struct ebpf_pt_regs *regs, struct ebpf_probe *probe, unsigned long hart)
{
	struct ebpf_return_bucket *bucket = ebpf_return_bucket_of(regs->x[1]);
	struct ebpf_hit_hart *state = &ebpf_hit_harts[hart];
	struct ebpf_return *instance;

	ebpf_lock(&bucket->lock);
	instance = bucket->free;
	if (unlikely(bucket->first || !instance)) {
		ebpf_unlock(&bucket->lock);
		return 1;
	}
	bucket->free = instance->next;
	ebpf_return_await(bucket, instance, probe, regs);
	ebpf_unlock(&bucket->lock);
	state->hits++;
	state->entered++;
	ebpf_probe_add(probe, regs);
	return probe->next;
}

uint64_t ebpf_leaf_return(struct ebpf_pt_regs *regs, struct ebpf_probe *trampoline, unsigned long hart)
{
	struct ebpf_return_bucket *bucket = ebpf_return_bucket_of(regs->x[1]);
	const struct ebpf_attachment *attachment;
	struct ebpf_return **link;
	struct ebpf_probe *probe;
	uint64_t ra;

	ebpf_lock(&bucket->lock);
	link = ebpf_return_find(bucket, regs->x[1]);
	attachment = *link ? __atomic_load_n(&(*link)->probe->returns, __ATOMIC_ACQUIRE) : NULL;
	/* nobody's return, or nobody is there any more, or one that has been attached at this moment */
	if (unlikely(!attachment || !ebpf_prog_is_leaf(attachment->prog))) {
		ebpf_unlock(&bucket->lock);
		return 1;
	}
	probe = (*link)->probe;
	ra = (*link)->ra;
	ebpf_return_take(bucket, link);
	ebpf_unlock(&bucket->lock);
	ebpf_hit_harts[hart].entered--;
	ebpf_kprobe_hit_leaf(regs, trampoline, attachment, hart);
	regs->x[0] = ra;
	ebpf_kretprobe_left(probe);
	return ra & ~(uint64_t)1; /* as jalr takes it */
}
