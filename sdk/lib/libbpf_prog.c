/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf's programs: loading one, with the kernel's log when it is refused. */
#include "libbpf_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_SIZE (32u * 1024)

/* The log in one piece between two marks; it may be longer than one print. */
static void print_log(const struct bpf_program *prog, const char *log)
{
	pr_warn("prog '%s': -- BEGIN PROG LOAD LOG --\n", prog->name);
	while (*log) {
		int n = (int)strcspn(log, "\n");

		pr_warn("%.*s\n", n, log);
		log += n + (log[n] != 0);
	}
	pr_warn("prog '%s': -- END PROG LOAD LOG --\n", prog->name);
}

/* "kprobe/f", or "kprobe" for one that the caller attaches: what this library can load */
static bool is_kprobe_section(const char *name)
{
	static const char *const kinds[] = {"kprobe",	       "kretprobe", "kprobe.multi",
					    "kretprobe.multi", "ksyscall",  "kretsyscall"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(kinds[i]);

		if (!strncmp(name, kinds[i], n) && (name[n] == 0 || name[n] == '/'))
			return true;
	}
	return false;
}

int libbpf_load_program(struct bpf_program *prog)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = prog->flags);
	const struct bpf_info *funcs = &prog->func_info, *lines = &prog->line_info;
	const char *missing;
	char *log = NULL;
	int fd, err;

	if (!is_kprobe_section(prog->section_name)) {
		pr_warn("prog '%s': programs of section '%s' are not supported: there are kprobe, kretprobe, "
			"kprobe.multi, "
			"kretprobe.multi, ksyscall, kretsyscall\n",
			prog->name, prog->section_name);
		return -EOPNOTSUPP;
	}
	if (prog->obj->btf_fd >= 0) {
		opts.prog_btf_fd = (__u32)prog->obj->btf_fd;
		opts.func_info = funcs->records;
		opts.func_info_cnt = funcs->nr;
		opts.func_info_rec_size = funcs->size;
		opts.line_info = lines->records;
		opts.line_info_cnt = lines->nr;
		opts.line_info_rec_size = lines->size;
	}
	fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, prog->name, prog->obj->license, prog->insns, prog->insn_cnt, &opts);
	if (fd >= 0) {
		prog->fd = fd;
		return 0;
	}
	err = fd;

	/* once more, for the reason in words */
	log = calloc(1, LOG_SIZE);
	if (log) {
		opts.log_level = 1;
		opts.log_buf = log;
		opts.log_size = LOG_SIZE;
		fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, prog->name, prog->obj->license, prog->insns, prog->insn_cnt,
				   &opts);
		log[LOG_SIZE - 1] = 0;
	}
	if (fd >= 0) {
		prog->fd = fd; /* memory was short the first time, for example */
		err = 0;
	} else {
		pr_warn("prog '%s': BPF program load failed: %s\n", prog->name, strerror(-err));
		if (log && log[0])
			print_log(prog, log);
		missing = log ? libbpf_core_missing(prog->obj, log) : NULL;
		if (missing)
			pr_warn("prog '%s': it uses '%s', which this kernel does not have (CO-RE)\n", prog->name,
				missing);
	}
	free(log);
	return err;
}

const char *bpf_program__name(const struct bpf_program *prog)
{
	return prog->name;
}

const char *bpf_program__section_name(const struct bpf_program *prog)
{
	return prog->section_name;
}

int bpf_program__fd(const struct bpf_program *prog)
{
	if (!prog)
		return libbpf_err(-EINVAL);
	return prog->fd < 0 ? libbpf_err(-ENOENT) : prog->fd;
}

bool bpf_program__autoload(const struct bpf_program *prog)
{
	return prog->autoload;
}

int bpf_program__set_autoload(struct bpf_program *prog, bool autoload)
{
	if (prog->obj->loaded)
		return libbpf_err(-EINVAL);
	prog->autoload = autoload;
	return 0;
}

bool bpf_program__autoattach(const struct bpf_program *prog)
{
	return prog->autoattach;
}

void bpf_program__set_autoattach(struct bpf_program *prog, bool autoattach)
{
	prog->autoattach = autoattach;
}

const struct bpf_insn *bpf_program__insns(const struct bpf_program *prog)
{
	return prog->insns;
}

size_t bpf_program__insn_cnt(const struct bpf_program *prog)
{
	return prog->insn_cnt;
}

enum bpf_prog_type bpf_program__type(const struct bpf_program *prog)
{
	(void)prog;
	return BPF_PROG_TYPE_KPROBE;
}

__u32 bpf_program__flags(const struct bpf_program *prog)
{
	return prog->flags;
}

int bpf_program__set_flags(struct bpf_program *prog, __u32 flags)
{
	if (prog->obj->loaded)
		return libbpf_err(-EBUSY);
	prog->flags = flags;
	return 0;
}

int bpf_program__set_attach_target(struct bpf_program *prog, int attach_prog_fd, const char *attach_func_name)
{
	(void)attach_prog_fd;
	pr_warn("prog '%s': cannot be attached to '%s': only kprobes are supported\n", prog->name, attach_func_name);
	return libbpf_err(-EOPNOTSUPP);
}

enum bpf_attach_type bpf_program__expected_attach_type(const struct bpf_program *prog)
{
	(void)prog;
	return BPF_TRACE_KPROBE_MULTI;
}
