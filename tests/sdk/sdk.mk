# SPDX-License-Identifier: BSD-2-Clause
# Tests of the SDK that are about building: a tool of two files; every compiler.

test-newtool: image ## the smallest example of sdk/README.md, in a copy of the tree
	$(Q)tests/sdk/newtool.py $(BUILD)
.PHONY: test-newtool

# The gallery compiled by every clang that is installed, from 14 to 19, as X.14 and so on: no warnings, and the guest's
# checks must accept what comes out.
BPF_CLANGS ?= $(patsubst /usr/bin/clang-%,%,$(wildcard $(foreach v,14 15 16 17 18 19,/usr/bin/clang-$(v))))
GALLERY_SRCS := $(filter-out %.rcore.bpf.c,$(wildcard progs/*.bpf.c))
GALLERY_NAMES := $(notdir $(GALLERY_SRCS:.bpf.c=))
CLANGS_DIR := $(BUILD)/clangs
CLANGS_OBJS := $(foreach v,$(BPF_CLANGS),$(GALLERY_NAMES:%=$(CLANGS_DIR)/%.$(v)))

define clang_rule
$(CLANGS_DIR)/%.$(1): progs/%.bpf.c $(BUILD)/user/bpf/progs/%.bpf.o
	$$(call say,BPFCC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)clang-$(1) $$(BPF_CFLAGS) -Werror $$(BPF_LINUX_CFLAGS) -c $$< -o $$@
endef
$(foreach v,$(BPF_CLANGS),$(eval $(call clang_rule,$(v))))

# One case, a command for each compiler: all objects are loaded, none is attached
CLANGS_TOML := $(CLANGS_DIR).toml
$(CLANGS_TOML): $(CLANGS_OBJS) tests/sdk/sdk.mk
	$(Q)printf '%s\n' '[[case]]' 'name = "gallery-clangs"' 'extra = "build/clangs"' 'hang = 120' \
		'description = "the gallery as compiled by clang $(BPF_CLANGS)"' \
		'cmd = "$(foreach v,$(BPF_CLANGS),bpftool prog load $(GALLERY_NAMES:%=%.$(v));)"' \
		'expect = [$(foreach v,$(BPF_CLANGS),"^$(words $(GALLERY_NAMES)) objects loaded$$",)]' >$@
