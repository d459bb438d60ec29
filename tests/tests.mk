# SPDX-License-Identifier: BSD-2-Clause
# Tests. Host tests: every tests/host/test_*.c is one cmocka binary, linked with
# the core and the host platform under ASan and UBSan.

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

# one of them: make test-host-arena
test-host-%: $(BUILD)/test/test_%
	$(Q)$<

-include $(TEST_CORE_OBJS:.o=.d) $(HOST_TEST_SRCS:%.c=$(BUILD)/test/obj/%.d)
