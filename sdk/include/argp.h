/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * argp, the part of GNU's that tracing tools use: options with a letter and a
 * name, arguments in any order, --help, --usage and --version. There are no
 * children, and no translation.
 */
#ifndef _ARGP_H
#define _ARGP_H

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>

typedef int error_t;

struct argp_option {
	const char *name; /* of the long form; NULL and key 0: `doc` is a headline; all zero: the end */
	int key;	  /* the letter; not printable: it has none */
	const char *arg;  /* what its value is called; NULL: it has none */
	int flags;
	const char *doc;
	int group; /* not looked at: options are shown as they are listed */
};

#define OPTION_ARG_OPTIONAL 0x1
#define OPTION_HIDDEN 0x2
#define OPTION_ALIAS 0x4
#define OPTION_DOC 0x8
#define OPTION_NO_USAGE 0x10

struct argp_state;
typedef error_t (*argp_parser_t)(int key, char *arg, struct argp_state *state);

struct argp {
	const struct argp_option *options;
	argp_parser_t parser;
	const char *args_doc; /* "[PID] [interval]" */
	const char *doc;      /* before the options; behind a \v, after them */
};

struct argp_state {
	const struct argp *root_argp;
	int argc;
	char **argv;
	int next; /* index of the argument after this one */
	unsigned int flags;
	unsigned int arg_num; /* of ARGP_KEY_ARG: how many came before it */
	void *input;
	char *name;
};

/* What the parser is called with besides options' keys */
#define ARGP_KEY_ARG 0
#define ARGP_KEY_ARGS 0x1000006
#define ARGP_KEY_END 0x1000001
#define ARGP_KEY_NO_ARGS 0x1000002
#define ARGP_KEY_INIT 0x1000003
#define ARGP_KEY_FINI 0x1000007
#define ARGP_KEY_SUCCESS 0x1000004
#define ARGP_KEY_ERROR 0x1000005

#define ARGP_ERR_UNKNOWN E2BIG /* from the parser: not mine */

#define ARGP_NO_ARGS 0x4
#define ARGP_IN_ORDER 0x8
#define ARGP_NO_HELP 0x10
#define ARGP_NO_EXIT 0x20

#define ARGP_HELP_USAGE 0x1
#define ARGP_HELP_SEE 0x4
#define ARGP_HELP_LONG 0x8
#define ARGP_HELP_EXIT_ERR 0x100
#define ARGP_HELP_EXIT_OK 0x200
#define ARGP_HELP_STD_HELP (ARGP_HELP_LONG | ARGP_HELP_EXIT_OK)
#define ARGP_HELP_STD_USAGE (ARGP_HELP_USAGE | ARGP_HELP_SEE | ARGP_HELP_EXIT_ERR)
#define ARGP_HELP_STD_ERR (ARGP_HELP_SEE | ARGP_HELP_EXIT_ERR)

extern const char *argp_program_version; /* defined by the program, or not */
extern const char *argp_program_bug_address;

/* 0, or what the parser returned; ends the program after an error of usage (64), --help and the like. */
error_t argp_parse(const struct argp *argp, int argc, char **argv, unsigned int flags, int *arg_index, void *input);
void argp_state_help(const struct argp_state *state, FILE *f, unsigned int flags);
void argp_usage(const struct argp_state *state);
void argp_error(const struct argp_state *state, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void argp_failure(const struct argp_state *state, int status, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
