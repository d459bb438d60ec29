/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's links: a program attached to one or more addresses. */
#include "../include/trace_helpers.h"
#include "libbpf_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TARGET 256u /* longest "function+0x10", with its NUL */

struct bpf_link {
	int fd;
	bool disconnected;
	char *pin_path;
};

static struct bpf_link *attach(const struct bpf_program *prog, const struct bpf_link_create_opts *opts,
			       const char *where)
{
	struct bpf_link *link;
	int fd;

	if (prog->fd < 0) {
		pr_warn("prog '%s': can't attach before loaded\n", prog->name);
		return libbpf_err_ptr(-EINVAL);
	}
	link = calloc(1, sizeof(*link));
	if (!link)
		return libbpf_err_ptr(-ENOMEM);
	libbpf_live_sync(); /* what the process has set is what the first hit sees */
	fd = bpf_link_create(prog->fd, 0, BPF_TRACE_KPROBE_MULTI, opts);
	if (fd < 0) {
		free(link);
		pr_warn("prog '%s': failed to attach to '%s': %s\n", prog->name, where, strerror(-fd));
		return libbpf_err_ptr(fd);
	}
	link->fd = fd;
	return link;
}

/* To every function of the kernel that the pattern fits. */
static struct bpf_link *attach_pattern(const struct bpf_program *prog, const char *pattern,
				       struct bpf_link_create_opts *create)
{
	struct ksyms *ksyms = ksyms__load();
	const char **syms = ksyms ? calloc(ksyms->syms_sz, sizeof(*syms)) : NULL;
	struct bpf_link *link = NULL;
	int err = -errno;

	for (size_t i = 0; syms && i < ksyms->syms_sz; i++)
		if (glob_match(ksyms->syms[i].name, pattern))
			syms[create->kprobe_multi.cnt++] = ksyms->syms[i].name;
	create->kprobe_multi.syms = syms;
	if (!syms) {
		pr_warn("prog '%s': no list of the kernel's functions: %s\n", prog->name, strerror(-err));
	} else if (!create->kprobe_multi.cnt) {
		err = -ENOENT;
		pr_warn("prog '%s': no function fits '%s'\n", prog->name, pattern);
	} else {
		link = attach(prog, create, pattern);
		err = link ? 0 : -errno;
	}
	free(syms);
	ksyms__free(ksyms);
	return link ? link : libbpf_err_ptr(err);
}

struct bpf_link *bpf_program__attach_kprobe_multi_opts(const struct bpf_program *prog, const char *pattern,
						       const struct bpf_kprobe_multi_opts *opts)
{
	LIBBPF_OPTS(bpf_link_create_opts, create);
	const char *syms[] = {pattern};

	if (opts) {
		create.kprobe_multi.cnt = (__u32)opts->cnt;
		create.kprobe_multi.syms = opts->syms;
		create.kprobe_multi.addrs = opts->addrs;
		create.kprobe_multi.cookies = opts->cookies;
		create.kprobe_multi.flags = opts->retprobe ? BPF_F_KPROBE_MULTI_RETURN : 0;
	}
	if (pattern) {
		if (create.kprobe_multi.cnt || create.kprobe_multi.syms || create.kprobe_multi.addrs)
			return libbpf_err_ptr(-EINVAL);
		if (strpbrk(pattern, "*?"))
			return attach_pattern(prog, pattern, &create);
		create.kprobe_multi.syms = syms;
		create.kprobe_multi.cnt = 1;
	}
	return attach(prog, &create, pattern ? pattern : "a list");
}

struct bpf_link *bpf_program__attach_kprobe_opts(const struct bpf_program *prog, const char *func_name,
						 const struct bpf_kprobe_opts *opts)
{
	LIBBPF_OPTS(bpf_link_create_opts, create);
	const char *syms[1];
	char target[MAX_TARGET];
	__u64 cookie = opts ? opts->bpf_cookie : 0;
	int n;

	if (opts && opts->offset)
		n = snprintf(target, sizeof(target), "%s+0x%zx", func_name, opts->offset);
	else
		n = snprintf(target, sizeof(target), "%s", func_name);
	if (n < 0 || (size_t)n >= sizeof(target))
		return libbpf_err_ptr(-ENAMETOOLONG);
	syms[0] = target;
	create.kprobe_multi.syms = syms;
	create.kprobe_multi.cnt = 1;
	create.kprobe_multi.cookies = cookie ? &cookie : NULL;
	create.kprobe_multi.flags = opts && opts->retprobe ? BPF_F_KPROBE_MULTI_RETURN : 0;
	return attach(prog, &create, target);
}

