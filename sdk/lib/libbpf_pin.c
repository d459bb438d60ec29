/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects under a name: they live until it is taken back, whoever made them. Names
 * look like Linux's (/sys/fs/bpf/...) but are the firmware's own, not files.
 */
#include "libbpf_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIN_ROOT "/sys/fs/bpf"
#define MAX_PATH 128u

static int pin_call(enum bpf_cmd cmd, int fd, const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pin.pathname = (__u64)(uintptr_t)path;
	attr.pin.bpf_fd = (__u32)fd;
	return libbpf_err(sdk_bpf(cmd, &attr));
}

int bpf_obj_pin(int fd, const char *pathname)
{
	return pin_call(BPF_OBJ_PIN, fd, pathname);
}

int bpf_obj_get(const char *pathname)
{
	return pin_call(BPF_OBJ_GET, 0, pathname);
}

int bpf_obj_unpin(const char *pathname)
{
	return pin_call(EBPF_OBJ_UNPIN, 0, pathname);
}

int libbpf_default_pin_path(struct bpf_map *map)
{
	const char *root = map->obj->pin_root ? map->obj->pin_root : PIN_ROOT;
	char path[MAX_PATH];

	if (snprintf(path, sizeof(path), "%s/%s", root, map->name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return bpf_map__set_pin_path(map, path);
}

static int info_of(int fd, struct bpf_map_info *info)
{
	__u32 len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(fd, info, &len);
}

static bool same_shape(const struct bpf_map *map, const struct bpf_map_info *info)
{
	return info->type == map->type && info->key_size == map->key_size && info->value_size == map->value_size &&
	       info->max_entries == map->max_entries && info->map_flags == map->flags;
}

int libbpf_reuse_pinned(struct bpf_map *map)
{
	struct bpf_map_info info;
	int fd = bpf_obj_get(map->pin_path), err;

	if (fd < 0)
		return fd;
	err = info_of(fd, &info);
	if (!err && !same_shape(map, &info)) {
		pr_warn("map '%s': what is pinned as '%s' is a different map\n", map->name, map->pin_path);
		err = -EINVAL;
	}
	if (err) {
		sdk_close(fd);
		return err;
	}
	map->fd = fd;
	map->reused = map->pinned = true;
	pr_debug("map '%s': found as '%s'\n", map->name, map->pin_path);
	return 0;
}

int bpf_map__reuse_fd(struct bpf_map *map, int fd)
{
	union bpf_attr attr;
	struct bpf_map_info info;
	int err = info_of(fd, &info), own;

	if (err)
		return err;
	if (map->fd >= 0)
		return libbpf_err(-EBUSY);
	/* a descriptor of our own, by the object's number: the caller closes his when he likes */
	memset(&attr, 0, sizeof(attr));
	attr.id.start_id = info.id;
	own = sdk_bpf(BPF_MAP_GET_FD_BY_ID, &attr);
	if (own < 0)
		return libbpf_err(own);
	map->fd = own;
	map->reused = true;
	map->type = (enum bpf_map_type)info.type;
	map->key_size = info.key_size;
	map->value_size = info.value_size;
	map->max_entries = info.max_entries;
	map->flags = info.map_flags;
	return 0;
}

int bpf_map__set_pin_path(struct bpf_map *map, const char *path)
{
	char *copy = NULL;

	if (path) {
		copy = strdup(path);
		if (!copy)
			return libbpf_err(-ENOMEM);
	}
	free(map->pin_path);
	map->pin_path = copy;
	return 0;
}

const char *bpf_map__pin_path(const struct bpf_map *map)
{
	return map->pin_path;
}

bool bpf_map__is_pinned(const struct bpf_map *map)
{
	return map->pinned;
}

/* The path a call means: its own or the map's, which must be the same. NULL with errno set. */
static const char *path_for(struct bpf_map *map, const char *path)
{
	if (path && map->pin_path && strcmp(path, map->pin_path) != 0) {
		pr_warn("map '%s': it has the path '%s', not '%s'\n", map->name, map->pin_path, path);
		return libbpf_err_ptr(-EINVAL);
	}
	if (path && !map->pin_path && bpf_map__set_pin_path(map, path))
		return NULL;
	return map->pin_path ? map->pin_path : libbpf_err_ptr(-EINVAL);
}

int bpf_map__pin(struct bpf_map *map, const char *path)
{
	int err;

	path = path_for(map, path);
	if (!path)
		return -errno;
	err = map->fd < 0 ? libbpf_err(-ENOENT) : bpf_obj_pin(map->fd, path);
	if (err)
		pr_warn("map '%s': cannot be pinned as '%s': %s\n", map->name, path, strerror(-err));
	map->pinned |= !err;
	return err;
}

int bpf_map__unpin(struct bpf_map *map, const char *path)
{
	int err;

	path = path_for(map, path);
	if (!path)
		return -errno;
	err = bpf_obj_unpin(path);
	map->pinned &= err != 0;
	return err;
}

int bpf_object__pin_maps(struct bpf_object *obj, const char *path)
{
	char name[MAX_PATH];
	int err = 0;

	for (__u32 i = 0; !err && i < obj->nr_maps; i++) {
		struct bpf_map *map = &obj->maps[i];

		if (map->internal || (!path && !map->pin_path))
			continue;
		if (path && snprintf(name, sizeof(name), "%s/%s", path, map->name) >= (int)sizeof(name))
			return libbpf_err(-ENAMETOOLONG);
		err = bpf_map__pin(map, path ? name : NULL);
	}
	return err;
}

int bpf_object__unpin_maps(struct bpf_object *obj, const char *path)
{
	char name[MAX_PATH];
	int err = 0;

	for (__u32 i = 0; !err && i < obj->nr_maps; i++) {
		struct bpf_map *map = &obj->maps[i];

		if (map->internal || (!path && !map->pin_path))
			continue;
		if (path && snprintf(name, sizeof(name), "%s/%s", path, map->name) >= (int)sizeof(name))
			return libbpf_err(-ENAMETOOLONG);
		err = bpf_map__unpin(map, path ? name : NULL);
	}
	return err;
}

int bpf_program__pin(struct bpf_program *prog, const char *path)
{
	return prog->fd < 0 ? libbpf_err(-ENOENT) : bpf_obj_pin(prog->fd, path);
}

int bpf_program__unpin(struct bpf_program *prog, const char *path)
{
	(void)prog;
	return bpf_obj_unpin(path);
}
