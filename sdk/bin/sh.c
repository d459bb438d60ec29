/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shell: runs programs by name.
 *
 *	name arg 'an arg' "another"    run a program, wait for it
 *	a; b                           one after the other
 *	a &                            run in the background; `wait` collects
 *	a | b | c                      output of one is the input of the next; the code is the last one's
 *	a <file >file                  input and output are files
 *	$?  $!                         exit code of the last command, process of the last in the background
 *	exit [N], wait, history, help
 *
 * `sh -c 'a; b'` runs its argument and ends with 0 if every command did, else
 * with the code of the first that did not. A code other than 0 is always shown
 * as "sh: NAME: exited with code N"; a name that is nowhere gives 127, a file
 * that is no program 126. Ctrl-C interrupts `wait`, or what runs in the foreground, which is
 * a job of its own; Tab completes names.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <lineedit.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_ARGS 30
#define MAX_BACKGROUND 32
#define MAX_PIPELINE 8
#define LINE_SIZE 2048 /* of `sh -c`, too */
#define MAX_COMPLETIONS 512
#define NAME_SIZE 64
#define NOT_EXECUTABLE 126
#define NOT_FOUND 127
#define INTERRUPTED 130

static struct lineedit editor;
static bool interactive;
static int last_code;		       /* $? */
static int last_background;	       /* $! */
static int first_failure;	       /* of this shell's life, for sh -c */
static int background[MAX_BACKGROUND]; /* children not waited for yet */
static unsigned int nr_background;

/* One command of a line: words are NUL-terminated inside buf. */
struct command {
	int argc;
	char *argv[MAX_ARGS + 1];
	const char *in, *out; /* files, or NULL */
	bool piped;	      /* its output goes to the next command */
	bool background;
	char buf[LINE_SIZE];
	size_t used;
};

#define SPECIAL ";&|<>"

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

static char names[MAX_COMPLETIONS][NAME_SIZE];
static unsigned int nr_names;

static void add_names(const char *dir, const char *prefix)
{
	static uint64_t buf[512];
	int fd = open(dir, O_RDONLY), n;

	while (fd >= 0 && (n = getdents(fd, (struct dirent *)buf, sizeof(buf))) > 0) {
		const struct dirent *d;

		for (int at = 0; at < n && nr_names < MAX_COMPLETIONS; at += d->d_reclen) {
			d = (const struct dirent *)((const char *)buf + at);
			snprintf(names[nr_names++], NAME_SIZE, "%s%s", prefix, d->d_name);
		}
	}
	if (fd >= 0)
		close(fd);
}

