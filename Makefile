# SPDX-License-Identifier: BSD-2-Clause
# mbpf: the front door. Every folder has its own rules in <folder>/<folder>.mk;
# this file holds what they share and the targets people type. `make help` lists
# them: a target's help is the text behind ## on its line.

BUILD ?= build
BOARD ?= virt
OPENSBI_VERSION ?= 1.6
SMP ?= 1
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
comma := ,
say = @printf '  %-8s%s\n' '$(1)' '$(2)'

# Cross tools (RISC-V), host tools, eBPF tools
CROSS_COMPILE ?= riscv64-linux-gnu-
RISCV_CC := $(CROSS_COMPILE)gcc
RISCV_OBJCOPY := $(CROSS_COMPILE)objcopy
RISCV_NM := $(CROSS_COMPILE)nm
RISCV_AR := $(CROSS_COMPILE)ar
HOSTCC ?= gcc
BPF_CLANG ?= clang
FUZZ_CC ?= clang
QEMU ?= qemu-system-riscv64
GDB ?= gdb-multiarch

WARNINGS := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wshadow

# Without a goal: help, or with BOARD= that board's images
.DEFAULT_GOAL := $(if $(filter file,$(origin BOARD)),help,images)
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
# All processors, unless -j says otherwise. (In MAKEFLAGS options come before "--" or variables.)
ifeq ($(filter -j%,$(MAKEFLAGS))$(MAKELEVEL),0)
MAKEFLAGS += -j$(or $(shell nproc 2>/dev/null),1)
endif
export OPENSBI_TARBALL
export PYTHONDONTWRITEBYTECODE := 1

# --- What the goals need on this machine ----------------------------------------
# Looked at before anything is built (some milliseconds when all is there), so
# that rules and fragments can take their tools for granted. See tools/setup.sh.
# A make within make finds it done: it needs no more than the outer one's goals.

goals := $(or $(MAKECMDGOALS),$(.DEFAULT_GOAL))
no_setup := help clean kernel-lines test-docs isolation-table board-table
need_of = $(or $(needs.$(strip $(1))),$(if $(filter test-host-%,$(1)),test_host,build))
needs.host := host
needs.test-host := test_host
needs.test-self := test_host
needs.test-programs := test_host
needs.run := build qemu
needs.flamegraph := build qemu
needs.histogram := build qemu
needs.test-linux := build qemu linux
needs.images := build images
needs.boot-images := build qemu images
needs.test-images := build qemu images
needs.test-spl := build qemu images
needs.test-hss := build qemu images
needs.dist := build images
needs.test-qemu := build qemu chains
needs.test-boards := build qemu chains
needs.test-threads := test_host
$(foreach g,fuzz fuzz-long fuzz-programs fuzz-corpus test-fuzz,$(eval needs.$(g) := test_host fuzz))
needs.test-stress := build qemu chains
needs.test-rvtest := build qemu
needs.test-client := build qemu
needs.test-harts := build qemu
needs.isolation := build qemu
needs.test-isolation := build qemu
needs.isolation-mutants := test_host build qemu
needs.isolation-one := build qemu
needs.test-rv-objdump := build
needs.test := test_host fuzz build qemu chains images
needs.soak := build qemu
needs.gdb := build qemu gdb
needs.bench := build qemu bench
needs.lint := test_host build lint
needs.fmt := fmt
needs.fmt-check := fmt
needs := $(sort $(foreach g,$(filter-out $(no_setup),$(goals)),$(call need_of,$(g))))

dry_run := $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
ifeq ($(if $(needs),,none)$(dry_run)$(MBPF_READY),)
ifneq ($(shell CROSS_COMPILE='$(CROSS_COMPILE)' HOSTCC='$(HOSTCC)' BPF_CLANG='$(BPF_CLANG)' FUZZ_CC='$(FUZZ_CC)' QEMU='$(QEMU)' \
	tools/setup.sh $(needs) >&2 && echo ready),ready)
$(error the tools for "$(goals)" are not there)
endif
export MBPF_READY := yes
endif


ifeq ($(wildcard boards/$(BOARD)/board.mk),)
$(error no board is called $(BOARD); there are: $(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk)))
endif
# What boots, but for the firmware (FW_BIN and FW_ELF of firmware.mk)
KERNEL_BIN ?= $(BUILD)/kernel/kernel.bin
KERNEL_ELF ?= $(BUILD)/kernel/kernel.elf
INITRD ?= $(BUILD)/initrd.cpio

