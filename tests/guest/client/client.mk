# SPDX-License-Identifier: BSD-2-Clause
# client: the smallest kernel that uses eBPF from below, independent of kernel/;
# docs/porting-a-kernel.md refers to it.

CLIENT_DIR := tests/guest/client
CLIENT_OUT := $(BUILD)/guest/client
CLIENT_OBJS := $(addprefix $(CLIENT_OUT)/,client.o checks.o start.o)
CLIENT_CFLAGS := -std=gnu11 -O2 -g $(WARNINGS) -ffreestanding -fno-stack-protector -fno-common -fno-pie \
	-fno-tree-loop-distribute-patterns -mcmodel=medany -mabi=lp64 -march=rv64imac_zicsr_zifencei -iquote firmware/ebpf

$(CLIENT_OUT)/%.o: $(CLIENT_DIR)/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(CLIENT_CFLAGS) -MMD -MP -c $< -o $@

$(CLIENT_OUT)/%.o: $(CLIENT_DIR)/%.S
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(CLIENT_CFLAGS) -MMD -MP -c $< -o $@

$(CLIENT_OUT)/client.elf: $(CLIENT_OBJS) $(CLIENT_DIR)/client.ld
	$(call say,LINK,$@)
	$(Q)$(RISCV_CC) -nostdlib -static -no-pie -Wl,--build-id=none -T $(CLIENT_DIR)/client.ld $(CLIENT_OBJS) -o $@

test-client: $(CLIENT_OUT)/client.elf $(FW_BIN) ## a second, tiny kernel that probes itself, in the guest
	$(Q)tests/guest/rvtest/run.sh $(QEMU) -M virt -m 128M -nographic -bios $(FW_BIN) -kernel $<

.PHONY: test-client

-include $(CLIENT_OBJS:.o=.d)
