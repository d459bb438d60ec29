/* SPDX-License-Identifier: BSD-2-Clause */
/* From system call number to function. */
#include "syscall.h"
#include "printk.h"
#include "proc.h"
#include "trapframe.h"

#include <stddef.h>

/* Every handler reads the argument registers it needs; the others hold whatever the user left there. */
typedef int64_t (*syscall_fn)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
#define SYSCALL_ENTRY(number, name, ...) [number] = (syscall_fn)(void (*)(void))sys_##name,

static const syscall_fn table[SYSCALL_MAX] = {SYSCALLS(SYSCALL_ENTRY)};

void syscall_dispatch(struct trapframe *tf)
{
	const uint64_t *a = &tf->x[REG_A0];
	uint64_t number = tf->x[REG_A7];
	int64_t ret = -1;

	if (number < SYSCALL_COUNTERS)
		__atomic_fetch_add(&current_proc()->syscall_times[number], 1, __ATOMIC_RELAXED);
	if (number < SYSCALL_MAX && table[number])
		ret = table[number](a[0], a[1], a[2], a[3], a[4], a[5]);
	else
		printk(LOG_DEBUG, "%s[%d]: unknown system call %lu\n", current_proc()->name, current_proc()->pid,
		       number);
	tf->x[REG_A0] = (uint64_t)ret;
}
