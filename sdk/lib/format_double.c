/* SPDX-License-Identifier: BSD-2-Clause */
/* printf's conversions of double: from its decimal digits, every one of which is known (decimal.c). */
#include "decimal.h"
#include "format.h"

#include <stdint.h>

/* What is going to be written; the digits are rounded to it already. */
struct layout {
	bool exponent; /* as in 1.5e+00 */
	int precision; /* digits behind the point */
	bool point;
	int exp10;
};

/* n digits of the number from the one with that index on; those that are not there are 0. */
static void put_digits(struct format_sink *sink, const struct decimal *d, int from, int n)
{
	int zeros = from >= 0 ? 0 : -from < n ? -from : n, have;

	format_pad(sink, '0', zeros);
	from += zeros;
	n -= zeros;
	have = from >= d->count ? 0 : d->count - from < n ? d->count - from : n;
	format_put(sink, d->digit + (have ? from : 0), (size_t)have);
	format_pad(sink, '0', n - have);
}

static int exponent_digits(int exp10)
{
	return exp10 >= 100 || exp10 <= -100 ? 3 : 2;
}

static int length(const struct layout *l, const struct decimal *d)
{
	int before = l->exponent || d->point < 1 ? 1 : d->point;

	return before + l->point + l->precision + (l->exponent ? 2 + exponent_digits(l->exp10) : 0);
}

static void put_exponent(struct format_sink *sink, bool upper, int exp10)
{
	char text[5] = {upper ? 'E' : 'e', exp10 < 0 ? '-' : '+'};
	size_t n = (size_t)exponent_digits(exp10);
	int rest = exp10 < 0 ? -exp10 : exp10;

	for (size_t i = n; i > 0; i--, rest /= 10)
		text[1 + i] = (char)('0' + rest % 10);
	format_put(sink, text, 2 + n);
}

static void put_number(struct format_sink *sink, const struct format_spec *spec, const struct layout *l,
		       const struct decimal *d)
{
	int before = l->exponent ? 1 : d->point;

	if (before < 1)
		format_put(sink, "0", 1);
	else
		put_digits(sink, d, 0, before);
	if (l->point)
		format_put(sink, ".", 1);
	put_digits(sink, d, before, l->precision);
	if (l->exponent)
		put_exponent(sink, spec->conv == 'E' || spec->conv == 'G', l->exp10);
}

static int exp10_of(const struct decimal *d)
{
	return d->count ? d->point - 1 : 0;
}

/* %g: the shorter of both, by what its exponent is once it is rounded; without the zeros at the end */
static void lay_out_general(struct layout *l, const struct format_spec *spec, struct decimal *d)
{
	int digits = spec->precision < 0 ? 6 : spec->precision ? spec->precision : 1;

	__decimal_round(d, digits);
	l->exp10 = exp10_of(d);
	l->exponent = l->exp10 < -4 || l->exp10 >= digits;
	l->precision = l->exponent ? digits - 1 : digits - 1 - l->exp10;
	if (!spec->alt) {
		int needed = d->count - (l->exponent ? 1 : d->point);

		l->precision = needed < 0 || !d->count ? 0 : needed < l->precision ? needed : l->precision;
	}
}

static struct layout lay_out(const struct format_spec *spec, struct decimal *d)
{
	struct layout l = {.precision = spec->precision < 0 ? 6 : spec->precision};

	if (spec->conv == 'g' || spec->conv == 'G') {
		lay_out_general(&l, spec, d);
	} else if (spec->conv == 'f' || spec->conv == 'F') {
		/* digits before the point and as many behind it as asked for; more there are not, whatever is asked for
		 */
		__decimal_round(d, d->point + (l.precision < DECIMAL_DIGITS * 2 ? l.precision : DECIMAL_DIGITS * 2));
	} else {
		l.exponent = true;
		__decimal_round(d, l.precision < DECIMAL_DIGITS ? l.precision + 1 : DECIMAL_DIGITS);
		l.exp10 = exp10_of(d);
	}
	if (!d->count)
		d->point = 0;
	l.point = l.precision > 0 || spec->alt;
	return l;
}

static void put_special(struct format_sink *sink, const struct format_spec *spec, const char *sign, bool infinite)
{
	bool upper = spec->conv < 'a';
	int width = spec->width - 3 - (sign[0] != 0);

	if (!spec->left)
		format_pad(sink, ' ', width);
	format_put(sink, sign, sign[0] != 0);
	format_put(sink, infinite ? upper ? "INF" : "inf" : upper ? "NAN" : "nan", 3);
	if (spec->left)
		format_pad(sink, ' ', width);
}

void format_double(struct format_sink *sink, const struct format_spec *spec, double value)
{
	union {
		double value;
		uint64_t bits;
	} u = {.value = value};
	const char *sign = u.bits >> 63 ? "-" : spec->plus ? "+" : spec->space ? " " : "";
	struct decimal d;
	struct layout l;
	int width;

	if ((u.bits >> 52 & 0x7ff) == 0x7ff) {
		put_special(sink, spec, sign, !(u.bits << 12));
		return;
	}
	__decimal_of(&d, u.bits);
	l = lay_out(spec, &d);
	width = spec->width - (sign[0] != 0) - length(&l, &d);
	if (!spec->left && !spec->zero)
		format_pad(sink, ' ', width);
	format_put(sink, sign, sign[0] != 0);
	if (!spec->left && spec->zero)
		format_pad(sink, '0', width);
	put_number(sink, spec, &l, &d);
	if (spec->left)
		format_pad(sink, ' ', width);
}
