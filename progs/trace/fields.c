/* SPDX-License-Identifier: BSD-2-Clause */
/* trace's fields: from "p,arg0:s" to what is recorded, and from a record to a line. */
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trace_helpers.h>

static const struct {
	const char *word, *head;
	enum field_kind kind;
} words[] = {
	{"p", "PID", FIELD_PID},   {"tid", "TID", FIELD_TID}, {"c", "COMM", FIELD_COMM},
	{"t", "TIME", FIELD_TIME}, {"h", "HART", FIELD_HART}, {"f", "FUNC", FIELD_FUNC},
};

static int bad(const char *word, const char *why)
{
	fprintf(stderr, "trace: field '%s': %s\n", word, why);
	return -1;
}

/* "arg0:s" or "ret:d" in word */
static int parse_value(struct fields *fields, struct field *f, const char *word, bool at_return)
{
	const char *colon = strchr(word, ':');

	f->format = colon ? colon[1] : 'd';
	if (colon && (!strchr("duxsk", colon[1]) || !colon[1] || colon[2]))
		return bad(word, "the format is one of d u x s (string of the process) k (string of the kernel)");
	snprintf(f->name, sizeof(f->name), "%.*s", (int)(colon ? colon - word : 15), word);
	if (!strcmp(f->name, "ret"))
		f->kind = FIELD_RET;
	else if (!strncmp(f->name, "arg", 3) && f->name[3] >= '0' && f->name[3] <= '7' && !f->name[4])
		f->kind = FIELD_ARG, f->arg = (unsigned int)(f->name[3] - '0');
	else
		return bad(word, "there are p tid c t h f, arg0 to arg7, ret");
	if (at_return && f->kind == FIELD_ARG)
		return bad(word, "the arguments are gone at the return");
	if (!at_return && f->kind == FIELD_RET)
		return bad(word, "there is no return value at the entry (trace -r)");
	if (strchr("sk", f->format)) {
		if (fields->nr_strings == MAX_STRINGS)
			return bad(word, "at most 2 strings");
		f->string = fields->nr_strings++;
	}
	return 0;
}

static int parse_word(struct fields *fields, const char *word, bool at_return)
{
	struct field *f = &fields->field[fields->nr];

	if (fields->nr == MAX_FIELDS)
		return bad(word, "at most 8 fields");
	fields->nr++;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i].word) != 0)
			continue;
		f->kind = words[i].kind;
		snprintf(f->name, sizeof(f->name), "%s", words[i].head);
		return 0;
	}
	return parse_value(fields, f, word, at_return);
}

int fields_parse(struct fields *fields, const char *text, bool at_return)
{
	memset(fields, 0, sizeof(*fields));
	while (*text) {
		char word[16];
		size_t n = strcspn(text, ",");

		if (n >= sizeof(word))
			return bad(text, "too long");
		memcpy(word, text, n);
		word[n] = 0;
		if (parse_word(fields, word, at_return))
			return -1;
		text += n + (text[n] == ',');
	}
	return fields->nr ? 0 : bad(text, "there is none");
}

static int width(const struct field *f)
{
	switch (f->kind) {
	case FIELD_COMM:
		return 16;
	case FIELD_FUNC:
		return 20;
	case FIELD_TIME:
		return 14;
	case FIELD_ARG:
	case FIELD_RET:
		return f->format == 'x' ? 18 : f->format == 's' || f->format == 'k' ? 24 : 10;
	default:
		return 6;
	}
}

/* The last one of a line is not padded. */
static void put(const struct fields *fields, unsigned int i, const char *text)
{
	if (i + 1 == fields->nr)
		puts(text);
	else
		printf("%-*s ", width(&fields->field[i]), text);
}

void fields_print_head(const struct fields *fields)
{
	for (unsigned int i = 0; i < fields->nr; i++)
		put(fields, i, fields->field[i].name);
}

static void value_text(char *text, size_t size, const struct field *f, const struct event *e, uint64_t value)
{
	switch (f->format) {
	case 's':
	case 'k':
		snprintf(text, size, "%.*s", STRING_SIZE - 1, e->string[f->string]);
		break;
	case 'x':
		snprintf(text, size, "0x%lx", value);
		break;
	case 'u':
		snprintf(text, size, "%lu", value);
		break;
	default:
		snprintf(text, size, "%ld", (long)value);
	}
}

static void field_text(char *text, size_t size, const struct field *f, const struct event *e, uint64_t value,
		       const struct ksyms *ksyms)
{
	const struct ksym *sym;

	switch (f->kind) {
	case FIELD_PID:
		snprintf(text, size, "%lu", e->pid_tgid >> 32);
		break;
	case FIELD_TID:
		snprintf(text, size, "%u", (uint32_t)e->pid_tgid);
		break;
	case FIELD_COMM:
		snprintf(text, size, "%.16s", e->comm);
		break;
	case FIELD_TIME:
		snprintf(text, size, "%lu.%06lu", e->time / 1000000000, e->time / 1000 % 1000000);
		break;
	case FIELD_HART:
		snprintf(text, size, "%lu", e->hart);
		break;
	case FIELD_FUNC:
		sym = ksyms__map_addr(ksyms, e->func);
		snprintf(text, size, "%s", sym ? sym->name : "?");
		break;
	default:
		value_text(text, size, f, e, value);
	}
}

void fields_print(const struct fields *fields, const struct event *event, const struct ksyms *ksyms)
{
	for (unsigned int i = 0; i < fields->nr; i++) {
		char text[STRING_SIZE];

		field_text(text, sizeof(text), &fields->field[i], event, event->value[i], ksyms);
		put(fields, i, text);
	}
}
