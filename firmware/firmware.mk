# SPDX-License-Identifier: BSD-2-Clause
# The firmware: an archive of the core and the seam, linked into an unmodified
# OpenSBI by its own makefile. A variable on make's command line overrides the
# assignment of platform-ldflags-y in platform/generic/objects.mk, which puts
# our archive and the --wrap options on the link of fw_dynamic, fw_jump and
# fw_payload (boot.c says what is wrapped and why).

ifdef OPENSBI
OPENSBI_SRC := $(abspath $(OPENSBI))
OPENSBI_TAG := checkout
else
OPENSBI_SRC := $(abspath $(BUILD))/opensbi/src-$(OPENSBI_VERSION)
OPENSBI_TAG := $(OPENSBI_VERSION)
endif

# For experiments: every program is accepted (off), or even accepted ones run with run-time checks (CHECKED=1).
EBPF_VERIFIER ?= on
EBPF_CHECKED ?= 0
ifneq ($(filter-out on off,$(EBPF_VERIFIER))$(filter-out 0 1,$(EBPF_CHECKED)),)
$(error EBPF_VERIFIER is on or off, EBPF_CHECKED is 0 or 1)
endif
FW_KIND := $(if $(filter off,$(EBPF_VERIFIER)),-noverifier)$(if $(filter 1,$(EBPF_CHECKED)),-checked)

# Boards that QEMU plays take the same image (BOARD_FIRMWARE names whose).
FW_SUBDIR := $(BUILD)/$(or $(BOARD_FIRMWARE),$(BOARD))/firmware-$(OPENSBI_TAG)$(FW_KIND)
FW_DIR := $(abspath $(FW_SUBDIR))
FW_OPENSBI := $(FW_DIR)/opensbi
FW_ELF := $(FW_OPENSBI)/platform/generic/firmware/fw_dynamic.elf
FW_BIN := $(FW_OPENSBI)/platform/generic/firmware/fw_dynamic.bin
FW_ARCHIVE := $(FW_DIR)/libmbpf.a