include boards/$(BOARD)/board.mk
include $(wildcard firmware/firmware.mk kernel/kernel.mk sdk/sdk.mk progs/progs.mk tools/tools.mk tests/tests.mk tests/bench/bench.mk tests/isolation/isolation.mk boards/boards.mk tests/linux/linux.mk)

# --- Booting ---------------------------------------------------------------------

GDB_PORT ?= 1234
GDB_ARGS ?=
QEMU_ARGS ?=
# make run ALLOW='probe-write-user override-return': helpers that the firmware keeps back otherwise (docs/helpers.md)
ALLOW ?=
comma := ,
ALLOW_TREE = chosen { mbpf,allow = $(subst $() ,$(comma) ,$(patsubst %,"%",$(strip $(ALLOW)))); };
MACHINE = --qemu '$(QEMU)' --machine '$(or $(BOARD_QEMU_MACHINE),$(error QEMU has no machine for BOARD=$(BOARD): \
	see boards/$(BOARD)/README.md for how to boot it))' --ram '$(BOARD_RAM)' \
	--qemu-args '$(strip $(BOARD_QEMU_ARGS) $(QEMU_ARGS))' $(if $(BOARD_QEMU_MORE_HARTS),--more-harts $(BOARD_QEMU_MORE_HARTS)) \
	$(if $(BOARD_QEMU_TYPE_GAP),--type-gap $(BOARD_QEMU_TYPE_GAP)) $(if $(BOARD_QEMU_HTIF),--htif $(BOARD_QEMU_HTIF)) $(if $(BOARD_QEMU_MAX_SMP),--max-smp $(BOARD_QEMU_MAX_SMP)) \
	$(if $(BOARD_QEMU_ANNOUNCE),--announce $(BOARD_QEMU_ANNOUNCE)) $(if $(BOARD_QEMU_TREE),--tree-file $(BOARD_QEMU_TREE)) \
	$(if $(BOARD_QEMU_BIOS_BY_NAME),--bios-by-name) $(if $(ALLOW),--tree '$(ALLOW_TREE)') \
	--bios $(FW_BIN) --kernel $(KERNEL_BIN) --initrd $(INITRD)

image: $(FW_BIN) $(KERNEL_BIN) $(INITRD) ## build what `run` boots, without booting it

run: image ## boot; with CMD='a; b' the shell runs it and the machine powers off
	$(Q)tools/run-qemu.py $(MACHINE) --smp $(SMP) $(if $(HANG),--hang $(HANG))
run: export MBPF_CMD = $(value CMD)

gdb: image $(BUILD)/gdbinit ## boot stopped, with gdb on firmware and kernel
	$(Q)tools/run-qemu.py $(MACHINE) --smp $(SMP) --gdb $(GDB) --gdb-port $(GDB_PORT) \
		--gdbinit $(BUILD)/gdbinit -- $(GDB_ARGS)
gdb: export MBPF_CMD = $(value CMD)

$(BUILD)/gdbinit: tools/gdbinit.sh $(FW_BIN) $(KERNEL_BIN)
	$(Q)tools/gdbinit.sh $(FW_ELF) $(KERNEL_ELF) $(GDB_PORT) >$@

# --- Care of the source ------------------------------------------------------------

SOURCES = $(shell find firmware kernel lib sdk progs tools tests -name '*.[ch]' | sort)

fmt: ## format every C file (.clang-format)
	$(Q)clang-format -i $(SOURCES)

fmt-check: ## fail if a C file is not formatted
	$(Q)clang-format --dry-run -Werror $(SOURCES)

lint: image compdb ## clang-tidy and cppcheck; warnings are errors
	$(Q)tools/lint.py $(BUILD)/compile_commands.json

compdb: ## compile_commands.json, for editors and for lint
	$(call say,COMPDB,$(BUILD)/compile_commands.json)
	$(Q)mkdir -p $(BUILD)
	$(Q)$(MAKE) --no-print-directory -Bnk V=1 MAKE=true image host test-programs 2>/dev/null | \
		tools/compdb.py $(BUILD)/compile_commands.json
	$(Q)ln -sf $(abspath $(BUILD))/compile_commands.json compile_commands.json

clean: ## remove everything that was built
	$(Q)rm -rf $(BUILD) compile_commands.json

help: ## this text
	@tools/help.sh $(MAKEFILE_LIST)

.PHONY: image run gdb fmt fmt-check lint compdb clean help
