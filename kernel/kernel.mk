# SPDX-License-Identifier: BSD-2-Clause
# The S-mode kernel: $(BUILD)/kernel/kernel.elf and the flat image kernel.bin.
# Linked twice: the first result's symbols become the table (mksyms.awk) that
# goes into the second. The table lies behind the text, so no function moves.

KERNEL_DIR := $(BUILD)/kernel
KERNEL_ARCH := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-relax
KERNEL_CFLAGS := -std=gnu11 -O2 -g $(WARNINGS) $(KERNEL_ARCH) -ffreestanding -nostdlib -fno-pie -fno-pic \
	-fno-omit-frame-pointer -fno-stack-protector -fno-strict-aliasing -fno-common -fno-ipa-icf -fno-tree-loop-distribute-patterns \
	-fno-asynchronous-unwind-tables -Ifirmware/ebpf
KERNEL_SRCS := $(wildcard kernel/*.c kernel/*.S) lib/load_ex.c lib/bpf_elf.c
KERNEL_OBJS := $(patsubst kernel/%,$(KERNEL_DIR)/%.o,$(patsubst lib/%,kernel/lib/%,$(basename $(KERNEL_SRCS))))
KERNEL_LINK = $(RISCV_CC) $(KERNEL_CFLAGS) -no-pie -static -Wl,--build-id=none -Wl,--no-relax -Wl,--no-warn-rwx-segments \
	-T kernel/kernel.ld

kernel: $(KERNEL_DIR)/kernel.bin ## the kernel image

kernel-lines: ## every file of the kernel, with its size and what it is about
	$(Q)tools/kernel_lines.py

.PHONY: kernel kernel-lines

$(BUILD)/kernel/%.o: kernel/%.c kernel/kernel.mk
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(KERNEL_CFLAGS) -MMD -MP -c $< -o $@

$(KERNEL_DIR)/lib/%.o: lib/%.c kernel/kernel.mk
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(KERNEL_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/kernel/%.o: kernel/%.S kernel/kernel.mk
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(KERNEL_CFLAGS) -MMD -MP -c $< -o $@

$(KERNEL_DIR)/ksyms0.S: kernel/mksyms.awk
	$(Q)mkdir -p $(@D)
	$(Q)awk -f $< /dev/null > $@

$(KERNEL_DIR)/ksyms1.S: $(KERNEL_DIR)/kernel0.elf kernel/mksyms.awk
	$(Q)$(RISCV_NM) -n -S --defined-only $< | awk -f kernel/mksyms.awk > $@

$(KERNEL_DIR)/ksyms%.o: $(KERNEL_DIR)/ksyms%.S
	$(Q)$(RISCV_CC) $(KERNEL_ARCH) -c $< -o $@

$(KERNEL_DIR)/kernel0.elf: $(KERNEL_OBJS) $(KERNEL_DIR)/ksyms0.o kernel/kernel.ld
	$(Q)$(KERNEL_LINK) $(filter %.o,$^) -o $@

# A table that does not fit the kernel it is in must not get out.
$(KERNEL_DIR)/kernel.elf: $(KERNEL_OBJS) $(KERNEL_DIR)/ksyms1.o kernel/kernel.ld
	$(call say,LINK,$@)
	$(Q)$(KERNEL_LINK) $(filter %.o,$^) -o $@
	$(Q)$(RISCV_NM) -n -S --defined-only $@ | awk -f kernel/mksyms.awk | cmp - $(KERNEL_DIR)/ksyms1.S

$(KERNEL_DIR)/kernel.bin: $(KERNEL_DIR)/kernel.elf
	$(Q)$(RISCV_OBJCOPY) -O binary $< $@

-include $(KERNEL_OBJS:.o=.d)
