/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes, semaphores and condition variables of user processes. Ids are dense
 * from 0, each kind has its own. A mutex is a semaphore of one: both are a counted
 * resource whose release hands the unit to the first waiter. The two kinds of
 * mutex of the ABI, spinning and blocking, cannot be told apart by a program;
 * both sleep here.
 *
 * The books for deadlock detection (who has, who wants) are kept always, so
 * detection can be switched on at any time.
 */
#include "page.h"
#include "proc.h"
#include "syscall.h"

struct resource {
	bool used;
	uint32_t available;
	struct waitq waiters;
	uint16_t has[MAX_PROC_THREADS]; /* units thread t holds */
	bool wants[MAX_PROC_THREADS];	/* thread t asks for one */
};

struct sync {
	struct spinlock lock;
	bool detect;
	struct resource mutexes[MAX_MUTEXES];
	struct resource semaphores[MAX_SEMAPHORES];
	struct resource condvars[MAX_CONDVARS]; /* of which only the queue is used */
};

/* The process's objects, made at the first need. */
static struct sync *get_sync(void)
{
	struct proc *p = current_proc();
	struct sync *s, *expected = NULL;

	if (__atomic_load_n(&p->sync, __ATOMIC_ACQUIRE))
		return p->sync;
	s = page_alloc_size(sizeof(*s));
	if (s && !__atomic_compare_exchange_n(&p->sync, &expected, s, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		page_put(s); /* another thread was faster */
	return p->sync;
}

/* What a dead thread held is nobody's: it is not given back, as in the reference kernel, but no longer counted. */
void sync_thread_exit(struct proc *p, int tid)
{
	struct sync *s = p->sync;

	if (!s)
		return;
	spin_lock(&s->lock);
	for (int i = 0; i < MAX_MUTEXES; i++)
		s->mutexes[i].has[tid] = 0;
	for (int i = 0; i < MAX_SEMAPHORES; i++)
		s->semaphores[i].has[tid] = 0;
	spin_unlock(&s->lock);
}

static int create(struct resource *table, int n, uint32_t available)
{
	struct sync *s = current_proc()->sync;
	int id;

	spin_lock(&s->lock);
	for (id = 0; id < n && table[id].used; id++)
		;
	if (id < n)
		table[id] = (struct resource){.used = true, .available = available};
	spin_unlock(&s->lock);
	return id < n ? id : -1;
}

/* Could thread t finish with what is free now? It can when every unit it asks for is there. */
static bool can_finish(const struct resource *table, int n, const uint32_t *work, int t)
{
	for (int j = 0; j < n; j++) {
		if (table[j].used && table[j].wants[t] && work[j] == 0)
			return false;
	}
	return true;
}

/* The banker's question with requests of one unit: is there an order in which all threads finish? */
static bool safe(const struct resource *table, int n)
{
	uint32_t work[MAX_MUTEXES > MAX_SEMAPHORES ? MAX_MUTEXES : MAX_SEMAPHORES];
	bool finished[MAX_PROC_THREADS] = {false}, progress = true;
	int left = MAX_PROC_THREADS;

	for (int j = 0; j < n; j++)
		work[j] = table[j].available;
	while (progress) {
		progress = false;
		for (int t = 0; t < MAX_PROC_THREADS; t++) {
			if (finished[t] || !can_finish(table, n, work, t))
				continue;
			for (int j = 0; j < n; j++)
				work[j] += table[j].has[t];
			finished[t] = progress = true;
			left--;
		}
	}
	return left == 0;
}

/* Take a unit, waiting for it. s->lock held. */
static int acquire(struct sync *s, struct resource *table, int n, struct resource *r)
{
	int tid = current()->tid;

	r->wants[tid] = true;
	if (s->detect && !safe(table, n)) {
		r->wants[tid] = false;
		return EDEADLOCK_DETECTED;
	}
	if (r->available) {
		r->available--;
		r->has[tid]++;
		r->wants[tid] = false;
		return 0;
	}
	/* release() clears `wants` when it hands a unit over */
	while (r->wants[tid]) {
		if (sleep_on(&r->waiters, &s->lock, WAIT_KILLABLE) != 0)
			return -1; /* the process ends, and these books with it */
	}
	return 0;
}

static void release(struct resource *r, uint32_t most)
{
	int tid = current()->tid;
	struct thread *next;

	if (r->has[tid])
		r->has[tid]--;
	next = wake_one(&r->waiters);
	if (next) {
		r->wants[next->tid] = false;
		r->has[next->tid]++;
	} else if (r->available < most) {
		r->available++;
	}
}

static struct resource *find(struct sync *s, bool mutex, uint64_t id)
{
	struct resource *r;

	if (!s || id >= (mutex ? MAX_MUTEXES : MAX_SEMAPHORES))
		return NULL;
	r = mutex ? &s->mutexes[id] : &s->semaphores[id];
	return r->used ? r : NULL;
}

static int lock_or_down(bool mutex, uint64_t id)
{
	struct sync *s = current_proc()->sync;
	struct resource *r = find(s, mutex, id);
	int ret;

	if (!r)
		return -1;
	spin_lock(&s->lock);
	ret = acquire(s, mutex ? s->mutexes : s->semaphores, mutex ? MAX_MUTEXES : MAX_SEMAPHORES, r);
	spin_unlock(&s->lock);
	return ret;
}

static int unlock_or_up(bool mutex, uint64_t id)
{
	struct sync *s = current_proc()->sync;
	struct resource *r = find(s, mutex, id);

	if (!r)
		return -1;
	spin_lock(&s->lock);
	release(r, mutex ? 1 : INT32_MAX);
	spin_unlock(&s->lock);
	return 0;
}

int64_t sys_mutex_create(uint64_t blocking)
{
	struct sync *s = get_sync();

	(void)blocking;
	return s ? create(s->mutexes, MAX_MUTEXES, 1) : -1;
}

int64_t sys_mutex_lock(uint64_t id)
{
	return lock_or_down(true, id);
}

int64_t sys_mutex_unlock(uint64_t id)
{
	return unlock_or_up(true, id);
}

int64_t sys_semaphore_create(uint64_t count)
{
	struct sync *s = get_sync();

	return s && (uint32_t)count <= INT32_MAX ? create(s->semaphores, MAX_SEMAPHORES, (uint32_t)count) : -1;
}

int64_t sys_semaphore_up(uint64_t id)
{
	return unlock_or_up(false, id);
}

int64_t sys_semaphore_down(uint64_t id)
{
	return lock_or_down(false, id);
}

int64_t sys_condvar_create(void)
{
	struct sync *s = get_sync();

	return s ? create(s->condvars, MAX_CONDVARS, 0) : -1;
}

int64_t sys_condvar_signal(uint64_t id)
{
	struct sync *s = current_proc()->sync;

	if (!s || id >= MAX_CONDVARS || !s->condvars[id].used)
		return -1;
	spin_lock(&s->lock);
	wake_one(&s->condvars[id].waiters);
	spin_unlock(&s->lock);
	return 0;
}

int64_t sys_condvar_wait(uint64_t id, uint64_t mutex)
{
	struct sync *s = current_proc()->sync;
	struct resource *m = find(s, true, mutex);
	int ret;

	if (!m || id >= MAX_CONDVARS || !s->condvars[id].used)
		return -1;
	spin_lock(&s->lock);
	release(m, 1);
	ret = sleep_on(&s->condvars[id].waiters, &s->lock, WAIT_KILLABLE);
	if (ret == 0)
		ret = acquire(s, s->mutexes, MAX_MUTEXES, m);
	spin_unlock(&s->lock);
	return ret;
}

int64_t sys_enable_deadlock_detect(uint64_t on)
{
	struct sync *s = on <= 1 ? get_sync() : NULL;

	if (!s)
		return -1;
	s->detect = on;
	return 0;
}
