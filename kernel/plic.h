/* SPDX-License-Identifier: BSD-2-Clause */
/* Platform-level interrupt controller: the UART's interrupt, delivered to the first hart. */
#ifndef KERNEL_PLIC_H
#define KERNEL_PLIC_H

void plic_init(void); /* does nothing where the device tree has no PLIC for us: the tick polls */
void plic_interrupt(void);

#endif