FW_SRCS := $(wildcard firmware/*.c) $(wildcard firmware/*.S) $(wildcard firmware/ebpf/*.c)
# Relative: with an absolute name a compiler cache would write another one into the dependencies.
FW_OBJ := $(FW_SUBDIR)/obj
FW_OBJS := $(addprefix $(FW_OBJ)/,$(addsuffix .o,$(basename $(FW_SRCS))))

FW_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -fno-stack-protector -fno-strict-aliasing -ffunction-sections \
	-fdata-sections -fno-common -fPIE -mcmodel=medany -mabi=lp64 -march=rv64imac_zicsr_zifencei -mno-relax \
	-mstrict-align -DEBPF_ARENA_SIZE=$(BOARD_ARENA_SIZE)UL \
	$(if $(BOARD_ARENA_BASE),-DEBPF_ARENA_BASE=$(BOARD_ARENA_BASE)UL) \
	$(if $(BOARD_ISOLATION_MAX),-DEBPF_ISOLATION_MAX=$(BOARD_ISOLATION_MAX)) \
	$(if $(BOARD_ALIASES),-DEBPF_ALIASES='$(foreach a,$(BOARD_ALIASES),$(a)UL$(comma))') \
	$(if $(BOARD_ISOLATION_MIN),-DEBPF_ISOLATION_MIN=$(BOARD_ISOLATION_MIN)) $(if $(filter off,$(EBPF_VERIFIER)),-DEBPF_VERIFIER=0) \
	$(if $(filter 1,$(EBPF_CHECKED)),-DEBPF_ALWAYS_CHECKED=1) $(FW_EXTRA_CFLAGS)
FW_CORE_CFLAGS := $(FW_CFLAGS) $(WARNINGS) -iquote firmware/ebpf
# What a leaf hit may change is what the trap entry has saved by then: t0, a0 to a5 (a tail call would change t1).
FW_LEAF := $(FW_OBJ)/firmware/ebpf/leaf.o
$(FW_LEAF): FW_CORE_CFLAGS += $(addprefix -ffixed-,t1 t2 t3 t4 t5 t6 a6 a7) -fno-optimize-sibling-calls
# The seam includes OpenSBI's headers, which are not ours to warn about.
FW_SEAM_CFLAGS := $(FW_CFLAGS) -Wall -Werror -Ifirmware -isystem $(OPENSBI_SRC)/include \
	-isystem $(OPENSBI_SRC)/lib/utils/libfdt -include $(FW_OPENSBI)/platform/generic/kconfig/autoconf.h

FW_WRAPS := $(foreach f,sbi_domain_finalize sbi_ecall_init sbi_hart_switch_mode,-Wl,--wrap=$(f))
FW_LDFLAGS := $(FW_WRAPS) -Wl,--whole-archive $(FW_ARCHIVE) -Wl,--no-whole-archive
# Where a real board's images run, and a smaller OpenSBI if its flash needs that.
FW_PLACE = $(if $(BOARD_FW_TEXT_START),FW_TEXT_START=$(BOARD_FW_TEXT_START) FW_JUMP_OFFSET=$(BOARD_KERNEL_OFFSET) \
	FW_PAYLOAD_OFFSET=$(BOARD_KERNEL_OFFSET)) $(if $(BOARD_OPENSBI_CONFIG),PLATFORM_DEFCONFIG=$(shell \
	realpath -m --relative-to=$(OPENSBI_SRC)/platform/generic/configs $(BOARD_OPENSBI_CONFIG)))
OPENSBI_MAKE = $(MAKE) -j$(or $(shell nproc 2>/dev/null),1) --no-print-directory -C $(OPENSBI_SRC) O=$(FW_OPENSBI) PLATFORM=generic \
	CROSS_COMPILE=$(CROSS_COMPILE) $(if $(filter 1,$(V)),V=1,-s) $(FW_PLACE) $(BOARD_OPENSBI_FLAGS)

# OpenSBI names every file it compiles: kept for the day it fails, or shown with V=1.
FW_QUIET = $(if $(filter 1,$(V)),,>$(FW_DIR)/opensbi.log 2>&1 || { grep -v '^ [A-Z-]* ' $(FW_DIR)/opensbi.log >&2; exit 1; })

firmware: $(FW_BIN) ## OpenSBI with mbpf linked in
.PHONY: firmware

ifndef OPENSBI
$(OPENSBI_SRC)/Makefile: tools/get-opensbi.sh
	$(call say,GET,OpenSBI $(OPENSBI_VERSION))
	$(Q)tools/get-opensbi.sh $(OPENSBI_VERSION) $(OPENSBI_SRC)
	$(Q)touch $@
endif

# O= must exist before OpenSBI's makefile looks at it.
FW_CONFIG := $(FW_OPENSBI)/platform/generic/kconfig/autoconf.h
$(FW_CONFIG): $(OPENSBI_SRC)/Makefile
	$(Q)mkdir -p $(FW_OPENSBI)
	$(Q)env -u MAKEFLAGS -u MFLAGS $(OPENSBI_MAKE) $@ $(FW_QUIET)

$(FW_OBJ)/firmware/ebpf/%.o: firmware/ebpf/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(FW_CORE_CFLAGS) -MMD -MP -c $< -o $@

$(FW_OBJ)/firmware/%.o: firmware/%.c $(FW_CONFIG)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(FW_SEAM_CFLAGS) -MMD -MP -c $< -o $@

$(FW_OBJ)/firmware/%.o: firmware/%.S $(FW_CONFIG)
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(FW_SEAM_CFLAGS) -D__ASSEMBLER__ -MMD -MP -c $< -o $@

$(FW_ARCHIVE): $(FW_OBJS)
	$(Q)! $(RISCV_NM) -u $(FW_LEAF) | grep -vE ' ebpf_(hit_harts|return_buckets|trampoline)$$' || { echo "leaf.c calls what was compiled with all registers" >&2; exit 1; }
	$(Q)rm -f $@ && $(RISCV_AR) rcs $@ $^

# OpenSBI's makefile does not know our archive: make it link again.
$(FW_BIN): $(FW_ARCHIVE)
	$(call say,LINK,OpenSBI $(OPENSBI_TAG) + mbpf)
	$(Q)rm -f $(FW_OPENSBI)/platform/generic/firmware/fw_*.elf $(FW_OPENSBI)/platform/generic/firmware/fw_*.bin
	$(Q)env -u MAKEFLAGS -u MFLAGS $(OPENSBI_MAKE) "platform-ldflags-y=$(FW_LDFLAGS)" $(FW_QUIET)
	$(Q)test -s $@

# The kernel inside the firmware image, for machines that load one file. The
# objects go again: OpenSBI would not notice that fw_payload is to be its own again.
FW_PAYLOAD := $(FW_OPENSBI)/platform/generic/firmware/fw_payload
FW_PAYLOAD_KERNEL := $(FW_PAYLOAD)_kernel.bin
$(FW_PAYLOAD_KERNEL): $(FW_BIN) $(KERNEL_BIN)
	$(call say,LINK,$(notdir $@))
	$(Q)rm -f $(FW_PAYLOAD).o $(FW_PAYLOAD).elf $(FW_PAYLOAD).bin
	$(Q)env -u MAKEFLAGS -u MFLAGS $(OPENSBI_MAKE) "platform-ldflags-y=$(FW_LDFLAGS)" \
		FW_PAYLOAD_PATH=$(abspath $(KERNEL_BIN)) $(FW_PAYLOAD).bin $(FW_QUIET)
	$(Q)mv $(FW_PAYLOAD).bin $@ && rm -f $(FW_PAYLOAD).o $(FW_PAYLOAD).elf

-include $(FW_OBJS:.o=.d)
