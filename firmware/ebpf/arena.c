/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arena's allocator: segregated free lists in two levels (powers of two,
 * each cut in 16), found through bitmaps, with boundary tags for coalescing.
 * Every call is a bounded number of steps whatever the arena's size or history.
 *
 * Invariants: blocks cover [base, end) without gap, no two neighbours are free,
 * and every header carries a seal over its fields and its own address, keyed
 * with a secret. A header whose seal is wrong (overrun, double free, a pointer
 * that never came from here) is reported and the call refused: nothing is
 * changed on the word of a header that may be somebody's data.
 */
#include "arena.h"

#include "bits.h"
#include "limits.h"
#include "lock.h"
#include "mem.h"
#include "platform.h"

#define GRAIN 16u  /* alignment and granularity of blocks */
#define SL_BITS 4u /* 16 lists a power of two */
#define SL_COUNT (1u << SL_BITS)
#define FL_SHIFT 8u   /* below 256 bytes lists are GRAIN apart: first level 0 */
#define MAX_SHIFT 36u /* largest arena, 64 GiB */
#define FL_COUNT (MAX_SHIFT - FL_SHIFT + 2)
#define NEAR_FIT_STEPS 8u /* blocks looked at in the list that may hold one large enough */
#define USED 1u		  /* bit 0 of a block's size */

/* Under ASan everything but the bytes a caller asked for is poisoned; the allocator itself is let through. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define TOUCHES_HEADERS __attribute__((no_sanitize_address))
#else
#define TOUCHES_HEADERS
#define ASAN_POISON_MEMORY_REGION(addr, size) ((void)(addr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(addr, size) ((void)(addr), (void)(size))
#endif

struct block {
	uint64_t size;	    /* of the block, header included; bit 0: USED */
	uint64_t prev_size; /* of the block before it, 0 for the first */
	struct ebpf_account *account;
	uint64_t seal;
	/* the payload begins here; while free it holds the list */
	struct block *next, *prev;
};

#define HEADER offsetof(struct block, next)
#define MIN_BLOCK sizeof(struct block)

_Static_assert(HEADER % GRAIN == 0, "payloads are aligned");
_Static_assert(MIN_BLOCK == HEADER + GRAIN, "the smallest payload has room for a free block's links");

static struct {
	struct ebpf_lock lock;
	char *base, *end; /* end: the last header, USED and without payload, which is never freed */
	size_t size;
	size_t free_bytes;
	uint64_t secret;
	struct block *cursor; /* the next block ebpf_arena_check() looks at; always one of the chain */
	uint64_t fl_map;
	uint32_t sl_map[FL_COUNT];
	struct block *lists[FL_COUNT][SL_COUNT];
} arena;

#if __STDC_HOSTED__
static struct {
	uint64_t count, nth;
	bool forever;
} injected;

static bool fail_injected(void)
{
	injected.count++;
	return injected.nth && (injected.forever ? injected.count >= injected.nth : injected.count == injected.nth);
}
#else
static inline bool fail_injected(void)
{
	return false;
}
#endif

/* Headers */

