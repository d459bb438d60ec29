/* SPDX-License-Identifier: BSD-2-Clause */
/* The formatting core behind all of printf's family. */
#ifndef SDK_FORMAT_H
#define SDK_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Takes n bytes of output; called any number of times. */
typedef void (*format_out_fn)(void *to, const char *s, size_t n);

/* Format to `out`. Returns the number of bytes given out. Conversions: see <stdio.h>; an unknown one is output as
 * written. */
int format(format_out_fn out, void *to, const char *fmt, va_list ap);

/* --- Between format.c and format_double.c --- */

struct format_spec {
	bool left, plus, space, alt, zero;
	int width;
	int precision; /* -1: none given */
	int size;      /* bytes of an integer argument: 1, 2, 4, 8 */
	char conv;
};

struct format_sink {
	format_out_fn out;
	void *to;
	size_t count;
};

static inline void format_put(struct format_sink *sink, const char *s, size_t n)
{
	if (n)
		sink->out(sink->to, s, n);
	sink->count += n;
}

static inline void format_pad(struct format_sink *sink, char c, int n)
{
	static const char spaces[] = "                ", zeros[] = "0000000000000000";

	for (; n > 0; n -= 16)
		format_put(sink, c == '0' ? zeros : spaces, n < 16 ? (size_t)n : 16);
}

/* e E f F g G (format_double.c) */
void format_double(struct format_sink *sink, const struct format_spec *spec, double value);

#endif
