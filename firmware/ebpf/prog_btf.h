/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program's BTF says of its instructions: which function each belongs to,
 * which line of source. Copied and checked record by record at load; that
 * functions are where the program has them is checked by the verifier (vbtf.c).
 */
#ifndef EBPF_PROG_BTF_H
#define EBPF_PROG_BTF_H

#include "btf.h"
#include "work.h"

struct ebpf_prog_btf {
	struct ebpf_btf *btf; /* holds a reference; NULL: the program came without */
	struct bpf_func_info *funcs;
	struct bpf_line_info *lines; /* in the order of their instructions */
	uint32_t nr_funcs, nr_lines;
};

/* What attr asks for, and memory for it; nothing if it names no BTF. 0 or -errno, with the reason in the log. */
int ebpf_prog_btf_begin(struct ebpf_prog_btf *info, const struct ebpf_call *call, const union bpf_attr *attr,
			struct ebpf_account *account, struct ebpf_vlog *log);
/* Copies and checks some records. 0: all done, -ERESTART, or -errno with the reason in the log */
int ebpf_prog_btf_step(struct ebpf_prog_btf *info, const struct ebpf_call *call, const union bpf_attr *attr,
		       struct ebpf_vlog *log);
void ebpf_prog_btf_end(struct ebpf_prog_btf *info);

/* The line that the instruction was compiled from, or NULL */
const struct bpf_line_info *ebpf_prog_btf_line(const struct ebpf_prog_btf *info, uint32_t insn);

#endif
