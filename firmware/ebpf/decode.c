/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decoding (decode.h): passes over the slots. The first two find out what
 * a run can save at entry: which registers may be read before they are written
 * (those must be 0; a sound must-analysis, see flow_to()), and how much stack is
 * addressed in plain sight. That much is cleared in each new frame, and
 * accesses to it at a constant distance from r10 need no check at run time. The
 * third, if somebody asks for it, finds out whether leaf.c can run the program.
 * The last pass writes the ops.
 */
#include "fuse.h"
#include "helper.h"
#include "leaf.h"
#include "limits.h"
#include "opcodes.h"

#define ALL_REGS 0x7ffu
#define REG(n) (1u << (n))
#define OWN_R2 REG(11)	  /* r2 has been written: leaf.c does not set it */
#define NO_TARGET REG(12) /* no jump leads to the slot */
#define AT_ENTRY (REG(BPF_REG_1) | REG(BPF_REG_2) | REG(BPF_REG_10))
#define CALLBACK_ARGS (REG(BPF_REG_1) | REG(BPF_REG_2) | REG(BPF_REG_3) | REG(BPF_REG_4) | REG(BPF_REG_5))
#define OP_BYTES ((int32_t)sizeof(struct ebpf_op))

static uint32_t slots_of(int row)
{
	return ebpf_opcodes[row].form == EBPF_FORM_LDDW ? 2 : 1;
}

/* Where the function begins whose address this wide load takes. */
static uint32_t function_of(const struct ebpf_decoder *decoder, const struct bpf_insn *insn)
{
	return decoder->pc + 1 + (uint32_t)insn->imm;
}

/* -------------------------------------------------- what is written before it is read */

/*
 * `written` holds when control goes from the current slot to `target`. ops[].wide
 * collects the intersection over all edges seen so far. An edge backwards comes
 * after its target has been looked at, so it may not take away what was assumed
 * there; if it does, the analysis gives up. What remains is a fixed point:
 * every edge carries at least what its target assumes.
 */
static void flow_to(struct ebpf_decoder *decoder, uint32_t target, uint32_t written)
{
	uint64_t *assumed = &decoder->ops[target].wide;

	if (target > decoder->pc)
		*assumed &= written | NO_TARGET;
	else if (*assumed & ~(uint64_t)written & ALL_REGS)
		decoder->unclean = true;
}

/* (A jump to itself is what the verifier puts where nobody gets.) */
static void jump_to(struct ebpf_decoder *decoder, uint32_t target, uint32_t written)
{
	if (target < decoder->pc)
		decoder->no_leaf = true;
	flow_to(decoder, target, written);
	decoder->ops[target].wide &= ~(uint64_t)NO_TARGET;
}

static bool reads_dst(const struct bpf_insn *insn, const struct ebpf_opcode *opcode)
{
	switch (opcode->form) {
	case EBPF_FORM_ALU_K:
	case EBPF_FORM_ALU_X:
		return BPF_OP(insn->code) != BPF_MOV;
	case EBPF_FORM_NEG:
	case EBPF_FORM_END:
		return true;
	}
	return ebpf_form_flags[opcode->form] & EBPF_DST_R;
}

/* Registers a helper looks at. */
static uint32_t helper_reads(const struct ebpf_decoder *decoder, uint32_t id)
{
	const struct ebpf_helper *helper = decoder->helper_of(id, decoder->rcore);
	uint32_t reads = 0;

	/* takes as many as its format names, whatever the prototype says */
	if (!helper || id == BPF_FUNC_trace_printk)
		return REG(1) | REG(2) | REG(3) | REG(4) | REG(5);
	for (unsigned int i = 0; i < 5; i++)
		if (helper->arg[i] != EBPF_ARG_NONE)
			reads |= REG(i + 1);
	return reads;
}

static uint32_t regs_read(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, int row)
{
	uint32_t reads = 0;

	if (reads_dst(insn, &ebpf_opcodes[row]))
		reads |= REG(insn->dst_reg);
	if (ebpf_form_flags[ebpf_opcodes[row].form] & EBPF_SRC_R)
		reads |= REG(insn->src_reg);
	switch (ebpf_opcodes[row].form) {
	case EBPF_FORM_CMPXCHG:
	case EBPF_FORM_EXIT:
		return reads | REG(BPF_REG_0);
	case EBPF_FORM_CALL:
		return reads | helper_reads(decoder, (uint32_t)insn->imm);
	}
	return reads;
}

