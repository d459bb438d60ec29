/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a line from a raw terminal: echo, editing, history. Keys: left, right,
 * home, end, backspace, delete, ^A ^B ^D ^E ^F ^K ^U ^W, up, down, ^P ^N; ^C
 * gives the line up; Tab completes a name, or shows what there is; both CR and LF
 * are Enter.
 */
#ifndef _LINEEDIT_H
#define _LINEEDIT_H

#include <stddef.h>

#define LINEEDIT_SIZE 256   /* bytes of a line, with its NUL */
#define LINEEDIT_HISTORY 32 /* lines remembered */

struct lineedit {
	int (*get)(void *ctx);				 /* next byte, or negative at the end of the input */
	void (*put)(void *ctx, const char *s, size_t n); /* to the terminal */
	const char *(*name)(void *ctx,
			    unsigned int i); /* the i-th name for completion, NULL behind the last; or NULL */
	void *ctx;

	char history[LINEEDIT_HISTORY][LINEEDIT_SIZE]; /* a ring; entry i is at i % LINEEDIT_HISTORY */
	unsigned int nr_history;		       /* lines ever added */
};

/*
 * One line into `line` (LINEEDIT_SIZE bytes), without the Enter. Its length; 0
 * after ^C; -1 at the end of the input or ^D on an empty line. Non-empty lines
 * that differ from the one before go into the history.
 */
int lineedit_read(struct lineedit *ed, const char *prompt, char *line);

#endif
