# SPDX-License-Identifier: BSD-2-Clause
# The host tests in which threads play harts, under ThreadSanitizer: it sees
# orders of memory accesses that a run by itself rarely meets.

TSAN_TESTS := arena map_array map_hash map_threads obj trace
TSAN_CFLAGS := $(filter-out -fsanitize=% -fno-sanitize-recover=%,$(TEST_CFLAGS)) -O2 -fsanitize=thread -Wno-tsan

$(BUILD)/tsan/obj/%.o: %.c
	$(call say,TSANCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TSAN_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/tsan/libebpf.a: $(TEST_CORE_OBJS:$(BUILD)/test/obj/%=$(BUILD)/tsan/obj/%)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/tsan/test_%: $(BUILD)/tsan/obj/tests/host/test_%.o $(BUILD)/tsan/libebpf.a
	$(Q)$(HOSTCC) $(TSAN_CFLAGS) $^ -lcmocka -o $@

test-threads: $(TSAN_TESTS:%=$(BUILD)/tsan/test_%) ## host tests with threads, under ThreadSanitizer
	$(Q)tools/run-host-tests.py $^

.PHONY: test-threads

-include $(TEST_CORE_OBJS:$(BUILD)/test/obj/%.o=$(BUILD)/tsan/obj/%.d) $(TSAN_TESTS:%=$(BUILD)/tsan/obj/tests/host/test_%.d)
