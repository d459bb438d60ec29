# SPDX-License-Identifier: BSD-2-Clause
# Milk-V Duo (CV1800B, 64 MiB). README.md says what is verified.
BOARD_TITLE := Milk-V Duo (CV1800B)
BOARD_RAM_BASE := 0x80000000
BOARD_FW_TEXT_START := 0x80000000
BOARD_KERNEL_OFFSET := 0x200000
BOARD_UBOOT_ADDR := 0x80200000
BOARD_ARENA_SIZE := 0x200000
BOARD_IMAGE := raw
BOARD_IMAGE_WHY := fip.bin is put together by the vendor's fiptool from its FSBL, fw_dynamic.bin and U-Boot