/* For completion: all files, read anew for each Tab, and what the shell does itself. */
static const char *name_at(void *ctx, unsigned int i)
{
	static const char *const builtins[] = {"exit", "help", "history", "wait"};

	(void)ctx;
	if (i == 0) {
		nr_names = 0;
		for (size_t b = 0; b < sizeof(builtins) / sizeof(builtins[0]); b++)
			strcpy(names[nr_names++], builtins[b]);
		add_names(".", "");
		add_names("proc", "proc/");
	}
	return i < nr_names ? names[i] : NULL;
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

static int add_number(struct command *cmd, int n)
{
	char number[12];

	snprintf(number, sizeof(number), "%d", n);
	for (char *p = number; *p; p++)
		if (add_char(cmd, *p))
			return -1;
	return 0;
}

/* One word at *p, into buf: quotes, backslash, $?. The word, or NULL. */
static const char *parse_word(struct command *cmd, const char **p)
{
	const char *s = *p, *word = cmd->buf + cmd->used;
	char quote = 0;

	for (; *s && (quote || (!isspace(*s) && !strchr(SPECIAL, *s))); s++) {
		int err = 0;

		if (quote && *s == quote)
			quote = 0;
		else if (!quote && (*s == '\'' || *s == '"'))
			quote = *s;
		else if (quote != '\'' && *s == '\\' && s[1])
			err = add_char(cmd, *++s);
		else if (quote != '\'' && s[0] == '$' && (s[1] == '?' || s[1] == '!'))
			err = add_number(cmd, *++s == '?' ? last_code : last_background);
		else
			err = add_char(cmd, *s);
		if (err)
			return NULL;
	}
	if (quote) {
		syntax_error("missing closing quote");
		return NULL;
	}
	*p = s;
	return add_char(cmd, 0) ? NULL : word;
}

static int parse_argument(struct command *cmd, const char **p)
{
	if (cmd->argc == MAX_ARGS)
		return syntax_error("too many arguments");
	cmd->argv[cmd->argc] = (char *)parse_word(cmd, p);
	return cmd->argv[cmd->argc++] ? 0 : -1;
}

/* `<file` or `>file` at *p */
static int parse_redirection(struct command *cmd, const char **p)
{
	const char **to = **p == '<' ? &cmd->in : &cmd->out;

	do
		(*p)++;
	while (isspace(**p));
	if (!**p || strchr(SPECIAL "#", **p))
		return syntax_error("a file's name must follow < or > (>> is not supported)");
	if (*to)
		return syntax_error("two files for one input or output");
	*to = parse_word(cmd, p);
	return *to ? 0 : -1;
}

/* The next command at *p, moved behind it. 0 or -1. */
static int parse_command(struct command *cmd, const char **p)
{
	const char *s = *p;
	int err = 0;

	memset(cmd, 0, offsetof(struct command, buf));
	cmd->used = 0;
	while (!err) {
		while (isspace(*s))
			s++;
		if (*s == '#')
			s += strlen(s);
		if (!*s || strchr(";&|", *s))
			break;
		err = strchr("<>", *s) ? parse_redirection(cmd, &s) : parse_argument(cmd, &s);
	}
	if (err)
		return -1;
	cmd->argv[cmd->argc] = NULL;
	cmd->background = *s == '&';
	cmd->piped = *s == '|';
	*p = *s ? s + 1 : s;
	if (!cmd->argc && (cmd->in || cmd->out))
		return syntax_error("no command for < or >");
	if (cmd->background && !cmd->argc)
		return syntax_error("nothing before &");
	if (cmd->piped && !cmd->argc)
		return syntax_error("nothing before |");
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

static volatile bool stopped; /* a Ctrl-C has come, in waitpid() or before it */

static void stop_waiting(int signal)
{
	stopped = signal;
}

/* The shell itself in the foreground, so that Ctrl-C ends its waiting, or nobody. */
static void in_foreground(bool shell)
{
	if (!interactive)
		return;
	signal(SIGINT, shell ? stop_waiting : SIG_DFL);
	setpgid(0, 0);
	tcsetpgrp(STDIN_FILENO, shell ? getpid() : 0);
}

static void wait_background(void)
{
	unsigned int left = 0;
	bool interrupted = false;

	last_code = 0;
	stopped = false;
	in_foreground(true);
	for (unsigned int i = 0; i < nr_background; i++) {
		char name[24];
		int code;

		if (!interrupted && !stopped && waitpid(background[i], &code) == background[i]) {
			snprintf(name, sizeof(name), "[%d]", background[i]);
			report(name, code);
		} else if (interrupted || stopped || errno == EINTR) {
			interrupted = true;
			background[left++] = background[i];
		}
	}
	in_foreground(false);
	nr_background = left;
	if (interrupted)
		last_code = INTERRUPTED, puts("^C");
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
	     "  a | b     output into the next one   a >f <f   output, input: files\n"
	     "  $?  $!    last code, last process    wait      for all in the background\n"
	     "  history   lines typed so far         exit [N]  leave the shell\n"
	     "  poweroff  stop the machine\n"
	     "Keys: arrows, Home, End, Delete, ^A ^E ^K ^U ^W, Tab; ^C ends what runs, or gives a line up.");
	last_code = 0;
}

/* What the shell does itself; false: it is something else. */
static bool run_builtin(struct command *cmd)
{
	const char *name = cmd->argv[0];

	if (!strcmp(name, "exit")) {
		wait_background();
		exit(cmd->argc > 1 ? atoi(cmd->argv[1]) : 0);
	}
	if (!strcmp(name, "wait"))
		wait_background();
	else if (!strcmp(name, "history"))
		show_history();
	else if (!strcmp(name, "help"))
		show_help();
	else
		return false;
	return true;
}

/* Descriptor `from` becomes `to`. */
static void move_fd(int from, int to)
{
	if (from == to)
		return;
	if (dup2(from, to) < 0) {
		perror("sh: dup");
		_exit(1);
	}
	close(from);
}

static void redirect(const char *path, int flags, int to)
{
	int fd = path ? open(path, flags) : to;

	if (fd < 0) {
		fprintf(stderr, "sh: %s: cannot be opened\n", path);
		_exit(1);
	}
	move_fd(fd, to);
}

/*
 * A child that runs the command, its input and output already open; `unused`: a
 * descriptor that it must not keep; `job`: the one it joins, 0 for one of its own,
 * which it brings to the foreground unless it is to run in the background.
 */
static int start(struct command *cmd, int in, int out, int unused, int job, bool foreground)
{
	int pid = fork();

	if (interactive && pid >= 0)
		setpgid(pid, job); /* in both of them, whoever comes first */
	if (pid)
		return pid;
	/* Here and not in the shell, which may come too late: what runs may ask for Ctrl-C, or for the foreground. */
	if (interactive && !job && foreground)
		tcsetpgrp(STDIN_FILENO, getpid());
	if (unused >= 0)
		close(unused);
	move_fd(in, STDIN_FILENO);
	move_fd(out, STDOUT_FILENO);
	redirect(cmd->in, O_RDONLY, STDIN_FILENO);
	redirect(cmd->out, O_WRONLY | O_CREATE | O_TRUNC, STDOUT_FILENO);
	if (run_builtin(cmd))
		exit(last_code);
	become(cmd->argv);
}

/* Start all of a pipeline. How many were started. */
static unsigned int start_all(struct command *cmds, unsigned int nr, int *pids)
{
	int in = STDIN_FILENO;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		uint64_t ends[2] = {0, STDOUT_FILENO};
		bool piped = i + 1 < nr;

		if (piped && pipe(ends)) {
			perror("sh: pipe");
			break;
		}
		pids[i] = start(&cmds[i], in, (int)ends[1], piped ? (int)ends[0] : -1, i ? pids[0] : 0,
				!cmds[nr - 1].background);
		if (in != STDIN_FILENO)
			close(in);
		if (piped)
			close((int)ends[1]);
		in = (int)ends[0];
		if (pids[i] < 0) {
			perror("sh: fork");
			break;
		}
	}
	if (in != STDIN_FILENO)
		close(in);
	return i;
}