static uint32_t regs_written(const struct bpf_insn *insn, int row)
{
	unsigned int flags = ebpf_form_flags[ebpf_opcodes[row].form];
	uint32_t writes = 0;

	if (flags & EBPF_DST_W)
		writes |= REG(insn->dst_reg);
	if (flags & EBPF_SRC_W)
		writes |= REG(insn->src_reg);
	switch (ebpf_opcodes[row].form) {
	case EBPF_FORM_CMPXCHG:
	case EBPF_FORM_CALL:
	case EBPF_FORM_CALL_LOCAL:
		writes |= REG(BPF_REG_0);
	}
	return writes & REG(BPF_REG_2) ? writes | OWN_R2 : writes;
}

static void flow(struct ebpf_decoder *decoder, const struct bpf_insn *insn, int row, uint32_t written)
{
	uint32_t next = decoder->pc + slots_of(row);

	switch (ebpf_opcodes[row].form) {
	case EBPF_FORM_EXIT:
		return;
	case EBPF_FORM_JA:
		jump_to(decoder, next + (uint32_t)insn->off, written);
		return;
	case EBPF_FORM_JA32:
		jump_to(decoder, next + (uint32_t)insn->imm, written);
		return;
	case EBPF_FORM_JMP_K:
	case EBPF_FORM_JMP_X:
	case EBPF_FORM_MAY_GOTO:
		jump_to(decoder, next + (uint32_t)insn->off, written);
		break;
	case EBPF_FORM_CALL_LOCAL:
		decoder->calls = true;
		flow_to(decoder, next + (uint32_t)insn->imm, written & ~REG(BPF_REG_0));
		break;
	case EBPF_FORM_LDDW:
		if (row != EBPF_OP_LDFUNC)
			break;
		decoder->calls = decoder->no_plain = true;
		flow_to(decoder, function_of(decoder, insn), CALLBACK_ARGS | REG(BPF_REG_10));
		break;
	}
	flow_to(decoder, next, written);
}

/* ------------------------------------------------------------------ the stack */

static void stack_at(struct ebpf_decoder *decoder, int32_t offset)
{
	if (offset < 0 && offset >= -(int32_t)EBPF_STACK_SIZE && (uint32_t)-offset > decoder->stack)
		decoder->stack = (uint32_t)-offset;
}

/* The pair every compiler emits for an address: rX = rY; rX += constant. */
static bool is_lea(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, int row)
{
	return row == EBPF_OP_MOV64_X && decoder->pc + 1 < decoder->count &&
	       insn[1].code == (BPF_ALU64 | BPF_ADD | BPF_K) && insn[1].dst_reg == insn->dst_reg;
}

/* r10 with an offset, directly or by such a pair. */
static void note_stack(struct ebpf_decoder *decoder, const struct bpf_insn *insn, int row)
{
	unsigned int flags = ebpf_form_flags[ebpf_opcodes[row].form];
	bool load = ebpf_opcodes[row].form == EBPF_FORM_LDX || ebpf_opcodes[row].form == EBPF_FORM_LDACQ;
	unsigned int base = load ? insn->src_reg : insn->dst_reg;

	if ((flags & EBPF_USES_OFF) && !(flags & EBPF_JUMPS) && base == BPF_REG_10)
		stack_at(decoder, insn->off);
	if (insn->src_reg == BPF_REG_10 && is_lea(decoder, insn, row))
		stack_at(decoder, insn[1].imm);
}

static bool accesses_memory(unsigned int form)
{
	switch (form) {
	case EBPF_FORM_LDX:
	case EBPF_FORM_ST:
	case EBPF_FORM_STX:
	case EBPF_FORM_ATOMIC:
	case EBPF_FORM_FETCH:
	case EBPF_FORM_CMPXCHG:
	case EBPF_FORM_LDACQ:
	case EBPF_FORM_STREL:
	case EBPF_FORM_CALL:
	case EBPF_FORM_CALL_LOCAL:
		return true;
	}
	return false;
}

static uint32_t analyse_one(struct ebpf_decoder *decoder)
{
	const struct bpf_insn *insn = &decoder->insns[decoder->pc];
	uint32_t written = (uint32_t)decoder->ops[decoder->pc].wide, reads;
	int row = ebpf_opcode_find(insn);

	if (row < 0) { /* not a checked program: decode_one() makes it a trap */
		decoder->unclean = true;
		return 1;
	}
	reads = regs_read(decoder, insn, row);
	if (reads & ~written)
		decoder->unclean = true;
	if ((reads & REG(BPF_REG_2)) && !(written & OWN_R2))
		decoder->no_leaf = true;
	if ((reads & AT_ENTRY) || accesses_memory(ebpf_opcodes[row].form))
		decoder->no_plain = true;
	note_stack(decoder, insn, row);
	flow(decoder, insn, row, written | regs_written(insn, row));
	return slots_of(row);
}

