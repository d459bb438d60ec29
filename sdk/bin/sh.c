/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shell: runs programs by name.
 *
 *	name arg 'an arg' "another"    run a program, wait for it
 *	a; b                           one after the other
 *	a &                            run in the background; `wait` collects
 *	$?                             exit code of the last command
 *	exit [N], wait, history, help
 *
 * `sh -c 'a; b'` runs its argument and ends with 0 if every command did, else
 * with the code of the first that did not. A code other than 0 is always shown
 * as "sh: NAME: exited with code N"; a name that is nowhere gives
 * 127, a file that is no program 126.
 */
#include <ctype.h>
#include <lineedit.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ARGS 30
#define MAX_BACKGROUND 32
#define LINE_SIZE 2048 /* of `sh -c`, too */
#define NOT_EXECUTABLE 126
#define NOT_FOUND 127

static struct lineedit editor;
static int last_code;		       /* $? */
static int first_failure;	       /* of this shell's life, for sh -c */
static int background[MAX_BACKGROUND]; /* children not waited for yet */
static unsigned int nr_background;

/* One command of a line: words are NUL-terminated inside buf. */
struct command {
	int argc;
	char *argv[MAX_ARGS + 1];
	bool background;
	char buf[LINE_SIZE];
	size_t used;
};

static int get_byte(void *ctx)
{
	unsigned char c;

	(void)ctx;
	return read(STDIN_FILENO, &c, 1) == 1 ? c : -1;
}

static void put_bytes(void *ctx, const char *s, size_t n)
{
	(void)ctx;
	fwrite(s, 1, n, stdout);
	fflush(stdout);
}

static int syntax_error(const char *what)
{
	fprintf(stderr, "sh: %s\n", what);
	return -1;
}

static int add_char(struct command *cmd, char c)
{
	if (cmd->used >= sizeof(cmd->buf) - 1)
		return syntax_error("line too long");
	cmd->buf[cmd->used++] = c;
	return 0;
}

static int add_code(struct command *cmd)
{
	char number[12];

	snprintf(number, sizeof(number), "%d", last_code);
	for (char *p = number; *p; p++)
		if (add_char(cmd, *p))
			return -1;
	return 0;
}

/* One word at *p: quotes, backslash, $?. 0 or -1. */
static int parse_word(struct command *cmd, const char **p)
{
	char quote = 0;
	const char *s = *p;

	if (cmd->argc == MAX_ARGS)
		return syntax_error("too many arguments");
	cmd->argv[cmd->argc++] = cmd->buf + cmd->used;
	for (; *s && (quote || (!isspace(*s) && !strchr(";&", *s))); s++) {
		int err = 0;

		if (quote && *s == quote)
			quote = 0;
		else if (!quote && (*s == '\'' || *s == '"'))
			quote = *s;
		else if (quote != '\'' && *s == '\\' && s[1])
			err = add_char(cmd, *++s);
		else if (quote != '\'' && s[0] == '$' && s[1] == '?')
			err = add_code(cmd), s++;
		else
			err = add_char(cmd, *s);
		if (err)
			return -1;
	}
	if (quote)
		return syntax_error("missing closing quote");
	*p = s;
	return add_char(cmd, 0);
}

/* The next command at *p, moved behind it. 0 or -1. */
static int parse_command(struct command *cmd, const char **p)
{
	const char *s = *p;

	cmd->argc = 0;
	cmd->used = 0;
	cmd->background = false;
	for (;;) {
		while (isspace(*s))
			s++;
		if (*s == '#')
			s += strlen(s);
		if (!*s || *s == ';' || *s == '&')
			break;
		if (parse_word(cmd, &s))
			return -1;
	}
	cmd->argv[cmd->argc] = NULL;
	cmd->background = *s == '&';
	*p = *s ? s + 1 : s;
	if (*s == '&' && !cmd->argc)
		return syntax_error("nothing before &");
	return 0;
}

