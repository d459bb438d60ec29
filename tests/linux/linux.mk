# SPDX-License-Identifier: BSD-2-Clause
# Debian's Linux for riscv64 on mbpf: its memory excludes the arena; its own kprobes and
# BPF work, with the firmware's probes armed by a module as well as without. Not part of
# `make test`: it downloads about 150 MB, once.

LINUX_SUITE ?= trixie
LINUX_DIR := $(BUILD)/linux
LINUX_ROOT := $(LINUX_DIR)/root
LINUX_SECONDS ?= 300

$(LINUX_ROOT)/packages: tools/get-deb.sh
	$(call say,GET,Linux for riscv64 ($(LINUX_SUITE)))
	$(Q)tools/get-deb.sh $(LINUX_SUITE) riscv64 $(LINUX_ROOT) linux-image-riscv64 busybox-static
	$(Q)touch $@

# A module needs the kernel's headers, and kbuild's own programs for this machine.
$(LINUX_DIR)/mbpf.ko: tests/linux/mbpf.c tests/linux/module.sh firmware/ebpf/uapi/sbi_ebpf.h $(LINUX_ROOT)/packages
	$(call say,MODULE,$@)
	$(Q)tests/linux/module.sh $(LINUX_SUITE) $(LINUX_DIR) '$(CROSS_COMPILE)' firmware/ebpf/uapi $< >$(LINUX_DIR)/module.log 2>&1 || \
		{ cat $(LINUX_DIR)/module.log >&2; exit 1; }

$(LINUX_DIR)/bpfprobe: tests/linux/bpfprobe.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) -O2 -Wall -Wextra -Werror -static $< -o $@

$(LINUX_DIR)/initramfs.gz: tests/linux/init $(LINUX_ROOT)/packages $(LINUX_DIR)/mbpf.ko $(LINUX_DIR)/bpfprobe
	$(call say,CPIO,$@)
	$(Q)rm -rf $(LINUX_DIR)/init
	$(Q)for d in bin proc sys dev; do mkdir -p $(LINUX_DIR)/init/$$d; done
	$(Q)cp tests/linux/init $(LINUX_DIR)/mbpf.ko $(LINUX_DIR)/init/
	$(Q)cp $(LINUX_ROOT)/usr/bin/busybox $(LINUX_DIR)/bpfprobe $(LINUX_DIR)/init/bin/
	$(Q)chmod +x $(LINUX_DIR)/init/init
	$(Q)cd $(LINUX_DIR)/init && find . | cpio -o -H newc --quiet | gzip -n >../initramfs.gz

test-linux: $(FW_BIN) $(LINUX_DIR)/initramfs.gz ## Debian's Linux on the firmware (downloads it)
	$(Q)tests/linux/run.py --qemu '$(QEMU)' --smp $(if $(filter-out file,$(origin SMP)),$(SMP),2) --bios $(FW_BIN) \
		--root $(LINUX_ROOT) --initrd $(LINUX_DIR)/initramfs.gz --log $(LINUX_DIR)/test-linux-$(OPENSBI_TAG).log \
		--seconds $(LINUX_SECONDS) --qemu-args '$(strip $(BOARD_QEMU_ARGS) $(QEMU_ARGS))'

.PHONY: test-linux
