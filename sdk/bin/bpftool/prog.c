/* SPDX-License-Identifier: BSD-2-Clause */
/* bpftool prog: the instructions of a program, one run of it. */
#include "bpftool.h"
#include "disasm.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_INSNS 2048u /* that the firmware hands out */
#define ARGS 8

static bool is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* As the verifier's log has it, with maps by their ids */
static void disassemble(const struct bpf_insn *insn, const struct bpf_insn *next, char *buf, size_t size)
{
	struct ebpf_text text;

	ebpf_text_init(&text, buf, size);
	if (is_wide(insn) && insn->src_reg == BPF_PSEUDO_MAP_FD)
		snprintf(buf, size, "(18) r%u = map[id:%d]", insn->dst_reg, insn->imm);
	else if (is_wide(insn) && insn->src_reg == BPF_PSEUDO_MAP_VALUE)
		snprintf(buf, size, "(18) r%u = map[id:%d][0]+%d", insn->dst_reg, insn->imm, next ? next->imm : 0);
	else
		ebpf_disasm(&text, insn, next);
}

static void print_insns(const struct bpf_insn *insns, __u32 n)
{
	char line[128];

	if (json)
		putchar('[');
	for (__u32 i = 0; i < n; i++) {
		disassemble(&insns[i], i + 1 < n ? &insns[i + 1] : NULL, line, sizeof(line));
		if (json)
			printf("%s{\"disasm\":\"%s\"}", i ? "," : "", line);
		else
			printf("%4u: %s\n", i, line);
		i += is_wide(&insns[i]);
	}
	if (json)
		puts("]");
}

static int dump(int fd)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info), n;
	struct bpf_insn *insns;
	int err = bpf_obj_get_info_by_fd(fd, &info, &len);

	n = info.xlated_prog_len / sizeof(*insns);
	if (err)
		return complain("BPF_OBJ_GET_INFO_BY_FD: %s", strerror(-err));
	if (n > MAX_INSNS)
		fprintf(stderr, "bpftool: the first %u of %u instructions: the firmware hands out no more\n", MAX_INSNS,
			n);
	n = n > MAX_INSNS ? MAX_INSNS : n;
	insns = calloc(n, sizeof(*insns));
	if (!insns)
		return complain("no memory");
	memset(&info, 0, sizeof(info));
	info.xlated_prog_insns = (uint64_t)(uintptr_t)insns;
	info.xlated_prog_len = n * (__u32)sizeof(*insns);
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	if (err)
		complain("BPF_OBJ_GET_INFO_BY_FD: %s", strerror(-err));
	else
		print_insns(insns, n);
	free(insns);
	return err != 0;
}

/* "arg0 5 arg1 0x10": what the registers hold that a function's arguments are in */
static int parse_args(char **argv, struct ebpf_pt_regs *regs)
{
	for (; argv[0]; argv += 2) {
		char *end = argv[0];
		unsigned long arg = strncmp(argv[0], "arg", 3) ? ARGS : strtoul(argv[0] + 3, &end, 10);

		if (arg >= ARGS || *end || end == argv[0] + 3)
			return complain("prog run: '%s': there are arg0 to arg%d", argv[0], ARGS - 1);
		if (!argv[1])
			return complain("prog run: %s has no value", argv[0]);
		regs->x[9 + arg] = strtoul(argv[1], &end, 0);
		if (end == argv[1] || *end)
			return complain("prog run: '%s' is no number", argv[1]);
	}
	return 0;
}

static int run(int fd, char **argv)
{
	struct ebpf_pt_regs regs = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &regs, .ctx_size_in = sizeof(regs));
	int err;

	if (parse_args(argv, &regs))
		return 1;
	err = bpf_prog_test_run_opts(fd, &opts);
	if (err)
		return complain("prog run: %s", strerror(-err));
	printf(json ? "{\"retval\":%u,\"duration\":%u}\n" : "Return value: %u, duration: %uns\n", opts.retval,
	       opts.duration);
	return 0;
}

/* Object files: all their programs through the checks and, when they have passed, away again. */
static int load(char **argv)
{
	unsigned int loaded = 0;
	int failed = 0;

	for (; *argv; argv++) {
		struct bpf_object *obj = bpf_object__open_file(*argv, NULL);

		if (obj && !bpf_object__load(obj))
			loaded++;
		else
			failed = complain("prog load: %s", *argv);
		bpf_object__close(obj);
	}
	printf(json ? "{\"loaded\":%u}\n" : "%u objects loaded\n", loaded);
	return failed;
}

int do_prog(char **argv)
{
	bool is_dump = !strcmp(argv[0], "dump"), is_run = !strcmp(argv[0], "run");
	int fd;

	if (!strcmp(argv[0], "load"))
		return load(argv + 1);
	if (!is_dump && !is_run)
		return complain("prog %s: there are list, show, load, dump xlated, run, pin", argv[0]);
	argv++;
	if (is_dump && (!*argv || strcmp(*argv, "xlated") != 0))
		return complain("prog dump: only 'xlated' is there, nothing is compiled to machine code");
	argv += is_dump;
	fd = object_fd(&kind_prog, &argv);
	if (fd < 0)
		return 1;
	return is_dump ? dump(fd) : run(fd, argv);
}
