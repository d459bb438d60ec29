/* SPDX-License-Identifier: BSD-2-Clause */
/* argp: see <argp.h>. Options may stand before, between and behind arguments; behind "--" there are none. */
#include "../include/argp.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define EX_USAGE 64
#define DOC_COLUMN 29

const char *argp_program_version __attribute__((weak));
const char *argp_program_bug_address __attribute__((weak));

static const struct argp_option std_options[] = {
	{"help", '?', NULL, 0, "Give this help list", 0},
	{"usage", -3, NULL, 0, "Give a short usage message", 0},
	{"version", 'V', NULL, 0, "Print program version", 0},
	{0},
};

static bool is_end(const struct argp_option *o)
{
	return !o->name && !o->key && !o->doc;
}

static bool has_letter(const struct argp_option *o)
{
	return o->key > ' ' && o->key <= '~';
}

/* The doc's part before its \v, or the one behind it */
static void put_doc(const char *doc, bool behind, FILE *f)
{
	const char *v = doc ? strchr(doc, '\v') : NULL;

	if (doc && !behind)
		fprintf(f, "%.*s\n", (int)(v ? v - doc : (long)strlen(doc)), doc);
	else if (v)
		fprintf(f, "\n%s\n", v + 1);
}

static void put_option(const struct argp_option *o, FILE *f)
{
	char left[80];
	int n;

	if (o->flags & OPTION_HIDDEN)
		return;
	if (!o->name && !o->key) {
		fprintf(f, "\n %s\n", o->doc);
		return;
	}
	if (has_letter(o))
		n = snprintf(left, sizeof(left), "  -%c%s", o->key, o->name ? ", " : "");
	else
		n = snprintf(left, sizeof(left), "      ");
	if (o->name && n < (int)sizeof(left))
		n += snprintf(left + n, sizeof(left) - (size_t)n, "--%s", o->name);
	if (o->arg && n < (int)sizeof(left))
		snprintf(left + n, sizeof(left) - (size_t)n, o->flags & OPTION_ARG_OPTIONAL ? "[=%s]" : "=%s", o->arg);
	fprintf(f, "%-*s%s%s\n", DOC_COLUMN - 1, left,
		strlen(left) >= DOC_COLUMN - 1 ? "\n                            " : "", o->doc ? o->doc : "");
}

static const char *args_doc(const struct argp_state *state)
{
	return state->root_argp->args_doc ? state->root_argp->args_doc : "";
}

static void put_usage(const struct argp_state *state, FILE *f)
{
	fprintf(f, "Usage: %s [OPTION...]%s%s\n", state->name, *args_doc(state) ? " " : "", args_doc(state));
}

static void put_help(const struct argp_state *state, FILE *f)
{
	put_usage(state, f);
	put_doc(state->root_argp->doc, false, f);
	for (const struct argp_option *o = state->root_argp->options; o && !is_end(o); o++)
		put_option(o, f);
	if (!(state->flags & ARGP_NO_HELP)) {
		fputc('\n', f);
		for (const struct argp_option *o = std_options; !is_end(o); o++)
			put_option(o, f);
	}
	put_doc(state->root_argp->doc, true, f);
	if (argp_program_bug_address)
		fprintf(f, "\nReport bugs to %s.\n", argp_program_bug_address);
}

void argp_state_help(const struct argp_state *state, FILE *f, unsigned int flags)
{
	if (flags & ARGP_HELP_USAGE)
		put_usage(state, f);
	if (flags & ARGP_HELP_LONG)
		put_help(state, f);
	if (flags & ARGP_HELP_SEE)
		fprintf(f, "Try `%s --help' or `%s --usage' for more information.\n", state->name, state->name);
	if (state->flags & ARGP_NO_EXIT)
		return;
	if (flags & ARGP_HELP_EXIT_ERR)
		exit(EX_USAGE);
	if (flags & ARGP_HELP_EXIT_OK)
		exit(0);
}

void argp_usage(const struct argp_state *state)
{
	argp_state_help(state, stderr, ARGP_HELP_STD_USAGE);
}

static void say(const struct argp_state *state, const char *fmt, va_list ap)
{
	fprintf(stderr, "%s: ", state->name);
	vfprintf(stderr, fmt, ap);
}

void argp_error(const struct argp_state *state, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(state, fmt, ap);
	va_end(ap);
	fputs("\n", stderr);
	argp_state_help(state, stderr, ARGP_HELP_STD_ERR);
}

void argp_failure(const struct argp_state *state, int status, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(state, fmt, ap);
	va_end(ap);
	fprintf(stderr, errnum ? ": %s\n" : "\n", strerror(errnum));
	if (status && !(state->flags & ARGP_NO_EXIT))
		exit(status);
}