static void report(const char *name, int code)
{
	last_code = code;
	if (!code)
		return;
	if (!first_failure)
		first_failure = code;
	printf("sh: %s: exited with code %d\n", name, code);
}

/* In the child: become the program. The uCore ABI does not say why exec fails, so look whether the file is there. */
static _Noreturn void become(char **argv)
{
	int fd;

	exec(argv[0], argv);
	fd = open(argv[0], O_RDONLY);
	if (fd < 0) {
		fprintf(stderr, "sh: %s: not found (try `ls` or `help`)\n", argv[0]);
		_exit(NOT_FOUND);
	}
	fprintf(stderr, "sh: %s: cannot be run (is it a program?)\n", argv[0]);
	_exit(NOT_EXECUTABLE);
}

static void run_program(struct command *cmd)
{
	int code = 0, pid;

	if (cmd->background && nr_background == MAX_BACKGROUND) {
		syntax_error("too much in the background: wait");
		report(cmd->argv[0], 1);
		return;
	}
	pid = fork();
	if (pid == 0)
		become(cmd->argv);
	if (pid < 0) {
		perror("sh: fork");
		report(cmd->argv[0], 1);
	} else if (cmd->background) {
		background[nr_background++] = pid;
		printf("[%d]\n", pid);
		last_code = 0;
	} else if (waitpid(pid, &code) != pid) {
		perror("sh: waitpid");
		report(cmd->argv[0], 1);
	} else {
		report(cmd->argv[0], code);
	}
}

static void wait_background(void)
{
	last_code = 0;
	for (unsigned int i = 0; i < nr_background; i++) {
		char name[24];
		int code;

		if (waitpid(background[i], &code) != background[i])
			continue;
		snprintf(name, sizeof(name), "[%d]", background[i]);
		report(name, code);
	}
	nr_background = 0;
}

static void show_history(void)
{
	unsigned int nr = editor.nr_history;

	for (unsigned int i = nr > LINEEDIT_HISTORY ? nr - LINEEDIT_HISTORY : 0; i < nr; i++)
		printf("%5u  %s\n", i + 1, editor.history[i % LINEEDIT_HISTORY]);
	last_code = 0;
}

static void show_help(void)
{
	puts("Type the name of a program and its arguments; `ls` lists what there is.\n"
	     "  a; b      one after the other        a &       in the background\n"
	     "  $?        code of the last command   wait      for all in the background\n"
	     "  history   lines typed so far         exit [N]  leave the shell\n"
	     "  poweroff  stop the machine\n"
	     "Keys: arrows, Home, End, Delete, ^A ^E ^K ^U ^W, ^C gives a line up.");
	last_code = 0;
}

static void run_command(struct command *cmd)
{
	if (!strcmp(cmd->argv[0], "exit")) {
		wait_background();
		exit(cmd->argc > 1 ? atoi(cmd->argv[1]) : 0);
	}
	if (!strcmp(cmd->argv[0], "wait"))
		wait_background();
	else if (!strcmp(cmd->argv[0], "history"))
		show_history();
	else if (!strcmp(cmd->argv[0], "help"))
		show_help();
	else
		run_program(cmd);
}

static void run_line(const char *line)
{
	static struct command cmd;

	while (*line) {
		if (parse_command(&cmd, &line)) {
			report("syntax", 2);
			return;
		}
		if (cmd.argc)
			run_command(&cmd);
	}
}

int main(int argc, char **argv)
{
	char line[LINEEDIT_SIZE];

	if (argc >= 3 && !strcmp(argv[1], "-c")) {
		run_line(argv[2]);
		wait_background();
		return first_failure;
	}
	if (argc > 1) {
		fprintf(stderr, "usage: sh [-c 'command; command']\n");
		return 2;
	}
	editor.get = get_byte;
	editor.put = put_bytes;
	while (lineedit_read(&editor, "mbpf$ ", line) >= 0)
		run_line(line);
	putchar('\n');
	wait_background();
	return 0;
}
