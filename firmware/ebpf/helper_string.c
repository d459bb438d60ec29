/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strings: comparing, formatting, reading numbers; and two questions with short
 * answers. Formats and the second string of a comparison are constants, in maps
 * that nobody writes any more.
 */
#include "helper_impl.h"

#include "mem.h"
#include "platform.h"
#include "print.h"

#define NS_PER_JIFFY 4000000u /* 250 Hz, as Linux's riscv default */

/* r1 string, r2 its size, r3 the constant it is compared with */
EBPF_HELPER(compare)
{
	const unsigned char *a = ebpf_helper_mem(r1), *b = ebpf_helper_mem(r3);

	if (!ebpf_run_pay(run, r2 * 8))
		return EBPF_ERR(ETIMEDOUT);
	for (uint64_t i = 0; i < r2; i++) {
		int diff = (int)a[i] - (int)b[i];

		if (diff || !b[i])
			return (uint64_t)(int64_t)diff;
	}
	return 0;
}

/*
 * r1 buffer or NULL, r2 its size, r3 format, r4 array of 64-bit arguments, r5 its size in bytes. The size that all of
 * the text would have, with its NUL.
 */
EBPF_HELPER(format)
{
	const char *fmt = ebpf_helper_mem(r3);
	uint64_t args[EBPF_PRINT_ARGS], len = 0;
	char none[1];
	int all;

	if (r5 % 8 || r5 > sizeof(args) || (r5 && !r4))
		return EBPF_ERR(EINVAL);
	while (fmt[len])
		len++;
	if (!ebpf_run_pay(run, EBPF_PRINT_CHARGE + 8 * (len + r2)))
		return EBPF_ERR(ETIMEDOUT);
	ebpf_memcpy(args, ebpf_helper_mem(r4), r5);
	all = ebpf_print_linux(r2 ? ebpf_helper_mem(r1) : none, r2 ? r2 : 1, fmt, args, (unsigned int)(r5 / 8),
			       ebpf_helper_print_str, run);
	return all < 0 ? (uint64_t)(int64_t)all : (uint64_t)all + 1;
}

/* Numbers as text: Linux's bpf_strtol() and bpf_strtoul() */

#define BASE_MASK 0x1fu
#define DIGITS_MAX 63u /* looked at behind the sign */

static unsigned int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a' + 10) : 99;
}

static bool has_hex_prefix(const char *at, const char *end)
{
	return end - at > 1 && at[0] == '0' && (at[1] | 0x20) == 'x';
}

/* The digits at `at` in base 0 (its prefix says), 8, 10 or 16: where they end, NULL if there are none or too many. */
static const char *read_digits(const char *at, const char *end, unsigned int base, uint64_t *value, int *err)
{
	const char *first;
	bool hex = has_hex_prefix(at, end);

	if (!base)
		base = hex && end - at > 2 && digit_of(at[2]) < 16 ? 16 : at < end && *at == '0' ? 8 : 10;
	if (base == 16 && hex)
		at += 2;
	*value = 0;
	for (first = at; at < end && digit_of(*at) < base; at++) {
		unsigned int digit = digit_of(*at);

		if (*value > (UINT64_MAX - digit) / base) {
			*err = -ERANGE;
			return NULL;
		}
		*value = *value * base + digit;
	}
	*err = -EINVAL;
	return at == first ? NULL : at;
}

/* White space, a sign, digits. Characters used, or -EINVAL, -ERANGE. */
static int64_t read_number(const char *buf, uint64_t size, uint64_t flags, uint64_t *value, bool *negative)
{
	const char *at = buf, *end = buf + size;
	int err;

	if (!size || (flags && flags != 8 && flags != 10 && flags != 16))
		return -EINVAL;
	while (at < end && (*at == ' ' || (*at >= '\t' && *at <= '\r')))
		at++;
	*negative = at < end && *at == '-';
	if (*negative)
		at++;
	if (end - at > DIGITS_MAX)
		end = at + DIGITS_MAX;
	at = read_digits(at, end, (unsigned int)(flags & BASE_MASK), value, &err);
	return at ? at - buf : err;
}

static int64_t paid_number(struct ebpf_run *run, uint64_t text, uint64_t size, uint64_t flags, uint64_t *value,
			   bool *negative)
{
	return ebpf_run_pay(run, size * 8) ? read_number(ebpf_helper_mem(text), size, flags, value, negative)
					   : -ETIMEDOUT;
}

/* r1 text, r2 its size, r3 base (0, 8, 10, 16), r4 where the number goes */
EBPF_HELPER(read_signed)
{
	uint64_t value;
	bool negative;
	int64_t used = paid_number(run, r1, r2, r3, &value, &negative);

	if (used > 0 && value > (uint64_t)INT64_MAX + negative)
		return EBPF_ERR(ERANGE);
	if (used > 0)
		*(uint64_t *)ebpf_helper_mem(r4) = negative ? -value : value;
	return (uint64_t)used;
}

EBPF_HELPER(read_unsigned)
{
	uint64_t value;
	bool negative;
	int64_t used = paid_number(run, r1, r2, r3, &value, &negative);

	if (used > 0 && negative)
		return EBPF_ERR(EINVAL);
	if (used > 0)
		*(uint64_t *)ebpf_helper_mem(r4) = value;
	return (uint64_t)used;
}

EBPF_HELPER(jiffies64)
{
	return ebpf_plat_ktime_ns() / NS_PER_JIFFY;
}

/* One node */
EBPF_HELPER(get_numa_node_id)
{
	return 0;
}

const struct ebpf_helper_row ebpf_helpers_string[] = {
	{182, {.name = "strncmp", .fn = compare, .arg = {EBPF_ARG_MEM_RDONLY, EBPF_ARG_SIZE, EBPF_ARG_CONST_STR}}},
	{BPF_FUNC_snprintf,
	 {.name = "snprintf",
	  .fn = format,
	  .gpl_only = true,
	  .arg = {EBPF_ARG_MEM_OR_NULL, EBPF_ARG_SIZE_OR_ZERO, EBPF_ARG_CONST_STR, EBPF_ARG_MEM_RDONLY_OR_NULL,
		  EBPF_ARG_SIZE_OR_ZERO}}},
	{105,
	 {.name = "strtol",
	  .fn = read_signed,
	  .arg = {EBPF_ARG_MEM_RDONLY, EBPF_ARG_SIZE, EBPF_ARG_ANYTHING, EBPF_ARG_LONG_UNINIT}}},
	{106,
	 {.name = "strtoul",
	  .fn = read_unsigned,
	  .arg = {EBPF_ARG_MEM_RDONLY, EBPF_ARG_SIZE, EBPF_ARG_ANYTHING, EBPF_ARG_LONG_UNINIT}}},
	{118, {.name = "jiffies64", .fn = jiffies64}},
	{42, {.name = "get_numa_node_id", .fn = get_numa_node_id}},
	{0},
};
