/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rounds of the self-check. The hash is not cryptographic: it is keyed with
 * a secret that nobody outside can read, so a change cannot be made to fit it.
 * What is found is never repaired here, only latched: who could change the
 * firmware's memory (DMA, an alias the PMP does not cover) could do so again.
 */
#include "selfcheck.h"

#include "arena.h"
#include "cmd.h"
#include "platform.h"
#include "uapi/sbi_ebpf.h"

#define MAX_RANGES 4u
#define SLICE_WORDS 128u /* of constant memory in one small slice */
#define SLICE_BLOCKS 16u /* of the arena */
#define SLICE_SLOTS 128u /* of the probe table */

enum stage { CANARIES, ARENA, CONSTANTS, ROUND_DONE };

static struct {
	uint64_t key;
	uint64_t expected[MAX_RANGES];
	unsigned int nr_ranges;

	enum stage stage;
	uint32_t probe_slot;
	unsigned int range;
	uint64_t word; /* next one of the range */
	uint64_t hash; /* of those before it */

	uint64_t rounds, damage, tampered;
} self;

static uint64_t hash_words(uint64_t hash, const uint64_t *words, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	return hash;
}

void ebpf_selfcheck_init(void)
{
	const uint64_t *words;
	uint64_t n;

	self.key = ebpf_plat_entropy();
	self.stage = CANARIES;
	self.rounds = self.damage = self.tampered = 0;
	self.nr_ranges = self.probe_slot = 0;
	while (self.nr_ranges < MAX_RANGES && ebpf_plat_constant(self.nr_ranges, &words, &n))
		self.expected[self.nr_ranges++] = hash_words(self.key, words, n);
}

static void found_damage(const char *what)
{
	if (!self.damage)
		ebpf_plat_log("ebpf: SELF-CHECK: %s; loading and attaching are locked until reset\n", what);
	__atomic_fetch_add(&self.damage, 1, __ATOMIC_RELAXED);
	ebpf_locks_set(SBI_EBPF_LOCK_LOAD | SBI_EBPF_LOCK_ATTACH);
}

/* Beside the rounds: a kernel can change its text at any time, so this comes round more often. */
static void check_probes(unsigned int share)
{
	unsigned int gone = ebpf_probe_watch(&self.probe_slot, SLICE_SLOTS * share);

	__atomic_fetch_add(&self.tampered, gone, __ATOMIC_RELAXED);
}

static bool check_canaries(unsigned int share)
{
	(void)share;
	if (!ebpf_plat_canaries_ok())
		found_damage("a hart's stack has overflowed");
	return true;
}

static bool check_arena(unsigned int share)
{
	bool done;

	if (!ebpf_arena_check(SLICE_BLOCKS * share, &done))
		found_damage("a block of the arena is overwritten");
	return done;
}

static bool check_constants(unsigned int share)
{
	uint64_t len, n = (uint64_t)SLICE_WORDS * share;
	const uint64_t *words;

	if (self.range == self.nr_ranges || !ebpf_plat_constant(self.range, &words, &len)) {
		self.range = 0;
		return true;
	}
	if (self.word == 0)
		self.hash = self.key;
	if (n > len - self.word)
		n = len - self.word;
	self.hash = hash_words(self.hash, words + self.word, n);
	self.word += n;
	if (self.word == len) {
		if (self.hash != self.expected[self.range])
			found_damage("the firmware's text has changed");
		self.word = 0;
		self.range++;
	}
	return false;
}

void ebpf_selfcheck_slice(unsigned int share)
{
	static bool (*const stages[ROUND_DONE])(unsigned int) = {
		[CANARIES] = check_canaries,
		[ARENA] = check_arena,
		[CONSTANTS] = check_constants,
	};

	check_probes(share);
	if (!stages[self.stage](share))
		return;
	if (++self.stage == ROUND_DONE) {
		self.stage = CANARIES;
		__atomic_fetch_add(&self.rounds, 1, __ATOMIC_RELAXED);
	}
}

uint64_t ebpf_selfcheck_rounds(void)
{
	return __atomic_load_n(&self.rounds, __ATOMIC_RELAXED);
}

uint64_t ebpf_selfcheck_damage(void)
{
	return __atomic_load_n(&self.damage, __ATOMIC_RELAXED);
}

uint64_t ebpf_selfcheck_tampered(void)
{
	return __atomic_load_n(&self.tampered, __ATOMIC_RELAXED);
}
