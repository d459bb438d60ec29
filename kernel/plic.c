/* SPDX-License-Identifier: BSD-2-Clause */
/* Platform-level interrupt controller (RISC-V PLIC Specification 1.0.0): console input, on the first hart. */
#include "console.h"
#include "dt.h"
#include "kvm.h"

#define PRIORITY(irq) (4 * (irq))
#define ENABLE(context, irq) (0x2000 + 0x80 * (uint64_t)(context) + (irq) / 32 * 4)
#define THRESHOLD(context) (0x200000 + 0x1000 * (uint64_t)(context))
#define CLAIM(context) (0x200004 + 0x1000 * (uint64_t)(context))

static volatile uint32_t *reg(uint64_t offset)
{
	return (volatile uint32_t *)((char *)phys_to_virt(machine.plic.base) + offset);
}

void plic_init(void)
{
	int32_t context = machine.plic.context[0];

	if (!machine.plic.base || context < 0 || !machine.uart.base || machine.uart.irq == 0 ||
	    machine.uart.irq >= 1024)
		return;
	*reg(PRIORITY(machine.uart.irq)) = 1;
	*reg(ENABLE(context, machine.uart.irq)) |= 1u << (machine.uart.irq % 32);
	*reg(THRESHOLD(context)) = 0;
}

void plic_interrupt(void)
{
	int32_t context = machine.plic.context[0];
	uint32_t irq;

	while ((irq = *reg(CLAIM(context))) != 0) {
		if (irq == machine.uart.irq)
			console_poll();
		*reg(CLAIM(context)) = irq;
	}
}
