/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all maps have in common: checks of BPF_MAP_CREATE, the object, clearing
 * in slices, and the rights of bpf(2) on a map. What a map *does* is in its ops
 * (map_array.c, map_hash.c). Errors are those of Linux's kernel/bpf/syscall.c.
 */
#include "map.h"

#include "limits.h"
#include "mem.h"

const struct ebpf_map_ops *ebpf_map_ops_of(uint32_t type)
{
	switch (type) {
	case BPF_MAP_TYPE_HASH:
		return &ebpf_map_hash_ops;
	case BPF_MAP_TYPE_ARRAY:
		return &ebpf_map_array_ops;
	case BPF_MAP_TYPE_PERCPU_HASH:
		return &ebpf_map_percpu_hash_ops;
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return &ebpf_map_percpu_array_ops;
	case BPF_MAP_TYPE_LRU_HASH:
		return &ebpf_map_lru_hash_ops;
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return &ebpf_map_lru_percpu_hash_ops;
	case BPF_MAP_TYPE_QUEUE:
		return &ebpf_map_queue_ops;
	case BPF_MAP_TYPE_STACK:
		return &ebpf_map_stack_ops;
	case BPF_MAP_TYPE_BLOOM_FILTER:
		return &ebpf_map_bloom_ops;
	case BPF_MAP_TYPE_RINGBUF:
		return &ebpf_map_ringbuf_ops;
	case BPF_MAP_TYPE_LPM_TRIE:
		return &ebpf_map_lpm_ops;
	case BPF_MAP_TYPE_STACK_TRACE:
		return &ebpf_map_stack_trace_ops;
	case BPF_MAP_TYPE_PROG_ARRAY:
		return &ebpf_map_prog_array_ops;
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
		return &ebpf_map_array_of_maps_ops;
	case BPF_MAP_TYPE_HASH_OF_MAPS:
		return &ebpf_map_hash_of_maps_ops;
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
		return &ebpf_map_perf_event_array_ops;
	default:
		return NULL;
	}
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* Letters, digits, '_' and '.', ended by a NUL; what follows the NUL does not count. */
static int check_name(const char name[BPF_OBJ_NAME_LEN])
{
	for (unsigned int i = 0; i < BPF_OBJ_NAME_LEN; i++) {
		if (name[i] == 0)
			return 0;
		if (!name_char(name[i]))
			return -EINVAL;
	}
	return -EINVAL;
}

static int check_create(const union bpf_attr *attr, const struct ebpf_map_ops **ops)
{
	const uint32_t sys = BPF_F_RDONLY | BPF_F_WRONLY, prog = BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;

	*ops = ebpf_map_ops_of(attr->map_type);
	if (!*ops || check_name(attr->map_name))
		return -EINVAL;
	if (attr->map_ifindex || (attr->map_extra && attr->map_type != BPF_MAP_TYPE_BLOOM_FILTER))
		return -EINVAL; /* offload to a device; a parameter the type does not have */
	if (attr->btf_vmlinux_value_type_id)
		return -EINVAL; /* types of a kernel's BTF */
	if ((attr->map_flags & sys) == sys || (attr->map_flags & prog) == prog)
		return -EINVAL;
	return (*ops)->check(attr);
}

static void map_release(struct ebpf_obj *obj)
{
	struct ebpf_map *map = (struct ebpf_map *)obj;

	map->ops->free(map);
	if (map->btf)
		ebpf_obj_put(&map->btf->obj);
	ebpf_free(map);
}

int ebpf_map_create(const union bpf_attr *attr, struct ebpf_account *account, struct ebpf_map **out)
{
	const struct ebpf_map_ops *ops;
	struct ebpf_map *map;
	int err;

	err = check_create(attr, &ops);
	if (err)
		return err;
	map = ebpf_zalloc(account, sizeof(*map));
	if (!map)
		return -ENOMEM;
	map->obj.refs = 1;
	map->obj.type = EBPF_OBJ_MAP;
	map->obj.account = account;
	map->obj.release = map_release;
	map->ops = ops;
	map->type = attr->map_type;
	map->key_size = attr->key_size;
	map->value_size = attr->value_size;
	map->value_stride = (attr->value_size + 7) & ~7u;
	map->user_size = map->lookup_size = attr->value_size;
	map->max_entries = attr->max_entries;
	map->flags = attr->map_flags;
	map->extra = attr->map_extra;
	for (unsigned int i = 0; attr->map_name[i]; i++)
		map->name[i] = attr->map_name[i];

	err = ops->alloc(map);
	if (err) {
		ebpf_free(map);
		return err;
	}
	*out = map;
	return 0;
}

bool ebpf_map_prepare(struct ebpf_map *map)
{
	return map->ops->prepare(map);
}

int ebpf_map_alloc_values(struct ebpf_map *map)
{
	map->values = ebpf_alloc(map->obj.account, ebpf_map_values_bytes(map));
	return map->values ? 0 : -ENOMEM;
}

bool ebpf_map_clear_values(struct ebpf_map *map)
{
	uint64_t end = ebpf_map_values_bytes(map), left = end - map->prepared;

	if (left > EBPF_SLICE_BYTES)
		left = EBPF_SLICE_BYTES;
	ebpf_memzero(map->values + map->prepared, left);
	map->prepared += left;
	return map->prepared == end;
}

/* BPF_F_RDONLY and BPF_F_WRONLY: what bpf(2) may do; one descriptor is as good as another here. */
static bool sys_may(const struct ebpf_map *map, bool write)
{
	return !(map->flags & (write ? BPF_F_RDONLY : BPF_F_WRONLY));
}

/*
 * A call of bpf(2) that writes is counted while it does, so that a map that is
 * frozen stays as it was: freezing fails while anybody writes.
 */
static int begin_write(struct ebpf_map *map)
{
	if (!sys_may(map, true))
		return -EPERM;
	__atomic_fetch_add(&map->writers, 1, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&map->frozen, __ATOMIC_SEQ_CST))
		return 0;
	__atomic_fetch_sub(&map->writers, 1, __ATOMIC_RELEASE);
	return -EPERM;
}

