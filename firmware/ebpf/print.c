/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formatting for programs: bpf_trace_printk as in Linux (lib/vsprintf.c for the
 * look of things, bpf_bprintf_prepare() for what is refused), and rCore's
 * braces. A format is a program's: nothing in it may cost more than the room
 * there is for output, nor show the address of anything by accident.
 */
#include "print.h"

#include "limits.h"
#include "platform.h"
#include "text.h"
#include "uapi/errno.h"

#include <stdbool.h>

#define POINTER_DIGITS 16u

struct out {
	struct ebpf_text text;
	const uint64_t *args;
	unsigned int nr_args;
	ebpf_print_str_fn read_str;
	void *str_arg;
};

/* What stands between '%' and the conversion. */
struct spec {
	bool left, zero, plus, space;
	uint64_t width;
};

/* Characters, by Linux's lib/ctype.c, ASCII only */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* What may follow %s and %p: the end, white space, punctuation. */
static bool ends_word(char c)
{
	return c == 0 || is_space(c) || (is_printable(c) && !is_alnum(c));
}

/* Output */

/* More padding than there is room for looks no different. */
static void pad(struct out *out, char c, uint64_t count)
{
	for (; count && out->text.len < out->text.size; count--)
		ebpf_text_char(&out->text, c);
	out->text.len += count;
}

static void put_string(struct out *out, const struct spec *spec, const char *str, size_t len)
{
	uint64_t fill = spec->width > len ? spec->width - len : 0;

	if (!spec->left)
		pad(out, ' ', fill);
	for (size_t i = 0; i < len; i++)
		ebpf_text_char(&out->text, str[i]);
	if (spec->left)
		pad(out, ' ', fill);
}

static void put_number(struct out *out, const struct spec *spec, const char *sign, uint64_t value, unsigned int base,
		       bool upper)
{
	char digits[20];
	unsigned int n = 0;
	uint64_t fill;

	do {
		digits[n++] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[value % base];
		value /= base;
	} while (value);
	fill = n;
	for (const char *c = sign; *c; c++)
		fill++;
	fill = spec->width > fill ? spec->width - fill : 0;

	if (!spec->left && !spec->zero)
		pad(out, ' ', fill);
	ebpf_text_str(&out->text, sign);
	if (!spec->left && spec->zero)
		pad(out, '0', fill);
	while (n)
		ebpf_text_char(&out->text, digits[--n]);
	if (spec->left)
		pad(out, ' ', fill);
}

static void put_signed(struct out *out, const struct spec *spec, int64_t value)
{
	const char *sign = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";

	put_number(out, spec, sign, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, false);
}