bool ebpf_decode_jumped_to(const struct ebpf_decoder *decoder, uint32_t first, uint32_t last)
{
	while (first <= last)
		if (!(decoder->ops[first++].wide & NO_TARGET))
			return true;
	return false;
}

/* ---------------------------------------------------------------- a leaf? */

/* The call of a look-up in an array, all of which is executed at once: nobody jumps into it. */
static bool is_array_lookup(struct ebpf_decoder *decoder, const struct bpf_insn *insn)
{
	enum ebpf_op_extra extra;
	bool fused;

	if (decoder->pc < EBPF_LOOKUP_CALL)
		return false;
	if (ebpf_decode_jumped_to(decoder, decoder->pc - EBPF_LOOKUP_CALL + 1, decoder->pc))
		return false;
	decoder->pc -= EBPF_LOOKUP_CALL;
	fused = ebpf_fuse(decoder, insn - EBPF_LOOKUP_CALL, &extra) && extra == EBPF_OP_LOOKUP_ARRAY;
	decoder->pc += EBPF_LOOKUP_CALL;
	return fused;
}

/* Does leaf.c have the operation? */
static bool is_leaf_op(int row)
{
	switch (row) {
#define CASE(name) case EBPF_OP_##name:
		EBPF_LEAF_LACKS(CASE)
#undef CASE
	case EBPF_OP_CALL:
	case EBPF_OP_CALL_LOCAL:
	case EBPF_OP_LDFUNC:
	case EBPF_OP_MAY_GOTO:
		return false;
	}
	return row >= 0;
}

static uint32_t check_leaf(struct ebpf_decoder *decoder)
{
	const struct bpf_insn *insn = &decoder->insns[decoder->pc];
	int row = ebpf_opcode_find(insn);

	if (decoder->checked || decoder->unclean || decoder->no_leaf ||
	    !(is_leaf_op(row) || (row == EBPF_OP_CALL && is_array_lookup(decoder, insn)))) {
		decoder->leaf = false;
		return decoder->count;
	}
	return slots_of(row);
}

/* ------------------------------------------------------------------- the ops */

static const void *label(const struct ebpf_decoder *decoder, unsigned int row, enum ebpf_op_variant variant)
{
	return decoder->labels.base + decoder->labels.rows[row][variant];
}

static const void *extra_label(const struct ebpf_decoder *decoder, enum ebpf_op_extra extra)
{
	return decoder->labels.base + decoder->labels.extra[extra];
}

/* Are the arguments from `first` on numbers or nothing? */
static bool only_numbers(const struct ebpf_helper *helper, unsigned int first)
{
	for (unsigned int i = first; i < 5; i++)
		if (helper->arg[i] != EBPF_ARG_NONE && helper->arg[i] != EBPF_ARG_ANYTHING)
			return false;
	return true;
}

/* The label of a checked call, by the kinds of its arguments. */
static const void *checked_call(const struct ebpf_decoder *decoder, const struct ebpf_helper *helper)
{
	bool keyed = helper->arg[0] == EBPF_ARG_CONST_MAP_PTR && helper->arg[1] == EBPF_ARG_MAP_KEY;
	bool value = helper->ret == EBPF_RET_MAP_VALUE_OR_NULL;

	if (only_numbers(helper, 0))
		return label(decoder, EBPF_OP_CALL, EBPF_OP_BARE);
	if (keyed && only_numbers(helper, 2))
		return extra_label(decoder, value ? EBPF_OP_CALL_LOOKUP : EBPF_OP_CALL_KEY);
	if (keyed && helper->arg[2] == EBPF_ARG_MAP_VALUE && only_numbers(helper, 3) && !value)
		return extra_label(decoder, EBPF_OP_CALL_UPDATE);
	return label(decoder, EBPF_OP_CALL, EBPF_OP_CHECKED);
}

static bool takes_function(const struct ebpf_helper *helper)
{
	for (unsigned int i = 0; i < 5; i++)
		if (helper->arg[i] == EBPF_ARG_FUNC)
			return true;
	return false;
}

