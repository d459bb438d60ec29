/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_OBJ_GET_INFO_BY_FD: what an object says of itself, in Linux's structures.
 * A caller may know a shorter or a longer one, as with attr. Never an address of
 * the firmware: in a program's instructions maps are named by their ids. Of a link
 * at most ADDRS_MAX addresses can be asked for, of a program XLATED_MAX
 * instructions, of BTF and line_info EBPF_SLICE_BYTES (-E2BIG).
 */
#include "call.h"
#include "cmd.h"
#include "link.h"
#include "mem.h"
#include "prog.h"
#include "uapi/errno.h"

#define MAX_INFO EBPF_MAX_ATTR /* longest info whose tail is looked at, as for attr */
#define ADDRS_MAX 1024u	       /* addresses of a link answered in one call: it is not sliced */
#define XLATED_MAX 2048u       /* instructions of a program, likewise */
#define XLATED_LOOKUPS 16384u  /* ... times its maps, each of which may be looked at for each of them */
#define CHUNK 32u

static uint32_t min32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The tail of a structure longer than ours must be 0, as in Linux: -E2BIG. */
static int check_tail(const struct ebpf_call *call, const union bpf_attr *attr, uint32_t size)
{
	uint8_t chunk[64];

	if (attr->info.info_len > MAX_INFO)
		return -E2BIG;
	for (uint32_t at = size; at < attr->info.info_len; at += sizeof(chunk)) {
		uint32_t len = min32(attr->info.info_len - at, sizeof(chunk));

		if (ebpf_copy_from(&call->as, chunk, attr->info.info + at, len))
			return -EFAULT;
		for (uint32_t i = 0; i < len; i++)
			if (chunk[i])
				return -E2BIG;
	}
	return 0;
}

/* The fields of `info` that the caller fills in; the rest counts as zero. */
static int read_info(const struct ebpf_call *call, const union bpf_attr *attr, void *info, uint32_t size)
{
	int err = check_tail(call, attr, size);

	if (err)
		return err;
	ebpf_memzero(info, size);
	return ebpf_copy_from(&call->as, info, attr->info.info, min32(attr->info.info_len, size));
}

static int write_info(const struct ebpf_call *call, const union bpf_attr *attr, const void *info, uint32_t size)
{
	uint32_t len = min32(attr->info.info_len, size);

	if (ebpf_copy_to(&call->as, attr->info.info, info, len))
		return -EFAULT;
	return ebpf_copy_to(&call->as, call->attr + offsetof(union bpf_attr, info.info_len), &len, sizeof(len));
}

static int map_info(const struct ebpf_call *call, const union bpf_attr *attr, const struct ebpf_map *map)
{
	struct bpf_map_info info;
	int err = check_tail(call, attr, sizeof(info));

	if (err)
		return err;
	ebpf_memzero(&info, sizeof(info));
	info.type = map->type;
	info.id = map->obj.id;
	info.key_size = map->key_size;
	info.value_size = map->value_size;
	info.max_entries = map->max_entries;
	info.map_flags = map->flags;
	ebpf_memcpy(info.name, map->name, sizeof(info.name));
	if (map->btf) {
		info.btf_id = map->btf->obj.id;
		info.btf_key_type_id = map->btf_key_id;
		info.btf_value_type_id = map->btf_value_id;
	}
	return write_info(call, attr, &info, sizeof(info));
}

/* As many records as there is room for, in one piece. 0, -EFAULT, -E2BIG: more than one call can copy */
static int copy_records(const struct ebpf_call *call, uint64_t va, const void *records, uint32_t bytes)
{
	if (bytes > EBPF_SLICE_BYTES)
		return -E2BIG;
	return bytes && ebpf_copy_to(&call->as, va, records, bytes) ? -EFAULT : 0;
}

/* func_info and line_info, as they were loaded */
static int prog_btf_info(const struct ebpf_call *call, const struct ebpf_prog *prog, const struct bpf_prog_info *asked,
			 struct bpf_prog_info *info)
{
	const struct ebpf_prog_btf *from = &prog->info;
	int err;

	if (!from->btf)
		return 0;
	info->btf_id = from->btf->obj.id;
	info->func_info = asked->func_info;
	info->func_info_rec_size = sizeof(from->funcs[0]);
	info->nr_func_info = from->nr_funcs;
	info->line_info = asked->line_info;
	info->line_info_rec_size = sizeof(from->lines[0]);
	info->nr_line_info = from->nr_lines;
	err = copy_records(call, asked->func_info, from->funcs,
			   min32(asked->nr_func_info, from->nr_funcs) * (uint32_t)sizeof(from->funcs[0]));
	if (!err)
		err = copy_records(call, asked->line_info, from->lines,
				   min32(asked->nr_line_info, from->nr_lines) * (uint32_t)sizeof(from->lines[0]));
	return err;
}

