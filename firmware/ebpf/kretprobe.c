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
#include "kretprobe.h"

#include "arena.h"
#include "leaf.h"
#include "limits.h"
#include "mem.h"
#include "prog.h"
#include "uapi/errno.h"
#include "walk.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

struct ebpf_return_bucket ebpf_return_buckets[EBPF_RETURN_BUCKETS];

static struct ebpf_lock pool_lock; /* taken with a bucket's lock held */
static struct ebpf_return *pool;
struct ebpf_probe ebpf_trampoline = {.addr = EBPF_PROBE_NONE, .trampoline = true};
static int need_all, no_leaves; /* return programs that look at all of their context, that are no leaves */

int ebpf_kretprobe_init(void)
{
	struct ebpf_return *all = ebpf_zalloc(NULL, EBPF_KRETPROBE_INSTANCES * sizeof(*all));
	uint32_t i;

	if (!all)
		return -ENOMEM;
	pool = NULL;
	for (i = 0; i < EBPF_KRETPROBE_INSTANCES; i++) {
		all[i].next = pool;
		pool = &all[i];
	}
	ebpf_memzero(ebpf_return_buckets, sizeof(ebpf_return_buckets));
	need_all = no_leaves = 0;
	ebpf_trampoline.addr = EBPF_PROBE_NONE;
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
		ebpf_probe_remove(&ebpf_trampoline);
	ebpf_trampoline.addr = va;
	ebpf_trampoline.pa = pa;
	ebpf_trampoline.satp = ebpf_trampoline.light_satp = as.satp;
	return ebpf_probe_insert(&ebpf_trampoline);
}

uint64_t ebpf_kretprobe_trampoline(void)
{
	return ebpf_trampoline.addr == EBPF_PROBE_NONE ? 0 : ebpf_trampoline.addr;
}

void ebpf_kretprobe_program(const struct ebpf_prog *prog, int change)
{
	if (ebpf_prog_special(prog) & (EBPF_PROG_CTX | EBPF_PROG_RCORE))
		need_all += change;
	if (!ebpf_prog_is_leaf(prog))
		no_leaves += change;
	__atomic_store_n(&ebpf_trampoline.leaf_return, no_leaves ? NULL : ebpf_leaf_return, __ATOMIC_RELAXED);
	__atomic_store_n(&ebpf_trampoline.light_satp, need_all ? EBPF_NO_SATP : ebpf_trampoline.satp, __ATOMIC_RELAXED);
}

/* No instance in the bucket: one of the pool, or of a bucket nobody is in at this moment. Its lock is held. */
static __attribute__((noinline)) struct ebpf_return *borrow(void)
{
	struct ebpf_return *instance;
	uint32_t i;

	ebpf_lock(&pool_lock);
	instance = pool;
	if (instance)
		pool = instance->next;
	ebpf_unlock(&pool_lock);
	for (i = 0; !instance && i < EBPF_RETURN_BUCKETS; i++) {
		if (!__atomic_load_n(&ebpf_return_buckets[i].free, __ATOMIC_RELAXED) ||
		    !ebpf_trylock(&ebpf_return_buckets[i].lock))
			continue;
		instance = ebpf_return_buckets[i].free;
		if (instance)
			ebpf_return_buckets[i].free = instance->next;
		ebpf_unlock(&ebpf_return_buckets[i].lock);
	}
	return instance;
}

/* A real return address with this stack pointer: whatever is kept for it is stale. How many that are. */
static __attribute__((noinline)) int drop_stale(struct ebpf_return_bucket *bucket, uint64_t sp)
{
	struct ebpf_return **stale;
	int dropped = 0;

	while (*(stale = ebpf_return_find(bucket, sp))) {
		ebpf_kretprobe_left((*stale)->probe);
		ebpf_return_take(bucket, stale);
		dropped++;
	}
	return dropped;
}

/* The bucket is locked, and has others waiting in it or no instance. */
static __attribute__((noinline)) int enter_slowly(struct ebpf_return_bucket *bucket, struct ebpf_probe *probe,
						  struct ebpf_pt_regs *regs)
{
	int dropped = regs->x[0] != ebpf_trampoline.addr ? drop_stale(bucket, regs->x[1]) : 0;
	struct ebpf_return *instance = bucket->free;

	if (instance)
		bucket->free = instance->next;
	else
		instance = borrow();
	if (instance)
		ebpf_return_await(bucket, instance, probe, regs);
	ebpf_unlock(&bucket->lock);
	if (!instance)
		ebpf_kprobe_missed_return(probe);
	return (instance != NULL) - dropped;
}

int ebpf_kretprobe_enter(struct ebpf_probe *probe, struct ebpf_pt_regs *regs)
{
	struct ebpf_return_bucket *bucket = ebpf_return_bucket_of(regs->x[1]);
	struct ebpf_return *instance;

	ebpf_lock(&bucket->lock);
	instance = bucket->free;
	if (unlikely(bucket->first || !instance))
		return enter_slowly(bucket, probe, regs);
	bucket->free = instance->next;
	ebpf_return_await(bucket, instance, probe, regs);
	ebpf_unlock(&bucket->lock);
	return 1;
}

struct ebpf_probe *ebpf_kretprobe_return(uint64_t sp, uint64_t *ra)
{
	struct ebpf_return_bucket *bucket = ebpf_return_bucket_of(sp);
	struct ebpf_probe *probe = NULL;
	struct ebpf_return **link;

	ebpf_lock(&bucket->lock);
	link = ebpf_return_find(bucket, sp);
	if (likely(*link)) {
		*ra = (*link)->ra;
		probe = (*link)->probe;
		ebpf_return_take(bucket, link);
	}
	ebpf_unlock(&bucket->lock);
	return probe;
}
