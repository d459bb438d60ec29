// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table of probe points: open addressing by virtual address, sized once
 * from the arena, half always empty so that a look-up ends soon. One
 * pointer a slot; a removed probe leaves a tombstone that matches no address.
 * A second index by physical address serves the rare hit through another
 * mapping (a trampoline page, a second address space).
 */
#include "probe.h"

#include "arena.h"
#include "limits.h"
#include "mem.h"
#include "uapi/errno.h"

#define PA_CHAINS 1024u

#define FACTOR 0x9e3779b97f4a7c15ULL

static struct ebpf_probe removed = {.addr = EBPF_PROBE_REMOVED}, none = {.addr = EBPF_PROBE_NONE};

struct ebpf_probe_table ebpf_probes = {.factor = FACTOR};

static uint32_t used, limit;
static struct ebpf_probe **pa_chains;

static uint32_t chain_of(uint64_t pa)
{
	return pa * FACTOR >> 54;
}

/* One slot for every 256 bytes of arena, within reason: 32768 slots of 8 bytes in 8 MiB. */
int ebpf_probe_table_init(size_t arena_size)
{
	struct ebpf_probe **slots;
	unsigned int bits = 8;
	size_t bytes;
	uint32_t i;

	while (bits < 20 && (256ULL << (bits + 1)) <= arena_size)
		bits++;
	bytes = sizeof(*slots) << bits;
	limit = (1u << bits) / 8 * 3;
	if (limit > EBPF_MAX_PROBES)
		limit = EBPF_MAX_PROBES;
	used = 0;
	slots = ebpf_alloc(NULL, bytes);
	pa_chains = ebpf_zalloc(NULL, PA_CHAINS * sizeof(*pa_chains));
	if (!slots || !pa_chains) {
		ebpf_free(slots);
		ebpf_free(pa_chains);
		return -ENOMEM;
	}
	for (i = 0; i < 1u << bits; i++)
		slots[i] = &none;
	ebpf_probes.slots = slots;
	ebpf_probes.mask = bytes - sizeof(*slots);
	ebpf_probes.shift = 61 - bits;
	return 0;
}

struct ebpf_probe *ebpf_probe_find_pa(uint64_t pa)
{
	struct ebpf_probe *probe = __atomic_load_n(&pa_chains[chain_of(pa)], __ATOMIC_ACQUIRE);

	while (probe && probe->pa != pa)
		probe = __atomic_load_n(&probe->next_pa, __ATOMIC_ACQUIRE);
	return probe;
}

int ebpf_probe_insert(struct ebpf_probe *probe)
{
	struct ebpf_probe **slot = ebpf_probe_slot(probe->addr), **chain = &pa_chains[chain_of(probe->pa)];

	if (!probe->trampoline && used == limit)
		return -ENOSPC;
	while (*slot != &none && *slot != &removed)
		slot = ebpf_probe_slot_after(slot);
	probe->next_pa = *chain;
	__atomic_store_n(chain, probe, __ATOMIC_RELEASE);
	__atomic_store_n(slot, probe, __ATOMIC_RELEASE);
	used += !probe->trampoline;
	return 0;
}

/* Turn tombstones before an empty slot back into empty slots, so that look-ups stay short. */
static void clear_tombstones(struct ebpf_probe **slot)
{
	struct ebpf_probe **slots = ebpf_probes.slots, **last = slots + ebpf_probes.mask / sizeof(*slots);

	if (*ebpf_probe_slot_after(slot) != &none)
		return;
	while (*slot == &removed) {
		__atomic_store_n(slot, &none, __ATOMIC_RELEASE);
		slot = slot == slots ? last : slot - 1;
	}
}

void ebpf_probe_remove(struct ebpf_probe *probe)
{
	struct ebpf_probe **slot = ebpf_probe_slot(probe->addr), **link = &pa_chains[chain_of(probe->pa)];

	while (*slot != probe)
		slot = ebpf_probe_slot_after(slot);
	__atomic_store_n(slot, &removed, __ATOMIC_RELEASE);
	clear_tombstones(slot);
	while (*link != probe)
		link = &(*link)->next_pa;
	__atomic_store_n(link, probe->next_pa, __ATOMIC_RELEASE);
	used -= !probe->trampoline;
}

uint32_t ebpf_probe_count(void)
{
	return used;
}

uint32_t ebpf_probe_capacity(void)
{
	return limit;
}
