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
#include "prog.h"
#include "uapi/errno.h"
#include "walk.h"

#define BUCKET_BITS 8u

struct ebpf_kretprobe_instance {
	uint64_t sp;
	uint64_t ra;
	struct ebpf_probe *probe;
	struct ebpf_kretprobe_instance *next; /* newer ones first */
};

static struct {
	struct ebpf_lock lock;
	struct ebpf_kretprobe_instance *first;
} buckets[1u << BUCKET_BITS];

static struct ebpf_lock pool_lock;
static struct ebpf_kretprobe_instance *pool;
static uint32_t pending;
uint64_t ebpf_kretprobe_trampoline;

int ebpf_kretprobe_init(void)
{
	struct ebpf_kretprobe_instance *all = ebpf_zalloc(NULL, EBPF_KRETPROBE_INSTANCES * sizeof(*all));
	uint32_t i;

	if (!all)
		return -ENOMEM;
	pool = NULL;
	for (i = 0; i < EBPF_KRETPROBE_INSTANCES; i++) {
		all[i].next = pool;
		pool = &all[i];
	}
	for (i = 0; i < 1u << BUCKET_BITS; i++)
		buckets[i].first = NULL;
	pending = 0;
	ebpf_kretprobe_trampoline = 0;
	return 0;
}

uint32_t ebpf_kretprobe_pending(void)
{
	return __atomic_load_n(&pending, __ATOMIC_ACQUIRE);
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
	ebpf_kretprobe_trampoline = va;
	return 0;
}

static struct ebpf_kretprobe_instance *take(void)
{
	struct ebpf_kretprobe_instance *instance;

	ebpf_lock(&pool_lock);
	instance = pool;
	if (instance)
		pool = instance->next;
	ebpf_unlock(&pool_lock);
	return instance;
}

static void give_back(struct ebpf_kretprobe_instance *instance)
{
	__atomic_fetch_sub(&instance->probe->outstanding, 1, __ATOMIC_RELEASE);
	__atomic_fetch_sub(&pending, 1, __ATOMIC_RELEASE);
	ebpf_lock(&pool_lock);
	instance->next = pool;
	pool = instance;
	ebpf_unlock(&pool_lock);
}

static uint32_t bucket_of(uint64_t sp)
{
	return (sp >> 4) * 0x9e3779b97f4a7c15ULL >> (64 - BUCKET_BITS);
}

/* Take the newest instance of this stack pointer out of its bucket; the bucket is locked. */
static struct ebpf_kretprobe_instance *unlink_newest(uint32_t b, uint64_t sp)
{
	struct ebpf_kretprobe_instance **link = &buckets[b].first, *instance;

	while (*link && (*link)->sp != sp)
		link = &(*link)->next;
	instance = *link;
	if (instance)
		*link = instance->next;
	return instance;
}

/* A real return address with this stack pointer: whatever is kept for it is stale. */
static void drop_stale(uint32_t b, uint64_t sp)
{
	struct ebpf_kretprobe_instance *stale;

	while ((stale = unlink_newest(b, sp)))
		give_back(stale);
}

void ebpf_kretprobe_enter(struct ebpf_probe *probe, struct ebpf_pt_regs *regs)
{
	uint64_t *ra = &regs->x[0], sp = regs->x[1];
	uint32_t b = bucket_of(sp);
	struct ebpf_kretprobe_instance *instance = take();

	if (!instance) {
		ebpf_kprobe_count_missed();
		return;
	}
	instance->sp = sp;
	instance->ra = *ra;
	instance->probe = probe;
	__atomic_fetch_add(&probe->outstanding, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&pending, 1, __ATOMIC_RELAXED);
	ebpf_lock(&buckets[b].lock);
	if (*ra != ebpf_kretprobe_trampoline)
		drop_stale(b, sp);
	instance->next = buckets[b].first;
	buckets[b].first = instance;
	ebpf_unlock(&buckets[b].lock);
	*ra = ebpf_kretprobe_trampoline;
}

const struct ebpf_attachment *ebpf_kretprobe_return(const struct ebpf_pt_regs *regs,
						    struct ebpf_kretprobe_instance **instance)
{
	uint32_t b = bucket_of(regs->x[1]);

	ebpf_lock(&buckets[b].lock);
	*instance = unlink_newest(b, regs->x[1]);
	ebpf_unlock(&buckets[b].lock);
	return *instance ? __atomic_load_n(&(*instance)->probe->returns, __ATOMIC_ACQUIRE) : NULL;
}

void ebpf_kretprobe_left(struct ebpf_kretprobe_instance *instance, struct ebpf_pt_regs *regs)
{
	regs->epc = instance->ra;
	regs->x[0] = instance->ra;
	give_back(instance);
}
