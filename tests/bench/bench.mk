# SPDX-License-Identifier: BSD-2-Clause
# Instructions, counted: the guest's under QEMU's -icount, the host's by callgrind.

# The guest's test programs, and where the kernel's instructions are
$(BUILD)/bench-initrd.cpio: $(BUILD)/test-initrd.cpio $(BUILD)/insns/kernel.insns
	$(Q)tools/mkinitrd.sh $@ $(BUILD)/test-rootfs $(BUILD)/insns

bench: private INITRD = $(BUILD)/bench-initrd.cpio
bench: $(FW_BIN) $(KERNEL_BIN) $(BUILD)/bench-initrd.cpio $(addprefix $(BUILD)/host/,bpf-bench map-bench engine-bench) ## instructions a hit, a call, an eBPF instruction, a map operation and verifying take; build/bench.json
	$(Q)MBPF_CMD='probebench; callbench' tests/bench/bench.py $(BUILD)/host $(BUILD)/bench.json \
		tools/run-qemu.py --qemu '$(QEMU)' --machine '$(BOARD_QEMU_MACHINE)' --ram '$(BOARD_RAM)' \
		--qemu-args '-icount shift=0' --bios $(FW_BIN) --kernel $(KERNEL_BIN) --initrd $(INITRD) --smp 1 --hang 300
.PHONY: bench

# Programs that live on their maps, programs that are a lot to verify
$(BUILD)/host/engine-bench: $(BUILD)/host/obj/tests/bench/engine_bench.o $(BUILD)/host/libebpf.a
	$(call say,LINK,$@)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) $^ -o $@

-include $(BUILD)/host/obj/tests/bench/engine_bench.d
