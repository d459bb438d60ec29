// SPDX-License-Identifier: BSD-2-Clause
/*
 * Return probes. At the function's entry `ra` is replaced by the kernel's
 * trampoline, an ebreak in its text; the real `ra` is kept in an instance keyed
 * by the stack pointer at entry, which the callee has restored when it returns.
 * So a task may sleep or migrate inside, and recursion has other stack pointers.
 *
 * A tail call enters a second probed function with the same stack pointer and
 * the trampoline already in `ra`: instances of one stack pointer are a stack,
 * and the inner one returns through the outer one. An instance found with the
 * same stack pointer and a real `ra` belongs to a call that will never return
 * (its task has died in there): it is dropped.
 */
#include "probe.h"

#include "arena.h"
#include "limits.h"
#include "lock.h"
#include "mem.h"
#include "prog.h"
#include "uapi/errno.h"
#include "walk.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define BUCKET_BITS 8u
#define BUCKETS (1u << BUCKET_BITS)

struct instance {
	uint64_t sp;
	uint64_t ra;
	struct ebpf_probe *probe;
	struct instance *next; /* newer ones first */
};

/*
 * A bucket keeps the instances that have been used in it, so that the common
 * entry and return take no lock but the bucket's. Whoever finds neither one
 * there nor in the pool takes another bucket's.
 */
static struct bucket {
	struct ebpf_lock lock;
	struct instance *first, *free;
} __attribute__((aligned(32))) buckets[BUCKETS];

static struct ebpf_lock pool_lock; /* taken with a bucket's lock held */
static struct instance *pool;
static struct ebpf_probe trampoline = {.addr = EBPF_PROBE_NONE, .trampoline = true};
static int need_all; /* return programs that look at all of their context */

int ebpf_kretprobe_init(void)
{
	struct instance *all = ebpf_zalloc(NULL, EBPF_KRETPROBE_INSTANCES * sizeof(*all));
	uint32_t i;

	if (!all)
		return -ENOMEM;
	pool = NULL;
	for (i = 0; i < EBPF_KRETPROBE_INSTANCES; i++) {
		all[i].next = pool;
		pool = &all[i];
	}
	ebpf_memzero(buckets, sizeof(buckets));
	need_all = 0;
	trampoline.addr = EBPF_PROBE_NONE;
	return 0;
}

int ebpf_kprobe_set_trampoline(uint64_t va)
{
	const struct ebpf_as as = {ebpf_plat_satp(), EBPF_AS_KERNEL};
	uint64_t pa, left;
	uint16_t low, high = 0;

	if (va & 1 || !va)
		return -EINVAL;
	if (ebpf_kprobe_armed() || ebpf_kretprobe_pending())
		return -EBUSY;
	if (ebpf_walk(&as, va, EBPF_ACCESS_EXEC, &pa, &left) || !ebpf_plat_phys_ok(pa, 2, EBPF_ACCESS_READ))
		return -EFAULT;
	ebpf_plat_phys_read(&low, pa, 2);
	if (rv_insn_len(low) == 4) {
		if (left < 4 || !ebpf_plat_phys_ok(pa, 4, EBPF_ACCESS_READ))
			return -EFAULT;
		ebpf_plat_phys_read(&high, pa + 2, 2);
	}
	/* c.ebreak or ebreak */
	if (low != C_EBREAK && (low != 0x0073 || high != 0x0010))
		return -EINVAL;
	if (ebpf_kretprobe_trampoline())
		ebpf_probe_remove(&trampoline);
	trampoline.addr = va;
	trampoline.pa = pa;
	trampoline.satp = trampoline.light_satp = as.satp;
	return ebpf_probe_insert(&trampoline);
}

uint64_t ebpf_kretprobe_trampoline(void)
{
	return trampoline.addr == EBPF_PROBE_NONE ? 0 : trampoline.addr;
}

void ebpf_kretprobe_need_all(int change)
{
	need_all += change;
	__atomic_store_n(&trampoline.light_satp, need_all ? EBPF_NO_SATP : trampoline.satp, __ATOMIC_RELAXED);
}

