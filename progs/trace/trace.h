/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace: what its files share. A question on the command line (trace.c) becomes
 * fields (fields.c), those become instructions (emit.c).
 */
#ifndef TRACE_H
#define TRACE_H

#include <bpf/insn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_FIELDS 8
#define MAX_STRINGS 2
#define STRING_SIZE 64
#define MAX_CODE 256
#define HIST_SLOTS 64
#define STACK_DEPTH 24

enum field_kind {
	FIELD_PID,
	FIELD_TID,
	FIELD_COMM,
	FIELD_TIME,
	FIELD_HART,
	FIELD_FUNC,
	FIELD_ARG,
	FIELD_RET,
};

struct field {
	enum field_kind kind;
	char format;	     /* of an argument or a return value: d u x s k */
	unsigned int arg;    /* its number */
	unsigned int string; /* s and k: index in event.string */
	char name[16];
};

struct fields {
	struct field field[MAX_FIELDS];
	unsigned int nr, nr_strings;
};

/* A record of the ring buffer, built on the program's stack */
struct event {
	uint64_t time, pid_tgid, func;
	uint64_t hart;
	char comm[16];
	uint64_t value[MAX_FIELDS];
	char string[MAX_STRINGS][STRING_SIZE];
};

struct ksyms;

/* "p,c,arg0:s,..."; 0, or -1 with the reason printed. `at_return`: arguments are gone, `ret` is there. */
int fields_parse(struct fields *fields, const char *text, bool at_return);
void fields_print_head(const struct fields *fields);
void fields_print(const struct fields *fields, const struct event *event, const struct ksyms *ksyms);

/* Instructions. Each puts one whole program into `code` and returns its length; hits by process `self` do nothing. */
unsigned int emit_event(struct bpf_insn *code, const struct fields *fields, int ring_fd, int self);
/* by function, or by stack if stacks_fd is not -1 */
unsigned int emit_count(struct bpf_insn *code, int counts_fd, int stacks_fd, int self);
unsigned int emit_entry(struct bpf_insn *code, int entered_fd, int self);
unsigned int emit_latency(struct bpf_insn *code, int entered_fd, int hist_fd);

#endif
