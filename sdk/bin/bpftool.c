/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpftool: programs, maps and links of the whole machine, after the tool of
 * that name.
 *
 *	bpftool [-j] prog|map|link [list]
 *	bpftool [-j] prog|map|link show id N
 *	bpftool [-j] map dump id N
 *	bpftool [-j] map lookup|delete id N key [hex] BYTES
 *	bpftool map update id N key [hex] BYTES value [hex] BYTES
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
	fprintf(stderr, "usage: bpftool [-j] prog|map|link [list | show id N]\n"
			"       bpftool [-j] map dump id N\n"
			"       bpftool [-j] map lookup|delete id N key [hex] BYTES\n"
			"       bpftool map update id N key [hex] BYTES value [hex] BYTES\n"
			"       bpftool [-j] feature\n");
	return 2;
}

static int show_one(const struct kind *kind, char **argv)
{
	int fd = fd_of_id(kind, &argv);

	if (fd < 0)
		return 1;
	if (kind->show(fd, true))
		return complain("BPF_OBJ_GET_INFO_BY_FD: %s", strerror(errno));
	if (json)
		putchar('\n');
	return 0;
}

static int do_objects(const struct kind *kind, char **argv)
{
	bool show = argv[0] && !strcmp(argv[0], "show");

	if (!argv[0] || !strcmp(argv[0], "list") || (show && !argv[1]))
		return list(kind);
	if (show)
		return show_one(kind, argv + 1);
	if (kind == &kind_map)
		return do_map(argv);
	if (kind == &kind_prog && !strcmp(argv[0], "dump"))
		return complain("prog dump: this firmware hands out no instructions");
	return complain("%s: not known, there are list and show", argv[0]);
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
	if (!strcmp(*argv, "feature"))
		return do_feature();
	return usage();
}
