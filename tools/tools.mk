# SPDX-License-Identifier: BSD-2-Clause
# Tools that run on the host: every tools/*.c becomes build/host/<name>, with _
# in the file name written as -. They are linked with the core (firmware/ebpf)
# over the host platform of the tests.

HOST_CFLAGS := -std=c11 -O2 -g $(WARNINGS) -iquote firmware/ebpf -D_GNU_SOURCE
CORE_SRCS := $(wildcard firmware/ebpf/*.c)
HOST_CORE_OBJS := $(CORE_SRCS:%.c=$(BUILD)/host/obj/%.o) $(BUILD)/host/obj/tests/host/platform_host.o
HOST_TOOLS := $(foreach s,$(wildcard tools/*.c),$(BUILD)/host/$(subst _,-,$(basename $(notdir $(s)))))

host: $(HOST_TOOLS) ## host tools: bpf-run and friends, needs no RISC-V tools
.PHONY: host

$(BUILD)/host/obj/%.o: %.c
	$(call say,HOSTCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/host/libebpf.a: $(HOST_CORE_OBJS)
	$(Q)rm -f $@ && ar rcs $@ $^

define host_tool_rule
$(BUILD)/host/$(subst _,-,$(basename $(notdir $(1)))): $(BUILD)/host/obj/$(1:.c=.o) $(BUILD)/host/libebpf.a
	$$(call say,LINK,$$@)
	$$(Q)$$(HOSTCC) $$(HOST_CFLAGS) $$^ -o $$@
endef
$(foreach s,$(wildcard tools/*.c),$(eval $(call host_tool_rule,$(s))))

$(BUILD)/host/bpf-bench: $(BUILD)/host/obj/tests/isa/isa_parse.o

-include $(HOST_CORE_OBJS:.o=.d) $(BUILD)/host/obj/tests/isa/isa_parse.d $(patsubst %.c,$(BUILD)/host/obj/%.d,$(wildcard tools/*.c))
