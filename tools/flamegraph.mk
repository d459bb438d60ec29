# SPDX-License-Identifier: BSD-2-Clause
# Pictures of a run: boots, lets stackcount sample a workload, draws what it printed.

FLAME_PROBE ?= page_alloc_order
FLAME_WORKLOAD ?= sh -c 'ls >a & ls | cat | wc; cat proc/kallsyms | grep sys_ >b; wait'
FLAME_SVG ?= $(BUILD)/flamegraph.svg

flamegraph: image ## boot, sample a workload (FLAME_PROBE, FLAME_WORKLOAD), draw build/flamegraph.svg
	$(Q)tools/run-qemu.py $(MACHINE) --smp $(SMP) >$(BUILD)/flamegraph.log || { tail $(BUILD)/flamegraph.log; exit 1; }
	$(Q)tools/flamegraph --title 'Calls of $(FLAME_PROBE)' $(BUILD)/flamegraph.log >$(FLAME_SVG).new
	$(Q)mv $(FLAME_SVG).new $(FLAME_SVG)
	$(call say,SVG,$(FLAME_SVG))
flamegraph: export MBPF_CMD = stackcount -f $(FLAME_PROBE) $(value FLAME_WORKLOAD)
.PHONY: flamegraph
