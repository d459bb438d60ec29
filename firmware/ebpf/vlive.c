/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Liveness of registers: which may be read, from each instruction on, before
 * they are written. What is dead need not be kept nor compared. Backwards over
 * the program until nothing changes; a program contrived to need many rounds
 * gets the answer "all".
 */
#include "vstate.h"

#define SLICE 128u
#define ROUNDS 24u
#define ARGS 0x3eu    /* r1 .. r5 */
#define CLOBBER 0x3fu /* r0 .. r5 */

struct effect {
	uint32_t reads, writes;
};

static struct effect effect_of_call(const struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	struct effect effect = {.reads = 0, .writes = CLOBBER};
	const struct ebpf_helper *helper;

	if (insn->src_reg) {
		effect.reads = ARGS;
		return effect;
	}
	helper = v->opts.helper_of((uint32_t)insn->imm, false);
	for (unsigned int i = 0; helper && i < 5; i++)
		if (helper->arg[i] != EBPF_ARG_NONE)
			effect.reads |= 2u << i;
	return effect;
}

static struct effect effect_of_alu(const struct bpf_insn *insn)
{
	uint32_t dst = 1u << insn->dst_reg, src = 1u << insn->src_reg;
	bool reg = BPF_SRC(insn->code) == BPF_X;

	switch (BPF_OP(insn->code)) {
	case BPF_MOV:
		return (struct effect){reg ? src : 0, dst};
	case BPF_NEG:
	case BPF_END:
		return (struct effect){dst, dst};
	}
	return (struct effect){dst | (reg ? src : 0), dst};
}

static struct effect effect_of_atomic(const struct bpf_insn *insn)
{
	struct effect effect = {(1u << insn->dst_reg) | (1u << insn->src_reg), 0};

	if (insn->imm == BPF_LOAD_ACQ)
		return (struct effect){1u << insn->src_reg, 1u << insn->dst_reg};
	if (insn->imm == BPF_CMPXCHG) {
		effect.reads |= 1u << BPF_REG_0;
		effect.writes = 1u << BPF_REG_0;
	} else if (insn->imm & BPF_FETCH) {
		effect.writes = 1u << insn->src_reg;
	}
	return effect;
}

static struct effect effect_of_jump(const struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	uint32_t dst = 1u << insn->dst_reg, src = 1u << insn->src_reg;

	switch (BPF_OP(insn->code)) {
	case BPF_CALL:
		return effect_of_call(v, insn);
	case BPF_EXIT:
		return (struct effect){1u << BPF_REG_0, 0};
	case BPF_JA:
	case BPF_JCOND:
		return (struct effect){0, 0};
	}
	return (struct effect){dst | (BPF_SRC(insn->code) == BPF_X ? src : 0), 0};
}

static struct effect effect_of(const struct ebpf_verifier *v, const struct bpf_insn *insn)
{
	uint32_t dst = 1u << insn->dst_reg, src = 1u << insn->src_reg;

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		return (struct effect){0, dst};
	case BPF_LDX:
		return (struct effect){src, dst};
	case BPF_ST:
		return (struct effect){dst, 0};
	case BPF_STX:
		if (BPF_MODE(insn->code) == BPF_ATOMIC)
			return effect_of_atomic(insn);
		return (struct effect){dst | src, 0};
	case BPF_JMP:
	case BPF_JMP32:
		return effect_of_jump(v, insn);
	}
	return effect_of_alu(insn);
}

static uint32_t live_after(const struct ebpf_verifier *v, uint32_t at)
{
	const struct bpf_insn *insn = &v->insns[at];
	uint8_t class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);
	uint32_t next = at + (ebpf_vcfg_is_wide(insn) ? 2 : 1);

	if ((class != BPF_JMP && class != BPF_JMP32) || op == BPF_CALL)
		return v->aux[next] & EBPF_VA_LIVE;
	if (op == BPF_EXIT)
		return 0;
	if (op == BPF_JA)
		return v->aux[at + 1 + (uint32_t)(class == BPF_JMP ? insn->off : insn->imm)] & EBPF_VA_LIVE;
	return (v->aux[next] | v->aux[at + 1 + (uint32_t)insn->off]) & EBPF_VA_LIVE;
}

static void update(struct ebpf_verifier *v, uint32_t at)
{
	struct effect effect;
	uint32_t live;

	if (v->aux[at] & EBPF_VA_SECOND)
		return;
	effect = effect_of(v, &v->insns[at]);
	live = effect.reads | (live_after(v, at) & ~effect.writes);
	if (v->piled > ROUNDS)
		live = EBPF_VA_LIVE;
	live |= v->aux[at] & EBPF_VA_LIVE;
	if (live != (v->aux[at] & EBPF_VA_LIVE)) {
		v->aux[at] |= live;
		v->again = true;
	}
}

/* v->pos: instructions left in this round; v->piled: rounds done */
int ebpf_vlive_step(struct ebpf_verifier *v)
{
	if (!v->pos && !v->piled) {
		v->pos = v->insn_cnt;
		v->again = false;
	}
	for (uint32_t n = 0; n < SLICE && v->pos; n++) {
		update(v, --v->pos);
		ebpf_v_cost(v, 60);
	}
	if (v->pos)
		return -ERESTART;
	if (v->again && v->piled <= ROUNDS) {
		v->again = false;
		v->piled++;
		v->pos = v->insn_cnt;
		return -ERESTART;
	}
	return 0;
}
