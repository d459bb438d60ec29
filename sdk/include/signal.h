/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one signal there is: SIGINT, from Ctrl-C or kill(pid, SIGINT). A handler
 * runs in the main thread; a wait that it ends (read, write to a pipe, sleep,
 * waitpid) returns -1 with errno EINTR.
 */
#ifndef _SIGNAL_H
#define _SIGNAL_H

#define SIGINT 2
/* Numbers only, for programs that ask for these handlers, too: signal() refuses them. */
#define SIGHUP 1
#define SIGKILL 9
#define SIGTERM 15

typedef int sig_atomic_t;

typedef void (*sighandler_t)(int signal);

#define SIG_DFL ((sighandler_t)0) /* ends the process with code 130 */
#define SIG_IGN ((sighandler_t)1)
#define SIG_ERR ((sighandler_t)-1)

/* The handler there was, or SIG_ERR with errno EINVAL for any other signal. */
sighandler_t signal(int signal, sighandler_t handler);

#endif
