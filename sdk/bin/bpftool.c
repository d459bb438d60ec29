/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpftool: programs, maps and links of the whole machine, after the tool of
 * that name. OBJECT is `id N`, `name NAME` or `pinned PATH`.
 *
 *	bpftool [-j] prog|map|link|btf [list]
 *	bpftool [-j] prog|map|link show OBJECT
 *	bpftool prog|map|link pin OBJECT PATH; bpftool unpin PATH
 *	bpftool link detach OBJECT
 *	bpftool [-j] prog load FILE ...		(are they accepted? they are not kept)
 *	bpftool [-j] prog dump xlated OBJECT
 *	bpftool [-j] prog run OBJECT [arg0 VALUE] ...
 *	bpftool [-j] map dump OBJECT
 *	bpftool [-j] map lookup|delete OBJECT key [hex] BYTES
 *	bpftool map update OBJECT key [hex] BYTES value [hex] BYTES
 *	bpftool [-j] btf dump [file NAME | id N]
 *	bpftool [-j] feature
 */
#include "bpftool/bpftool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool json;

int complain(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "bpftool: %s\n", text);
	return 1;
}

static int usage(void)
{
	fprintf(stderr, "usage: bpftool [-j] prog|map|link|btf [list | show OBJECT]\n"
			"       bpftool prog|map|link pin OBJECT PATH       bpftool unpin PATH\n"
			"       bpftool link detach OBJECT\n"
			"       bpftool [-j] prog load FILE ...             are they accepted?\n"
			"       bpftool [-j] prog dump xlated OBJECT\n"
			"       bpftool [-j] prog run OBJECT [arg0 VALUE] ...\n"
			"       bpftool [-j] map dump OBJECT\n"
			"       bpftool [-j] map lookup|delete OBJECT key [hex] BYTES\n"
			"       bpftool map update OBJECT key [hex] BYTES value [hex] BYTES\n"
			"       bpftool [-j] btf dump [file NAME | id N]\n"
			"       bpftool [-j] feature\n"
			"OBJECT: id NUMBER | name NAME | pinned PATH\n");
	return 2;
}

static int show_one(const struct kind *kind, char **argv)
{
	int fd = object_fd(kind, &argv);

	if (fd < 0)
		return 1;
	if (kind->show(fd, true))
		return complain("BPF_OBJ_GET_INFO_BY_FD: %s", strerror(errno));
	if (json)
		putchar('\n');
	return 0;
}

static int pin(const struct kind *kind, char **argv)
{
	int fd = object_fd(kind, &argv), err;

	if (fd < 0)
		return 1;
	if (!argv[0])
		return complain("pin: as what?");
	err = bpf_obj_pin(fd, argv[0]);
	return err ? complain("pin: %s: %s", argv[0], strerror(-err)) : 0;
}

static int unpin(const char *path)
{
	int err = path ? bpf_obj_unpin(path) : -EINVAL;

	return err ? complain("unpin: %s: %s", path ? path : "no path", strerror(-err)) : 0;
}

static int detach(char **argv)
{
	int fd = object_fd(&kind_link, &argv), err;

	if (fd < 0)
		return 1;
	err = bpf_link_detach(fd);
	return err ? complain("link detach: %s", strerror(-err)) : 0;
}

static int do_objects(const struct kind *kind, char **argv)
{
	bool show = argv[0] && !strcmp(argv[0], "show");

	if (!argv[0] || !strcmp(argv[0], "list") || (show && !argv[1]))
		return list(kind);
	if (show)
		return show_one(kind, argv + 1);
	if (!strcmp(argv[0], "pin"))
		return pin(kind, argv + 1);
	if (kind == &kind_map)
		return do_map(argv);
	if (kind == &kind_prog)
		return do_prog(argv);
	if (!strcmp(argv[0], "detach"))
		return detach(argv + 1);
	return complain("link %s: there are list, show, pin, detach", argv[0]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *word;
		const struct kind *kind;
	} objects[] = {{"prog", &kind_prog}, {"map", &kind_map}, {"link", &kind_link}};

	argv++;
	if (argc > 1 && !strcmp(*argv, "-j")) {
		json = true;
		argv++;
	}
	if (!*argv)
		return usage();
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (!strcmp(*argv, objects[i].word))
			return do_objects(objects[i].kind, argv + 1);
	if (!strcmp(*argv, "btf"))
		return do_btf(argv + 1);
	if (!strcmp(*argv, "feature"))
		return do_feature();
	if (!strcmp(*argv, "unpin"))
		return unpin(argv[1]);
	return usage();
}
