# SPDX-License-Identifier: BSD-2-Clause
# Instructions, counted: the guest's under QEMU's -icount, the host's by callgrind.

# The guest's test programs, and where the kernel's instructions are
$(BUILD)/bench-initrd.cpio: $(BUILD)/test-initrd.cpio $(BUILD)/insns/kernel.insns
	$(Q)tools/mkinitrd.sh $@ $(BUILD)/test-rootfs $(BUILD)/insns

bench: private INITRD = $(BUILD)/bench-initrd.cpio
bench: $(FW_BIN) $(KERNEL_BIN) $(BUILD)/bench-initrd.cpio $(BUILD)/host/bpf-bench $(BUILD)/host/map-bench ## instructions a hit, an eBPF instruction, a map operation; build/bench.json
	$(Q)MBPF_CMD=probebench tests/bench/bench.py $(BUILD)/host/bpf-bench $(BUILD)/bench.json \
		tools/run-qemu.py --qemu '$(QEMU)' --machine '$(BOARD_QEMU_MACHINE)' --ram '$(BOARD_RAM)' \
		--qemu-args '-icount shift=0' --bios $(FW_BIN) --kernel $(KERNEL_BIN) --initrd $(INITRD) --smp 1 --hang 300
.PHONY: bench
