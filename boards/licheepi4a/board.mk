# SPDX-License-Identifier: BSD-2-Clause
# Sipeed LicheePi 4A (T-Head TH1520; also Milk-V Meles, BeagleV-Ahead). README.md says what is verified.
BOARD_TITLE := LicheePi 4A (TH1520)
BOARD_RAM_BASE := 0x0
BOARD_FW_TEXT_START := 0x0
BOARD_KERNEL_OFFSET := 0x1b00000
BOARD_UBOOT_ADDR := 0x1b00000
BOARD_ARENA_SIZE := 0x800000
BOARD_IMAGE := raw
BOARD_IMAGE_WHY := u-boot-with-spl.bin carries a DDR blob of the vendor: U-Boot's build takes fw_dynamic.bin as OPENSBI=
