# SPDX-License-Identifier: BSD-2-Clause
# Pictures of a run: boots, lets a program of the guest observe a workload, draws what it printed.

FLAME_PROBE ?= page_alloc_order
FLAME_WORKLOAD ?= sh -c 'ls >a & ls | cat | wc; cat proc/kallsyms | grep sys_ >b; wait'
FLAME_SVG ?= $(BUILD)/flamegraph.svg
HIST_FUNC ?= sys_read
HIST_WORKLOAD ?= sh -c 'cat proc/kallsyms | grep sys_ >b & cat kernel.btf >c; ls | cat | wc; wait'
HIST_SVG ?= $(BUILD)/histogram.svg

# picture NAME,TITLE,FILE: MBPF_CMD runs, its console goes through tools/NAME
define picture
	$(Q)tools/run-qemu.py $(MACHINE) --smp $(SMP) >$(BUILD)/$(1).log || { tail $(BUILD)/$(1).log; exit 1; }
	$(Q)tools/$(1) --title '$(2)' $(BUILD)/$(1).log >$(3).new
	$(Q)mv $(3).new $(3)
	$(call say,SVG,$(3))
endef

flamegraph: image ## boot, sample a workload (FLAME_PROBE, FLAME_WORKLOAD), draw build/flamegraph.svg
	$(call picture,flamegraph,Calls of $(FLAME_PROBE),$(FLAME_SVG))
flamegraph: export MBPF_CMD = stackcount -f $(FLAME_PROBE) $(value FLAME_WORKLOAD)

histogram: image ## boot, time a function (HIST_FUNC, HIST_WORKLOAD), draw build/histogram.svg
	$(call picture,histogram,Time in $(HIST_FUNC),$(HIST_SVG))
histogram: export MBPF_CMD = funclatency $(HIST_FUNC) $(value HIST_WORKLOAD)
.PHONY: flamegraph histogram
