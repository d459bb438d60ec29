# SPDX-License-Identifier: BSD-2-Clause
# Fuzzing: every tests/fuzz/fuzz_<target>.c is a program of libFuzzer's. Known
# good inputs are kept in tests/fuzz/corpus/<target>.txt, one a line, and are
# where it begins. tests/fuzz/README.md.

FUZZ_DIR := tests/fuzz
FUZZ_TARGETS := $(patsubst $(FUZZ_DIR)/fuzz_%.c,%,$(filter-out %/fuzz_main.c,$(wildcard $(FUZZ_DIR)/fuzz_*.c)))
FUZZ_SECONDS ?= 60
FUZZ_LONG_SECONDS ?= 3600
# all at the same time
FUZZ_JOBS ?= $(words $(FUZZ_TARGETS))
# tests.mk's, for clang, which takes a | of conditions for a mistake
FUZZ_CFLAGS := $(filter-out -fsanitize=%,$(TEST_CFLAGS)) -Wno-bitwise-instead-of-logical -Wno-unknown-warning-option \
	-iquote $(FUZZ_DIR)
# FUZZ_ENGINE=main: no libFuzzer, inputs from files and standard input, for AFL++ and for gcc
FUZZ_ENGINE ?= libfuzzer
FUZZ_SANITIZE := address,undefined
FUZZ_OUT := $(BUILD)/fuzz/$(FUZZ_ENGINE)
FUZZ_CFLAGS += -fsanitize=$(if $(filter libfuzzer,$(FUZZ_ENGINE)),fuzzer-no-link$(comma))$(FUZZ_SANITIZE)
FUZZ_LINK := $(if $(filter libfuzzer,$(FUZZ_ENGINE)),-fsanitize=fuzzer)
FUZZ_DRIVER := $(if $(filter libfuzzer,$(FUZZ_ENGINE)),,$(FUZZ_OUT)/obj/$(FUZZ_DIR)/fuzz_main.o)
FUZZ_PROGRAMS := $(FUZZ_TARGETS:%=$(FUZZ_OUT)/%)
FUZZ_CORE_OBJS := $(TEST_CORE_OBJS:$(BUILD)/test/obj/%=$(FUZZ_OUT)/obj/%)

$(FUZZ_OUT)/obj/%.o: %.c
	$(call say,FUZZCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -MMD -MP -c $< -o $@

$(FUZZ_OUT)/libebpf.a: $(FUZZ_CORE_OBJS)
	$(Q)rm -f $@ && ar rcs $@ $^

# For the target about object files: the user library as it is, with memory of its own, and the kernel's loader
FUZZ_SDK_SRCS := $(filter-out %ring.c %ringbuf.c %perfbuf.c %file.c,$(wildcard sdk/lib/libbpf*.c)) sdk/lib/ksyms.c sdk/lib/read_file.c \
	sdk/lib/libbpf_mapfile.c lib/bpf_elf.c lib/load_ex.c
FUZZ_SDK_OBJS := $(FUZZ_SDK_SRCS:%.c=$(FUZZ_OUT)/obj/%.o)
$(FUZZ_SDK_OBJS): FUZZ_CFLAGS += -include $(FUZZ_DIR)/fuzz_libc.h -DKALLSYMS='"/nonexistent"' -DKERNEL_BTF='"/nonexistent"' \
	$(foreach f,malloc calloc realloc strdup free,-D$(f)=fuzz_$(f)) -Wno-error

$(FUZZ_OUT)/libsdk.a: $(FUZZ_SDK_OBJS)
	$(Q)rm -f $@ && ar rcs $@ $^

$(FUZZ_OUT)/elf: $(FUZZ_OUT)/libsdk.a

$(FUZZ_PROGRAMS): $(FUZZ_OUT)/%: $(FUZZ_OUT)/obj/$(FUZZ_DIR)/fuzz_%.o $(FUZZ_DRIVER) $(FUZZ_OUT)/libebpf.a
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_LINK) $^ -lcmocka -o $@

fuzz-programs: $(FUZZ_PROGRAMS) ## the fuzz targets; FUZZ_ENGINE=main FUZZ_CC=afl-clang-fast for AFL++

fuzz: $(FUZZ_PROGRAMS) ## fuzzing, each target for FUZZ_SECONDS; TARGET=name for one of them
	$(Q)$(FUZZ_DIR)/fuzz.py --out $(FUZZ_OUT) --seconds $(FUZZ_SECONDS) --jobs $(FUZZ_JOBS) $(FUZZ_ARGS) $(or $(TARGET),$(FUZZ_TARGETS))

fuzz-long: FUZZ_SECONDS = $(FUZZ_LONG_SECONDS)
fuzz-long: fuzz ## the same for an hour each, before a release

# The part of it that is in `make test`; CI gives it more seconds
test-fuzz: FUZZ_SECONDS = 20
test-fuzz: FUZZ_ARGS = --fresh
test-fuzz: fuzz ## all kept inputs again, and some seconds of new ones

fuzz-corpus: $(FUZZ_PROGRAMS) ## keep what the last runs found, minimised, in tests/fuzz/corpus
	$(Q)$(FUZZ_DIR)/fuzz.py --out $(FUZZ_OUT) --merge $(or $(TARGET),$(FUZZ_TARGETS))

.PHONY: fuzz fuzz-long fuzz-programs fuzz-corpus test-fuzz

-include $(FUZZ_CORE_OBJS:.o=.d) $(FUZZ_SDK_OBJS:.o=.d) $(FUZZ_TARGETS:%=$(FUZZ_OUT)/obj/$(FUZZ_DIR)/fuzz_%.d)
