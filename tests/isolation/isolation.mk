# SPDX-License-Identifier: BSD-2-Clause
# The isolation experiments: each tests/isolation/<id>_<name>.c is one attacker.
# u*.c are user programs (built like tests/guest/), the others payloads that take
# the kernel's place. docs/isolation.md

ISO_DIR := tests/isolation
ISO_OUT := $(BUILD)/isolation
ISO_SRCS := $(wildcard $(ISO_DIR)/*.c)
ISO_PAYLOAD_SRCS := $(filter-out $(ISO_DIR)/u%,$(ISO_SRCS))
ISO_PAYLOADS := $(ISO_PAYLOAD_SRCS:$(ISO_DIR)/%.c=$(ISO_OUT)/%.elf)
ISO_LIB := $(ISO_OUT)/lib/payload.o $(ISO_OUT)/lib/start.o
ISO_CFLAGS := -std=gnu11 -O2 -g $(WARNINGS) -Wno-missing-prototypes -ffreestanding -fno-stack-protector -fno-common -fno-strict-aliasing \
	-fno-pie -fno-tree-loop-distribute-patterns -mcmodel=medany -mabi=lp64 -march=rv64imac_zicsr_zifencei \
	-iquote firmware/ebpf -iquote $(ISO_DIR)/lib

$(ISO_OUT)/%.o: $(ISO_DIR)/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(ISO_CFLAGS) -MMD -MP -c $< -o $@

$(ISO_OUT)/%.o: $(ISO_DIR)/%.S
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(ISO_CFLAGS) -MMD -MP -c $< -o $@

$(ISO_OUT)/%.elf: $(ISO_OUT)/%.o $(ISO_LIB) $(ISO_DIR)/lib/payload.ld
	$(Q)$(RISCV_CC) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments -T $(ISO_DIR)/lib/payload.ld $(filter %.o,$^) -o $@

# The second firmware: every program is accepted, so that only the run-time checks are left.
ISO_FW := $(FW_DIR)-noverifier/opensbi/platform/generic/firmware/fw_dynamic
$(ISO_OUT)/fw_noverifier.bin: $(FW_SRCS) $(wildcard firmware/*.h firmware/ebpf/*.h firmware/ebpf/uapi/*.h)
	$(Q)mkdir -p $(@D)
	+$(Q)$(MAKE_QUIET) EBPF_VERIFIER=off firmware
	$(Q)cp $(ISO_FW).elf $(@:.bin=.elf) && cp $(ISO_FW).bin $@

# A third for a machine whose memory has a second address (K-02).
ISO_ICICLE := $(abspath $(BUILD))/microchip-icicle-kit/firmware-$(OPENSBI_TAG)/opensbi/platform/generic/firmware/fw_dynamic
$(ISO_OUT)/fw_icicle.bin: $(FW_SRCS) $(wildcard firmware/*.h firmware/ebpf/*.h firmware/ebpf/uapi/*.h) boards/microchip-icicle-kit/board.mk
	$(Q)mkdir -p $(@D)
	+$(Q)$(MAKE_QUIET) BOARD=microchip-icicle-kit firmware
	$(Q)cp $(ISO_ICICLE).elf $(@:.bin=.elf) && cp $(ISO_ICICLE).bin $@

ISO_RUN = $(ISO_DIR)/run.py $(MACHINE) --source $(ISO_DIR) --payloads $(ISO_OUT) --initrd $(BUILD)/test-initrd.cpio \
	--noverifier $(ISO_OUT)/fw_noverifier.bin --icicle $(ISO_OUT)/fw_icicle.bin --icicle-tree boards/microchip-icicle-kit/qemu.dts --nm $(RISCV_NM) --out $(ISO_OUT) \
	$(if $(EXPERIMENT),--only '$(EXPERIMENT)') $(if $(COLUMN),--column '$(COLUMN)')
ISO_NEEDS = $(FW_BIN) $(KERNEL_BIN) $(BUILD)/test-initrd.cpio $(ISO_PAYLOADS) $(ISO_OUT)/fw_noverifier.bin $(ISO_OUT)/fw_icicle.bin

isolation: $(ISO_NEEDS) ## all isolation experiments on all machines; build/isolation.html; EXPERIMENT=K-01, COLUMN=virt
	$(Q)$(ISO_RUN) --json $(BUILD)/isolation.json --html $(BUILD)/isolation.html

isolation-table: ## the tables in the README, from the results of the last `make isolation`
	$(Q)python3 $(ISO_DIR)/page.py $(BUILD)/isolation.json README.md

test-isolation: $(ISO_NEEDS) ## the short form of `make isolation`
	$(Q)$(ISO_RUN) --short

isolation-mutants: ## remove each protective check in turn: something must fail (about half an hour); MUTANT=number
	$(Q)$(ISO_DIR)/mutate.py $(if $(MUTANT),--only '$(MUTANT)')

# For mutate.py: payloads need no kernel and no root file system.
isolation-payloads: $(ISO_PAYLOADS)
isolation-one: $(FW_BIN) $(ISO_PAYLOADS) $(if $(findstring noverifier,$(COLUMN)),$(ISO_OUT)/fw_noverifier.bin) $(if $(findstring icicle,$(COLUMN)),$(ISO_OUT)/fw_icicle.bin)
	$(Q)$(ISO_RUN) --short

.PHONY: isolation-payloads isolation-one isolation isolation-table test-isolation isolation-mutants

-include $(ISO_PAYLOADS:.elf=.d) $(ISO_LIB:.o=.d)