static struct bucket *bucket_of(uint64_t sp)
{
	return &buckets[(sp >> 4) * 0x9e3779b97f4a7c15ULL >> (64 - BUCKET_BITS)];
}

/* No instance in the bucket: one of the pool, or of a bucket nobody is in at this moment. Its lock is held. */
static __attribute__((noinline)) struct instance *borrow(void)
{
	struct instance *instance;
	uint32_t i;

	ebpf_lock(&pool_lock);
	instance = pool;
	if (instance)
		pool = instance->next;
	ebpf_unlock(&pool_lock);
	for (i = 0; !instance && i < BUCKETS; i++) {
		if (!__atomic_load_n(&buckets[i].free, __ATOMIC_RELAXED) || !ebpf_trylock(&buckets[i].lock))
			continue;
		instance = buckets[i].free;
		if (instance)
			buckets[i].free = instance->next;
		ebpf_unlock(&buckets[i].lock);
	}
	return instance;
}

/* The newest instance of this stack pointer goes from the waiting to the free ones; the bucket stays locked. */
static inline struct instance *take_newest(struct bucket *bucket, uint64_t sp)
{
	struct instance **link = &bucket->first, *instance;

	while ((instance = *link) && instance->sp != sp)
		link = &instance->next;
	if (instance) {
		*link = instance->next;
		instance->next = bucket->free;
		bucket->free = instance;
	}
	return instance;
}

/* A real return address with this stack pointer: whatever is kept for it is stale. How many that are. */
static __attribute__((noinline)) int drop_stale(struct bucket *bucket, uint64_t sp)
{
	struct instance *stale;
	int dropped = 0;

	while ((stale = take_newest(bucket, sp))) {
		ebpf_kretprobe_left(stale->probe);
		dropped++;
	}
	return dropped;
}

/* Fill in and unlock. */
static inline int wait_for(struct bucket *bucket, struct instance *instance, struct ebpf_probe *probe,
			   struct ebpf_pt_regs *regs)
{
	*instance = (struct instance){regs->x[1], regs->x[0], probe, bucket->first};
	bucket->first = instance;
	__atomic_fetch_add(&probe->outstanding, 1, __ATOMIC_RELAXED);
	regs->x[0] = trampoline.addr;
	ebpf_unlock(&bucket->lock);
	return 1;
}

/* The bucket is locked, and has others waiting in it or no instance. */
static __attribute__((noinline)) int enter_slowly(struct bucket *bucket, struct ebpf_probe *probe,
						  struct ebpf_pt_regs *regs)
{
	int dropped = regs->x[0] != trampoline.addr ? drop_stale(bucket, regs->x[1]) : 0;
	struct instance *instance = bucket->free;

	if (instance)
		bucket->free = instance->next;
	else
		instance = borrow();
	if (instance)
		return wait_for(bucket, instance, probe, regs) - dropped;
	ebpf_kprobe_count_missed();
	ebpf_unlock(&bucket->lock);
	return -dropped;
}

int ebpf_kretprobe_enter(struct ebpf_probe *probe, struct ebpf_pt_regs *regs)
{
	struct bucket *bucket = bucket_of(regs->x[1]);
	struct instance *instance;

	ebpf_lock(&bucket->lock);
	instance = bucket->free;
	if (unlikely(bucket->first || !instance))
		return enter_slowly(bucket, probe, regs);
	bucket->free = instance->next;
	return wait_for(bucket, instance, probe, regs);
}

struct ebpf_probe *ebpf_kretprobe_return(uint64_t sp, uint64_t *ra)
{
	struct bucket *bucket = bucket_of(sp);
	struct ebpf_probe *probe = NULL;
	struct instance *instance;

	ebpf_lock(&bucket->lock);
	instance = take_newest(bucket, sp);
	if (likely(instance)) {
		*ra = instance->ra;
		probe = instance->probe;
	}
	ebpf_unlock(&bucket->lock);
	return probe;
}
