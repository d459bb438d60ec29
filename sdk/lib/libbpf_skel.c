/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's skeletons: the object's parts into the members of a generated struct, and back. */
#include "libbpf_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int bpf_object__open_skeleton(struct bpf_object_skeleton *s, const struct bpf_object_open_opts *opts)
{
	struct bpf_object_open_opts own = {0};
	struct bpf_object *obj;

	if (opts)
		own = *opts;
	if (!own.object_name)
		own.object_name = s->name;
	obj = bpf_object__open_mem(s->data, s->data_sz, &own);
	if (!obj)
		return -errno;
	*s->obj = obj;

	for (int i = 0; i < s->map_cnt; i++) {
		struct bpf_map_skeleton *m = (void *)((char *)s->maps + i * s->map_skel_sz);
		size_t size;

		*m->map = bpf_object__find_map_by_name(obj, m->name);
		if (!*m->map) {
			pr_warn("failed to find skeleton map '%s'\n", m->name);
			return libbpf_err(-ESRCH);
		}
		if (m->mmaped)
			*m->mmaped = bpf_map__initial_value(*m->map, &size);
	}
	for (int i = 0; i < s->prog_cnt; i++) {
		struct bpf_prog_skeleton *p = (void *)((char *)s->progs + i * s->prog_skel_sz);

		*p->prog = bpf_object__find_program_by_name(obj, p->name);
		if (!*p->prog) {
			pr_warn("failed to find skeleton program '%s'\n", p->name);
			return libbpf_err(-ESRCH);
		}
	}
	return 0;
}

int bpf_object__load_skeleton(struct bpf_object_skeleton *s)
{
	int err = bpf_object__load(*s->obj);

	for (int i = 0; !err && i < s->map_cnt; i++) {
		struct bpf_map_skeleton *m = (void *)((char *)s->maps + i * s->map_skel_sz);

		if (m->mmaped && *m->mmaped)
			err = libbpf_live_start(*m->map);
	}
	return libbpf_err(err);
}

int bpf_object__attach_skeleton(struct bpf_object_skeleton *s)
{
	for (int i = 0; i < s->prog_cnt; i++) {
		struct bpf_prog_skeleton *p = (void *)((char *)s->progs + i * s->prog_skel_sz);
		struct bpf_program *prog = *p->prog;

		/* a section without a target ("kprobe") says nothing about where: that is the caller's */
		if (!prog->autoload || !prog->autoattach || *p->link || !strchr(prog->section_name, '/'))
			continue;
		*p->link = bpf_program__attach(prog);
		if (!*p->link)
			return -errno;
	}
	return 0;
}

void bpf_object__detach_skeleton(struct bpf_object_skeleton *s)
{
	for (int i = 0; i < s->prog_cnt; i++) {
		struct bpf_prog_skeleton *p = (void *)((char *)s->progs + i * s->prog_skel_sz);

		bpf_link__destroy(*p->link);
		*p->link = NULL;
	}
}

void bpf_object__destroy_skeleton(struct bpf_object_skeleton *s)
{
	if (!s)
		return;
	if (s->progs)
		bpf_object__detach_skeleton(s);
	if (s->obj)
		bpf_object__close(*s->obj);
	free(s->maps);
	free(s->progs);
	free(s);
}
