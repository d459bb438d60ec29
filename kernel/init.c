/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first process. `init=` names it (sh); with `cmd=` on the command line it is
 * run as `sh -c <cmd>` and the machine's exit tells whether that worked.
 */
#include "dt.h"
#include "file.h"
#include "printk.h"
#include "proc.h"
#include "sbi.h"
#include "string.h"
#include "timer.h"
#include "trapframe.h"

int init_pid;

static uint64_t started_ms;

void init_start(void)
{
	static char path[NAME_LEN] = "sh", cmd[MAX_BOOTARGS];
	char *argv[] = {path, "-c", cmd, NULL};
	int argc = bootarg("cmd=", cmd, sizeof(cmd)) ? 3 : 1, ret;
	struct proc *p = proc_alloc(NULL);

	bootarg("init=", path, sizeof(path));
	if (!p || files_open_console(p) != 0)
		panic("no memory for the first process");
	ret = exec_image(p, path, argv, argc);
	if (ret < 0)
		panic("cannot run %s: error %d (is it in the initrd?)", path, ret);
	p->threads[0].thread->tf->x[REG_A0] = (uint64_t)argc;
	init_pid = p->pid;
	started_ms = timer_ms();
	thread_ready(p->threads[0].thread);
}

void init_ended(int code, bool crashed)
{
	char cmd[4];
	bool once = bootarg("cmd=", cmd, sizeof(cmd));

	if (crashed && !once && timer_ms() - started_ms > 1000) { /* or it would crash for ever */
		printk(LOG_ERROR, "init crashed (code %d), starting it again\n", code);
		init_start();
		return;
	}
	printk(crashed ? LOG_ERROR : LOG_INFO, "init exited with code %d, power off\n", code);
	sbi_shutdown(crashed || (once && code != 0));
}