static int end_write(struct ebpf_map *map, int err)
{
	__atomic_fetch_sub(&map->writers, 1, __ATOMIC_RELEASE);
	return err;
}

int ebpf_map_freeze(struct ebpf_map *map)
{
	if (!sys_may(map, true))
		return -EPERM;
	if (__atomic_exchange_n(&map->frozen, 1, __ATOMIC_SEQ_CST))
		return -EBUSY;
	if (!__atomic_load_n(&map->writers, __ATOMIC_SEQ_CST))
		return 0;
	__atomic_store_n(&map->frozen, 0, __ATOMIC_SEQ_CST);
	return -EBUSY;
}

int ebpf_map_lookup_elem(struct ebpf_map *map, const void *key, void *value, uint64_t flags)
{
	const void *slot;

	int err;

	if (flags & ~(uint64_t)BPF_F_LOCK || (flags && !map->has_lock))
		return -EINVAL;
	if (!sys_may(map, false))
		return -EPERM;
	if (flags) {
		ebpf_lock(&map->value_lock);
		err = ebpf_map_lookup_elem(map, key, value, 0);
		ebpf_unlock(&map->value_lock);
		ebpf_memzero((char *)value + map->lock_off, EBPF_MAP_LOCK_SIZE);
		return err;
	}
	if (map->ops->peek)
		return map->ops->peek(map, value);
	if (map->ops->read)
		return map->ops->read(map, key, value);
	slot = map->ops->lookup(map, key);
	if (!slot)
		return -ENOENT;
	ebpf_memcpy(value, slot, map->value_size);
	return 0;
}

static int update(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	if (map->ops->push)
		return map->ops->push(map, value, flags);
	if (map->ops->write)
		return map->ops->write(map, key, value, flags);
	return map->ops->update(map, key, value, flags);
}

int ebpf_map_update_elem(struct ebpf_map *map, const void *key, const void *value, uint64_t flags)
{
	int err;

	if (flags & BPF_F_LOCK && !map->has_lock)
		return -EINVAL;
	err = begin_write(map);
	if (err)
		return err;
	if (flags & BPF_F_LOCK) {
		ebpf_lock(&map->value_lock);
		err = update(map, key, value, flags & ~(uint64_t)BPF_F_LOCK);
		ebpf_unlock(&map->value_lock);
	} else {
		err = update(map, key, value, flags);
	}
	return end_write(map, err);
}

int ebpf_map_assign_elem(struct ebpf_map *map, const void *key, struct ebpf_obj *obj, uint64_t flags)
{
	int err = begin_write(map);

	return err ? err : end_write(map, map->ops->assign(map, key, obj, flags));
}

int ebpf_map_delete_elem(struct ebpf_map *map, const void *key)
{
	int err = begin_write(map);

	return err ? err : end_write(map, map->ops->delete (map, key));
}

int ebpf_map_take_elem(struct ebpf_map *map, const void *key, void *value, uint64_t flags)
{
	int err;

	if (flags)
		return -EINVAL;
	if (!sys_may(map, false))
		return -EPERM;
	err = begin_write(map);
	if (err)
		return err;
	if (map->ops->pop)
		err = map->ops->pop(map, value);
	else if (map->ops->take)
		err = map->ops->take(map, key, value);
	else
		err = -ENOTSUPP;
	return end_write(map, err);
}

int ebpf_map_next_key(struct ebpf_map *map, const void *key, void *next_key)
{
	return sys_may(map, false) ? map->ops->next_key(map, key, next_key) : -EPERM;
}

bool ebpf_map_value_ok(const struct ebpf_map *map, uint64_t addr, uint64_t size)
{
	uint64_t at = addr - (uintptr_t)map->values, room;

	if (!map->lookup_size || at >= ebpf_map_values_bytes(map))
		return false;
	room = at % map->value_stride;
	return room <= map->value_size && size <= map->value_size - room;
}
