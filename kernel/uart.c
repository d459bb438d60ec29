/* SPDX-License-Identifier: BSD-2-Clause */
/* ns16550a and dw-apb-uart, as the firmware has set them up (speed, format, FIFO). */
#include "console.h"
#include "dt.h"
#include "kvm.h"

#define UART_RBR 0 /* receive, read */
#define UART_THR 0 /* transmit, write */
#define UART_IER 1
#define UART_LSR 5
#define IER_RECEIVE 0x01
#define LSR_DATA_READY 0x01
#define LSR_THR_EMPTY 0x20

static volatile void *reg(unsigned int index)
{
	return (volatile char *)phys_to_virt(machine.uart.base) + (index << machine.uart.reg_shift);
}

static uint32_t read_reg(unsigned int index)
{
	return machine.uart.reg_io_width == 4 ? *(volatile uint32_t *)reg(index) : *(volatile uint8_t *)reg(index);
}

static void write_reg(unsigned int index, uint32_t value)
{
	if (machine.uart.reg_io_width == 4)
		*(volatile uint32_t *)reg(index) = value;
	else
		*(volatile uint8_t *)reg(index) = (uint8_t)value;
}

void uart_init(void)
{
	write_reg(UART_IER, IER_RECEIVE);
}

void uart_putc(char c)
{
	while (!(read_reg(UART_LSR) & LSR_THR_EMPTY))
		;
	write_reg(UART_THR, (uint8_t)c);
}

int uart_getc(void)
{
	return read_reg(UART_LSR) & LSR_DATA_READY ? (int)(read_reg(UART_RBR) & 0xff) : -1;
}