/* By letter, or by name of len bytes; aliases share the key of the option before them. */
static const struct argp_option *find_in(const struct argp_option *list, int letter, const char *name, size_t len,
					 int *key)
{
	for (const struct argp_option *o = list; o && !is_end(o); o++) {
		if (!(o->flags & OPTION_ALIAS))
			*key = o->key;
		if (letter ? (has_letter(o) && o->key == letter)
			   : (o->name && strlen(o->name) == len && !memcmp(o->name, name, len)))
			return o;
	}
	return NULL;
}

static error_t std_option(struct argp_state *state, int key)
{
	if (key == '?')
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
	else if (key == 'V')
		printf("%s\n", argp_program_version ? argp_program_version : "(version not known)");
	else
		argp_state_help(state, stdout, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
	if (key == 'V' && !(state->flags & ARGP_NO_EXIT))
		exit(0);
	return 0;
}

/* An option; `value` is what stands with it, or NULL. *took: the next argument is its value. */
static error_t option(struct argp_state *state, int letter, const char *name, size_t len, char *value, bool *took)
{
	int key = 0;
	const struct argp_option *o = find_in(state->root_argp->options, letter, name, len, &key);
	error_t err;

	*took = false;
	if (!o && !(state->flags & ARGP_NO_HELP) && find_in(std_options, letter, name, len, &key))
		return std_option(state, key);
	if (!o && letter)
		argp_error(state, "invalid option -- '%c'", letter);
	else if (!o)
		argp_error(state, "unrecognized option '--%.*s'", (int)len, name);
	if (!o)
		return EINVAL;
	if (!o->arg && value && !letter) {
		argp_error(state, "option '--%s' doesn't allow an argument", o->name);
		return EINVAL;
	}
	if (o->arg && !value && !(o->flags & OPTION_ARG_OPTIONAL)) {
		value = state->next < state->argc ? state->argv[state->next] : NULL;
		*took = value != NULL;
		if (!value) {
			argp_error(state, "option '%s' requires an argument",
				   o->name ? o->name : state->argv[state->next - 1]);
			return EINVAL;
		}
	}
	state->next += *took;
	err = state->root_argp->parser(key, o->arg ? value : NULL, state);
	return err == ARGP_ERR_UNKNOWN ? EINVAL : err;
}

static error_t letters(struct argp_state *state, char *arg)
{
	bool took = false;
	error_t err = 0;

	for (char *p = arg + 1; !err && *p && !took; p++) {
		int key;
		const struct argp_option *o = find_in(state->root_argp->options, *p, "", 0, &key);
		char *rest = o && o->arg && p[1] ? p + 1 : NULL;

		err = option(state, *p, "", 0, rest, &took);
		if (rest)
			break;
	}
	return err;
}

static error_t long_option(struct argp_state *state, char *arg)
{
	char *value = strchr(arg, '=');
	size_t len = value ? (size_t)(value - arg) - 2 : strlen(arg) - 2;
	bool took;

	return option(state, 0, arg + 2, len, value ? value + 1 : NULL, &took);
}

static error_t argument(struct argp_state *state, char *arg)
{
	error_t err = state->root_argp->parser(ARGP_KEY_ARG, arg, state);

	if (err == ARGP_ERR_UNKNOWN || state->flags & ARGP_NO_ARGS) {
		argp_error(state, "Too many arguments");
		return EINVAL;
	}
	state->arg_num++;
	return err;
}

static error_t each(struct argp_state *state)
{
	bool only_args = false;
	error_t err = 0;

	while (!err && state->next < state->argc) {
		char *arg = state->argv[state->next++];

		if (only_args || arg[0] != '-' || !arg[1])
			err = argument(state, arg);
		else if (!strcmp(arg, "--"))
			only_args = true;
		else
			err = arg[1] == '-' ? long_option(state, arg) : letters(state, arg);
	}
	return err;
}

error_t argp_parse(const struct argp *argp, int argc, char **argv, unsigned int flags, int *arg_index, void *input)
{
	struct argp_state state = {.root_argp = argp,
				   .argc = argc,
				   .argv = argv,
				   .next = 1,
				   .flags = flags,
				   .input = input,
				   .name = argc > 0 ? argv[0] : ""};
	error_t err;

	argp->parser(ARGP_KEY_INIT, NULL, &state);
	err = each(&state);
	if (!err && !state.arg_num)
		argp->parser(ARGP_KEY_NO_ARGS, NULL, &state);
	if (!err)
		err = argp->parser(ARGP_KEY_END, NULL, &state);
	if (err == ARGP_ERR_UNKNOWN)
		err = 0;
	argp->parser(err ? ARGP_KEY_ERROR : ARGP_KEY_SUCCESS, NULL, &state);
	if (arg_index)
		*arg_index = state.next;
	return err;
}
