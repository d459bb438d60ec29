# SPDX-License-Identifier: BSD-2-Clause
# eBPF objects and their skeletons.
#
#	X.bpf.c		Linux style: SEC(), BTF-defined maps, libbpf's headers
#	X.rcore.bpf.c	rCore tutorial style, for bpf_prog_load_ex(): see sdk/bpf/rcore.h
#
# beside X.c become X.skel.h, which X.c includes; sdk/sdk.mk does the rest.

BPF_SRCS := $(wildcard progs/*.bpf.c tests/guest/*.bpf.c $(TUTORIAL)/*.bpf.c)
BPF_OBJS := $(BPF_SRCS:%.bpf.c=$(BUILD)/user/bpf/%.bpf.o)
# the name of a skeleton: without folder and without .rcore
bpf_name = $(patsubst %.rcore,%,$(notdir $(1:.bpf.c=)))
BPF_SKELS := $(foreach s,$(BPF_SRCS),$(BUILD)/user/skel/$(call bpf_name,$(s)).skel.h)
ifneq ($(words $(BPF_SKELS)),$(words $(sort $(BPF_SKELS))))
$(error two eBPF sources of one name among: $(sort $(BPF_SRCS)))
endif

# The kernel's own structures, from its debug information. Behind the kernel's link in time, but programs are compiled
# again only if a structure has changed.
KERNEL_TYPES := $(BUILD)/user/kernel-types/kernel_types.h
PAHOLE ?= pahole
BPFTOOL ?= $(or $(firstword $(wildcard /usr/sbin/bpftool)),bpftool)

$(KERNEL_BTF): $(BUILD)/kernel/kernel.elf
	$(Q)mkdir -p $(@D)
	$(Q)$(PAHOLE) -J --btf_encode_detached=$@ $<

$(KERNEL_TYPES): $(KERNEL_BTF) tools/kernel_types.py firmware/ebpf/uapi/bpf.h sdk/bpf/kernel.h
	$(Q)$(BPFTOOL) btf dump file $< format c >$(@D)/kernel.c
	$(Q)tools/kernel_types.py firmware/ebpf/uapi/bpf.h sdk/bpf/kernel.h <$(@D)/kernel.c >$@.new
	$(Q)if cmp -s $@.new $@; then rm $@.new; else printf '  %-8s%s\n' TYPES $@ && mv $@.new $@; fi

BPF_CFLAGS := -target bpf -g -Wall -D__TARGET_ARCH_riscv -isystem sdk/bpf -isystem $(dir $(KERNEL_TYPES)) \
	-iquote firmware/ebpf -iquote .
# Linux style: v3 has 32-bit instructions and atomics with results. The rCore style is what its own course compiles.
BPF_LINUX_CFLAGS := -O2 -mcpu=v3
BPF_RCORE_CFLAGS := -O1 -mcpu=v1

BPFSKEL := $(BUILD)/user/bpfskel
BPFSKEL_OBJS := $(addprefix $(BUILD)/user/tool/,sdk/tool/bpfskel.o lib/bpf_elf.o)

$(BUILD)/user/tool/%.o: %.c
	$(call say,HOSTCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=c11 -O2 -g $(WARNINGS) -D_GNU_SOURCE -iquote firmware/ebpf -MMD -MP -c $< -o $@

$(BPFSKEL): $(BPFSKEL_OBJS)
	$(call say,LINK,$@)
	$(Q)$(HOSTCC) $^ -o $@

$(BUILD)/user/bpf/%.rcore.bpf.o: %.rcore.bpf.c
	$(call say,BPFCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(BPF_CLANG) $(BPF_CFLAGS) $(BPF_RCORE_CFLAGS) -MD -MP -c $< -o $@

$(BUILD)/user/bpf/%.bpf.o: %.bpf.c
	$(call say,BPFCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(BPF_CLANG) $(BPF_CFLAGS) $(BPF_LINUX_CFLAGS) -MD -MP -c $< -o $@

# Linux style: bpftool's skeletons; rCore style: the object's bytes. Where a skeleton is named after its object file,
# X.bpf.o, all of its names begin with X_bpf: source that says so compiles, too.
skel_of = $(if $(filter %.rcore.bpf.c,$(1)),$(BPFSKEL) --rcore $(call bpf_name,$(1)) $$<,$(BPFTOOL) \
	gen skeleton $$< name $(call bpf_name,$(1)))

skel_aliases = { echo $(1) && grep -ow '$(1)__[a-z0-9_]*' $(2) | sort -u; } | \
	sed 's/^$(1)\(.*\)/\#define $(1)_bpf\1 $(1)\1/'

define bpf_skel_rule
$(BUILD)/user/skel/$(call bpf_name,$(1)).skel.h: $(BUILD)/user/bpf/$(1:.bpf.c=.bpf.o) $(BPFSKEL) progs/progs.mk
	$$(call say,SKEL,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(call skel_of,$(1)) >$$@.new
	$$(Q)$(call skel_aliases,$(call bpf_name,$(1)),$$@.new) >$$@.names
	$$(Q)cat $$@.new $$@.names >$$@ && rm $$@.new $$@.names
endef
$(foreach s,$(BPF_SRCS),$(eval $(call bpf_skel_rule,$(s))))

# Generated before the first compilation; after that the dependency files know who includes what.
$(USER_OBJS): | $(BPF_SKELS)

$(BPF_OBJS): | $(KERNEL_TYPES)

include tools/pictures.mk

-include $(BPF_OBJS:.o=.d) $(BPFSKEL_OBJS:.o=.d)
