/* SPDX-License-Identifier: BSD-2-Clause */
/* signal(): the kernel calls the handler, and what the handler returns to is a system call. */
#include "../include/signal.h"
#include "syscall.h"

#include <errno.h>

static void handler_returns(void)
{
	syscall3(SYS_rt_sigreturn, 0, 0, 0);
}

sighandler_t signal(int signal, sighandler_t handler)
{
	static sighandler_t current;
	sighandler_t before = current;

	if (__syscall_ret(syscall3(SYS_rt_sigaction, signal, (long)handler, (long)handler_returns), EINVAL))
		return SIG_ERR;
	current = handler;
	return before;
}
