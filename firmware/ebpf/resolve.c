/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Resolving map references. It runs before the structural check, so it takes
 * any bits: it looks only at wide loads, and every slot it changes has passed
 * what it relies on.
 */
#include "resolve.h"

#include "uapi/errno.h"

#define WIDE (BPF_LD | BPF_IMM | BPF_DW)

static int refuse(struct ebpf_resolve *resolve, int err, const char *reason)
{
	resolve->reason = reason;
	return err;
}

/* The program's own reference to the map behind a descriptor; *map stays valid as long as the program. */
static int bind_fd(struct ebpf_resolve *resolve, uint32_t fd, struct ebpf_map **map)
{
	int err;
	struct ebpf_obj *obj = ebpf_obj_get(resolve->call->owner, fd, EBPF_OBJ_MAP, &err);

	if (!obj)
		return refuse(resolve, err, "fd is not pointing to valid bpf_map");
	*map = (struct ebpf_map *)obj;
	if ((*map)->not_for_programs) {
		refuse(resolve, -EINVAL, (*map)->not_for_programs);
		ebpf_obj_put(obj);
		return -EINVAL;
	}
	err = ebpf_prog_bind(resolve->prog, *map, fd);
	ebpf_obj_put(obj);
	return err ? refuse(resolve, err, "the number of maps per program has reached the limit of 64") : 0;
}

_Static_assert(EBPF_MAX_USED_MAPS == 64, "the sentence above says it");

/* Each use of an index reads its entry once; what was read is what is bound. */
static int read_fd(struct ebpf_resolve *resolve, uint32_t index, uint32_t *fd)
{
	uint64_t va = resolve->fd_array + (uint64_t)index * sizeof(*fd);

	if (!resolve->fd_array)
		return refuse(resolve, -EPROTO, "fd_idx without fd_array is invalid");
	if (va < resolve->fd_array || ebpf_copy_from(&resolve->call->as, fd, va, sizeof(*fd)))
		return refuse(resolve, -EFAULT, "fd_array is not readable");
	return 0;
}

int ebpf_resolve_bind(struct ebpf_resolve *resolve, uint32_t index)
{
	struct ebpf_map *map;
	uint32_t fd;
	int err = read_fd(resolve, index, &fd);

	return err ? err : bind_fd(resolve, fd, &map);
}

/* Only a map that is one value has an address for all of it, as in Linux. */
static int value_address(struct ebpf_resolve *resolve, const struct ebpf_map *map, uint32_t off, uint64_t *addr)
{
	if (map->type != BPF_MAP_TYPE_ARRAY || map->max_entries != 1)
		return refuse(resolve, -EINVAL, "no direct value access support for this map type");
	if (off >= map->value_size)
		return refuse(resolve, -EINVAL, "invalid access to map value pointer, offset outside of the value");
	*addr = (uintptr_t)map->values + off;
	return 0;
}

static int resolve_reference(struct ebpf_resolve *resolve, struct bpf_insn *insn)
{
	bool value = insn->src_reg == BPF_PSEUDO_MAP_VALUE || insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE;
	uint32_t fd = (uint32_t)insn->imm, off = (uint32_t)insn[1].imm;
	struct ebpf_map *map;
	uint64_t addr;
	int err = 0;

	if (!value && off)
		return refuse(resolve, -EINVAL, "unrecognized bpf_ld_imm64 insn");
	if (insn->src_reg == BPF_PSEUDO_MAP_IDX || insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE)
		err = read_fd(resolve, fd, &fd);
	if (!err)
		err = bind_fd(resolve, fd, &map);
	if (err)
		return err;
	addr = (uintptr_t)map;
	if (value)
		err = value_address(resolve, map, off, &addr);
	if (err)
		return err;
	resolve->prog->map_refs[resolve->pc / 8] |= (uint8_t)(1u << resolve->pc % 8);
	insn[0].src_reg = 0;
	insn[0].imm = (int32_t)addr;
	insn[1].imm = (int32_t)(addr >> 32);
	return 0;
}

static int resolve_wide(struct ebpf_resolve *resolve, struct bpf_insn *insn, uint32_t room)
{
	if (room < 2 || insn[1].code || insn[1].dst_reg || insn[1].src_reg || insn[1].off)
		return refuse(resolve, -EINVAL, "invalid bpf_ld_imm64 insn");
	switch (insn->src_reg) {
	case 0:
	case BPF_PSEUDO_FUNC: /* relative, and checked with the calls */
		return insn->src_reg && insn[1].imm ? refuse(resolve, -EINVAL, "unrecognized bpf_ld_imm64 insn") : 0;
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_VALUE:
	case BPF_PSEUDO_MAP_IDX:
	case BPF_PSEUDO_MAP_IDX_VALUE:
		return resolve_reference(resolve, insn);
	case BPF_PSEUDO_BTF_ID:
		return refuse(resolve, -EINVAL, "kernel variables (BPF_PSEUDO_BTF_ID) are not supported");
	default:
		return refuse(resolve, -EINVAL, "unrecognized bpf_ld_imm64 insn");
	}
}

int ebpf_resolve_slots(struct ebpf_resolve *resolve, uint32_t count)
{
	struct ebpf_prog *prog = resolve->prog;
	uint32_t end = prog->insn_cnt;

	if (count < end - resolve->pc)
		end = resolve->pc + count;
	while (resolve->pc < end) {
		struct bpf_insn *insn = &prog->insns[resolve->pc];
		int err;

		if (insn->code != WIDE) {
			resolve->pc++;
			continue;
		}
		err = resolve_wide(resolve, insn, prog->insn_cnt - resolve->pc);
		if (err)
			return err;
		resolve->pc += 2;
	}
	return 0;
}
