/* SPDX-License-Identifier: BSD-2-Clause */
/* The order in which the kernel comes up. */
#include "bpf.h"
#include "console.h"
#include "cpu.h"
#include "dt.h"
#include "fs.h"
#include "kvm.h"
#include "page.h"
#include "printk.h"
#include "sbi.h"
#include "proc.h"
#include "timer.h"

extern char image_end[];

__attribute__((noreturn)) void kernel_main(uint64_t hartid, uint64_t dtb_pa, uint64_t load_pa);

static void load_initrd(void)
{
	uint64_t size = machine.initrd.end - machine.initrd.start;

	if (size == 0)
		panic("no initrd");
	if (fs_load_cpio(phys_to_virt(machine.initrd.start), size) != 0)
		printk(LOG_WARN, "initrd: not a whole newc archive, using what could be read\n");
}

/* The boot hart, on the boot page table (early.c) and the boot stack, which stays its scheduler's. */
void kernel_main(uint64_t hartid, uint64_t dtb_pa, uint64_t load_pa)
{
	const struct range image = {load_pa, load_pa + ((uint64_t)image_end - KERNEL_VA)};
	char level[2];

	__asm__ volatile("mv tp, %0" : : "r"(&cpus[0]));
	cpu_setup(&cpus[0], 0, hartid);
	kernel_load_pa = load_pa;
	trap_init_hart();
	sbi_init();
	if (dt_init(dtb_pa, hartid) != 0)
		panic("device tree at 0x%lx is of no use", dtb_pa);
	machine.reserved[machine.reserved_count++] = image;
	machine.no_map[machine.no_map_count++] = image; /* or it would be writable there */
	if (bootarg("loglevel=", level, sizeof(level)))
		printk_set_level(level[0] - '0');
	page_init();
	kvm_init(load_pa);
	console_init();
	plic_init();
	printk(LOG_INFO, "mbpf kernel at 0x%lx, %u harts, %lu KiB of memory free\n", load_pa, machine.hart_count,
	       page_count_free() * PAGE_SIZE / 1024);
	load_initrd();
	bpf_init();
	bpf_init_hart();
	init_start();
	smp_start();
	timer_next_tick();
	scheduler();
}
