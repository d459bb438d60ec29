/* SPDX-License-Identifier: BSD-2-Clause */
/* The formatting core behind all of printf's family. */
#ifndef SDK_FORMAT_H
#define SDK_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Takes n bytes of output; called any number of times. */
typedef void (*format_out_fn)(void *to, const char *s, size_t n);

/* Format to `out`. Returns the number of bytes given out. Conversions: see <stdio.h>; an unknown one is output as
 * written. */
int format(format_out_fn out, void *to, const char *fmt, va_list ap);

#endif
