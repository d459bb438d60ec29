# SPDX-License-Identifier: BSD-2-Clause
# mbpf: the front door. Every folder has its own rules in <folder>/<folder>.mk;
# this file holds what they share. `make help` lists the targets.

BUILD ?= build
BOARD ?= virt
OPENSBI_VERSION ?= 1.6
SMP ?= 1
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = @printf '  %-8s%s\n' '$(1)' '$(2)'

# Cross tools (RISC-V), host tools, eBPF tools
CROSS_COMPILE ?= riscv64-linux-gnu-
RISCV_CC := $(CROSS_COMPILE)gcc
RISCV_OBJCOPY := $(CROSS_COMPILE)objcopy
RISCV_NM := $(CROSS_COMPILE)nm
RISCV_AR := $(CROSS_COMPILE)ar
HOSTCC ?= gcc
BPF_CLANG ?= clang
QEMU ?= qemu-system-riscv64

WARNINGS := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wshadow

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

include boards/$(BOARD)/board.mk
include $(wildcard firmware/firmware.mk kernel/kernel.mk sdk/sdk.mk progs/progs.mk tools/tools.mk tests/tests.mk)

clean:
	$(Q)rm -rf $(BUILD)
.PHONY: clean
