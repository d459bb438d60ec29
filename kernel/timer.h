/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time. Every hart has a periodic tick; an idle one is let sleep, except for
 * the first, whose tick drives what must go on (console without interrupts,
 * trace output, sleepers).
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include <stdbool.h>
#include <stdint.h>

void timer_next_tick(void); /* the first one starts it */
void timer_interrupt(void);
void timer_idle(bool idle); /* this hart has nothing to do from now on, or something again */

uint64_t timer_to_us(uint64_t ticks); /* of the time CSR */
uint64_t timer_us(void);	      /* since boot */
uint64_t timer_ms(void);
uint64_t timer_after(uint64_t us); /* timer_us() then; NEVER if that is too far away */
/* Sleep for at least this long. 0 or -EINTR. */
int timer_sleep_us(uint64_t us);

#endif
