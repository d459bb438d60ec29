/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_CREATE: what attr may say is the map's own check (map.h); here are
 * the slices in which a large map is cleared before anybody sees it.
 */
#include "cmd.h"
#include "map.h"
#include "map_fd_array.h"
#include "platform.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#define PREPARE_COST 10000 /* the least that a slice takes; what it did take is measured as well */

/* What attr says is checked by ebpf_map_create() before it makes anything. */
static int decode_map_create(struct ebpf_work *work)
{
	(void)work;
	return (ebpf_locks() & SBI_EBPF_LOCK_LOAD) ? -EPERM : 0;
}

/* What the maps in a map of maps are like is told by an example. */
static int set_inner(struct ebpf_work *work, struct ebpf_map *map)
{
	int err;
	struct ebpf_obj *obj = ebpf_obj_get(work->call.owner, work->attr.inner_map_fd, EBPF_OBJ_MAP, &err);

	if (!obj)
		return err;
	err = ebpf_map_set_inner(map, (struct ebpf_map *)obj);
	ebpf_obj_put(obj);
	return err;
}

static int set_types(struct ebpf_work *work, struct ebpf_map *map)
{
	const union bpf_attr *attr = &work->attr;
	struct ebpf_obj *obj;
	int err;

	if (!attr->btf_key_type_id && !attr->btf_value_type_id)
		return 0;
	obj = ebpf_obj_get(work->call.owner, attr->btf_fd, EBPF_OBJ_BTF, &err);
	if (!obj)
		return err;
	err = ebpf_map_set_types(map, (struct ebpf_btf *)obj, attr->btf_key_type_id, attr->btf_value_type_id);
	ebpf_obj_put(obj);
	return err;
}

static int do_map_create(struct ebpf_work *work)
{
	struct ebpf_map *map = (struct ebpf_map *)work->obj;

	if (!map) {
		int err = ebpf_map_create(&work->attr, ebpf_work_account(work), &map);

		if (err)
			return err;
		work->obj = &map->obj;
		err = ebpf_map_is_of_maps(map->type) ? set_inner(work, map) : 0;
		if (!err)
			err = set_types(work, map);
		if (err)
			return err;
	}
	do {
		uint64_t start = ebpf_plat_insns();

		if (ebpf_map_prepare(map))
			return 0;
		work->credit -= PREPARE_COST + (int64_t)(ebpf_plat_insns() - start);
	} while (work->credit > 0);
	return -ERESTART;
}

const struct ebpf_maker ebpf_map_maker = {
	.size = sizeof(struct ebpf_work),
	.decode = decode_map_create,
	.step = do_map_create,
};
