/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rvtest: emulated instructions against real ones on the machine at hand, as a
 * payload of any SBI firmware that delegates breakpoints and page faults, and at
 * last through the probes of this one. Ends with "N passed, N failed" and powers off.
 */
#include "compare.h"

static unsigned int passed, failed;

void verdict(const char *name, bool ok)
{
	if (ok) {
		passed++;
		return;
	}
	failed++;
	print("FAILED: %s\n", name);
}

static void __attribute__((noreturn)) end(void)
{
	print("%u passed, %u failed\n", passed, failed);
	shutdown();
}

void rvtest_unexpected(uint64_t cause, uint64_t epc, uint64_t tval)
{
	print("unexpected trap: cause %x at %x, tval %x\n", cause, epc, tval);
	failed++;
	end();
}

void rvtest_main(void)
{
	memory_init();
	find_extensions();
	test_forms();
	test_compressed();
	test_system();
	print_counts();
	test_probed();
	end();
}
