# SPDX-License-Identifier: BSD-2-Clause
# QEMU's virt machine with Smepmp: M-mode itself may not touch S-mode's memory, nor execute anything but the firmware.
# QEMU 7.2 has the extension (x-epmp), but its device tree does not say so: it is made to.
include boards/virt/board.mk
BOARD_TITLE := QEMU virt with Smepmp
SMEPMP_OLD = $(filter 7.% 8.0.% 8.1.%,$(shell $(QEMU) --version | sed -n 's/^QEMU emulator version //p'))
BOARD_QEMU_ARGS = -cpu rv64,$(if $(SMEPMP_OLD),x-epmp,smepmp)=true
BOARD_QEMU_ANNOUNCE = $(if $(SMEPMP_OLD),smepmp)