static int btf_info(const struct ebpf_call *call, const union bpf_attr *attr, const struct ebpf_btf *btf)
{
	struct bpf_btf_info asked, info;
	int err = read_info(call, attr, &asked, sizeof(asked));

	if (!err)
		err = copy_records(call, asked.btf, btf->data, min32(asked.btf_size, btf->size));
	if (err)
		return err;
	ebpf_memzero(&info, sizeof(info));
	info.btf = asked.btf;
	info.btf_size = btf->size;
	info.id = btf->obj.id;
	return write_info(call, attr, &info, sizeof(info));
}

/* A resolved map reference as it was before, but with the map's id where a descriptor was. */
static void name_map(const struct ebpf_prog *prog, struct bpf_insn insn[2])
{
	uint64_t addr = (uint32_t)insn[0].imm | (uint64_t)(uint32_t)insn[1].imm << 32;

	for (uint32_t i = 0; i < prog->nr_maps; i++) {
		const struct ebpf_map *map = prog->maps[i];
		bool value = addr != (uintptr_t)map;

		/* only arrays of one value have an address for it (resolve.c) */
		if (value && (map->type != BPF_MAP_TYPE_ARRAY || map->max_entries != 1 ||
			      addr - (uintptr_t)map->values >= map->value_size))
			continue;
		insn[0].src_reg = value ? BPF_PSEUDO_MAP_VALUE : BPF_PSEUDO_MAP_FD;
		insn[0].imm = (int32_t)map->obj.id;
		insn[1].imm = value ? (int32_t)(addr - (uintptr_t)map->values) : 0;
		return;
	}
	insn[0].imm = insn[1].imm = 0; /* no map of the program's: nothing that could be said */
}

/* The instructions that run, as the checks left them; dead ones are jumps to themselves. As many as there is room for.
 */
static int copy_insns(const struct ebpf_call *call, uint64_t va, const struct ebpf_prog *prog, uint32_t n)
{
	struct bpf_insn chunk[CHUNK + 1];

	for (uint32_t at = 0; at < n;) {
		uint32_t len = min32(n - at, CHUNK);

		/* one more, so that a wide load at the end is seen whole */
		ebpf_memcpy(chunk, prog->insns + at, min32(len + 1, prog->insn_cnt - at) * sizeof(chunk[0]));
		for (uint32_t i = 0; i < len; i++)
			if (prog->map_refs[(at + i) / 8] >> (at + i) % 8 & 1 &&
			    chunk[i].code == (BPF_LD | BPF_IMM | BPF_DW))
				name_map(prog, &chunk[i]);
		/* ... and its second half is sent with the first */
		if (len == CHUNK && at + len < n && chunk[len - 1].code == (BPF_LD | BPF_IMM | BPF_DW))
			len++;
		if (ebpf_copy_to(&call->as, va + at * sizeof(chunk[0]), chunk, len * sizeof(chunk[0])))
			return -EFAULT;
		at += len;
	}
	return 0;
}

static int copy_xlated(const struct ebpf_call *call, const struct ebpf_prog *prog, const struct bpf_prog_info *asked)
{
	uint32_t n = min32(asked->xlated_prog_len / sizeof(struct bpf_insn), prog->insn_cnt);

	if (!asked->xlated_prog_insns)
		return 0;
	if (n > XLATED_MAX || n * prog->nr_maps > XLATED_LOOKUPS)
		return -E2BIG;
	return copy_insns(call, asked->xlated_prog_insns, prog, n);
}

static int prog_info(const struct ebpf_call *call, const union bpf_attr *attr, const struct ebpf_prog *prog)
{
	uint32_t ids[EBPF_MAX_USED_MAPS], room;
	struct bpf_prog_info asked, info;
	int err = read_info(call, attr, &asked, sizeof(asked));

	if (err)
		return err;
	ebpf_memzero(&info, sizeof(info));
	info.type = prog->type;
	info.id = prog->obj.id;
	info.load_time = prog->load_time;
	info.xlated_prog_len = prog->insn_cnt * (uint32_t)sizeof(struct bpf_insn);
	info.xlated_prog_insns = asked.xlated_prog_insns;
	info.nr_map_ids = prog->nr_maps;
	info.map_ids = asked.map_ids;
	ebpf_memcpy(info.name, prog->name, sizeof(info.name));
	info.gpl_compatible = prog->gpl;
	info.run_cnt = __atomic_load_n(&prog->hits, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < prog->nr_maps; i++)
		ids[i] = prog->maps[i]->obj.id;
	err = prog_btf_info(call, prog, &asked, &info);
	if (err)
		return err;
	room = min32(asked.nr_map_ids, prog->nr_maps);
	if (room && ebpf_copy_to(&call->as, asked.map_ids, ids, room * sizeof(ids[0])))
		return -EFAULT;
	err = copy_xlated(call, prog, &asked);
	return err ? err : write_info(call, attr, &info, sizeof(info));
}