static void run_pipeline(struct command *cmds, unsigned int nr)
{
	const struct command *last = &cmds[nr - 1];
	int pids[MAX_PIPELINE], code = 0;
	unsigned int started;

	if (last->background && nr_background + nr > MAX_BACKGROUND) {
		syntax_error("too much in the background: wait");
		report(last->argv[0], 1);
		return;
	}
	started = start_all(cmds, nr, pids);
	for (unsigned int i = 0; i < started; i++) {
		if (last->background)
			background[nr_background++] = pids[i];
		else if (waitpid(pids[i], &code) != pids[i])
			code = 1;
	}
	if (interactive)
		tcsetpgrp(STDIN_FILENO, 0);
	if (started != nr)
		report(last->argv[0], 1);
	else if (code == INTERRUPTED && interactive)
		last_code = code, puts("^C");
	else if (last->background)
		last_code = 0, last_background = pids[nr - 1], printf("[%d]\n", last_background);
	else
		report(last->argv[0], code);
}

/* The next pipeline at *p, moved behind it. Number of commands (0: an empty one), or -1. */
static int parse_pipeline(struct command *cmds, const char **p)
{
	unsigned int nr = 0;

	do {
		if (nr == MAX_PIPELINE)
			return syntax_error("too many commands in one pipeline");
		if (parse_command(&cmds[nr], p))
			return -1;
	} while (cmds[nr++].piped);
	if (!cmds[nr - 1].argc)
		return nr > 1 ? syntax_error("nothing behind |") : 0;
	return (int)nr;
}

static void run_line(const char *line)
{
	static struct command cmds[MAX_PIPELINE];

	while (*line) {
		int nr = parse_pipeline(cmds, &line);
		struct command *only = nr == 1 ? &cmds[0] : NULL;

		if (nr < 0) {
			report("syntax", 2);
			return;
		}
		if (!nr || (only && !only->in && !only->out && !only->background && run_builtin(only)))
			continue;
		run_pipeline(cmds, (unsigned int)nr);
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
	editor.name = name_at;
	interactive = true;
	tcsetpgrp(STDIN_FILENO, 0); /* perhaps another shell's job until now */
	while (lineedit_read(&editor, "mbpf$ ", line) >= 0)
		run_line(line);
	putchar('\n');
	wait_background();
	return 0;
}
