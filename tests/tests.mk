# SPDX-License-Identifier: BSD-2-Clause
# Tests; tests/README.md says where a new one goes.
#
# Each of the targets test-host and test-qemu runs all it has, reports all, and
# ends with "N passed, N failed"; `test` sums them. With the second OpenSBI it runs
# the cases that look at the firmware (FIRMWARE=1): kernel, SDK and programs are the same.

TEST_OPENSBI_VERSIONS := $(if $(OPENSBI),checkout,$(OPENSBI_VERSION) $(filter-out $(OPENSBI_VERSION),1.8.1))
test_version = $(if $(filter checkout,$(1)),,OPENSBI_VERSION=$(1))
MAKE_QUIET := $(MAKE) --no-print-directory

test: ## all tests, those that look at the firmware on each OpenSBI version
	+$(Q)tools/tally.py '$(MAKE_QUIET) test-host' '$(MAKE_QUIET) test-threads' '$(MAKE_QUIET) test-fuzz' \
		'$(MAKE_QUIET) test-rvtest' '$(MAKE_QUIET) test-client' '$(MAKE_QUIET) test-harts' '$(MAKE_QUIET) test-isolation' \
		'$(MAKE_QUIET) test-boards ONLY=virt-smepmp,sifive_u,spike CASE=boot,opencount,breakpoints' \
		'$(MAKE_QUIET) test-boards ONLY=virt-smepmp CASE=stays' 'one: $(MAKE_QUIET) images BOARD=bpi-f3' \
		'$(MAKE_QUIET) test-docs' '$(MAKE_QUIET) test-newtool' 'one: $(MAKE_QUIET) test-rv-objdump' \
		$(foreach v,$(TEST_OPENSBI_VERSIONS),'$(MAKE_QUIET) test-qemu $(call test_version,$(v))$(if \
			$(filter-out $(firstword $(TEST_OPENSBI_VERSIONS)),$(v)), FIRMWARE=1)')

# --- Host: every tests/host/test_*.c is one cmocka binary, linked with the core
# and the host platform under ASan and UBSan.

TEST_CFLAGS := -std=c11 -O1 -g $(WARNINGS) -iquote firmware/ebpf -iquote tests/host -D_GNU_SOURCE \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TEST_CORE_OBJS := $(CORE_SRCS:%.c=$(BUILD)/test/obj/%.o) $(BUILD)/test/obj/tests/host/platform_host.o
HOST_TEST_SRCS := $(wildcard tests/host/test_*.c)
HOST_TESTS := $(HOST_TEST_SRCS:tests/host/%.c=$(BUILD)/test/%)

