# SPDX-License-Identifier: BSD-2-Clause
# rvtest: the decoder and the emulator of probed instructions against the machine
# itself. A bare S-mode payload; of the firmware below it only OpenSBI is used.

RVTEST_DIR := tests/guest/rvtest
RVTEST_OUT := $(BUILD)/guest/rvtest
RVTEST_SRCS := $(wildcard $(RVTEST_DIR)/*.c) $(wildcard $(RVTEST_DIR)/*.S) $(wildcard firmware/ebpf/rv_*.c)
RVTEST_OBJS := $(addprefix $(RVTEST_OUT)/,$(addsuffix .o,$(basename $(RVTEST_SRCS))))
# as the firmware's core is compiled, but linked where the payload runs
RVTEST_CFLAGS := -std=gnu11 -O2 -g $(WARNINGS) -ffreestanding -fno-stack-protector -fno-common -mno-relax -mstrict-align \
	-fPIE -mcmodel=medany -mabi=lp64 -march=rv64imac_zicsr_zifencei -iquote firmware/ebpf -iquote $(RVTEST_DIR)
RVTEST_QEMU := -M virt -m 128M -nographic -bios $(FW_BIN) -kernel $(RVTEST_OUT)/rvtest.elf

$(RVTEST_OUT)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(RVTEST_CFLAGS) -MMD -MP -c $< -o $@

$(RVTEST_OUT)/%.o: %.S
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(RVTEST_CFLAGS) -MMD -MP -c $< -o $@

$(RVTEST_OUT)/rvtest.elf: $(RVTEST_OBJS) $(RVTEST_DIR)/rvtest.ld
	$(call say,LINK,$@)
	$(Q)$(RISCV_CC) -nostdlib -static -no-pie -Wl,--build-id=none -T $(RVTEST_DIR)/rvtest.ld $(RVTEST_OBJS) -o $@

# With and without the optional extensions: without, they have to be refused. Zicond is QEMU's from 8.2 on.
RVTEST_OLD = $(filter 7.% 8.0.% 8.1.%,$(shell $(QEMU) --version | sed -n 's/^QEMU emulator version //p'))
RVTEST_ALL = zba=true,zbb=true,zbs=true$(if $(RVTEST_OLD),,$(comma)zicond=true)
test-rvtest: $(RVTEST_OUT)/rvtest.elf $(FW_BIN) ## emulated instructions against real ones, in the guest
	$(Q)tools/tally.py --at-once \
		'$(RVTEST_DIR)/run.sh $(QEMU) $(RVTEST_QEMU) -icount shift=0 -cpu rv64,$(RVTEST_ALL)' \
		'$(RVTEST_DIR)/run.sh $(QEMU) $(RVTEST_QEMU) -cpu rv64,zba=false,zbb=false,zbs=false'

# The decoder against binutils' disassembler, on this machine. COUNT=, SEED= change the words.
$(RVTEST_OUT)/dump: $(RVTEST_DIR)/objdump/dump.c $(wildcard firmware/ebpf/rv_*.[ch])
	$(call say,HOSTCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=c11 -O1 -g $(WARNINGS) -iquote firmware/ebpf $(filter %.c,$^) -o $@

test-rv-objdump: $(RVTEST_OUT)/dump ## the probe decoder against objdump
	$(Q)$(RVTEST_DIR)/objdump/objdump.py $< $(CROSS_COMPILE) $(RVTEST_OUT)/words $(or $(COUNT),200000) $(or $(SEED),1)

.PHONY: test-rvtest test-rv-objdump

-include $(RVTEST_OBJS:.o=.d)
