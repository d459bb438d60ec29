# SPDX-License-Identifier: BSD-2-Clause
# Microchip PolarFire SoC Icicle kit. README.md says what is verified.
BOARD_TITLE := PolarFire SoC Icicle kit
BOARD_RAM_BASE := 0x80000000
BOARD_FW_TEXT_START := 0x80000000
BOARD_KERNEL_OFFSET := 0x200000
BOARD_UBOOT_ADDR := 0x80200000
BOARD_ARENA_SIZE := 0x800000
# The first GiB of RAM appears again at 0xc0000000, not cached.
BOARD_ALIASES := 0x40000000
BOARD_IMAGE := hss
BOARD_IMAGE_WHY := payload.bin is made by Microchip's hss-payload-generator from payload.yaml; it is run if it is installed
# The device tree and where the initrd is put, for payload.bin
BOARD_TREE := boards/microchip-icicle-kit/qemu.dts
BOARD_INITRD_ADDR := 0x80400000
# QEMU: -bios would be the HSS; OpenSBI is loaded beside the kernel, by name. No device tree is made.
BOARD_QEMU_MACHINE := microchip-icicle-kit
BOARD_QEMU_BIOS_BY_NAME := yes
BOARD_QEMU_TREE := $(BOARD_TREE)
BOARD_QEMU_ARGS := -serial null
BOARD_QEMU_MORE_HARTS := 1
BOARD_QEMU_MAX_SMP := 4
BOARD_RAM ?= 1537M