static void decode_call(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, struct ebpf_op *op)
{
	const struct ebpf_helper *helper = decoder->helper_of((uint32_t)insn->imm, decoder->rcore);

	if (!helper)
		return;
	op->helper = helper;
	if (insn->imm == BPF_FUNC_tail_call && !decoder->rcore) {
		op->code = extra_label(decoder, EBPF_OP_TAIL_CALL);
		return;
	}
	if (takes_function(helper)) {
		op->code = extra_label(decoder, EBPF_OP_CALL_BACK);
		return;
	}
	if (decoder->checked)
		op->code = checked_call(decoder, helper);
	else if (helper->arg[0] == EBPF_ARG_NONE)
		op->code = extra_label(decoder, EBPF_OP_CALL_0);
	else
		op->code = label(decoder, EBPF_OP_CALL, EBPF_OP_BARE);
}

/* The constant; of a function the slot where it begins. */
static void decode_wide(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, int row, struct ebpf_op *op)
{
	if (decoder->pc + 1 >= decoder->count)
		return;
	op[1].code = extra_label(decoder, EBPF_OP_TRAP);
	op[1].wide = row == EBPF_OP_LDFUNC ? function_of(decoder, insn)
					   : (uint32_t)insn[0].imm | (uint64_t)(uint32_t)insn[1].imm << 32;
}

/*
 * Bytes every frame has cleared: a multiple of 8, at least 8. Without run-time
 * checks nobody clears the rest later, and a program may be allowed to read
 * what it has not written: all it can reach.
 */
uint32_t ebpf_decode_frame(const struct ebpf_decoder *decoder)
{
	uint32_t stack = (decoder->stack + 7) & ~7u;

	if (stack > EBPF_ENTRY_STACK_MAX)
		stack = EBPF_ENTRY_STACK_MAX;
	if (!decoder->checked && stack < decoder->deepest)
		stack = (decoder->deepest + 7) & ~7u;
	return stack < 8 ? 8 : stack;
}

static uint32_t access_size(const struct bpf_insn *insn)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	case BPF_W:
		return 4;
	}
	return 8;
}

enum ebpf_op_variant ebpf_decode_variant(const struct ebpf_decoder *decoder, const struct bpf_insn *insn,
					 unsigned int form)
{
	unsigned int base = form == EBPF_FORM_LDX ? insn->src_reg : insn->dst_reg;
	int32_t size = (int32_t)access_size(insn);

	if (base == BPF_REG_10 && (form == EBPF_FORM_LDX || form == EBPF_FORM_ST || form == EBPF_FORM_STX) &&
	    insn->off >= -(int32_t)ebpf_decode_frame(decoder) && insn->off + size <= 0)
		return insn->off % size ? EBPF_OP_BARE : EBPF_OP_FRAME;
	return decoder->checked ? EBPF_OP_CHECKED : EBPF_OP_BARE;
}

/* Slots that often come together are executed together. */
static void fuse(struct ebpf_decoder *decoder, const struct bpf_insn *insn, int row, struct ebpf_op *op)
{
	enum ebpf_op_extra extra;

	if (!ebpf_fuse(decoder, insn, &extra)) {
		if (!is_lea(decoder, insn, row))
			return;
		extra = EBPF_OP_LEA;
	}
	op->code = extra_label(decoder, extra);
	if (row == EBPF_OP_MOV64_X) /* what begins with a copy goes on with an addition */
		op->imm = insn[1].imm;
}

/* The element of an array with a constant index: its address is where nobody jumps to. How many slots that are, or 0.
 */
static uint32_t decode_element(const struct ebpf_decoder *decoder, const struct bpf_insn *insn, struct ebpf_op *op)
{
	uint32_t slots = 0;
	const void *value = ebpf_fuse_element(decoder, insn, &slots);
	const bool constant = BPF_CLASS(insn->code) != BPF_ST;

	if (!value)
		return 0;
	op->code = extra_label(decoder, constant ? EBPF_OP_ELEMENT : EBPF_OP_ELEMENT_ST);
	op->off = insn[constant].off;
	op->imm = insn->imm;
	for (uint32_t i = 1; i < slots; i++)
		op[i].code = extra_label(decoder, EBPF_OP_TRAP);
	op[1].wide = (uintptr_t)value;
	return slots;
}

