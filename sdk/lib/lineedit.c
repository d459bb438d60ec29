/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line editor. The screen is kept right by small steps: after a change the
 * rest of the line is written again, cleared behind, and the cursor put back.
 */
#include "../include/lineedit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CTRL(c) ((c)&0x1f)
#define ESC 0x1b
#define DEL 0x7f

/* Keys that come as escape sequences */
enum {
	KEY_NONE = 0x100,
	KEY_UP,
	KEY_DOWN,
	KEY_RIGHT,
	KEY_LEFT,
	KEY_HOME,
	KEY_END,
	KEY_DELETE,
};

struct edit {
	struct lineedit *ed;
	const char *prompt;
	char *line;
	size_t len, at;	    /* at: cursor, 0..len */
	unsigned int shown; /* history entry in the line; nr_history: the new line */
};

static void put(struct edit *e, const char *s, size_t n)
{
	if (n)
		e->ed->put(e->ed->ctx, s, n);
}

static void cursor_left(struct edit *e, size_t n)
{
	char seq[24];

	if (n)
		put(e, seq, (size_t)snprintf(seq, sizeof(seq), "\033[%zuD", n));
}

/* What is right of the cursor has changed: write it, clear the rest, come back. */
static void redraw_tail(struct edit *e)
{
	put(e, e->line + e->at, e->len - e->at);
	put(e, "\033[K", 3);
	cursor_left(e, e->len - e->at);
}

static void move_to(struct edit *e, size_t at)
{
	if (at < e->at)
		cursor_left(e, e->at - at);
	else
		put(e, e->line + e->at, at - e->at);
	e->at = at;
}

static void insert(struct edit *e, char c)
{
	if (e->len >= LINEEDIT_SIZE - 1) {
		put(e, "\a", 1);
		return;
	}
	memmove(e->line + e->at + 1, e->line + e->at, e->len - e->at);
	e->line[e->at++] = c;
	e->len++;
	put(e, &c, 1);
	if (e->at < e->len)
		redraw_tail(e);
}

/* Remove [from, to), which touches the cursor. */
static void remove_range(struct edit *e, size_t from, size_t to)
{
	if (from == to)
		return;
	move_to(e, from);
	memmove(e->line + from, e->line + to, e->len - to);
	e->len -= to - from;
	redraw_tail(e);
}

static size_t word_start(const struct edit *e)
{
	size_t at = e->at;

	while (at && e->line[at - 1] == ' ')
		at--;
	while (at && e->line[at - 1] != ' ')
		at--;
	return at;
}

static void show_history(struct edit *e, unsigned int entry)
{
	unsigned int nr = e->ed->nr_history, oldest = nr > LINEEDIT_HISTORY ? nr - LINEEDIT_HISTORY : 0;

	if (entry < oldest || entry > nr)
		return;
	move_to(e, 0);
	e->shown = entry;
	if (entry == nr)
		e->line[0] = 0;
	else
		strcpy(e->line, e->ed->history[entry % LINEEDIT_HISTORY]);
	e->len = strlen(e->line);
	put(e, e->line, e->len);
	put(e, "\033[K", 3);
	e->at = e->len;
}

static void remember(struct lineedit *ed, const char *line)
{
	if (!line[0])
		return;
	if (ed->nr_history && !strcmp(ed->history[(ed->nr_history - 1) % LINEEDIT_HISTORY], line))
		return;
	strcpy(ed->history[ed->nr_history++ % LINEEDIT_HISTORY], line);
}

/* What the names that begin with the n bytes at `word` have in common, into `common`. How many there are. */
static unsigned int common_start(const struct lineedit *ed, const char *word, size_t n, char common[LINEEDIT_SIZE])
{
	unsigned int found = 0;
	const char *name;
	size_t same;

	for (unsigned int i = 0; (name = ed->name(ed->ctx, i)) != NULL; i++) {
		if (strncmp(name, word, n) || strlen(name) >= LINEEDIT_SIZE)
			continue;
		if (!found++)
			strcpy(common, name);
		for (same = 0; name[same] && name[same] == common[same]; same++)
			;
		common[same] = 0;
	}
	return found;
}

