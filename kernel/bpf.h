/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All a kernel does for eBPF from below: forward bpf(2), tell the firmware what
 * becomes of descriptors, say who runs, hand over symbols and the return
 * trampoline, show trace output.
 */
#ifndef KERNEL_BPF_H
#define KERNEL_BPF_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;
struct file;
struct thread;

extern bool have_ebpf; /* the firmware has the extension */

void bpf_init(void);	  /* once; says so if the firmware has no such extension */
void bpf_init_hart(void); /* each hart, on itself */

/* Descriptors. They may take several calls: no locks held. 0 or -errno. */
int bpf_fd_close(int pid, int fd);
int bpf_fd_dup(int pid, int fd, int new_pid, int new_fd);
void bpf_proc_exit(int pid);

/* This hart runs t from now on (NULL: nothing); what it runs has got a new name or address space. */
void bpf_task_switch(struct cpu *c, const struct thread *t);
void bpf_task_update(void);

/* bpf_output.c: print trace output that is waiting. Any context without the console's lock. */
void bpf_trace_drain(void);
/* The supervisor software interrupt: trace output, or a record in a ring buffer; and those of other harts. */
void bpf_interrupt(void);
/* The file proc/trace_pipe, one at a time: trace output goes there while it is open. NULL: it is, or no room. */
struct file *bpf_trace_open(void);

#endif
