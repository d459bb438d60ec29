/* SPDX-License-Identifier: BSD-2-Clause */
/* func_info and line_info of a program (prog_btf.h), with Linux's sentences. */
#include "prog_btf.h"

#include "uapi/errno.h"

#include <stddef.h>

#define SLICE 32u    /* records in one step: each is a walk of the caller's page table or two */
#define REC_MAX 252u /* bytes of a record, as in Linux */

static int refuse(struct ebpf_vlog *log, int err, const char *reason)
{
	ebpf_vlog_printf(log, "%s\n", reason);
	return err;
}

static bool rec_size_ok(uint32_t size, uint32_t least)
{
	return size >= least && size <= REC_MAX && size % sizeof(uint32_t) == 0;
}

int ebpf_prog_btf_begin(struct ebpf_prog_btf *info, const struct ebpf_call *call, const union bpf_attr *attr,
			struct ebpf_account *account, struct ebpf_vlog *log)
{
	int err;

	if (!attr->func_info_cnt && !attr->line_info_cnt)
		return 0;
	if (attr->func_info_cnt && !rec_size_ok(attr->func_info_rec_size, sizeof(struct bpf_func_info)))
		return refuse(log, -EINVAL, "invalid func info rec size");
	if (attr->line_info_cnt && !rec_size_ok(attr->line_info_rec_size, sizeof(struct bpf_line_info)))
		return refuse(log, -EINVAL, "invalid line info rec size");
	/* Each begins at an instruction of its own. */
	if (attr->func_info_cnt > attr->insn_cnt || attr->line_info_cnt > attr->insn_cnt)
		return refuse(log, -EINVAL, "more func_info or line_info records than instructions");
	info->btf = (struct ebpf_btf *)ebpf_obj_get(call->owner, attr->prog_btf_fd, EBPF_OBJ_BTF, &err);
	if (!info->btf)
		return refuse(log, err, "prog_btf_fd is not a BTF object");
	info->funcs = ebpf_alloc(account, (attr->func_info_cnt + 1ull) * sizeof(*info->funcs));
	info->lines = ebpf_alloc(account, (attr->line_info_cnt + 1ull) * sizeof(*info->lines));
	if (!info->funcs || !info->lines)
		return refuse(log, -ENOMEM, "no memory for func_info and line_info");
	return 0;
}

/* One record of a size that may be larger than ours: what is more must be 0. */
static int copy_record(const struct ebpf_call *call, uint64_t va, uint32_t rec_size, void *record, uint32_t size)
{
	uint8_t tail[REC_MAX];

	if (ebpf_copy_from(&call->as, record, va, size))
		return -EFAULT;
	if (rec_size == size)
		return 0;
	if (ebpf_copy_from(&call->as, tail, va + size, rec_size - size))
		return -EFAULT;
	for (uint32_t i = 0; i < rec_size - size; i++)
		if (tail[i])
			return -E2BIG;
	return 0;
}

static int copy_func(struct ebpf_prog_btf *info, const struct ebpf_call *call, const union bpf_attr *attr,
		     struct ebpf_vlog *log)
{
	struct bpf_func_info *func = &info->funcs[info->nr_funcs];
	uint64_t va = attr->func_info + (uint64_t)info->nr_funcs * attr->func_info_rec_size;
	int err = copy_record(call, va, attr->func_info_rec_size, func, sizeof(*func));
	const struct btf_type *type;

	if (err)
		return refuse(log, err,
			      err == -E2BIG ? "nonzero tailing record in func info" : "func_info is not readable");
	if (!info->nr_funcs && func->insn_off) {
		ebpf_vlog_printf(log, "nonzero insn_off %u for the first func info record\n", func->insn_off);
		return -EINVAL;
	}
	if (info->nr_funcs && func->insn_off <= func[-1].insn_off) {
		ebpf_vlog_printf(log, "same or smaller insn offset (%u) than previous func info record (%u)\n",
				 func->insn_off, func[-1].insn_off);
		return -EINVAL;
	}
	type = ebpf_btf_type(info->btf, func->type_id);
	if (!type || ebpf_btf_kind(type) != BTF_KIND_FUNC) {
		ebpf_vlog_printf(log, "invalid type id %u in func info\n", func->type_id);
		return -EINVAL;
	}
	info->nr_funcs++;
	return 0;
}

static int copy_line(struct ebpf_prog_btf *info, const struct ebpf_call *call, const union bpf_attr *attr,
		     struct ebpf_vlog *log)
{
	struct bpf_line_info *line = &info->lines[info->nr_lines];
	uint64_t va = attr->line_info + (uint64_t)info->nr_lines * attr->line_info_rec_size;
	int err = copy_record(call, va, attr->line_info_rec_size, line, sizeof(*line));

	if (err)
		return refuse(log, err,
			      err == -E2BIG ? "nonzero tailing record in line_info" : "line_info is not readable");
	if ((info->nr_lines && line->insn_off <= line[-1].insn_off) || line->insn_off >= attr->insn_cnt) {
		ebpf_vlog_printf(log, "Invalid line_info[%u].insn_off:%u (prev_offset:%u prog->len:%u)\n",
				 info->nr_lines, line->insn_off, info->nr_lines ? line[-1].insn_off : 0,
				 attr->insn_cnt);
		return -EINVAL;
	}
	if (!ebpf_btf_string(info->btf, line->line_off) || !ebpf_btf_string(info->btf, line->file_name_off)) {
		ebpf_vlog_printf(log, "Invalid line_info[%u].line_off or .file_name_off\n", info->nr_lines);
		return -EINVAL;
	}
	info->nr_lines++;
	return 0;
}

int ebpf_prog_btf_step(struct ebpf_prog_btf *info, const struct ebpf_call *call, const union bpf_attr *attr,
		       struct ebpf_vlog *log)
{
	int err = 0;

	if (!info->btf)
		return 0;
	for (uint32_t n = 0; !err && n < SLICE; n++) {
		if (info->nr_funcs < attr->func_info_cnt)
			err = copy_func(info, call, attr, log);
		else if (info->nr_lines < attr->line_info_cnt)
			err = copy_line(info, call, attr, log);
		else
			return 0;
	}
	return err ? err : -ERESTART;
}

void ebpf_prog_btf_end(struct ebpf_prog_btf *info)
{
	ebpf_free(info->funcs);
	ebpf_free(info->lines);
	if (info->btf)
		ebpf_obj_put(&info->btf->obj);
}

const struct bpf_line_info *ebpf_prog_btf_line(const struct ebpf_prog_btf *info, uint32_t insn)
{
	uint32_t low = 0, high = info->nr_lines;

	/* The last one that begins at or before it */
	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (info->lines[mid].insn_off <= insn)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &info->lines[low - 1] : NULL;
}