/* The same number for the same pointer until reset, and no way back. As in Linux 32 bits, NULL and errors in clear. */
static uint64_t hash_pointer(uint64_t ptr)
{
	static uint64_t secret;
	uint64_t key = __atomic_load_n(&secret, __ATOMIC_RELAXED), x = ptr;

	if (ptr == 0 || ptr >= (uint64_t)-4095)
		return ptr;
	if (!key) {
		uint64_t fresh = ebpf_plat_entropy() | 1;

		/* the first hart to come here decides */
		if (__atomic_compare_exchange_n(&secret, &key, fresh, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			key = fresh;
	}
	for (unsigned int round = 0; round < 4; round++) {
		x = (x ^ key) * 0x9e3779b97f4a7c15u;
		x ^= x >> 32;
		key = key << 17 | key >> 47;
	}
	return x >> 32;
}

static void put_pointer(struct out *out, struct spec *spec, uint64_t value)
{
	if (!spec->width) {
		spec->width = POINTER_DIGITS;
		spec->zero = true;
	}
	put_number(out, spec, "", value, 16, false);
}

static void put_memory(struct out *out, const struct spec *spec, uint64_t addr, int user)
{
	char str[EBPF_PRINTK_MAX];
	size_t len = 0;

	if (!out->read_str || out->read_str(out->str_arg, str, addr, sizeof(str), user))
		str[0] = 0;
	while (len < sizeof(str) - 1 && str[len])
		len++;
	put_string(out, spec, str, len);
}

/* Conversions. Each takes the format at its letter and returns where it goes on, or NULL if it is refused. */

static const char *convert_pointer(struct out *out, struct spec *spec, const char *fmt, uint64_t arg)
{
	char kind = fmt[1];

	if (ends_word(kind)) {
		put_pointer(out, spec, hash_pointer(arg));
		return fmt + 1;
	}
	if ((kind == 'k' || kind == 'u') && fmt[2] == 's') {
		if (!ends_word(fmt[3]))
			return NULL;
		put_memory(out, spec, arg, kind == 'u');
		return fmt + 3;
	}
	if (kind == 'K')
		put_pointer(out, spec, hash_pointer(arg));
	else if (kind == 'x')
		put_pointer(out, spec, arg);
	else if (kind == 's' || kind == 'S' || kind == 'B')
		put_number(out, spec, "0x", arg, 16, false);
	else
		return NULL;
	return fmt + 2;
}

static const char *convert_integer(struct out *out, const struct spec *spec, const char *fmt, uint64_t arg)
{
	bool wide = *fmt == 'l';

	for (unsigned int n = 0; n < 2 && *fmt == 'l'; n++)
		fmt++;
	switch (*fmt) {
	case 'd':
	case 'i':
		put_signed(out, spec, wide ? (int64_t)arg : (int32_t)arg);
		return fmt + 1;
	case 'u':
		put_number(out, spec, "", wide ? arg : (uint32_t)arg, 10, false);
		return fmt + 1;
	case 'x':
	case 'X':
		put_number(out, spec, "", wide ? arg : (uint32_t)arg, 16, *fmt == 'X');
		return fmt + 1;
	default:
		return NULL;
	}
}

static const char *parse_spec(struct spec *spec, const char *fmt)
{
	*spec = (struct spec){0};
	for (;; fmt++) {
		if (*fmt == '0')
			spec->zero = true;
		else if (*fmt == '+')
			spec->plus = true;
		else if (*fmt == '-')
			spec->left = true;
		else if (*fmt == ' ')
			spec->space = true;
		else
			break;
	}
	for (; is_digit(*fmt); fmt++)
		if (spec->width < UINT32_MAX)
			spec->width = spec->width * 10 + (uint64_t)(*fmt - '0');
	return fmt;
}

/* One conversion; fmt is behind the '%'. */
static const char *convert(struct out *out, const char *fmt)
{
	struct spec spec;
	uint64_t arg;
	char c;

	if (!out->nr_args)
		return NULL;
	out->nr_args--;
	arg = *out->args++;
	fmt = parse_spec(&spec, fmt);
	switch (*fmt) {
	case 'p':
		return convert_pointer(out, &spec, fmt, arg);
	case 's':
		if (!ends_word(fmt[1]))
			return NULL;
		put_memory(out, &spec, arg, 0);
		return fmt + 1;
	case 'c':
		c = (char)arg;
		put_string(out, &spec, &c, 1);
		return fmt + 1;
	default:
		return convert_integer(out, &spec, fmt, arg);
	}
}

/* How much of it is in the buffer. */
static int written(const struct ebpf_text *text)
{
	return (int)(text->len < text->size ? text->len : text->size - 1);
}

int ebpf_print_linux(char *dst, size_t size, const char *fmt, const uint64_t *args, unsigned int nr_args,
		     ebpf_print_str_fn read_str, void *str_arg)
{
	struct out out = {.args = args, .nr_args = nr_args, .read_str = read_str, .str_arg = str_arg};

	ebpf_text_init(&out.text, dst, size);
	while (*fmt) {
		if (!is_printable(*fmt) && !is_space(*fmt))
			return -EINVAL;
		if (*fmt != '%') {
			ebpf_text_char(&out.text, *fmt++);
		} else if (fmt[1] == '%') {
			ebpf_text_char(&out.text, '%');
			fmt += 2;
		} else {
			fmt = convert(&out, fmt + 1);
			if (!fmt)
				return -EINVAL;
		}
	}
	return out.text.len < INT32_MAX ? (int)out.text.len : INT32_MAX;
}

int ebpf_print_rcore(char *dst, size_t size, const char *fmt, size_t len, const uint64_t *args, unsigned int nr_args)
{
	struct ebpf_text text;

	ebpf_text_init(&text, dst, size);
	for (size_t i = 0; i < len && fmt[i]; i++) {
		char next = i + 1 < len ? fmt[i + 1] : 0;

		if (fmt[i] == '{' && next == '}') {
			i++;
			if (nr_args) {
				nr_args--;
				ebpf_text_unsigned(&text, *args++);
			}
			continue;
		}
		if ((fmt[i] == '{' || fmt[i] == '}') && next == fmt[i])
			i++;
		ebpf_text_char(&text, fmt[i]);
	}
	return written(&text);
}
