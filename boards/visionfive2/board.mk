# SPDX-License-Identifier: BSD-2-Clause
# StarFive VisionFive 2 (JH7110; the same firmware serves Star64 and Milk-V Mars). README.md says what is verified.
BOARD_TITLE := VisionFive 2 (JH7110)
BOARD_RAM_BASE := 0x40000000
BOARD_FW_TEXT_START := 0x40000000
BOARD_KERNEL_OFFSET := 0x200000
BOARD_UBOOT_ADDR := 0x40200000
BOARD_ARENA_SIZE := 0x800000
# DRAM appears again, uncached, at 0x240000000, and no PMP entry covers that.
BOARD_ISOLATION_MAX := 0
BOARD_IMAGE := fit
