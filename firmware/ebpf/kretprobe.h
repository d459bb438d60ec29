/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Returns that are waited for: where kretprobe.c keeps them, and the common
 * cases of entering and returning, inline for it and for leaf.c.
 */
#ifndef EBPF_KRETPROBE_H
#define EBPF_KRETPROBE_H

#include "lock.h"
#include "probe.h"

#define EBPF_RETURN_BUCKET_BITS 8u
#define EBPF_RETURN_BUCKETS (1u << EBPF_RETURN_BUCKET_BITS)

/* A function that has been entered and has not returned. */
struct ebpf_return {
	uint64_t sp;
	uint64_t ra;
	struct ebpf_probe *probe;
	struct ebpf_return *next; /* newer ones first */
};

/*
 * By stack pointer. A bucket keeps the instances that have been used in it, so
 * that the common entry and return take no lock but the bucket's. Whoever finds
 * neither one there nor in the pool takes another bucket's.
 */
struct ebpf_return_bucket {
	struct ebpf_lock lock;
	struct ebpf_return *first, *free;
} __attribute__((aligned(32)));

extern struct ebpf_return_bucket ebpf_return_buckets[EBPF_RETURN_BUCKETS] __attribute__((visibility("hidden")));
extern struct ebpf_probe ebpf_trampoline __attribute__((visibility("hidden")));

static inline struct ebpf_return_bucket *ebpf_return_bucket_of(uint64_t sp)
{
	return &ebpf_return_buckets[(sp >> 4) * 0x9e3779b97f4a7c15ULL >> (64 - EBPF_RETURN_BUCKET_BITS)];
}

/* Where the newest instance of this stack pointer hangs, *that is NULL if there is none. The bucket is locked. */
static inline struct ebpf_return **ebpf_return_find(struct ebpf_return_bucket *bucket, uint64_t sp)
{
	struct ebpf_return **link = &bucket->first, *instance;

	while ((instance = *link) && instance->sp != sp)
		link = &instance->next;
	return link;
}

/* From the waiting to the free ones. */
static inline void ebpf_return_take(struct ebpf_return_bucket *bucket, struct ebpf_return **link)
{
	struct ebpf_return *instance = *link;

	*link = instance->next;
	instance->next = bucket->free;
	bucket->free = instance;
}

/* Fill in an instance that is in no list; the function will return to the trampoline. */
static inline void ebpf_return_await(struct ebpf_return_bucket *bucket, struct ebpf_return *instance,
				     struct ebpf_probe *probe, struct ebpf_pt_regs *regs)
{
	*instance = (struct ebpf_return){regs->x[1], regs->x[0], probe, bucket->first};
	bucket->first = instance;
	__atomic_fetch_add(&probe->outstanding, 1, __ATOMIC_RELAXED);
	regs->x[0] = ebpf_trampoline.addr;
}

#endif
