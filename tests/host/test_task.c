/* SPDX-License-Identifier: BSD-2-Clause */
/* The task area: where it may be, and that only consistent records are seen. */
#include "task.h"

#include "platform_host.h"
#include "uapi/errno.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define PA 0x80000000u

static _Alignas(64) uint8_t ram[4096];
static struct ebpf_task_area *area = (void *)(ram + 128);

static int setup(void **state)
{
	(void)state;
	host_reset();
	memset(ram, 0, sizeof(ram));
	host_phys_add(PA, ram, sizeof(ram), EBPF_ACCESS_READ | EBPF_ACCESS_WRITE);
	for (host_hart = 0; host_hart < 4; host_hart++)
		ebpf_task_set_area(UINT64_MAX, 0);
	host_hart = 0;
	return 0;
}

static void write_record(uint32_t pid, const char *comm)
{
	area->seq++;
	area->pid = pid;
	area->tgid = pid;
	memset(area->comm, 0, sizeof(area->comm));
	memcpy(area->comm, comm, strlen(comm));
	area->seq++;
}

static void test_task_off(void **state)
{
	(void)state;
	assert_non_null(ebpf_task_current());
	assert_int_equal(ebpf_task_current()->pid, 0);
	assert_int_equal(ebpf_task_current()->satp, 0);
	assert_int_equal(ebpf_task_flags(), 0);
}

static void test_task_where_it_may_be(void **state)
{
	(void)state;
	assert_int_equal(ebpf_task_set_area(PA + 8, 0), -EINVAL);
	assert_int_equal(ebpf_task_set_area(PA + 128, 2), -EINVAL);
	assert_int_equal(ebpf_task_set_area(PA + 4096, 0), -EFAULT);
	assert_int_equal(ebpf_task_set_area(0, 0), -EFAULT);
	assert_int_equal(ebpf_task_set_area(UINT64_MAX - 63, 0), -EFAULT);
	assert_int_equal(ebpf_task_set_area(PA + 4096 - 64, 0), 0);
	/* an error leaves what was set */
	assert_int_equal(ebpf_task_set_area(PA + 128, SBI_EBPF_TASK_TRACE_IRQ), 0);
	assert_int_equal(ebpf_task_set_area(PA + 8, 0), -EINVAL);
	assert_int_equal(ebpf_task_flags(), SBI_EBPF_TASK_TRACE_IRQ);
}

static void test_task_follows_the_record(void **state)
{
	(void)state;
	assert_int_equal(ebpf_task_set_area(PA + 128, 0), 0);
	write_record(5, "first");
	assert_int_equal(ebpf_task_current()->pid, 5);
	assert_string_equal(ebpf_task_current()->comm, "first");
	write_record(6, "second");
	assert_int_equal(ebpf_task_current()->pid, 6);
	/* being written: what was seen last */
	area->seq++;
	area->pid = 99;
	assert_int_equal(ebpf_task_current()->pid, 6);
	area->seq++;
	assert_int_equal(ebpf_task_current()->pid, 99);
	/* off: nothing of it stays */
	assert_int_equal(ebpf_task_set_area(UINT64_MAX, 0), 0);
	assert_int_equal(ebpf_task_current()->pid, 0);
}

static void test_task_first_record_is_half_written(void **state)
{
	(void)state;
	area->seq = 1;
	area->pid = 99;
	assert_int_equal(ebpf_task_set_area(PA + 128, 0), 0);
	assert_int_equal(ebpf_task_current()->pid, 0);
}

static void test_task_name_always_ends(void **state)
{
	(void)state;
	assert_int_equal(ebpf_task_set_area(PA + 128, 0), 0);
	write_record(1, "sixteen bytes...");
	assert_int_equal(strlen(ebpf_task_current()->comm), 15);
}

static void test_task_one_area_a_hart(void **state)
{
	(void)state;
	assert_int_equal(ebpf_task_set_area(PA + 128, SBI_EBPF_TASK_TRACE_IRQ), 0);
	write_record(5, "zero");
	host_hart = 1;
	assert_int_equal(ebpf_task_current()->pid, 0);
	assert_int_equal(ebpf_task_flags(), 0);
	assert_int_equal(ebpf_task_set_area(PA + 256, 0), 0);
	((struct ebpf_task_area *)(void *)(ram + 256))->pid = 7;
	assert_int_equal(ebpf_task_current()->pid, 7);
	host_hart = 0;
	assert_int_equal(ebpf_task_current()->pid, 5);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_task_off),
		TEST(test_task_where_it_may_be),
		TEST(test_task_follows_the_record),
		TEST(test_task_first_record_is_half_written),
		TEST(test_task_name_always_ends),
		TEST(test_task_one_area_a_hart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
