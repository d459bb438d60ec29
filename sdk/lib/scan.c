/* SPDX-License-Identifier: BSD-2-Clause */
/* scanf's conversions, C11 sec. 7.21.6.2 without floating point. */
#include "stream.h"

#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct scan {
	const struct scan_source *source;
	long read; /* bytes so far, for %n */
	bool ended;
};

struct conversion {
	bool dropped; /* '*' */
	int width;    /* bytes at most */
	int size;     /* of an integer: 1, 2, 4, 8 */
	char conv;
	bool set[256], inverted; /* of %[ */
};

static int next(struct scan *s)
{
	int c = s->source->get(s->source->from);

	s->ended = c == EOF;
	s->read += c != EOF;
	return c;
}

static void back(struct scan *s, int c)
{
	if (c == EOF)
		return;
	s->source->unget(s->source->from, c);
	s->read--;
}

static void skip_space(struct scan *s)
{
	int c;

	do
		c = next(s);
	while (c != EOF && isspace(c));
	back(s, c);
}

/* %[: what is in the brackets. The character behind them, or where the format ends. */
static const char *parse_set(struct conversion *conv, const char *fmt)
{
	const char *first;

	memset(conv->set, 0, sizeof(conv->set));
	conv->inverted = *fmt == '^';
	fmt += conv->inverted;
	for (first = fmt; *fmt && (*fmt != ']' || fmt == first); fmt++) {
		unsigned char from = (unsigned char)*fmt, to = from;

		if (fmt[1] == '-' && fmt[2] && fmt[2] != ']') {
			to = (unsigned char)fmt[2];
			fmt += 2;
		}
		for (int c = from; c <= to; c++)
			conv->set[c] = true;
	}
	return *fmt ? fmt + 1 : fmt;
}

static const char *integer_size(struct conversion *conv, const char *fmt)
{
	conv->size = 4;
	if (*fmt == 'h') {
		conv->size = fmt[1] == 'h' ? 1 : 2;
		return fmt + 3 - conv->size;
	}
	if (*fmt && strchr("lzjt", *fmt)) {
		conv->size = 8;
		return fmt[0] == 'l' && fmt[1] == 'l' ? fmt + 2 : fmt + 1;
	}
	return fmt;
}

/* From behind the '%' to behind the conversion. conv->conv is 0 if the format ends in it. */
static const char *parse(struct conversion *conv, const char *fmt)
{
	conv->dropped = *fmt == '*';
	fmt += conv->dropped;
	for (conv->width = 0; isdigit(*fmt); fmt++)
		if (conv->width < INT_MAX / 10 - 1)
			conv->width = conv->width * 10 + (*fmt - '0');
	fmt = integer_size(conv, fmt);
	conv->conv = *fmt;
	if (!*fmt)
		return fmt;
	fmt++;
	return conv->conv == '[' ? parse_set(conv, fmt) : fmt;
}

/* %c %s %[: bytes that belong to it, as far as the width goes. false: none */
static bool scan_text(struct scan *s, const struct conversion *conv, char *to)
{
	int width = conv->width ? conv->width : conv->conv == 'c' ? 1 : INT_MAX, n = 0, c;

	while (n < width && (c = next(s)) != EOF) {
		if ((conv->conv == 's' && isspace(c)) || (conv->conv == '[' && conv->set[c] == conv->inverted)) {
			back(s, c);
			break;
		}
		if (to)
			to[n] = (char)c;
		n++;
	}
	if (to && n && conv->conv != 'c')
		to[n] = 0;
	return n > 0;
}

static bool digit_of(int c, int base)
{
	if (c == EOF)
		return false;
	return (isdigit(c) ? c - '0' : isalpha(c) ? tolower(c) - 'a' + 10 : 99) < base;
}

