/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier's words: an instruction, a state in the notation of Linux's log
 * ("R1=ctx() R10=fp0 fp-8=mmmmmmmm"), and the way a path has taken.
 */
#include "disasm.h"
#include "text.h"
#include "vstate.h"

#define PATH_STEPS 24u /* jumps shown of a path */

/* A reference by the map's name, as bpftool writes it: "r1 = map[name:counts]", "r2 = map[name:.bss][0]+16" */
static bool print_reference(struct ebpf_verifier *v, uint32_t insn, const struct bpf_insn *at)
{
	uint64_t value = (uint32_t)at[0].imm | (uint64_t)(uint32_t)at[1].imm << 32;
	int64_t off;
	const struct ebpf_map *map = at->src_reg ? NULL : ebpf_v_reference(v, value, &off);

	if (!map)
		return false;
	ebpf_vlog_printf(v->log, "%u: (18) r%u = map[name:%s]", insn, at->dst_reg, map->name);
	if (off >= 0)
		ebpf_vlog_printf(v->log, "[0]+%lld", (long long)off);
	ebpf_vlog_char(v->log, '\n');
	return true;
}

void ebpf_vprint_insn(struct ebpf_verifier *v, uint32_t insn)
{
	const struct bpf_insn *at = &v->insns[insn], *next = insn + 1 < v->insn_cnt ? at + 1 : NULL;
	char line[128];
	struct ebpf_text text;

	ebpf_v_cost(v, 600);
	if (insn >= v->insn_cnt || (next && ebpf_vcfg_is_wide(at) && print_reference(v, insn, at)))
		return;
	ebpf_text_init(&text, line, sizeof(line));
	ebpf_disasm(&text, at, next);
	ebpf_vlog_printf(v->log, "%u: %s\n", insn, line);
}

void ebpf_vprint_tnum(struct ebpf_vlog *log, struct ebpf_tnum tnum)
{
	ebpf_vlog_printf(log, "(0x%llx; 0x%llx)", (unsigned long long)tnum.value, (unsigned long long)tnum.mask);
}

struct list {
	struct ebpf_vlog *log;
	const char *sep;
};

static void item(struct list *list, const char *name)
{
	ebpf_vlog_printf(list->log, "%s%s=", list->sep, name);
	list->sep = ",";
}

static void print_range(struct list *list, const struct ebpf_range *range)
{
	struct ebpf_vlog *log = list->log;

	if (range->smin != INT64_MIN && range->smin != (int64_t)range->umin) {
		item(list, "smin");
		ebpf_vlog_printf(log, "%lld", (long long)range->smin);
	}
	if (range->smax != INT64_MAX && range->smax != (int64_t)range->umax) {
		item(list, "smax");
		ebpf_vlog_printf(log, "%lld", (long long)range->smax);
	}
	if (range->umin) {
		item(list, "umin");
		ebpf_vlog_printf(log, "%llu", (unsigned long long)range->umin);
	}
	if (range->umax != UINT64_MAX) {
		item(list, "umax");
		ebpf_vlog_printf(log, "%llu", (unsigned long long)range->umax);
	}
	if (range->umax > UINT32_MAX && (range->u32min || range->u32max != UINT32_MAX)) {
		item(list, "umin32");
		ebpf_vlog_printf(log, "%u", range->u32min);
		item(list, "umax32");
		ebpf_vlog_printf(log, "%u", range->u32max);
	}
	if (range->bits.mask != UINT64_MAX) {
		item(list, "var_off");
		ebpf_vprint_tnum(log, range->bits);
	}
}

static void print_scalar(struct ebpf_vlog *log, const struct ebpf_vreg *reg)
{
	struct list list = {log, ""};

	if (ebpf_range_is_const(&reg->range)) {
		ebpf_vlog_printf(log, "%lld", (long long)reg->range.bits.value);
		return;
	}
	ebpf_vlog_str(log, "scalar(");
	if (reg->id) {
		item(&list, "id");
		ebpf_vlog_printf(log, "%u", reg->id & ~EBPF_VID_DELTA);
		if (reg->id & EBPF_VID_DELTA)
			ebpf_vlog_printf(log, "+%d", reg->off);
	}
	print_range(&list, &reg->range);
	ebpf_vlog_char(log, ')');
}

