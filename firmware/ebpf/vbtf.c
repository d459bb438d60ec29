/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier and a program's BTF: are functions and lines where the program
 * has functions, and source lines for the log. Nothing is decided by it.
 */
#include "vstate.h"

#define SLICE 64u
#define TEXT_MAX 160u /* characters of a source line, of a file's name: BTF's strings may be long */

/* Number n of the program's functions: is there one of func_info, and does it begin with a line? */
static int check_func(struct ebpf_verifier *v, uint32_t n)
{
	const struct ebpf_prog_btf *info = &v->prog->info;
	const struct bpf_line_info *line = ebpf_prog_btf_line(info, v->subprogs[n].start);

	v->insn = v->subprogs[n].start;
	if (info->nr_funcs && info->funcs[n].insn_off != v->insn)
		return ebpf_v_refuse(v, -EINVAL, "load func_info of this program, or none",
				     "func_info BTF section doesn't match subprog layout in BPF program");
	if (info->nr_lines && (!line || line->insn_off != v->insn))
		return ebpf_v_refuse(v, -EINVAL, "load line_info of this program, or none",
				     "missing bpf_line_info for func#%u", n);
	return 0;
}

static int check_line(struct ebpf_verifier *v, uint32_t n)
{
	v->insn = v->prog->info.lines[n].insn_off;
	if (v->aux[v->insn] & EBPF_VA_SECOND)
		return ebpf_v_refuse(v, -EINVAL, NULL, "Invalid insn code at line_info[%u].insn_off", n);
	return 0;
}

int ebpf_vbtf_check(struct ebpf_verifier *v)
{
	const struct ebpf_prog_btf *info = &v->prog->info;
	int err = 0;

	if (!v->pos && info->nr_funcs && info->nr_funcs != v->nr_subprogs)
		return ebpf_v_refuse(v, -EINVAL, "load func_info of this program, or none",
				     "number of funcs in func_info doesn't match number of subprogs");
	for (uint32_t n = 0; !err && n < SLICE; n++) {
		uint32_t at = v->pos++;

		ebpf_v_cost(v, 120);
		if (at < v->nr_subprogs)
			err = check_func(v, at);
		else if (at - v->nr_subprogs < info->nr_lines)
			err = check_line(v, at - v->nr_subprogs);
		else
			return 0;
	}
	return err ? err : -ERESTART;
}

/* ------------------------------------------------------------------------ source */

static void print_string(struct ebpf_verifier *v, const char *text)
{
	uint32_t n;

	for (n = 0; n < TEXT_MAX && text[n]; n++)
		ebpf_vlog_char(v->log, text[n] >= ' ' && text[n] != 127 ? text[n] : ' ');
	ebpf_v_cost(v, 30 + n * 12);
}

/* Without folders */
static const char *base_name(const char *path)
{
	const char *base = path;

	for (uint32_t n = 0; n < 2 * TEXT_MAX && path[n]; n++)
		if (path[n] == '/')
			base = path + n + 1;
	return base;
}

static const char *trimmed(const char *text)
{
	for (uint32_t n = 0; n < TEXT_MAX && (*text == ' ' || *text == '\t'); n++)
		text++;
	return text;
}

static void print_line(struct ebpf_verifier *v, const struct bpf_line_info *line)
{
	const struct ebpf_btf *btf = v->prog->info.btf;

	ebpf_v_cost(v, 1000);
	print_string(v, trimmed(ebpf_btf_string(btf, line->line_off)));
	ebpf_vlog_str(v->log, " @ ");
	print_string(v, base_name(ebpf_btf_string(btf, line->file_name_off)));
	ebpf_vlog_printf(v->log, ":%u\n", BPF_LINE_INFO_LINE_NUM(line->line_col));
}

void ebpf_vbtf_print_new(struct ebpf_verifier *v, uint32_t insn)
{
	const struct bpf_line_info *line = ebpf_prog_btf_line(&v->prog->info, insn);

	/* Line 0 is code of the compiler's own. */
	if (!line || line == v->printed_line || !BPF_LINE_INFO_LINE_NUM(line->line_col))
		return;
	v->printed_line = line;
	ebpf_vlog_str(v->log, "; ");
	print_line(v, line);
}

void ebpf_vbtf_print_source(struct ebpf_verifier *v, uint32_t insn)
{
	const struct bpf_line_info *line = ebpf_prog_btf_line(&v->prog->info, insn);

	if (!line)
		return;
	ebpf_vlog_str(v->log, "source: ");
	print_line(v, line);
}
