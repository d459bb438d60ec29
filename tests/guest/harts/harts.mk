# SPDX-License-Identifier: BSD-2-Clause
# harts: harts that come and go, and resets, with probes armed; without kernel/.

HARTS_DIR := tests/guest/harts
HARTS_OUT := $(BUILD)/guest/harts
HARTS_OBJS := $(addprefix $(HARTS_OUT)/,harts.o start.o sbi.o)
HARTS_CFLAGS = $(CLIENT_CFLAGS) -iquote $(HARTS_DIR) -iquote $(RVTEST_DIR)

$(HARTS_OUT)/sbi.o: tests/guest/rvtest/sbi.c
$(HARTS_OUT)/harts.o: $(HARTS_DIR)/harts.c
$(HARTS_OUT)/start.o: $(HARTS_DIR)/start.S
$(HARTS_OBJS):
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(HARTS_CFLAGS) -MMD -MP -c $< -o $@

$(HARTS_OUT)/harts.elf: $(HARTS_OBJS) tests/guest/client/client.ld
	$(call say,LINK,$@)
	$(Q)$(RISCV_CC) -nostdlib -static -no-pie -Wl,--build-id=none -T tests/guest/client/client.ld $(HARTS_OBJS) -o $@

HARTS_QEMU = $(QEMU) -M $(BOARD_QEMU_MACHINE) -m 256M -smp 3 $(BOARD_QEMU_ARGS) $(QEMU_ARGS) -nographic -bios $(FW_BIN)
test-harts: $(HARTS_OUT)/harts.elf $(FW_BIN) ## harts that stop, start and suspend, and resets, with probes armed
	$(Q)tests/guest/rvtest/run.sh $(HARTS_QEMU) -kernel $<

.PHONY: test-harts

-include $(HARTS_OBJS:.o=.d)
