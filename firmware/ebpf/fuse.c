/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which slots are executed at once (decode.h, EBPF_OP_LOOKUP and the following):
 * patterns of compilers, recognised slot by slot. What may not be reached with
 * another meaning (a jump into the middle) is no concern here: every slot keeps
 * an op of its own, only the first one's changes.
 */
#include "fuse.h"
#include "map.h"
#include "uapi/bpf.h"

static bool is_code(const struct bpf_insn *insn, unsigned int code, unsigned int dst)
{
	return insn->code == code && insn->dst_reg == dst;
}

/* reg = r10; reg += constant: a place in the cleared part of the frame? */
static bool is_frame_place(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, unsigned int reg)
{
	return is_code(&insn[0], BPF_ALU64 | BPF_MOV | BPF_X, reg) && insn[0].src_reg == BPF_REG_10 && !insn[0].off &&
	       is_code(&insn[1], BPF_ALU64 | BPF_ADD | BPF_K, reg) && insn[1].imm < 0 &&
	       insn[1].imm >= -(int32_t)ebpf_decode_frame(decoder);
}

/* r1 = a map of the program that programs may use so, and that takes the same time with every key; or NULL */
static const struct ebpf_map *map_at(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, bool write)
{
	uint64_t value = (uint32_t)insn[0].imm | (uint64_t)(uint32_t)insn[1].imm << 32;

	if (!is_code(insn, BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1))
		return NULL;
	for (uint32_t i = 0; i < decoder->nr_maps; i++) {
		const struct ebpf_map *map = decoder->maps[i];

		if ((uintptr_t)map == value)
			return map->cost || !ebpf_map_prog_may(map, write) ? NULL : map;
	}
	return NULL;
}

static bool is_call(const struct bpf_insn *insn, int32_t helper)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 0 && insn->imm == helper;
}

/* The look-up at slot `pc`. */
static bool fuse_lookup(const struct ebpf_decoder *decoder, uint32_t pc, const struct bpf_insn *insn,
			enum ebpf_op_extra *extra)
{
	const struct ebpf_map *map;

	if (decoder->checked || pc + EBPF_LOOKUP_SLOTS > decoder->count || !is_frame_place(decoder, insn, BPF_REG_2) ||
	    !is_call(&insn[4], BPF_FUNC_map_lookup_elem) || !is_code(&insn[5], BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0) ||
	    insn[5].imm)
		return false;
	map = map_at(decoder, &insn[2], false);
	if (!map || !map->ops->lookup)
		return false;
	*extra = map->type == BPF_MAP_TYPE_ARRAY && !(insn[1].imm & 3) ? EBPF_OP_LOOKUP_ARRAY : EBPF_OP_LOOKUP;
	return true;
}

static bool fuse_update(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, enum ebpf_op_extra *extra)
{
	const struct ebpf_map *map;

	if (decoder->checked || decoder->pc + EBPF_UPDATE_SLOTS > decoder->count ||
	    !is_frame_place(decoder, insn, BPF_REG_2) || !is_frame_place(decoder, &insn[2], BPF_REG_3) ||
	    !is_code(&insn[6], BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4) || !is_call(&insn[7], BPF_FUNC_map_update_elem))
		return false;
	map = map_at(decoder, &insn[4], true);
	if (!map || !map->ops->update)
		return false;
	*extra = EBPF_OP_UPDATE;
	return true;
}

static bool stores_it_in_frame(const struct ebpf_decoder *decoder, const struct bpf_insn *insn)
{
	return BPF_CLASS(insn[1].code) == BPF_STX && BPF_MODE(insn[1].code) == BPF_MEM &&
	       (BPF_SIZE(insn[1].code) == BPF_W || BPF_SIZE(insn[1].code) == BPF_DW) &&
	       insn[1].src_reg == insn->dst_reg &&
	       ebpf_decode_variant(decoder, &insn[1], EBPF_FORM_STX) == EBPF_OP_FRAME;
}

static bool adds_it_atomically(const struct bpf_insn *insn)
{
	return insn[1].code == (BPF_STX | BPF_ATOMIC | BPF_DW) && insn[1].imm == BPF_ADD &&
	       insn[1].src_reg == insn->dst_reg && insn[1].dst_reg != insn->dst_reg;
}

/* rX = constant, the same in 32 and 64 bits, and what is done with it next */
static bool fuse_constant(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, enum ebpf_op_extra *extra)
{
	if (decoder->pc + 2 > decoder->count || (insn->code != (BPF_ALU64 | BPF_MOV | BPF_K) &&
						 (insn->code != (BPF_ALU | BPF_MOV | BPF_K) || insn->imm < 0)))
		return false;
	if (insn[1].code == (BPF_JMP | BPF_EXIT) && !decoder->calls && insn->dst_reg == BPF_REG_0)
		*extra = EBPF_OP_RETURN;
	else if (!decoder->checked && adds_it_atomically(insn))
		*extra = EBPF_OP_COUNT;
	else if (stores_it_in_frame(decoder, insn))
		*extra = BPF_SIZE(insn[1].code) == BPF_W ? EBPF_OP_MOV_STORE32 : EBPF_OP_MOV_STORE;
	else
		return false;
	return true;
}

/*
 * How many slots store a constant into a word of the frame: rX = constant; *(u32 *)(r10 + off) = rX, where the call
 * that follows leaves rX undefined, or *(u32 *)(r10 + off) = constant. Or 0.
 */
static uint32_t stores_key(const struct ebpf_decoder *decoder, const struct bpf_insn *insn)
{
	if (decoder->pc + 1 < decoder->count && insn->dst_reg <= BPF_REG_5 &&
	    (insn->code == (BPF_ALU64 | BPF_MOV | BPF_K) || insn->code == (BPF_ALU | BPF_MOV | BPF_K)) &&
	    stores_it_in_frame(decoder, insn) && BPF_SIZE(insn[1].code) == BPF_W)
		return 2;
	return insn->code == (BPF_ST | BPF_MEM | BPF_W) &&
			       ebpf_decode_variant(decoder, insn, EBPF_FORM_ST) == EBPF_OP_FRAME
		       ? 1
		       : 0;
}

void *ebpf_fuse_element(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, uint32_t *slots)
{
	const uint32_t stored = stores_key(decoder, insn), lookup = decoder->pc + stored;
	const struct bpf_insn *at = insn + stored;
	const struct ebpf_map *map;
	enum ebpf_op_extra extra;

	if (!stored || !fuse_lookup(decoder, lookup, at, &extra) || extra != EBPF_OP_LOOKUP_ARRAY ||
	    at[1].imm != insn[stored - 1].off)
		return NULL;
	map = map_at(decoder, &at[2], false);
	*slots = stored + EBPF_LOOKUP_CALL + 1;
	if ((uint32_t)insn->imm >= map->max_entries ||
	    ebpf_decode_jumped_to(decoder, decoder->pc + 1, lookup + EBPF_LOOKUP_CALL))
		return NULL;
	return ebpf_map_value(map, (uint32_t)insn->imm);
}

bool ebpf_fuse(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, enum ebpf_op_extra *extra)
{
	return fuse_lookup(decoder, decoder->pc, insn, extra) || fuse_update(decoder, insn, extra) ||
	       fuse_constant(decoder, insn, extra);
}