/* The addresses of a link, or its cookies, a page walk for each CHUNK of them. */
static int copy_words(const struct ebpf_call *call, uint64_t va, const struct ebpf_link *link, uint32_t n, bool cookies)
{
	uint64_t chunk[CHUNK];

	for (uint32_t at = 0; at < n; at += CHUNK) {
		uint32_t len = min32(n - at, CHUNK);

		for (uint32_t i = 0; i < len; i++)
			chunk[i] = cookies ? link->at[at + i].cookie : link->at[at + i].addr;
		if (ebpf_copy_to(&call->as, va + at * sizeof(chunk[0]), chunk, len * sizeof(chunk[0])))
			return -EFAULT;
	}
	return 0;
}

/* As many as the caller has room for. */
static int copy_addrs(const struct ebpf_call *call, const struct ebpf_link *link, const struct bpf_link_info *asked)
{
	uint32_t n = min32(asked->kprobe_multi.count, link->cnt);
	int err = 0;

	if (n > ADDRS_MAX)
		return -E2BIG;
	if (asked->kprobe_multi.addrs)
		err = copy_words(call, asked->kprobe_multi.addrs, link, n, false);
	if (!err && asked->kprobe_multi.cookies)
		err = copy_words(call, asked->kprobe_multi.cookies, link, n, true);
	return err;
}

static int link_info(const struct ebpf_call *call, const union bpf_attr *attr, const struct ebpf_link *link)
{
	struct bpf_link_info info;
	int err = read_info(call, attr, &info, sizeof(info));

	if (!err && !info.kprobe_multi.addrs != !info.kprobe_multi.count)
		err = -EINVAL;
	if (!err)
		err = copy_addrs(call, link, &info);
	if (err)
		return err;
	info.type = BPF_LINK_TYPE_KPROBE_MULTI;
	info.id = link->obj.id;
	info.prog_id = link->prog->obj.id;
	info.pad = 0;
	info.kprobe_multi.count = link->cnt;
	info.kprobe_multi.flags = link->at[0].kind == EBPF_ATTACH_KRETPROBE ? BPF_F_KPROBE_MULTI_RETURN : 0;
	info.kprobe_multi.missed = __atomic_load_n(&link->missed, __ATOMIC_RELAXED);
	return write_info(call, attr, &info, sizeof(info));
}

/* What the kernel learns from the SBI function of that name: user space sizes its buffers by the number of harts. */
int64_t ebpf_cmd_get_info(const struct ebpf_call *call, union bpf_attr *attr)
{
	int64_t value = attr->number.pad ? -EINVAL : ebpf_call_info(attr->number.index);
	uint64_t at = call->attr + offsetof(union bpf_attr, number.value);

	if (value < 0)
		return value;
	if (call->size < offsetof(union bpf_attr, number.value) + sizeof(attr->number.value))
		return -EINVAL;
	return ebpf_copy_to(&call->as, at, &value, sizeof(value));
}

/* Setting none reads them. */
int64_t ebpf_cmd_lock(const struct ebpf_call *call, union bpf_attr *attr)
{
	(void)call;
	return attr->number.pad || attr->number.value ? -EINVAL : ebpf_call_lock(attr->number.index);
}

int64_t ebpf_cmd_obj_info(const struct ebpf_call *call, union bpf_attr *attr)
{
	int err;
	struct ebpf_obj *obj = ebpf_obj_get(call->owner, attr->info.bpf_fd, 0, &err);

	if (!obj)
		return err;
	switch (obj->type) {
	case EBPF_OBJ_MAP:
		err = map_info(call, attr, (const struct ebpf_map *)obj);
		break;
	case EBPF_OBJ_PROG:
		err = prog_info(call, attr, (const struct ebpf_prog *)obj);
		break;
	case EBPF_OBJ_BTF:
		err = btf_info(call, attr, (const struct ebpf_btf *)obj);
		break;
	default:
		err = link_info(call, attr, (const struct ebpf_link *)obj);
	}
	ebpf_obj_put(obj);
	return err;
}