static uint32_t decode_one(struct ebpf_decoder *decoder)
{
	const struct bpf_insn *insn = &decoder->insns[decoder->pc];
	struct ebpf_op *op = &decoder->ops[decoder->pc];
	int row = ebpf_opcode_find(insn);
	unsigned int form;
	uint32_t slots;

	op->code = extra_label(decoder, EBPF_OP_TRAP);
	op->wide = 0;
	if (row < 0)
		return 1;
	slots = decode_element(decoder, insn, op);
	if (slots)
		return slots;
	if (row == EBPF_OP_CALL) {
		decode_call(decoder, insn, op);
		return 1;
	}
	op->dst = (uint8_t)(insn->dst_reg * 8);
	op->src = (uint8_t)(insn->src_reg * 8);
	op->off = insn->off;
	op->imm = insn->imm;
	form = ebpf_opcodes[row].form;
	switch (form) {
	case EBPF_FORM_JA:
	case EBPF_FORM_JMP_X:
	case EBPF_FORM_MAY_GOTO:
		op->imm = insn->off * OP_BYTES;
		break;
	case EBPF_FORM_CALL_LOCAL:
		op->off = (int16_t)ebpf_decode_frame(decoder);
		op->imm = insn->imm * OP_BYTES;
		break;
	case EBPF_FORM_JA32:
		op->imm = insn->imm * OP_BYTES;
		break;
	case EBPF_FORM_LDDW:
		decode_wide(decoder, insn, row, op);
		break;
	}
	op->code = label(decoder, (unsigned int)row, ebpf_decode_variant(decoder, insn, form));
	if (row == EBPF_OP_EXIT && !decoder->calls)
		op->code = extra_label(decoder, EBPF_OP_EXIT_MAIN);
	fuse(decoder, insn, row, op);
	return slots_of(row);
}

/* ------------------------------------------------------------------- driving */

static uint32_t entry_of(const struct ebpf_decoder *decoder)
{
	uint32_t entry = 0;

	if (!decoder->unclean)
		entry |= EBPF_ENTRY_CLEAN | (decoder->no_plain ? 0 : EBPF_ENTRY_PLAIN);
	if (!decoder->unclean && !decoder->checked)
		entry |= EBPF_ENTRY_LEAN;
	if (decoder->leaf)
		entry |= EBPF_ENTRY_LEAF;
	return entry | ebpf_decode_frame(decoder) << EBPF_ENTRY_STACK_SHIFT;
}

enum pass { INIT, ANALYSE, LEAF, DECODE };

/* True: that was the last one. */
static bool next_pass(struct ebpf_decoder *decoder)
{
	decoder->pass++;
	if (decoder->pass == LEAF && !decoder->leaf)
		decoder->pass++;
	if (decoder->pass == DECODE)
		(decoder->leaf ? ebpf_leaf_labels : ebpf_interp_labels)(&decoder->labels);
	if (decoder->pass <= DECODE)
		return false;
	decoder->entry = entry_of(decoder);
	return true;
}

bool ebpf_decode_step(struct ebpf_decoder *decoder, uint32_t max_insns)
{
	while (max_insns--) {
		switch (decoder->pass) {
		case INIT:
			decoder->ops[decoder->pc].wide =
				decoder->pc ? ALL_REGS | OWN_R2 | NO_TARGET : AT_ENTRY | NO_TARGET;
			decoder->pc++;
			break;
		case ANALYSE:
			decoder->pc += analyse_one(decoder);
			break;
		case LEAF:
			decoder->pc += check_leaf(decoder);
			break;
		case DECODE:
			decoder->pc += decode_one(decoder);
		}
		if (decoder->pc < decoder->count)
			continue;
		decoder->pc = 0;
		if (next_pass(decoder))
			return true;
	}
	return false;
}

static uint32_t decode_all(struct ebpf_decoder *decoder)
{
	while (!ebpf_decode_step(decoder, 3 * EBPF_MAX_INSNS))
		;
	return decoder->entry;
}

uint32_t ebpf_decode(const struct bpf_insn *insns, uint32_t count, bool rcore, struct ebpf_op *ops)
{
	struct ebpf_decoder decoder = {.insns = insns,
				       .count = count,
				       .rcore = rcore,
				       .checked = true,
				       .helper_of = ebpf_helper_of,
				       .ops = ops};

	return decode_all(&decoder);
}

uint32_t ebpf_decode_verified(const struct bpf_insn *insns, uint32_t count, struct ebpf_map *const *maps,
			      uint32_t nr_maps, struct ebpf_op *ops)
{
	struct ebpf_decoder decoder = {.insns = insns,
				       .count = count,
				       .helper_of = ebpf_helper_of,
				       .ops = ops,
				       .maps = maps,
				       .nr_maps = nr_maps};

	return decode_all(&decoder);
}
