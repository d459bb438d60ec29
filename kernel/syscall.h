/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls. Each is a C function sys_<name> with the arguments in a0..a5 in
 * the order of the user's registers, never inlined and entered exactly once per
 * call: a probe on its name sees every call and its arguments.
 */
#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H

#include "syscall_ids.h"

#include <stdint.h>

struct trapframe;

void syscall_dispatch(struct trapframe *tf);

#define SYSCALL_PROTOTYPE(number, name, ...) int64_t sys_##name(__VA_ARGS__);
SYSCALLS(SYSCALL_PROTOTYPE)

#endif
