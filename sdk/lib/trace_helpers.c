/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel can, and the time: the small parts of <trace_helpers.h>. */
#include "../include/trace_helpers.h"
#include "../include/time.h"

#include <unistd.h>

bool kprobe_exists(const char *name)
{
	struct ksyms *ksyms = ksyms__load();
	bool exists = ksyms && ksyms__get_symbol(ksyms, name);

	ksyms__free(ksyms);
	return exists;
}

bool fentry_can_attach(const char *name, const char *mod)
{
	(void)name;
	(void)mod;
	return false;
}

bool tracepoint_exists(const char *category, const char *event)
{
	(void)category;
	(void)event;
	return false;
}

bool vmlinux_btf_exists(void)
{
	return access("kernel.btf", R_OK) == 0;
}

unsigned long long get_ktime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long long)ts.tv_sec * 1000000000 + (unsigned long long)ts.tv_nsec;
}

int str_timestamp(const char *format, char *buf, size_t size)
{
	time_t now = time(NULL);

	return (int)strftime(buf, size, format, localtime(&now));
}
