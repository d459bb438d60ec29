// SPDX-License-Identifier: BSD-2-Clause
/*
 * What isolation is asked for, what there is, and what follows if it is less.
 *
 * The board (BOARD_ISOLATION_MIN) or /chosen of the device tree that the
 * firmware is given says how much: "none" (run, and say what the level is),
 * "partial" or "full". The level is read from the PMP of each hart that enters
 * S-mode (harts.c), and the lowest counts. Less than asked for: on the hart that
 * boots, the extension is withdrawn and the machine goes on without eBPF; a
 * later hart is kept out of S-mode, as the others are at work by then.
 *
 *	chosen {
 *		mbpf,isolation-min = "full";
 *		mbpf,pmp-entries = <8>;	// not more than these are to be counted on
 *	};
 *
 * Invariant: no hart is in S-mode below the level asked for while eBPF is on.
 */
#include "seam.h"
#include "ebpf/uapi/sbi_ebpf.h"

#include <libfdt.h>
#include <sbi/sbi_console.h>
#include <sbi/riscv_asm.h>
#include <sbi/riscv_encoding.h>
#include <sbi/sbi_string.h>

#ifndef EBPF_ISOLATION_MIN
#define EBPF_ISOLATION_MIN SBI_EBPF_ISOLATION_NONE
#endif

#ifdef EBPF_ISOLATION_MAX /* the board: its memory can be reached in ways that no PMP entry covers */
#define BOARD_LIMIT(level) ((level) > EBPF_ISOLATION_MAX ? EBPF_ISOLATION_MAX : (level))
#else
#define BOARD_LIMIT(level) (level)
#endif

static const char *const level_names[] = {"none", "partial", "full"};
static unsigned int wanted = EBPF_ISOLATION_MIN;
static unsigned int lowest = SBI_EBPF_ISOLATION_FULL;
static unsigned int pmp_limit = -1U;

void seam_isolation_init(const void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen"), len;
	const char *name = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "mbpf,isolation-min", &len);
	unsigned int i;
	const void *limit;

	if (name) {
		wanted = SBI_EBPF_ISOLATION_FULL; /* what cannot be read is taken for the strictest */
		for (i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++)
			if (len == (int)sbi_strlen(level_names[i]) + 1 && !sbi_strcmp(name, level_names[i]))
				wanted = i;
	}
	limit = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "mbpf,pmp-entries", &len);
	if (limit && len == sizeof(fdt32_t))
		pmp_limit = fdt32_ld(limit);
}

unsigned int seam_isolation_pmp_entries(void)
{
	unsigned int count = seam_hart_pmp_count();

	return count < pmp_limit ? count : pmp_limit;
}

unsigned int seam_isolation(void)
{
	unsigned int level = BOARD_LIMIT(seam_hart_isolation()), seen = __atomic_load_n(&lowest, __ATOMIC_RELAXED);

	while (level < seen &&
	       !__atomic_compare_exchange_n(&lowest, &seen, level, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	return level < seen ? level : seen;
}

const char *seam_isolation_level_name(unsigned int level)
{
	return level_names[level];
}

bool seam_isolation_met(void)
{
	unsigned int level = seam_isolation();

	if (level >= wanted)
		return true;
	sbi_printf("mbpf: isolation is %s on hart %u, %s is asked for\n", level_names[level],
		   (u32)csr_read(CSR_MHARTID), level_names[wanted]);
	return false;
}

bool seam_isolation_wants_arena_entry(void)
{
	return wanted == SBI_EBPF_ISOLATION_FULL;
}