/* The text of an integer, at most room - 1 bytes of it; its base. 0: there is none. */
static int read_integer(struct scan *s, int base, char *buf, int room)
{
	int n = 0, digits = 0, c = next(s);

	if (c == '-' || c == '+') {
		buf[n++] = (char)c;
		c = n < room - 1 ? next(s) : EOF;
	}
	if (c == '0' && (base == 0 || base == 16)) {
		buf[n++] = (char)c;
		digits++;
		c = n < room - 1 ? next(s) : EOF;
		if (c == 'x' || c == 'X') {
			digits = 0;
			base = 16;
			n--;
			c = n < room - 1 ? next(s) : EOF;
		} else if (base == 0) {
			base = 8;
		}
	}
	if (base == 0)
		base = 10;
	for (; digit_of(c, base); c = n < room - 1 ? next(s) : EOF) {
		buf[n++] = (char)c;
		digits++;
	}
	back(s, c);
	buf[n] = 0;
	return digits ? base : 0;
}

static void store(void *to, int size, uint64_t value)
{
	if (to)
		memcpy(to, &value, (size_t)size); /* little-endian */
}

static bool scan_integer(struct scan *s, const struct conversion *conv, void *to)
{
	char buf[72]; /* 64 binary digits are the most that mean anything */
	int room = conv->width && conv->width < (int)sizeof(buf) - 1 ? conv->width + 1 : (int)sizeof(buf);
	bool is_signed = conv->conv == 'd' || conv->conv == 'i';
	int base = conv->conv == 'i' ? 0 : conv->conv == 'o' ? 8 : conv->conv == 'd' || conv->conv == 'u' ? 10 : 16;

	base = read_integer(s, base, buf, room);
	if (!base)
		return false;
	store(to, conv->conv == 'p' ? 8 : conv->size,
	      is_signed ? (uint64_t)strtol(buf, NULL, base) : strtoul(buf, NULL, base));
	return true;
}

/* One conversion. 1: stored or dropped, 0: the input does not fit, -1: the input has ended before it. */
static int convert(struct scan *s, const struct conversion *conv, void *to)
{
	bool ok;

	if (conv->conv != 'c' && conv->conv != '[')
		skip_space(s);
	if (conv->conv == '%') {
		int c = next(s);

		if (c != '%')
			back(s, c);
		return c == '%' ? 1 : c == EOF ? -1 : 0;
	}
	back(s, next(s));
	if (s->ended)
		return -1;
	if (strchr("cs[", conv->conv))
		ok = scan_text(s, conv, to);
	else
		ok = strchr("diuoxXp", conv->conv) && scan_integer(s, conv, to);
	return ok;
}

/* What is no conversion: a blank in the format is any number of them, other characters are themselves. */
static int match(struct scan *s, char expected)
{
	int c;

	if (isspace(expected)) {
		skip_space(s);
		return 1;
	}
	c = next(s);
	if (c == (unsigned char)expected)
		return 1;
	back(s, c);
	return c == EOF ? -1 : 0;
}

int __scan(const struct scan_source *source, const char *fmt, va_list args)
{
	struct scan s = {.source = source};
	struct conversion conv;
	int stored = 0, done = 1;
	va_list ap;

	va_copy(ap, args);
	while (done > 0 && *fmt) {
		if (*fmt != '%') {
			done = match(&s, *fmt++);
			continue;
		}
		fmt = parse(&conv, fmt + 1);
		if (!conv.conv)
			break;
		if (conv.conv == 'n') {
			store(conv.dropped ? NULL : va_arg(ap, void *), conv.size, (uint64_t)s.read);
			continue;
		}
		done = convert(&s, &conv, conv.dropped || conv.conv == '%' ? NULL : va_arg(ap, void *));
		stored += done > 0 && !conv.dropped && conv.conv != '%';
	}
	va_end(ap);
	return done < 0 && !stored ? EOF : stored;
}

static int get_string(void *from)
{
	const unsigned char **p = from;

	return **p ? *(*p)++ : EOF;
}

static void unget_string(void *from, int c)
{
	const unsigned char **p = from;

	(void)c;
	(*p)--;
}

int vsscanf(const char *s, const char *fmt, va_list ap)
{
	const struct scan_source source = {.get = get_string, .unget = unget_string, .from = &s};

	return __scan(&source, fmt, ap);
}

int sscanf(const char *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsscanf(s, fmt, ap);
	va_end(ap);
	return n;
}
