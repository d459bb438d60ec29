/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console's UART, as the firmware has set it up (speed, format, FIFO):
 * ns16550a and dw-apb-uart, or SiFive's (FU540-C000 manual ch. 13).
 */
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

#define SIFIVE_TXDATA 0
#define SIFIVE_RXDATA 1
#define SIFIVE_IE 4
#define SIFIVE_IE_RECEIVE 0x02
#define SIFIVE_NOT_NOW (1u << 31) /* full, or empty */

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
	if (machine.uart.sifive)
		write_reg(SIFIVE_IE, SIFIVE_IE_RECEIVE);
	else
		write_reg(UART_IER, IER_RECEIVE);
}

void uart_putc(char c)
{
	while (machine.uart.sifive ? read_reg(SIFIVE_TXDATA) & SIFIVE_NOT_NOW : !(read_reg(UART_LSR) & LSR_THR_EMPTY))
		;
	write_reg(machine.uart.sifive ? SIFIVE_TXDATA : UART_THR, (uint8_t)c);
}

int uart_getc(void)
{
	uint32_t data;

	if (machine.uart.sifive) {
		data = read_reg(SIFIVE_RXDATA);
		return data & SIFIVE_NOT_NOW ? -1 : (int)(data & 0xff);
	}
	return read_reg(UART_LSR) & LSR_DATA_READY ? (int)(read_reg(UART_RBR) & 0xff) : -1;
}
