# SPDX-License-Identifier: BSD-2-Clause
# QEMU's virt machine with Smepmp, which locks firmware and arena even against M-mode's own mistakes.
# QEMU 7.2 calls the property x-epmp and does not announce the extension in its device tree;
# then OpenSBI does not use it and the board is the same as virt (README.md here).
include boards/virt/board.mk
BOARD_TITLE := QEMU virt with Smepmp
BOARD_QEMU_ARGS = -cpu rv64,$(if $(shell $(QEMU) -device rv64-riscv-cpu,help 2>/dev/null | grep -w smepmp),smepmp,x-epmp)=true
