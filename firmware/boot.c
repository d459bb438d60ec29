// SPDX-License-Identifier: BSD-2-Clause
/*
 * How mbpf gets into an unmodified OpenSBI: three functions are wrapped by the
 * linker (-Wl,--wrap=), each called from another object than the one that
 * defines it.
 *
 *   sbi_domain_finalize   before the domains are final: the arena becomes a
 *                         memory region of the root domain
 *   sbi_ecall_init        the core is set up and the extension registered, in
 *                         time for the boot banner
 *   sbi_hart_switch_mode  the last step of every hart start and resume:
 *                         delegate_traps() has just delegated breakpoints
 *
 * If the arena finds no place, OpenSBI boots as if mbpf were not there.
 */
#include "seam.h"
#include "ebpf/call.h"
#include "ebpf/kprobe.h"
#include "ebpf/prog.h"
#include "ebpf/uapi/sbi_ebpf.h"

#include <sbi/sbi_console.h>
#include <sbi/sbi_hart.h>
#include <sbi/sbi_scratch.h>
#include <sbi_utils/fdt/fdt_helper.h>

int __real_sbi_domain_finalize(struct sbi_scratch *scratch, unsigned long cold_hartid);
int __wrap_sbi_domain_finalize(struct sbi_scratch *scratch, unsigned long cold_hartid);
int __real_sbi_ecall_init(void);
int __wrap_sbi_ecall_init(void);
void __noreturn __real_sbi_hart_switch_mode(unsigned long arg0, unsigned long arg1, unsigned long next_addr,
					    unsigned long next_mode, unsigned long next_virt);
void __noreturn __wrap_sbi_hart_switch_mode(unsigned long arg0, unsigned long arg1, unsigned long next_addr,
					    unsigned long next_mode, unsigned long next_virt);

static bool running;
static u32 boot_hart;

/* OpenSBI 1.7 dropped the second argument; passing it on is harmless in the C ABI of RISC-V. */
int __wrap_sbi_domain_finalize(struct sbi_scratch *scratch, unsigned long cold_hartid)
{
	seam_isolation_init(fdt_get_address());
	seam_memory_init(fdt_get_address());
	seam_reset_init(fdt_get_address());
	return __real_sbi_domain_finalize(scratch, cold_hartid);
}

int __wrap_sbi_ecall_init(void)
{
	int rc = __real_sbi_ecall_init();

	if (rc || !seam_arena_base())
		return rc;
	seam_entropy_init(fdt_get_address());
	seam_policy_init(fdt_get_address());
	ebpf_plat_rv_ext = seam_isa_extensions(fdt_get_address());
	if (seam_memory_seal(fdt_get_address_rw()) || seam_harts_init() ||
	    ebpf_init(seam_arena_base(), seam_arena_size()) || seam_ecall_register())
		sbi_printf("mbpf: set-up failed, eBPF is off\n");
	else
		running = true;
	boot_hart = current_hartindex();
	return 0;
}

static void print_banner(void)
{
	sbi_printf("mbpf version                : %d.%d\n", SBI_EBPF_VERSION_MAJOR, SBI_EBPF_VERSION_MINOR);
	sbi_printf("mbpf arena                  : 0x%lx, %lu KiB\n", (unsigned long)seam_arena_base(),
		   seam_arena_size() >> 10);
	seam_machine_print();
	if (!EBPF_VERIFIER)
		sbi_printf("mbpf VERIFIER               : OFF, a build for experiments: every program is accepted\n");
	seam_policy_print();
	sbi_printf("mbpf isolation              : %s (%u PMP entries)\n\n", seam_isolation_level_name(seam_isolation()),
		   seam_isolation_pmp_entries());
}

/* The hart that boots enters S-mode before any other of its domain does. Its PMP is set up by now. */
static void first_hart(void)
{
	if (seam_isolation_met()) {
		print_banner();
		return;
	}
	sbi_printf("mbpf: eBPF is off\n\n");
	seam_ecall_withdraw();
	running = false;
}

void __noreturn __wrap_sbi_hart_switch_mode(unsigned long arg0, unsigned long arg1, unsigned long next_addr,
					    unsigned long next_mode, unsigned long next_virt)
{
	static bool booted;
	bool first = running && !booted && current_hartindex() == boot_hart;

	if (running)
		seam_machine_hart_init();
	if (first) {
		booted = true;
		first_hart();
	}
	if (running) {
		if (!first && !seam_isolation_met())
			sbi_hart_hang();
		seam_platform_hart_init();
		seam_hart_enter_smode();
	}
	__real_sbi_hart_switch_mode(arg0, arg1, next_addr, next_mode, next_virt);
}
