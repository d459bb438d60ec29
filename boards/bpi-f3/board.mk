# SPDX-License-Identifier: BSD-2-Clause
# Banana Pi BPI-F3 (SpacemiT K1; also Jupiter, OrangePi RV2). README.md says what is verified.
BOARD_TITLE := Banana Pi BPI-F3 (SpacemiT K1)
BOARD_RAM_BASE := 0x0
BOARD_FW_TEXT_START := 0x0
BOARD_KERNEL_OFFSET := 0x200000
BOARD_UBOOT_ADDR := 0x200000
BOARD_ARENA_SIZE := 0x800000
BOARD_IMAGE := fit
# The vendor's flash layout gives the firmware 0x70000..0xa0000.
BOARD_SLOT_SIZE := 0x30000
BOARD_FIT_COMPRESSION := lzma
BOARD_OPENSBI_CONFIG := boards/bpi-f3/opensbi.config
