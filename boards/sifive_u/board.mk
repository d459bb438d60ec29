# SPDX-License-Identifier: BSD-2-Clause
# QEMU's model of the HiFive Unleashed (FU540): hart 0 is an E51 without S-mode.
include boards/virt/board.mk
BOARD_TITLE := QEMU sifive_u (HiFive Unleashed)
# The real board's loader: a FIT for U-Boot's SPL. (QEMU takes the raw image; both are the same firmware, linked at 0 and moved.)
BOARD_IMAGE := fit
BOARD_LOAD_ADDR := 0x80000000
BOARD_UBOOT_ADDR := 0x80200000
BOARD_QEMU_MACHINE := sifive_u
# SMP counts the harts that can run a kernel; the E51 comes on top.
BOARD_QEMU_MORE_HARTS := 1
BOARD_QEMU_MAX_SMP := 4
