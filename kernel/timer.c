/* SPDX-License-Identifier: BSD-2-Clause */
/* Timer: timer.h. Through stimecmp where every hart has Sstc, else SBI TIME. */
#include "timer.h"
#include "bpf.h"
#include "console.h"
#include "cpu.h"
#include "dt.h"
#include "param.h"
#include "riscv.h"
#include "sbi.h"
#include "sched.h"

static bool paused[MAX_HARTS];

static void set_timer(uint64_t when)
{
	if (machine.sstc)
		__asm__ volatile("csrw 0x14d, %0" : : "r"(when)); /* stimecmp */
	else
		sbi_set_timer(when);
}

void timer_next_tick(void)
{
	set_timer(read_time() + machine.timebase / TICKS_PER_SEC);
}

void timer_idle(bool idle)
{
	struct cpu *c = this_cpu();

	if (c->index == 0 || paused[c->index] == idle)
		return;
	paused[c->index] = idle;
	if (idle)
		set_timer(UINT64_MAX);
	else
		timer_next_tick();
}

void timer_interrupt(void)
{
	struct cpu *c = this_cpu();

	c->ticks++;
	timer_next_tick();
	if (c->index != 0)
		return;
	console_poll();
	bpf_trace_drain();
	sched_wake_due();
}

/* In two steps, because ticks * 1000000 overflows after some weeks. */
uint64_t timer_to_us(uint64_t t)
{
	uint64_t hz = machine.timebase;

	return hz ? t / hz * 1000000 + t % hz * 1000000 / hz : 0; /* 0: before the device tree was read */
}

uint64_t timer_us(void)
{
	return timer_to_us(read_time());
}

uint64_t timer_ms(void)
{
	return timer_us() / 1000;
}

uint64_t timer_after(uint64_t us)
{
	uint64_t now = timer_us();

	return us < NEVER - now ? now + us : NEVER;
}

int timer_sleep_us(uint64_t us)
{
	static struct waitq sleepers;
	static struct spinlock lock;
	uint64_t until = timer_after(us);
	int ret = 0;

	spin_lock(&lock);
	while (timer_us() < until && ret == 0)
		ret = sleep_until(&sleepers, &lock, WAIT_INTERRUPTIBLE, until);
	spin_unlock(&lock);
	return ret;
}