struct bpf_link *bpf_program__attach_kprobe(const struct bpf_program *prog, bool retprobe, const char *func_name)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = retprobe);

	return bpf_program__attach_kprobe_opts(prog, func_name, &opts);
}

struct bpf_link *bpf_program__attach_ksyscall(const struct bpf_program *prog, const char *syscall_name,
					      const struct bpf_ksyscall_opts *opts)
{
	LIBBPF_OPTS(bpf_kprobe_opts, kprobe);
	char target[MAX_TARGET];

	if (snprintf(target, sizeof(target), "sys_%s", syscall_name) >= (int)sizeof(target))
		return libbpf_err_ptr(-ENAMETOOLONG);
	if (opts) {
		kprobe.bpf_cookie = opts->bpf_cookie;
		kprobe.retprobe = opts->retprobe;
	}
	return bpf_program__attach_kprobe_opts(prog, target, &kprobe);
}

struct bpf_link *bpf_program__attach(const struct bpf_program *prog)
{
	static const struct {
		const char *prefix;
		bool retprobe, syscall;
	} kinds[] = {
		{"kprobe/", false, false},	   {"kretprobe/", true, false}, {"kprobe.multi/", false, false},
		{"kretprobe.multi/", true, false}, {"ksyscall/", false, true},	{"kretsyscall/", true, true},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(kinds[i].prefix);
		const char *target = prog->section_name + n;
		LIBBPF_OPTS(bpf_kprobe_multi_opts, multi, .retprobe = kinds[i].retprobe);
		LIBBPF_OPTS(bpf_ksyscall_opts, syscall, .retprobe = kinds[i].retprobe);

		if (strncmp(prog->section_name, kinds[i].prefix, n) || !*target)
			continue;
		if (kinds[i].syscall)
			return bpf_program__attach_ksyscall(prog, target, &syscall);
		/* one target or many: the same system call; "+0x10" is resolved with the name */
		return bpf_program__attach_kprobe_multi_opts(prog, target, &multi);
	}
	pr_warn("prog '%s': don't know where to attach section '%s'\n", prog->name, prog->section_name);
	return libbpf_err_ptr(-EOPNOTSUPP);
}

int bpf_link__fd(const struct bpf_link *link)
{
	return link->fd;
}

int bpf_link__detach(struct bpf_link *link)
{
	int err = bpf_link_detach(link->fd);

	libbpf_live_sync();
	return err;
}

void bpf_link__disconnect(struct bpf_link *link)
{
	link->disconnected = true;
}

int bpf_link__destroy(struct bpf_link *link)
{
	int err;

	if (!link)
		return 0;
	err = link->disconnected ? 0 : sdk_close(link->fd);
	libbpf_live_sync();
	free(link->pin_path);
	free(link);
	return libbpf_err(err);
}

int bpf_link__pin(struct bpf_link *link, const char *path)
{
	char *copy;
	int err;

	if (link->pin_path)
		return libbpf_err(-EBUSY);
	copy = strdup(path);
	err = copy ? bpf_obj_pin(link->fd, path) : -ENOMEM;
	if (err)
		free(copy);
	else
		link->pin_path = copy;
	return libbpf_err(err);
}

int bpf_link__unpin(struct bpf_link *link)
{
	int err = link->pin_path ? bpf_obj_unpin(link->pin_path) : -EINVAL;

	if (!err) {
		free(link->pin_path);
		link->pin_path = NULL;
	}
	return libbpf_err(err);
}

const char *bpf_link__pin_path(const struct bpf_link *link)
{
	return link->pin_path;
}

struct bpf_link *bpf_link__open(const char *path)
{
	struct bpf_link *link = calloc(1, sizeof(*link));
	int fd = -ENOMEM;

	if (link) {
		link->pin_path = strdup(path);
		fd = link->pin_path ? bpf_obj_get(path) : -ENOMEM;
	}
	if (fd < 0) {
		if (link)
			free(link->pin_path);
		free(link);
		return libbpf_err_ptr(fd);
	}
	link->fd = fd;
	return link;
}
