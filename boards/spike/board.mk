# SPDX-License-Identifier: BSD-2-Clause
# QEMU's spike machine: console and power-off through HTIF, no PLIC, no UART.
include boards/virt/board.mk
BOARD_TITLE := QEMU spike
BOARD_QEMU_MACHINE := spike
# QEMU announces Sstc in this machine's device tree, but stimecmp is an illegal instruction on it.
BOARD_QEMU_ARGS := -cpu rv64,sstc=false
# Its console keeps one byte of input; the next one overwrites it if the firmware has not taken it out before.
BOARD_QEMU_TYPE_GAP := 0.02
BOARD_QEMU_HTIF := 0x1000000
BOARD_QEMU_MAX_SMP := 8
