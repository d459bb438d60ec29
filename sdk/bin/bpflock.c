/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bpflock [load|attach|detach|read|unpriv|leaks]...: the firmware's one-way locks.
 * Sets the named ones until the machine is reset, then shows those in force and
 * what the firmware's self-check has found. docs/isolation.md says what each is for.
 */
#include "sdk/lib/syscall.h"
#include "uapi/bpf.h"
#include "uapi/sbi_ebpf.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	uint32_t flag;
	const char *meaning;
} locks[] = {
	{"load", SBI_EBPF_LOCK_LOAD, "no more programs and maps"},
	{"attach", SBI_EBPF_LOCK_ATTACH, "no more attachments and test runs"},
	{"detach", SBI_EBPF_LOCK_DETACH, "what is attached stays attached"},
	{"read", SBI_EBPF_LOCK_TRACE_READ, "nobody empties the trace or a ring buffer"},
	{"unpriv", SBI_EBPF_LOCK_UNPRIV, "processes only use what they have been given"},
	{"leaks", SBI_EBPF_LOCK_LEAKS, "new programs give no address of the firmware away"},
};
#define COUNT (sizeof(locks) / sizeof(locks[0]))

static long lock(uint32_t flags)
{
	union bpf_attr attr = {.number = {.index = flags}};

	return syscall3(SYS_bpf, EBPF_LOCK, (long)&attr, sizeof(attr));
}

static long number(uint32_t index)
{
	union bpf_attr attr = {.number = {.index = index}};

	return syscall3(SYS_bpf, EBPF_GET_INFO, (long)&attr, sizeof(attr)) ? -1 : (long)attr.number.value;
}

static uint32_t flag_of(const char *name)
{
	for (unsigned int i = 0; i < COUNT; i++)
		if (!strcmp(locks[i].name, name))
			return locks[i].flag;
	return 0;
}

int main(int argc, char *argv[])
{
	uint32_t flags = 0;
	long in_force;

	for (int i = 1; i < argc; i++) {
		if (!flag_of(argv[i])) {
			fprintf(stderr, "usage: bpflock [load|attach|detach|read|unpriv|leaks]...\n");
			return 2;
		}
		flags |= flag_of(argv[i]);
	}
	if (flags && lock(flags) < 0) {
		fprintf(stderr, "bpflock: refused: this process has no privilege\n");
		return 1;
	}
	in_force = number(SBI_EBPF_INFO_LOCKS);
	for (unsigned int i = 0; i < COUNT; i++)
		printf("%-7s %-8s %s\n", locks[i].name, in_force & locks[i].flag ? "locked" : "open", locks[i].meaning);
	printf("self-check: %ld rounds, %ld damaged, %ld breakpoints tampered with\n", number(SBI_EBPF_INFO_CHECKS),
	       number(SBI_EBPF_INFO_DAMAGE), number(SBI_EBPF_INFO_TAMPERED));
	return 0;
}
