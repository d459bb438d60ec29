/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput():
 * any bytes, one scenario, and the process is afterwards as it was before. What
 * must not happen ends it (fuzz_die(), a sanitizer, cmocka's asserts of world.h),
 * and the driver keeps the input. tests/fuzz/README.md says how to run them.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 0; called by the driver (libFuzzer, AFL++ or fuzz_main.c). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input, taken from the front. Behind its end there are zeroes. */
struct fuzz_in {
	const uint8_t *at;
	size_t left;
};

static inline void fuzz_bytes(struct fuzz_in *in, void *dst, size_t len)
{
	size_t have = len < in->left ? len : in->left;

	if (have)
		memcpy(dst, in->at, have);
	memset((uint8_t *)dst + have, 0, len - have);
	in->at += have;
	in->left -= have;
}

static inline uint8_t fuzz_u8(struct fuzz_in *in)
{
	uint8_t v;

	fuzz_bytes(in, &v, sizeof(v));
	return v;
}

static inline uint16_t fuzz_u16(struct fuzz_in *in)
{
	uint16_t v;

	fuzz_bytes(in, &v, sizeof(v));
	return v;
}

static inline uint32_t fuzz_u32(struct fuzz_in *in)
{
	uint32_t v;

	fuzz_bytes(in, &v, sizeof(v));
	return v;
}

static inline uint64_t fuzz_u64(struct fuzz_in *in)
{
	uint64_t v;

	fuzz_bytes(in, &v, sizeof(v));
	return v;
}

#define fuzz_die(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), abort())

/* For targets built on world.h: cmocka's asserts, outside of a cmocka test, end the process loudly only if asked to. */
static inline void fuzz_asserts_abort(void)
{
	setenv("CMOCKA_TEST_ABORT", "1", 1);
}

#endif
