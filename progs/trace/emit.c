/* SPDX-License-Identifier: BSD-2-Clause */
/* trace's programs, instruction by instruction. r6 holds the context throughout; r0 to r5 are free between steps. */
#include "trace.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#define FP BPF_REG_10
#define CTX BPF_REG_6

struct code {
	struct bpf_insn *insn;
	unsigned int nr;
	unsigned int to_end[8]; /* jumps to the end, patched there */
	unsigned int nr_to_end;
};

#define EMIT(c, ...)                                                                                                   \
	do {                                                                                                           \
		const struct bpf_insn list_[] = {__VA_ARGS__};                                                         \
		emit(c, list_, sizeof(list_) / sizeof(list_[0]));                                                      \
	} while (0)

static void emit(struct code *c, const struct bpf_insn *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (c->nr == MAX_CODE) {
			fprintf(stderr, "trace: the program became too long\n");
			exit(1);
		}
		c->insn[c->nr++] = list[i];
	}
}

static void jump_to_end(struct code *c, struct bpf_insn jump)
{
	c->to_end[c->nr_to_end++] = c->nr;
	emit(c, &jump, 1);
}

static void begin(struct code *c, int self)
{
	EMIT(c, BPF_MOV64_REG(CTX, BPF_REG_1), BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid),
	     BPF_MOV64_REG(BPF_REG_7, BPF_REG_0), BPF_ALU64_IMM(BPF_RSH, BPF_REG_0, 32));
	jump_to_end(c, BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, self, 0));
}

static unsigned int end(struct code *c)
{
	for (unsigned int i = 0; i < c->nr_to_end; i++)
		c->insn[c->to_end[i]].off = (int16_t)(c->nr - c->to_end[i] - 1);
	EMIT(c, BPF_MOV64_IMM(BPF_REG_0, 0), BPF_EXIT_INSN());
	return c->nr;
}

/* r1 = map, r2 = key on the stack, r0 = value or 0 */
static void lookup(struct code *c, int fd, int key)
{
	EMIT(c, BPF_LD_MAP_FD(BPF_REG_1, fd), BPF_MOV64_REG(BPF_REG_2, FP), BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, key),
	     BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem));
}

static void update(struct code *c, int fd, int key, int value, int flags)
{
	EMIT(c, BPF_LD_MAP_FD(BPF_REG_1, fd), BPF_MOV64_REG(BPF_REG_2, FP), BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, key),
	     BPF_MOV64_REG(BPF_REG_3, FP), BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, value), BPF_MOV64_IMM(BPF_REG_4, flags),
	     BPF_EMIT_CALL(BPF_FUNC_map_update_elem));
}

/* *r0 += 1, for all harts at once */
static void add_one(struct code *c)
{
	EMIT(c, BPF_MOV64_IMM(BPF_REG_1, 1), BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_0, BPF_REG_1, 0));
}

static int16_t reg_of_arg(unsigned int arg)
{
	return (int16_t)(offsetof(struct ebpf_pt_regs, x) + 8 * (9 + arg)); /* x[0] is ra, x[9] is a0 */
}

/* One field of the record at fp + base that is not always filled in */
static void emit_field(struct code *c, const struct field *f, unsigned int i, int base)
{
	int16_t reg = reg_of_arg(f->kind == FIELD_ARG ? f->arg : 0);

	if (f->kind != FIELD_ARG && f->kind != FIELD_RET)
		return;
	if (f->format != 's' && f->format != 'k') {
		EMIT(c, BPF_LDX_MEM(BPF_DW, BPF_REG_1, CTX, reg),
		     BPF_STX_MEM(BPF_DW, FP, BPF_REG_1, (int16_t)(base + (int)offsetof(struct event, value[i]))));
		return;
	}
	EMIT(c, BPF_MOV64_REG(BPF_REG_1, FP),
	     BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, base + (int)offsetof(struct event, string[f->string])),
	     BPF_MOV64_IMM(BPF_REG_2, STRING_SIZE), BPF_LDX_MEM(BPF_DW, BPF_REG_3, CTX, reg),
	     BPF_EMIT_CALL(f->format == 's' ? BPF_FUNC_probe_read_user_str : BPF_FUNC_probe_read_kernel_str));
}

#define AT(member) (int16_t)(base + (int)offsetof(struct event, member))