static void print_pointer(struct ebpf_vlog *log, const struct ebpf_vreg *reg)
{
	struct list list = {log, ""};
	uint8_t base = reg->type & EBPF_VT_BASE;

	ebpf_vlog_str(log, ebpf_vtype_name(reg->type));
	if (base == EBPF_VT_STACK && ebpf_range_is_zero(&reg->range)) {
		if (reg->frame)
			ebpf_vlog_printf(log, "[%u]", reg->frame);
		ebpf_vlog_printf(log, "%d", reg->off);
		return;
	}
	ebpf_vlog_char(log, '(');
	if (reg->id) {
		item(&list, "id");
		ebpf_vlog_printf(log, "%u", reg->id);
	}
	if (reg->ref) {
		item(&list, "ref_obj_id");
		ebpf_vlog_printf(log, "%u", reg->ref);
	}
	if (reg->off) {
		item(&list, "off");
		ebpf_vlog_printf(log, "%d", reg->off);
	}
	if (base == EBPF_VT_MAP_PTR || base == EBPF_VT_MAP_VALUE || base == EBPF_VT_MAP_KEY) {
		item(&list, "ks");
		ebpf_vlog_printf(log, "%u", reg->map->key_size);
		item(&list, "vs");
		ebpf_vlog_printf(log, "%u", reg->map->value_size);
	} else if (base == EBPF_VT_MEM) {
		item(&list, "sz");
		ebpf_vlog_printf(log, "%llu", (unsigned long long)reg->mem_size);
	}
	if (!ebpf_range_is_const(&reg->range))
		print_range(&list, &reg->range);
	ebpf_vlog_char(log, ')');
}

static void print_reg(struct ebpf_vlog *log, const struct ebpf_vreg *reg)
{
	if (reg->type == EBPF_VT_SCALAR)
		print_scalar(log, reg);
	else
		print_pointer(log, reg);
}

static void print_slot(struct ebpf_vlog *log, uint32_t n, const struct ebpf_vslot *slot)
{
	bool any = false;

	for (uint32_t k = 0; k < 8; k++)
		any |= slot->bytes[k] != EBPF_VB_INVALID;
	if (!any)
		return;
	ebpf_vlog_printf(log, " fp-%u=", (n + 1) * 8);
	if (slot->bytes[0] == EBPF_VB_SPILL) {
		print_reg(log, &slot->spill);
		return;
	}
	for (uint32_t k = 0; k < 8; k++)
		ebpf_vlog_char(log, "?m0r"[slot->bytes[k] & 3]);
}

/* Item n of the present frame: a register, then a slot, then the references. False: there is none. */
static bool print_item(struct ebpf_verifier *v, uint32_t n)
{
	const struct ebpf_vframe *frame = ebpf_vframe_cur(v);

	if (n == 0) {
		ebpf_vlog_char(v->log, ';');
		if (v->depth)
			ebpf_vlog_printf(v->log, " frame%u:", v->depth);
	}
	if (n < MAX_BPF_REG) {
		if (frame->regs[n].type != EBPF_VT_NOT_INIT) {
			ebpf_vlog_printf(v->log, " R%u=", n);
			print_reg(v->log, &frame->regs[n]);
		}
		return true;
	}
	n -= MAX_BPF_REG;
	if (n < frame->nr_slots) {
		print_slot(v->log, n, &frame->slots[n]);
		return true;
	}
	for (uint32_t i = 0; i < v->nr_refs; i++)
		ebpf_vlog_printf(v->log, "%s%u", i ? "," : " refs=", v->refs[i].id);
	ebpf_vlog_char(v->log, '\n');
	return false;
}

bool ebpf_vprint_state(struct ebpf_verifier *v)
{
	uint64_t before;
	bool more;

	do {
		before = v->log->len;
		more = print_item(v, v->printed++);
		ebpf_v_cost(v, 30 + 8 * (uint32_t)(v->log->len - before));
	} while (more && v->credit > 0);
	return !more;
}

/* ------------------------------------------------------------------------- the way */

static bool is_conditional(const struct bpf_insn *insn)
{
	uint8_t class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT && op != BPF_JA;
}

struct way {
	uint32_t n;
	struct {
		uint32_t from, to;
	} jump[PATH_STEPS];
};

/* The history of one segment, newest first */
static void gather(struct way *way, const struct ebpf_vhist *hist, uint32_t nr)
{
	while (nr && way->n < PATH_STEPS) {
		const struct ebpf_vhist *entry = &hist[nr - 1];

		nr -= ebpf_vhist_size(entry);
		if (entry->prev == UINT16_MAX || entry->insn == entry->prev + 1)
			continue;
		way->jump[way->n].from = entry->prev;
		way->jump[way->n++].to = entry->insn;
	}
}

void ebpf_vprint_path(struct ebpf_verifier *v)
{
	struct way way = {.n = 0};
	struct ebpf_vsaved *at;

	gather(&way, v->hist, v->nr_hist);
	for (at = v->parent; at && way.n < PATH_STEPS; at = at->parent)
		gather(&way, ebpf_vsaved_hist(at), at->nr_hist);
	ebpf_vlog_str(v->log, "path: ");
	if (way.n == PATH_STEPS)
		ebpf_vlog_str(v->log, "... ");
	else
		ebpf_vlog_str(v->log, "0 ");
	for (uint32_t i = way.n; i-- > 0;)
		ebpf_vlog_printf(v->log, "-> %u %s %u ", way.jump[i].from,
				 is_conditional(&v->insns[way.jump[i].from]) ? "(taken)" : "=>", way.jump[i].to);
	ebpf_vlog_printf(v->log, "-> %u\n", v->err_insn);
}
