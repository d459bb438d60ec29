# SPDX-License-Identifier: BSD-2-Clause
# User space: the C library, the programs, the root file system.
#
# Every sdk/bin/*.c, progs/*.c and tests/guest/*.c is one program of the guest;
# the last only in the root file system of the tests. More files of X.c are in a
# folder X beside it. X.bpf.c beside X.c is
# compiled for eBPF and reaches X.c as X.skel.h (progs/progs.mk). Nothing else
# has to be listed anywhere.

# ... with the verifier's disassembler, for bpftool
SDK_LIB_SRCS := $(wildcard sdk/lib/*.c) lib/bpf_elf.c $(addprefix firmware/ebpf/,disasm.c text.c opcodes.c)
ROOTFS_SRCS := $(filter-out %.bpf.c,$(wildcard sdk/bin/*.c progs/*.c))
# The tutorial's programs are tests, too: written out before make looks for them.
TUTORIAL := $(BUILD)/tutorial
ifneq ($(filter test-qemu,$(MAKECMDGOALS)),)
ifneq ($(shell tests/qemu/tutorial.py docs/tutorial $(TUTORIAL) && echo done),done)
$(error docs/tutorial cannot be tested)
endif
endif
GUEST_TEST_SRCS := $(filter-out %.bpf.c,$(wildcard tests/guest/*.c tests/isolation/u*.c $(TUTORIAL)/*.c))
USER_SRCS := $(ROOTFS_SRCS) $(GUEST_TEST_SRCS)
USER_NAMES := $(notdir $(basename $(USER_SRCS)))
ifneq ($(words $(USER_NAMES)),$(words $(sort $(USER_NAMES))))
$(error two programs of one name among: $(sort $(USER_SRCS)))
endif

# -ffreestanding and -nostdinc: the cross compiler's own C library must not be seen, only the compiler's headers.
USER_CFLAGS := -std=gnu11 -O2 -g -fno-omit-frame-pointer $(WARNINGS) -march=rv64imac_zicsr -mabi=lp64 -mcmodel=medany \
	-ffreestanding -nostdinc -isystem $(shell $(RISCV_CC) -print-file-name=include) -Isdk/include \
	-iquote firmware/ebpf -iquote . -I$(BUILD)/user/skel -fno-pie -fno-common -fno-stack-protector \
	-fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections
# A program may leave an argument alone: a student's main() should not fail on argc.
$(BUILD)/user/obj/%: USER_CFLAGS += -Wno-unused-parameter
# What compiles elsewhere compiles here: a tool's author sees warnings, but has something to run.
TOOL_CFLAGS := -Wno-error -Wno-missing-field-initializers -Wno-missing-prototypes -Wno-sign-compare -Wno-shadow
$(BUILD)/user/obj/progs/%: USER_CFLAGS += $(TOOL_CFLAGS)
$(BUILD)/user/obj/tests/guest/linuxtool.o: USER_CFLAGS += $(TOOL_CFLAGS)
USER_LDFLAGS := -march=rv64imac_zicsr -mabi=lp64 -fno-pie -no-pie -static -nostdlib -Tsdk/lib/user.ld \
	-Wl,--build-id=none -Wl,--gc-sections -Wl,--fatal-warnings -Wl,-z,noexecstack

USER_LIB_OBJS := $(SDK_LIB_SRCS:%.c=$(BUILD)/user/obj/%.o)
USER_CRT := $(BUILD)/user/obj/sdk/lib/crt.o
USER_OBJS := $(USER_SRCS:%.c=$(BUILD)/user/obj/%.o)
more_objs = $(patsubst %.c,$(BUILD)/user/obj/%.o,$(wildcard $(1:.c=)/*.c))
USER_MORE_OBJS := $(foreach s,$(USER_SRCS),$(call more_objs,$(s)))
USER_BINS := $(addprefix $(BUILD)/user/bin/,$(USER_NAMES))
ROOTFS_NAMES := $(notdir $(basename $(ROOTFS_SRCS)))
ROOTFS_BINS := $(addprefix $(BUILD)/user/bin/,$(ROOTFS_NAMES))
GUEST_TEST_BINS := $(filter-out $(ROOTFS_BINS),$(USER_BINS))

$(BUILD)/user/obj/%.o: %.c
	$(call say,USERCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(USER_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/user/obj/%.o: %.S
	$(call say,USERAS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(RISCV_CC) $(USER_CFLAGS) -MMD -MP -c $< -o $@

# or the compiler makes memset() out of memset()'s own loop
$(BUILD)/user/obj/sdk/lib/string.o: USER_CFLAGS += -fno-tree-loop-distribute-patterns

# Names of all helpers by number, from libbpf's declarations
BPF_HELPER_DEFS ?= /usr/include/bpf/bpf_helper_defs.h
$(BUILD)/user/skel/helper_names.h: $(BPF_HELPER_DEFS)
	$(Q)mkdir -p $(@D)
	$(Q){ echo 'static const char *const helper_names[] = {' && \
		sed -n 's/^static .*(\*bpf_\([a-z0-9_]*\))(.*= (void \*) \([0-9]*\);$$/\t[\2] = "\1",/p' $< && echo '};'; } >$@
$(BUILD)/user/obj/sdk/lib/helper_names.o: $(BUILD)/user/skel/helper_names.h

$(BUILD)/user/libc.a: $(USER_LIB_OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(RISCV_AR) rcs $@ $^

# With debug information here; in the root file system only with the names of functions, for the kernel's crash report.
define user_program_rule
$(BUILD)/user/bin/$(notdir $(basename $(1))): $(BUILD)/user/obj/$(1:.c=.o) $(call more_objs,$(1)) $(USER_CRT) $(BUILD)/user/libc.a sdk/lib/user.ld
	$$(call say,USERLD,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(RISCV_CC) $$(USER_LDFLAGS) $(USER_CRT) $$< $(call more_objs,$(1)) $(BUILD)/user/libc.a -lgcc -o $$@
endef
$(foreach s,$(USER_SRCS),$(eval $(call user_program_rule,$(s))))

user: $(USER_BINS) ## programs of the guest
.PHONY: user

# --- Root file systems --------------------------------------------------------------
# Flat directories in newc archives, the same bytes for the same contents:
# initrd.cpio is what a user sees, test-initrd.cpio has the programs of
# tests/guest as well. EXTRA=dir adds every file of that directory to both; one of
# the name of a program of ours replaces it.

# The kernel's types, against which CO-RE relocations are resolved in the guest (progs/progs.mk makes it)
KERNEL_BTF := $(BUILD)/user/kernel-types/kernel.btf

EXTRA ?=
ifneq ($(EXTRA),)
ifeq ($(wildcard $(EXTRA)/.),)
$(error EXTRA=$(EXTRA) is not a directory)
endif
endif

# What goes in; rewritten only when that changes, so that another EXTRA, or another file in it, makes another archive.
# (Names of files that are not ours may contain anything, so make itself does not handle them.)
$(BUILD)/rootfs.list: rootfs-list-check
	$(Q)mkdir -p $(@D)
	$(Q){ printf '%s\n' $(ROOTFS_NAMES) && \
		if [ -n '$(EXTRA)' ]; then find -L '$(EXTRA)/' -maxdepth 1 -type f ! -name '.*' -printf '%p %s %T@\n' | LC_ALL=C sort; fi; \
	} >$@.new && if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
rootfs-list-check:
.PHONY: rootfs-list-check

define pack_programs
	$(Q)rm -rf $(1) && mkdir -p $(1)
	$(Q)for f in $(2); do $(RISCV_OBJCOPY) --strip-debug "$$f" "$(1)/$${f##*/}" || exit 1; done
endef

$(BUILD)/initrd.cpio: $(ROOTFS_BINS) $(KERNEL_BTF) $(BUILD)/rootfs.list tools/mkinitrd.sh
	$(call say,CPIO,$@)
	$(call pack_programs,$(BUILD)/rootfs,$(ROOTFS_BINS))
	$(Q)cp $(KERNEL_BTF) $(BUILD)/rootfs
	$(Q)tools/mkinitrd.sh $@ $(BUILD)/rootfs $(if $(EXTRA),'$(EXTRA)')

$(BUILD)/test-initrd.cpio: $(BUILD)/initrd.cpio $(GUEST_TEST_BINS)
	$(call say,CPIO,$@)
	$(call pack_programs,$(BUILD)/test-rootfs,$(USER_BINS))
	$(Q)cp $(KERNEL_BTF) $(BUILD)/test-rootfs
	$(Q)tools/mkinitrd.sh $@ $(BUILD)/test-rootfs $(if $(EXTRA),'$(EXTRA)')

initrd: $(BUILD)/initrd.cpio
.PHONY: initrd

-include $(USER_LIB_OBJS:.o=.d) $(USER_OBJS:.o=.d) $(USER_MORE_OBJS:.o=.d) $(USER_CRT:.o=.d)