unsigned int emit_event(struct bpf_insn *code, const struct fields *fields, int ring_fd, int self)
{
	struct code c = {.insn = code};
	int base = -(int)sizeof(struct event);

	begin(&c, self);
	for (int at = base; at < 0; at += 8)
		EMIT(&c, BPF_ST_MEM(BPF_DW, FP, (int16_t)at, 0));
	EMIT(&c, BPF_STX_MEM(BPF_DW, FP, BPF_REG_7, AT(pid_tgid)), BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns),
	     BPF_STX_MEM(BPF_DW, FP, BPF_REG_0, AT(time)), BPF_EMIT_CALL(BPF_FUNC_get_smp_processor_id),
	     BPF_STX_MEM(BPF_DW, FP, BPF_REG_0, AT(hart)), BPF_MOV64_REG(BPF_REG_1, CTX),
	     BPF_EMIT_CALL(BPF_FUNC_get_func_ip), BPF_STX_MEM(BPF_DW, FP, BPF_REG_0, AT(func)),
	     BPF_MOV64_REG(BPF_REG_1, FP), BPF_ALU64_IMM(BPF_ADD, BPF_REG_1, AT(comm)), BPF_MOV64_IMM(BPF_REG_2, 16),
	     BPF_EMIT_CALL(BPF_FUNC_get_current_comm));
	for (unsigned int i = 0; i < fields->nr; i++)
		emit_field(&c, &fields->field[i], i, base);
	EMIT(&c, BPF_LD_MAP_FD(BPF_REG_1, ring_fd), BPF_MOV64_REG(BPF_REG_2, FP),
	     BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, base), BPF_MOV64_IMM(BPF_REG_3, sizeof(struct event)),
	     BPF_MOV64_IMM(BPF_REG_4, 0), BPF_EMIT_CALL(BPF_FUNC_ringbuf_output));
	return end(&c);
}

unsigned int emit_count(struct bpf_insn *code, int counts_fd, int stacks_fd, int self)
{
	struct code c = {.insn = code};
	unsigned int found;

	begin(&c, self);
	EMIT(&c, BPF_MOV64_REG(BPF_REG_1, CTX));
	if (stacks_fd >= 0)
		EMIT(&c, BPF_LD_MAP_FD(BPF_REG_2, stacks_fd), BPF_MOV64_IMM(BPF_REG_3, 0),
		     BPF_EMIT_CALL(BPF_FUNC_get_stackid));
	else
		EMIT(&c, BPF_EMIT_CALL(BPF_FUNC_get_func_ip));
	EMIT(&c, BPF_STX_MEM(BPF_DW, FP, BPF_REG_0, -8));
	lookup(&c, counts_fd, -8);
	found = c.nr;
	EMIT(&c, BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 0), BPF_ST_MEM(BPF_DW, FP, -16, 1));
	/* two harts may both find nothing: only one of them makes the entry, the other adds to it */
	update(&c, counts_fd, -8, -16, BPF_NOEXIST);
	jump_to_end(&c, BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	lookup(&c, counts_fd, -8);
	jump_to_end(&c, BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	code[found].off = (int16_t)(c.nr - found - 1);
	add_one(&c);
	return end(&c);
}

unsigned int emit_entry(struct bpf_insn *code, int entered_fd, int self)
{
	struct code c = {.insn = code};

	begin(&c, self);
	EMIT(&c, BPF_STX_MEM(BPF_DW, FP, BPF_REG_7, -8), BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns),
	     BPF_STX_MEM(BPF_DW, FP, BPF_REG_0, -16));
	update(&c, entered_fd, -8, -16, BPF_ANY);
	return end(&c);
}

unsigned int emit_latency(struct bpf_insn *code, int entered_fd, int hist_fd)
{
	struct code c = {.insn = code};

	EMIT(&c, BPF_EMIT_CALL(BPF_FUNC_get_current_pid_tgid), BPF_STX_MEM(BPF_DW, FP, BPF_REG_0, -8),
	     BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns), BPF_MOV64_REG(BPF_REG_7, BPF_REG_0));
	lookup(&c, entered_fd, -8);
	jump_to_end(&c, BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	EMIT(&c, BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_0, 0), BPF_ALU64_REG(BPF_SUB, BPF_REG_7, BPF_REG_1),
	     BPF_LD_MAP_FD(BPF_REG_1, entered_fd), BPF_MOV64_REG(BPF_REG_2, FP), BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -8),
	     BPF_EMIT_CALL(BPF_FUNC_map_delete_elem));
	/* r8 = the logarithm of r7 */
	EMIT(&c, BPF_MOV64_IMM(BPF_REG_8, 0));
	for (int shift = 32; shift; shift /= 2)
		EMIT(&c, BPF_MOV64_REG(BPF_REG_1, BPF_REG_7), BPF_ALU64_IMM(BPF_RSH, BPF_REG_1, shift),
		     BPF_JMP_IMM(BPF_JEQ, BPF_REG_1, 0, 2), BPF_MOV64_REG(BPF_REG_7, BPF_REG_1),
		     BPF_ALU64_IMM(BPF_ADD, BPF_REG_8, shift));
	EMIT(&c, BPF_STX_MEM(BPF_W, FP, BPF_REG_8, -16));
	lookup(&c, hist_fd, -16);
	jump_to_end(&c, BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	add_one(&c);
	return end(&c);
}
