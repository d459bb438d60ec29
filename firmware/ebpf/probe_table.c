// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table of probe points: open addressing by virtual address, sized once
 * from the arena, a quarter always empty so that a look-up ends soon. One
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

static struct ebpf_probe tombstone = {.addr = 1}; /* no instruction lies at an odd address */
#define FACTOR 0x9e3779b97f4a7c15ULL

struct ebpf_probe_table ebpf_probes = {.factor = FACTOR};

static uint32_t used, limit;
static struct ebpf_probe **pa_chains;

static uint64_t slot_of(uint64_t addr)
{
	return addr * FACTOR >> ebpf_probes.shift;
}

static uint32_t chain_of(uint64_t pa)
{
	return pa * FACTOR >> 54;
}

/* One slot for every 512 bytes of arena, within reason: 16384 slots of 8 bytes in 8 MiB. */
int ebpf_probe_table_init(size_t arena_size)
{
	struct ebpf_probe **slots;
	unsigned int bits = 8;
	size_t bytes;

	while (bits < 20 && (512ULL << (bits + 1)) <= arena_size)
		bits++;
	bytes = sizeof(*slots) << bits;
	limit = (1u << bits) / 4 * 3;
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
	ebpf_memzero(slots, bytes);
	ebpf_probes.slots = slots;
	ebpf_probes.mask = (1u << bits) - 1;
	ebpf_probes.shift = 64 - bits;
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
	struct ebpf_probe **slots = ebpf_probes.slots;
	uint64_t i = slot_of(probe->addr);
	struct ebpf_probe **chain = &pa_chains[chain_of(probe->pa)];

	if (used == limit)
		return -ENOSPC;
	while (slots[i] && slots[i] != &tombstone)
		i = (i + 1) & ebpf_probes.mask;
	probe->next_pa = *chain;
	__atomic_store_n(chain, probe, __ATOMIC_RELEASE);
	__atomic_store_n(&slots[i], probe, __ATOMIC_RELEASE);
	used++;
	return 0;
}

/* Turn tombstones before an empty slot back into empty slots, so that look-ups stay short. */
static void clear_tombstones(uint64_t i)
{
	struct ebpf_probe **slots = ebpf_probes.slots;

	if (slots[(i + 1) & ebpf_probes.mask])
		return;
	while (slots[i] == &tombstone) {
		__atomic_store_n(&slots[i], NULL, __ATOMIC_RELEASE);
		i = (i - 1) & ebpf_probes.mask;
	}
}

void ebpf_probe_remove(struct ebpf_probe *probe)
{
	struct ebpf_probe **slots = ebpf_probes.slots;
	uint64_t i = slot_of(probe->addr);
	struct ebpf_probe **link = &pa_chains[chain_of(probe->pa)];

	while (slots[i] != probe)
		i = (i + 1) & ebpf_probes.mask;
	__atomic_store_n(&slots[i], &tombstone, __ATOMIC_RELEASE);
	clear_tombstones(i);
	while (*link != probe)
		link = &(*link)->next_pa;
	__atomic_store_n(link, probe->next_pa, __ATOMIC_RELEASE);
	used--;
}

uint32_t ebpf_probe_count(void)
{
	return used;
}

uint32_t ebpf_probe_capacity(void)
{
	return limit;
}
