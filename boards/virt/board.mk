# SPDX-License-Identifier: BSD-2-Clause
# QEMU's virt machine: the course's board and the one the tests run on.
BOARD_TITLE := QEMU virt
BOARD_QEMU_MACHINE := virt
# Firmware and defaults are those of QEMU's other machines, too: their board.mk include this one.
BOARD_FIRMWARE := virt
BOARD_RAM ?= 256M
BOARD_RAM_BASE := 0x80000000
BOARD_ARENA_SIZE := 0x800000
BOARD_KERNEL_OFFSET := 0x200000
BOARD_IMAGE := raw
BOARD_IMAGE_WHY := QEMU takes the raw images as they are: -bios fw_dynamic.bin -kernel kernel.bin -initrd initrd.cpio
