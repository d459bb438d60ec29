#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Print gdb commands that load the symbols of kernel and firmware and connect:
#
#	tools/gdbinit.sh FW_ELF KERNEL_ELF PORT
#
# The firmware is position-independent and linked at 0; boot ROMs of the boards
# enter it at the start of RAM, where QEMU also loads it.
set -eu

base=0x80000000
start=$(${CROSS_COMPILE:-riscv64-linux-gnu-}nm "$1" | sed -n 's/^\([0-9a-f]*\) . _fw_start$/\1/p')
cat <<END
set confirm off
set pagination off
set architecture riscv:rv64
file $2
add-symbol-file $1 $([ $((0x${start:-0})) -ne 0 ] || echo "-o $base")
target remote 127.0.0.1:$3
END
