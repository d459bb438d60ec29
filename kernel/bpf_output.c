/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes out of the firmware: trace output, for the console or for whoever
 * has proc/trace_pipe open, and the news that a ring buffer has a record. It
 * tells by a software interrupt on the hart where that happened.
 */
#include "bpf.h"
#include "../firmware/ebpf/uapi/errno.h"
#include "console.h"
#include "file.h"
#include "kvm.h"
#include "sbi_ebpf.h"
#include "sched.h"
#include "syscall.h"
#include "timer.h"

static struct spinlock trace_lock;
static struct pipe *trace_pipe; /* its reader is a process; NULL: the console gets the output */

struct file *bpf_trace_open(void)
{
	struct file *read_end, *write_end;
	bool first;

	if (pipe_create(&read_end, &write_end) != 0)
		return NULL;
	spin_lock(&trace_lock);
	first = !trace_pipe || pipe_room(trace_pipe) < 0;
	if (first && trace_pipe)
		pipe_close(trace_pipe, true);
	if (first) {
		trace_pipe = write_end->pipe;
		write_end->pipe = NULL; /* the kernel is the writer */
	}
	spin_unlock(&trace_lock);
	file_put(write_end);
	if (!first)
		file_put(read_end);
	return first ? read_end : NULL;
}

/* Where the next `*room` bytes of trace output can go without waiting: a pipe, or NULL = the console. */
static struct pipe *trace_target(int64_t *room)
{
	int64_t n = trace_pipe ? pipe_room(trace_pipe) : -EPIPE;

	if (trace_pipe && n < 0) {
		pipe_close(trace_pipe, true);
		trace_pipe = NULL;
	}
	if (n >= 0 && n < *room)
		*room = n;
	return trace_pipe;
}

void bpf_trace_drain(void)
{
	static char text[256];
	const struct iobuf buf = {NULL, (uint64_t)text};
	struct pipe *to;
	int64_t n;

	if (!have_ebpf || !spin_trylock(&trace_lock))
		return; /* whoever has the lock prints it, or the next tick does */
	/* Bounded: a probe on the way to the console makes new output for each piece that is printed. */
	for (int i = 0; i < 16; i++) {
		n = sizeof(text);
		to = trace_target(&n);
		n = n ? sbi_ebpf_trace_read((uint64_t)text, (uint64_t)n, kernel_satp) : 0;
		if (n <= 0)
			break;
		if (to)
			pipe_write(to, &buf, (uint64_t)n);
		else
			console_write(text, (size_t)n);
	}
	spin_unlock(&trace_lock);
}

/* Those who wait for the firmware's count of events to change. */
static struct spinlock events_lock;
static struct waitq events_waiters;

void bpf_interrupt(void)
{
	static int64_t seen;
	int64_t events;

	bpf_trace_drain();
	spin_lock(&events_lock); /* whoever has found the count unchanged is asleep by now */
	events = events_waiters.head ? sbi_ebpf_get_info(SBI_EBPF_INFO_EVENTS) : seen;
	if (events != seen) /* else it was another hart's interrupt */
		wake_all(&events_waiters);
	seen = events;
	spin_unlock(&events_lock);
}

int64_t sys_ebpf_wait(uint64_t count, uint64_t us)
{
	uint64_t until = timer_after(us);
	int64_t events = -1;
	int ret = 0;

	if (!have_ebpf)
		return -1;
	spin_lock(&events_lock);
	while (ret == 0 && (events = sbi_ebpf_get_info(SBI_EBPF_INFO_EVENTS)) == (int64_t)count && timer_us() < until)
		ret = sleep_until(&events_waiters, &events_lock, WAIT_INTERRUPTIBLE, until);
	spin_unlock(&events_lock);
	return ret ? ret : events;
}