static void list_names(struct edit *e, const char *word, size_t n)
{
	const struct lineedit *ed = e->ed;
	const char *name;

	for (unsigned int i = 0; (name = ed->name(ed->ctx, i)) != NULL; i++) {
		if (strncmp(name, word, n))
			continue;
		put(e, name, strlen(name));
		put(e, "  ", 2);
	}
}

/* Tab: what is certain of the word before the cursor; with nothing certain the names that it can become. */
static void complete(struct edit *e)
{
	char common[LINEEDIT_SIZE];
	size_t start = e->at, n;
	unsigned int found;

	while (start && !strchr(" ;|&<>", e->line[start - 1]))
		start--;
	n = e->at - start;
	found = e->ed->name ? common_start(e->ed, e->line + start, n, common) : 0;
	if (!found) {
		put(e, "\a", 1);
		return;
	}
	if (found > 1 && !common[n]) {
		put(e, "\n", 1);
		list_names(e, e->line + start, n);
		put(e, "\n", 1);
		put(e, e->prompt, strlen(e->prompt));
		put(e, e->line, e->at);
		redraw_tail(e);
	}
	for (size_t i = n; common[i]; i++)
		insert(e, common[i]);
	if (found == 1)
		insert(e, ' ');
}

static int next(struct edit *e)
{
	return e->ed->get(e->ed->ctx);
}

/* ECMA-48 sec. 5.4: after ESC, "[" parameters final, or "O" final. */
static int read_escape(struct edit *e)
{
	int c = next(e), number = 0;

	if (c != '[' && c != 'O')
		return c < 0 ? c : KEY_NONE;
	while ((c = next(e)) >= '0' && c <= '?')
		if (c <= '9' && number < 100)
			number = number * 10 + (c - '0');
	switch (c) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	case '~':
		return number == 1 || number == 7   ? KEY_HOME
		       : number == 4 || number == 8 ? KEY_END
		       : number == 3		    ? KEY_DELETE
						    : KEY_NONE;
	default:
		return c < 0 ? c : KEY_NONE;
	}
}

/* Keys that change the line or the cursor. */
static void edit_key(struct edit *e, int key)
{
	switch (key) {
	case CTRL('A'):
	case KEY_HOME:
		move_to(e, 0);
		break;
	case CTRL('E'):
	case KEY_END:
		move_to(e, e->len);
		break;
	case CTRL('B'):
	case KEY_LEFT:
		move_to(e, e->at ? e->at - 1 : 0);
		break;
	case CTRL('F'):
	case KEY_RIGHT:
		move_to(e, e->at < e->len ? e->at + 1 : e->len);
		break;
	case CTRL('H'):
	case DEL:
		remove_range(e, e->at ? e->at - 1 : 0, e->at);
		break;
	case CTRL('D'):
	case KEY_DELETE:
		remove_range(e, e->at, e->at < e->len ? e->at + 1 : e->at);
		break;
	case CTRL('K'):
		remove_range(e, e->at, e->len);
		break;
	case CTRL('U'):
		remove_range(e, 0, e->at);
		break;
	case CTRL('W'):
		remove_range(e, word_start(e), e->at);
		break;
	case CTRL('P'):
	case KEY_UP:
		show_history(e, e->shown - 1);
		break;
	case CTRL('N'):
	case KEY_DOWN:
		show_history(e, e->shown + 1);
		break;
	case '\t':
		complete(e);
		break;
	default:
		if (key >= ' ' && key < KEY_NONE)
			insert(e, (char)key);
		break;
	}
}

int lineedit_read(struct lineedit *ed, const char *prompt, char *line)
{
	struct edit e = {.ed = ed, .prompt = prompt, .line = line, .shown = ed->nr_history};
	int key;

	put(&e, prompt, strlen(prompt));
	for (;;) {
		key = next(&e);
		if (key == ESC)
			key = read_escape(&e);
		if (key < 0 || (key == CTRL('D') && !e.len))
			return -1;
		if (key == CTRL('C')) {
			put(&e, "^C\n", 3);
			line[0] = 0;
			return 0;
		}
		if (key == '\n' || key == '\r')
			break;
		edit_key(&e, key);
	}
	put(&e, "\n", 1);
	line[e.len] = 0;
	remember(ed, line);
	return (int)e.len;
}
