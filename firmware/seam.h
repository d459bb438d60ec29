/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seam between OpenSBI and the core: what the files of this folder share.
 * They are the only ones that include OpenSBI's headers. Nothing here patches
 * OpenSBI: three of its functions are wrapped at link time (boot.c), and while
 * a probe is armed the harts' mtvec points to trap_entry.S.
 */
#ifndef MBPF_SEAM_H
#define MBPF_SEAM_H

#include <sbi/sbi_types.h>

struct sbi_scratch;
struct ebpf_pt_regs;
struct rv_trap;

/* memory.c: RAM as the device tree describes it, and the arena in it */

/* Read /memory and place the arena; adds it to the root domain. 0 or SBI_E*. Cold boot, before domains are final. */
int seam_memory_init(const void *fdt);
/* Is [pa, pa + len) inside one /memory range? */
bool seam_is_ram(u64 pa, u64 len);
/*
 * Is [pa, pa + len) RAM that S-mode of the root domain may read, write and
 * execute? The quick answer for nearly all of it; no is not final.
 */
bool seam_is_open_ram(u64 pa, u64 len);
/* Find that RAM, and reserve the arena in the device tree if no region does; once, after the domains are final. */
int seam_memory_seal(void *fdt);
bool seam_is_arena(u64 pa, u64 len); /* does the range touch the arena? */
void *seam_arena_base(void);	     /* NULL: no place found */
unsigned long seam_arena_size(void);
u64 seam_alias(unsigned int i); /* i-th distance at which RAM appears once more; 0: that was the last */

/* harts.c: making every hart do something, and who takes breakpoints */

int seam_harts_init(void);		/* cold boot, once */
bool seam_hart_is_ours(void);		/* is it in the domain that eBPF is for: that of the hart that boots? */
void seam_hart_enter_smode(void);	/* on each hart, right before it enters S-mode */
unsigned int seam_hart_isolation(void); /* SBI_EBPF_ISOLATION_*, from the PMP of this hart */
unsigned int seam_hart_pmp_count(void); /* PMP entries of this hart, as implemented */

/* isolation.c: how much isolation is asked for and how much there is */

void seam_isolation_init(const void *fdt);     /* cold boot, before the arena is placed */
unsigned int seam_isolation_pmp_entries(void); /* of this hart, as far as they may be counted on */
unsigned int seam_isolation(void);	       /* SBI_EBPF_ISOLATION_*: the lowest of the harts so far */
const char *seam_isolation_level_name(unsigned int level);
bool seam_isolation_wants_arena_entry(void); /* without a PMP entry for the arena there is to be no eBPF */
bool seam_isolation_met(void);		     /* on each hart before S-mode; false, said on the console: too little */

bool seam_hart_stacks_ok(void); /* has no hart's stack reached its end? */

/* machine.c: what harts are made of */

void seam_machine_hart_init(void);	     /* on each hart, right before it enters S-mode */
unsigned long seam_machine_harts_have(void); /* SBI_EBPF_HARTS_* that all of them have */
unsigned long seam_machine_pmp_grain(void);  /* of this hart, in bytes; 0: no PMP */
void seam_machine_print(void);		     /* a line of the banner, about this hart */

/* policy.c: what the device tree allows programs beyond looking. Cold boot, before ebpf_init(); a line each for the
 * banner */
void seam_policy_init(const void *fdt);
void seam_policy_print(void);

/* isa.c: RV_EXT_* that every hart in the device tree has */
u32 seam_isa_extensions(const void *fdt);

/* reset.c: a shutdown that S-mode gives a reason for ends QEMU with a status; takes over HTIF. Cold boot. */
void seam_reset_init(const void *fdt);
/* htif.c: the HTIF with registers at `at` is power-off and console from now on */
void seam_htif_init(volatile void *at);

/* platform_sbi.c: read the device tree's seed. Cold boot, before ebpf_init() */
void seam_entropy_init(const void *fdt);
/* platform_sbi.c: how this hart reaches S-mode's memory; on each hart before it enters S-mode */
void seam_platform_hart_init(void);
/* How often ebpf_plat_trace_wake() was called, on all harts. */
u64 seam_events(void);

/* ecall.c */
int seam_ecall_register(void);
void seam_ecall_withdraw(void); /* S-mode has not run yet: as if it had never been registered */

/*
 * trap.c: called by trap_entry.S on the hart's own stack with what
 * ebpf_kprobe_hit() said, unless that was EBPF_HIT_DONE. Nonzero: not ours, go
 * on to OpenSBI's handler.
 */
unsigned long seam_trap_result(unsigned long result, struct ebpf_pt_regs *regs, const struct rv_trap *trap);
/* trap_entry.S: the trap vectors while breakpoints are taken */
void seam_trap_entry(void);
void seam_trap_entry_hyp(void);

#endif