$(BUILD)/test/obj/%.o: %.c
	$(call say,TESTCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TEST_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/test/libebpf.a: $(TEST_CORE_OBJS)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/test/test_%: $(BUILD)/test/obj/tests/host/test_%.o $(BUILD)/test/libebpf.a
	$(Q)$(HOSTCC) $(TEST_CFLAGS) $^ -lcmocka -o $@

$(addprefix $(BUILD)/test/,test_isa test_interp test_decode test_check_insn test_disasm): $(BUILD)/test/obj/tests/isa/isa_parse.o

# Some of them again on a core built with EBPF_ALWAYS_CHECKED: only the files that look at it are compiled anew.
CHECKED_TESTS := $(addprefix $(BUILD)/test/test_checked_,prog link ringbuf call_random)
CHECKED_CORE_OBJS := $(patsubst %.c,$(BUILD)/test/checked/%.o,$(shell grep -l EBPF_ALWAYS_CHECKED firmware/ebpf/*.c))

$(BUILD)/test/checked/%.o: %.c
	$(call say,TESTCC,$< (always checked))
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TEST_CFLAGS) -DEBPF_ALWAYS_CHECKED=1 -MMD -MP -c $< -o $@

$(CHECKED_TESTS): $(BUILD)/test/test_checked_%: $(BUILD)/test/checked/tests/host/test_%.o $(CHECKED_CORE_OBJS) $(BUILD)/test/libebpf.a
	$(Q)$(HOSTCC) $(TEST_CFLAGS) $^ -lcmocka -o $@

-include $(CHECKED_CORE_OBJS:.o=.d) $(CHECKED_TESTS:$(BUILD)/test/test_checked_%=$(BUILD)/test/checked/tests/host/test_%.d)

test-programs: $(HOST_TESTS) $(CHECKED_TESTS)

# What does not build must not keep the rest from being run: it is reported.
test-host: ## host tests (ASan, UBSan); needs no RISC-V tools
	-+$(Q)$(MAKE_QUIET) -k test-programs host
	$(Q)tools/run-host-tests.py tests/qemu/selftest.py tests/verifier/docs.py $(HOST_TESTS) $(CHECKED_TESTS)

# one of them: make test-host-arena
test-host-%: $(BUILD)/test/test_%
	$(Q)$<

test-self: ## tests of the test runners
	$(Q)tests/qemu/selftest.py

-include $(TEST_CORE_OBJS:.o=.d) $(HOST_TEST_SRCS:%.c=$(BUILD)/test/obj/%.d)

include tests/host/threads.mk tests/fuzz/fuzz.mk

# What the documents about the kernel name must be there, and as long as they say.
test-docs: ## documents about the kernel against its source
	$(Q)tools/kernel_lines.py --check docs/kernel.md docs/porting-a-kernel.md

# --- QEMU: the cases of tests/qemu/suite.toml

include tests/sdk/sdk.mk
QEMU_SUITES := $(wildcard tests/qemu/*.toml) $(TUTORIAL)/tutorial.toml $(CLANGS_TOML)
VARIANT ?= $(BOARD)
ISOLATION ?= full# what the firmware is to find
QEMU_TEST_LOGS = $(BUILD)/$(VARIANT)/test-qemu-$(OPENSBI_TAG)
QEMU_TEST_AGAIN = make test-qemu$(foreach v,BOARD VARIANT ISOLATION QEMU OPENSBI OPENSBI_VERSION BUILD BOARD_RAM,$(if \
	$(filter-out file undefined default,$(origin $(v))), $(v)=$($(v))))$(if $(QEMU_ARGS), QEMU_ARGS="$(strip $(QEMU_ARGS))")

# Files for the case about EXTRA
$(BUILD)/extra/bare: tests/qemu/extra/bare.S tests/qemu/extra/hello.txt
	$(Q)mkdir -p $(@D)
	$(Q)cp tests/qemu/extra/hello.txt $(@D)/
	$(Q)$(RISCV_CC) -nostdlib -static -march=rv64imac -mabi=lp64 -Wl,--build-id=none $< -o $@

# The kernel where no loader of ours puts it
LOAD_AT := $(addprefix $(BUILD)/load-at/,0x81400000.elf 0xa0200000.elf)
$(LOAD_AT): $(BUILD)/load-at/%.elf: $(KERNEL_BIN)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_OBJCOPY) -I binary -O elf64-littleriscv --rename-section .data=.text,alloc,load,readonly,code,contents $< $(@D)/$*.o
	$(Q)echo 'PHDRS { all PT_LOAD; } SECTIONS { . = $*; .text : { *(.text) } :all }' >$(@D)/$*.ld
	$(Q)$(RISCV_CC:gcc=ld) -T $(@D)/$*.ld -e $* $(@D)/$*.o -o $@

test-qemu: $(LOAD_AT)

# For the case about probes everywhere: where each instruction of the kernel begins
$(BUILD)/insns/kernel.insns: $(KERNEL_ELF) tests/qemu/insns.py
	$(Q)mkdir -p $(@D)
	$(Q)tests/qemu/insns.py $(CROSS_COMPILE)objdump $(KERNEL_ELF) $@

# The root file system with the programs of tests/guest in it
test-qemu: private INITRD = $(BUILD)/test-initrd.cpio
test-qemu: $(FW_BIN) $(KERNEL_BIN) $(FW_PAYLOAD_KERNEL) $(BUILD)/test-initrd.cpio $(BUILD)/extra/bare $(BUILD)/insns/kernel.insns $(CLANGS_TOML) ## tests in the guest; CASE=name runs one of them, FIRMWARE=1 those about it
	$(Q)tests/qemu/run.py $(MACHINE) --logs $(QEMU_TEST_LOGS) --build $(BUILD) --rootfs $(BUILD)/test-rootfs \
		--board $(BOARD) --isolation $(ISOLATION) $(if $(filter command%,$(origin VARIANT)),--result $(BUILD)/boards/$(VARIANT).qemu.json) \
		--version '$(MBPF_VERSION), OpenSBI $(OPENSBI_TAG)' --kernel-elf $(KERNEL_ELF) --again '$(QEMU_TEST_AGAIN)' --case '$(CASE)' $(if $(FIRMWARE),--firmware) $(if $(filter-out file,$(origin SMP)),--smp $(SMP)) $(QEMU_SUITES)

# Ten million hits on 8 harts while probes come and go, then as many calls with probes that stay
SOAK_HITS ?= 10000000
soak: export MBPF_CMD = storm $(SOAK_HITS) 7 20000; hits $(shell expr $(SOAK_HITS) / 4); storm 100000
soak: private INITRD = $(BUILD)/test-initrd.cpio
soak: $(FW_BIN) $(KERNEL_BIN) $(BUILD)/test-initrd.cpio ## ten million hits on 8 harts (SOAK_HITS=..), half an hour
	$(Q)tools/run-qemu.py $(MACHINE) --smp 8 --hang 7200
.PHONY: soak

test-stress: ## the kernel's tests in their long forms: an hour or so; CASE=name runs one of them
	+$(Q)$(MAKE_QUIET) test-qemu QEMU_SUITES=tests/stress/stress.toml

.PHONY: test-stress test test-programs test-host test-self test-docs test-qemu

# --- Payloads of their own, without kernel and firmware of ours: tests/guest/<name>/<name>.mk
-include $(wildcard tests/guest/*/*.mk)
