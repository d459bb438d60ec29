/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * printf's conversions, C11 sec. 7.21.6.1 without %n, %a and long double. It
 * knows nothing of streams: bytes go to a function.
 */
#include "format.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

static int number(const char **fmt)
{
	int n = 0;

	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		n = n > (INT_MAX - 9) / 10 ? INT_MAX : n * 10 + (**fmt - '0');
	return n;
}

static const char *parse_flags(struct format_spec *spec, const char *fmt)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-':
			spec->left = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		case '#':
			spec->alt = true;
			break;
		case '0':
			spec->zero = true;
			break;
		default:
			return fmt;
		}
	}
}

static const char *parse_size(struct format_spec *spec, const char *fmt)
{
	spec->size = 4;
	switch (*fmt) {
	case 'h':
		spec->size = fmt[1] == 'h' ? 1 : 2;
		return fmt + 3 - spec->size;
	case 'l':
		spec->size = 8;
		return fmt[1] == 'l' ? fmt + 2 : fmt + 1;
	case 'z':
	case 'j':
	case 't':
		spec->size = 8;
		return fmt + 1;
	default:
		return fmt;
	}
}

/* An unsigned value's digits, most significant first, at the end of buf. Returns the first one. */
static char *digits(char *end, uint64_t value, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; value; value /= base)
		*--end = set[value % base];
	return end;
}

static void put_number(struct format_sink *sink, const struct format_spec *spec, const char *prefix, uint64_t value)
{
	char buf[24], *end = buf + sizeof(buf);
	unsigned int base = spec->conv == 'o'						  ? 8
			    : spec->conv == 'd' || spec->conv == 'i' || spec->conv == 'u' ? 10
											  : 16;
	char *first = digits(end, value, base, spec->conv == 'X');
	int prefix_len = !prefix[0] ? 0 : !prefix[1] ? 1 : 2;
	int nr = (int)(end - first), zeros = (spec->precision < 0 ? 1 : spec->precision) - nr;

	if (spec->conv == 'o' && spec->alt && zeros <= 0)
		zeros = 1;
	if (zeros < 0)
		zeros = 0;
	if (spec->zero && !spec->left && spec->precision < 0 && spec->width > prefix_len + nr + zeros)
		zeros = spec->width - prefix_len - nr;
	if (!spec->left)
		format_pad(sink, ' ', spec->width - prefix_len - zeros - nr);
	format_put(sink, prefix, (size_t)prefix_len);
	format_pad(sink, '0', zeros);
	format_put(sink, first, (size_t)nr);
	if (spec->left)
		format_pad(sink, ' ', spec->width - prefix_len - zeros - nr);
}

static void put_signed(struct format_sink *sink, const struct format_spec *spec, int64_t value)
{
	const char *sign;

	if (spec->size == 1)
		value = (int8_t)value;
	else if (spec->size == 2)
		value = (int16_t)value;
	sign = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";
	put_number(sink, spec, sign, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static void put_unsigned(struct format_sink *sink, const struct format_spec *spec, uint64_t value)
{
	const char *prefix = "";

	if (spec->size < 8)
		value &= (1ull << 8 * spec->size) - 1;
	if (spec->alt && value && spec->conv == 'x')
		prefix = "0x";
	if (spec->alt && value && spec->conv == 'X')
		prefix = "0X";
	put_number(sink, spec, prefix, value);
}

static void put_string(struct format_sink *sink, const struct format_spec *spec, const char *s)
{
	int n = 0;

	if (!s)
		s = "(null)";
	while ((spec->precision < 0 || n < spec->precision) && s[n] && n < INT_MAX)
		n++;
	if (!spec->left)
		format_pad(sink, ' ', spec->width - n);
	format_put(sink, s, (size_t)n);
	if (spec->left)
		format_pad(sink, ' ', spec->width - n);
}

static void put_char(struct format_sink *sink, const struct format_spec *spec, char c)
{
	if (!spec->left)
		format_pad(sink, ' ', spec->width - 1);
	format_put(sink, &c, 1);
	if (spec->left)
		format_pad(sink, ' ', spec->width - 1);
}

int format(format_out_fn out, void *to, const char *fmt, va_list args)
{
	struct format_sink sink = {.out = out, .to = to};
	va_list ap;

	va_copy(ap, args);
	while (*fmt) {
		struct format_spec spec = {.precision = -1};
		const char *start = fmt;

		while (*fmt && *fmt != '%')
			fmt++;
		format_put(&sink, start, (size_t)(fmt - start));
		if (!*fmt)
			break;
		start = fmt;
		fmt = parse_flags(&spec, fmt + 1);
		if (*fmt == '*') {
			spec.width = va_arg(ap, int);
			fmt++;
			if (spec.width < 0) {
				spec.left = true;
				spec.width = spec.width == INT_MIN ? INT_MAX : -spec.width;
			}
		} else {
			spec.width = number(&fmt);
		}
		if (*fmt == '.') {
			fmt++;
			if (*fmt == '*') {
				spec.precision = va_arg(ap, int);
				fmt++;
			} else {
				spec.precision = number(&fmt);
			}
		}
		fmt = parse_size(&spec, fmt);
		spec.conv = *fmt;
		switch (*fmt) {
		case 'd':
		case 'i':
			put_signed(&sink, &spec, spec.size == 8 ? va_arg(ap, long) : va_arg(ap, int));
			break;
		case 'u':
		case 'x':
		case 'X':
		case 'o':
			put_unsigned(&sink, &spec,
				     spec.size == 8 ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int));
			break;
		case 'e':
		case 'E':
		case 'f':
		case 'F':
		case 'g':
		case 'G':
			format_double(&sink, &spec, va_arg(ap, double));
			break;
		case 'p':
			spec.conv = 'x';
			put_number(&sink, &spec, "0x", (uint64_t)(uintptr_t)va_arg(ap, void *));
			break;
		case 's':
			put_string(&sink, &spec, va_arg(ap, const char *));
			break;
		case 'c':
			put_char(&sink, &spec, (char)va_arg(ap, int));
			break;
		case '%':
			format_put(&sink, "%", 1);
			break;
		default:
			/* unknown, or the format ends: as written */
			format_put(&sink, start, (size_t)(fmt - start) + (*fmt != 0));
			break;
		}
		if (*fmt)
			fmt++;
	}
	va_end(ap);
	return (int)sink.count;
}