TOUCHES_HEADERS static uint64_t seal_of(const struct block *b)
{
	uint64_t x = arena.secret ^ (uintptr_t)b;

	x = (x ^ b->size) * 0x9e3779b97f4a7c15u;
	x = ((x ^ (x >> 29)) + b->prev_size) * 0xbf58476d1ce4e5b9u;
	x = ((x ^ (x >> 32)) + (uintptr_t)b->account) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

TOUCHES_HEADERS static void set_header(struct block *b, uint64_t size, uint64_t prev_size, struct ebpf_account *account)
{
	b->size = size;
	b->prev_size = prev_size;
	b->account = account;
	b->seal = seal_of(b);
}

TOUCHES_HEADERS static bool is_free(const struct block *b)
{
	return !(b->size & USED);
}

TOUCHES_HEADERS static uint64_t size_of(const struct block *b)
{
	return b->size & ~(uint64_t)USED;
}

TOUCHES_HEADERS static struct block *after(const struct block *b)
{
	return (struct block *)((char *)b + size_of(b));
}

TOUCHES_HEADERS static struct block *before(const struct block *b)
{
	return (struct block *)((char *)b - b->prev_size);
}

/* Is this a header of ours, unharmed? Looks at no memory outside the arena. */
TOUCHES_HEADERS static bool sound(const struct block *b)
{
	uintptr_t at = (uintptr_t)b;

	return at >= (uintptr_t)arena.base && at <= (uintptr_t)arena.end && at % GRAIN == 0 && b->seal == seal_of(b);
}

/* Lists */

static void class_of(uint64_t size, unsigned int *fl, unsigned int *sl)
{
	if (size < 1u << FL_SHIFT) {
		*fl = 0;
		*sl = (unsigned int)(size / GRAIN);
	} else {
		unsigned int top = ebpf_log2(size);

		*fl = top - FL_SHIFT + 1;
		*sl = (unsigned int)(size >> (top - SL_BITS)) & (SL_COUNT - 1);
	}
}

TOUCHES_HEADERS static void list_insert(struct block *b)
{
	unsigned int fl, sl;

	class_of(size_of(b), &fl, &sl);
	b->prev = NULL;
	b->next = arena.lists[fl][sl];
	if (b->next)
		b->next->prev = b;
	arena.lists[fl][sl] = b;
	arena.sl_map[fl] |= 1u << sl;
	arena.fl_map |= (uint64_t)1 << fl;
}

/* A free block's links lie in memory that was somebody's payload: believed only if the neighbours confirm them. */
TOUCHES_HEADERS static bool listed(const struct block *b)
{
	unsigned int fl, sl;

	class_of(size_of(b), &fl, &sl);
	if (b->next && (!sound(b->next) || !is_free(b->next) || b->next->prev != b))
		return false;
	if (!b->prev)
		return arena.lists[fl][sl] == b;
	return sound(b->prev) && is_free(b->prev) && b->prev->next == b;
}

TOUCHES_HEADERS static void list_remove(struct block *b)
{
	unsigned int fl, sl;

	class_of(size_of(b), &fl, &sl);
	if (b->next)
		b->next->prev = b->prev;
	if (b->prev) {
		b->prev->next = b->next;
		return;
	}
	arena.lists[fl][sl] = b->next;
	if (b->next)
		return;
	arena.sl_map[fl] &= ~(1u << sl);
	if (!arena.sl_map[fl])
		arena.fl_map &= ~((uint64_t)1 << fl);
}

/* The first block of the lists all of whose blocks have `size` bytes. */
static struct block *find_good(uint64_t size)
{
	unsigned int fl, sl;
	uint64_t map;

	if (size >= 1u << FL_SHIFT)
		size += ((uint64_t)1 << (ebpf_log2(size) - SL_BITS)) - 1;
	class_of(size, &fl, &sl);
	if (fl >= FL_COUNT)
		return NULL;
	map = arena.sl_map[fl] & (~(uint32_t)0 << sl);
	if (!map) {
		map = arena.fl_map & (~(uint64_t)0 << (fl + 1));
		if (!map)
			return NULL;
		fl = ebpf_ctz(map);
		map = arena.sl_map[fl];
	}
	return arena.lists[fl][ebpf_ctz(map)];
}

/* A block of the list that `size` itself belongs to: some are large enough. Matters when the arena is nearly full. */
TOUCHES_HEADERS static struct block *find_near(uint64_t size)
{
	unsigned int fl, sl;
	struct block *b;

	class_of(size, &fl, &sl);
	if (fl >= FL_COUNT)
		return NULL;
	b = arena.lists[fl][sl];
	for (unsigned int n = 0; b && n < NEAR_FIT_STEPS; n++, b = b->next) {
		if (!sound(b))
			return b; /* take() reports it */
		if (size_of(b) >= size)
			return b;
	}
	return NULL;
}

/* Interface */

TOUCHES_HEADERS void ebpf_arena_init(void *base, size_t size)
{
	struct block *first = base;

	if (size > (size_t)1 << MAX_SHIFT) {
		ebpf_plat_log("ebpf: arena of 0x%lx bytes, only 64 GiB are used\n", (unsigned long)size);
		size = (size_t)1 << MAX_SHIFT;
	}
	ebpf_memzero(&arena, sizeof(arena));
	arena.secret = ebpf_plat_entropy() | 1;
	arena.base = base;
	arena.size = size;
	arena.end = arena.base + size - HEADER;
	arena.free_bytes = size - HEADER;
	arena.cursor = first;
	set_header(first, arena.free_bytes, 0, NULL);
	set_header((struct block *)arena.end, HEADER | USED, arena.free_bytes, NULL);
	list_insert(first);
	ASAN_POISON_MEMORY_REGION(base, size);
}

size_t ebpf_arena_size(void)
{
	return arena.size;
}

size_t ebpf_arena_free_bytes(void)
{
	size_t bytes;

	ebpf_lock(&arena.lock);
	bytes = arena.free_bytes;
	ebpf_unlock(&arena.lock);
	return bytes;
}

/* Cut `size` bytes off b for the caller, give the rest back. All checks before the first change. */
TOUCHES_HEADERS static void *take(struct block *b, uint64_t size, struct ebpf_account *account)
{
	uint64_t have, rest;
	struct block *next;

	if (!sound(b) || !is_free(b) || !listed(b) || !sound(after(b)) || after(b)->prev_size != b->size) {
		ebpf_plat_log("ebpf: arena: free block %p is corrupt, allocation refused\n", (void *)b);
		return NULL;
	}
	have = size_of(b);
	next = after(b);
	rest = have - size;
	if (rest < MIN_BLOCK) {
		size = have;
		rest = 0;
	}
	if (account && (account->used > account->limit || size > account->limit - account->used))
		return NULL;

	list_remove(b);
	set_header(b, size | USED, b->prev_size, account);
	if (rest) {
		struct block *tail = after(b);

		set_header(tail, rest, size, NULL);
		list_insert(tail);
	}
	set_header(next, next->size, rest ? rest : size, next->account);
	arena.free_bytes -= size;
	if (account)
		account->used += size;
	return (char *)b + HEADER;
}

void *ebpf_alloc(struct ebpf_account *account, size_t size)
{
	struct block *b;
	uint64_t need;
	void *ptr = NULL;

	if (size == 0 || size > arena.size)
		return NULL;
	need = (size + HEADER + GRAIN - 1) & ~(uint64_t)(GRAIN - 1);

	ebpf_lock(&arena.lock);
	if (!fail_injected()) {
		b = find_good(need);
		if (!b)
			b = find_near(need);
		if (b)
			ptr = take(b, need, account);
	}
	ebpf_unlock(&arena.lock);
	if (ptr)
		ASAN_UNPOISON_MEMORY_REGION(ptr, size);
	return ptr;
}

void *ebpf_zalloc(struct ebpf_account *account, size_t size)
{
	void *ptr;

	if (size > EBPF_SLICE_BYTES) {
		ebpf_plat_log("ebpf: arena: %lu bytes are too many to clear at once\n", (unsigned long)size);
		return NULL;
	}
	ptr = ebpf_alloc(account, size);
	if (ptr)
		ebpf_memzero(ptr, size);
	return ptr;
}

/* Why b cannot be freed, or NULL. Everything give_back() relies on. */
TOUCHES_HEADERS static const char *objection(const struct block *b)
{
	const struct block *prev, *next;

	if (!sound(b) || (const char *)b == arena.end)
		return "not an allocated block, or its header is overwritten";
	if (is_free(b))
		return "freed twice";
	next = after(b);
	if (!sound(next) || next->prev_size != size_of(b) || (is_free(next) && !listed(next)))
		return "the block after it is overwritten";
	if (b->prev_size) {
		prev = before(b);
		if (!sound(prev) || size_of(prev) != b->prev_size || (is_free(prev) && !listed(prev)))
			return "the block before it is overwritten";
	}
	if (b->account && b->account->used < size_of(b))
		return "its account does not hold it";
	return NULL;
}

TOUCHES_HEADERS static void give_back(struct block *b)
{
	struct block *next = after(b), *prev = b->prev_size ? before(b) : NULL;
	bool looked_at = arena.cursor == b || arena.cursor == next;
	uint64_t size = size_of(b);

	arena.free_bytes += size;
	if (b->account)
		b->account->used -= size;
	/* A header inside a larger free block must not pass for one: the seal goes with it. */
	if (is_free(next)) {
		list_remove(next);
		size += size_of(next);
		next->seal = 0;
		next = after(next);
	}
	if (prev && is_free(prev)) {
		list_remove(prev);
		size += size_of(prev);
		b->seal = 0;
		b = prev;
	}
	set_header(b, size, b->prev_size, NULL);
	set_header(next, next->size, size, next->account);
	list_insert(b);
	if (looked_at)
		arena.cursor = b;
}

TOUCHES_HEADERS void ebpf_free(void *ptr)
{
	struct block *b = (struct block *)((uintptr_t)ptr - HEADER);
	const char *why;

	if (!ptr)
		return;
	ebpf_lock(&arena.lock);
	why = objection(b);
	if (!why) {
		ASAN_POISON_MEMORY_REGION(ptr, size_of(b) - HEADER);
		give_back(b);
	}
	ebpf_unlock(&arena.lock);
	if (why)
		ebpf_plat_log("ebpf: arena: free of %p refused: %s\n", ptr, why);
}

TOUCHES_HEADERS bool ebpf_arena_check(unsigned int blocks, bool *round)
{
	struct block *b, *next;
	bool good = true;

	ebpf_lock(&arena.lock);
	for (b = arena.cursor; good && blocks && (char *)b != arena.end; blocks--, b = next) {
		good = sound(b) && size_of(b) >= MIN_BLOCK;
		next = good ? after(b) : b;
		good = good && sound(next) && next->prev_size == size_of(b);
	}
	*round = !good || (char *)b == arena.end;
	arena.cursor = *round ? (struct block *)arena.base : b;
	ebpf_unlock(&arena.lock);
	return good;
}

#if __STDC_HOSTED__
void ebpf_arena_fail(uint64_t nth, bool forever)
{
	injected.count = 0;
	injected.nth = nth;
	injected.forever = forever;
}

uint64_t ebpf_arena_allocs(void)
{
	return injected.count;
}

/* Free blocks on the lists, each in the list of its size. SIZE_MAX if a list is broken. */
TOUCHES_HEADERS static size_t count_listed(void)
{
	size_t count = 0;

	for (unsigned int i = 0; i < FL_COUNT; i++) {
		if (!!arena.sl_map[i] != !!(arena.fl_map & (uint64_t)1 << i))
			return SIZE_MAX;
		for (unsigned int j = 0; j < SL_COUNT; j++) {
			if (!!arena.lists[i][j] != !!(arena.sl_map[i] & 1u << j))
				return SIZE_MAX;
			for (const struct block *b = arena.lists[i][j]; b; b = b->next) {
				unsigned int fl, sl;

				class_of(size_of(b), &fl, &sl);
				if (!sound(b) || !is_free(b) || !listed(b) || fl != i || sl != j)
					return SIZE_MAX;
				count++;
			}
		}
	}
	return count;
}

TOUCHES_HEADERS bool ebpf_arena_consistent(void)
{
	size_t free_bytes = 0, nr_free = 0;
	uint64_t prev_size = 0;
	bool prev_free = false;
	const struct block *b = (const struct block *)arena.base;

	for (; (const char *)b != arena.end; b = after(b)) {
		if (!sound(b) || b->prev_size != prev_size || (prev_free && is_free(b)) || size_of(b) < MIN_BLOCK) {
			ebpf_plat_log("ebpf: arena: block %p breaks the chain\n", (const void *)b);
			return false;
		}
		prev_size = size_of(b);
		prev_free = is_free(b);
		if (prev_free) {
			free_bytes += size_of(b);
			nr_free++;
		}
	}
	if (!sound(b) || b->prev_size != prev_size || free_bytes != arena.free_bytes || nr_free != count_listed()) {
		ebpf_plat_log("ebpf: arena: lists or sums are wrong\n");
		return false;
	}
	return true;
}
#endif
