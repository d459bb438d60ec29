/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Views of the kernel as files: proc/meminfo and so on. The text is made when
 * such a file is opened, into a nameless file that goes away when it is closed.
 */
#include "cpu.h"
#include "dt.h"
#include "file.h"
#include "fs.h"
#include "kvm.h"
#include "page.h"
#include "printk.h"
#include "proc.h"
#include "timer.h"

/* Appends lines to the file under construction. */
struct view {
	struct inode *ip;
	uint64_t off;
};

__attribute__((format(printf, 2, 3))) static void line(struct view *v, const char *fmt, ...)
{
	char text[128];
	struct iobuf buf = {NULL, (uint64_t)text};
	va_list ap;
	int64_t n;

	va_start(ap, fmt);
	n = kvsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = inode_write(v->ip, v->off, &buf, (uint64_t)n);
	v->off += n > 0 ? (uint64_t)n : 0;
}

static void show_meminfo(struct view *v)
{
	line(v, "MemTotal: %8lu kB\n", page_count_total() * 4);
	line(v, "MemFree:  %8lu kB\n", page_count_free() * 4);
	line(v, "KernelStack: %5lu kB\n", kvm_stack_pages() * 4);
}

static const char *state_of(const struct proc *p)
{
	const struct thread *t = p->threads[0].thread;

	if (p->zombie || !t)
		return "zombie";
	return t->state == THREAD_RUNNING ? "run" : t->state == THREAD_READY ? "ready" : "sleep";
}

static void show_tasks(struct view *v)
{
	char text[128];
	struct proc *p;

	line(v, "  PID  PPID   JOB THREADS STATE     KIB       MS NAME\n");
	for (uint32_t i = 0; i < MAX_PROCS; i++) {
		spin_lock(&proc_lock);
		p = proc_by_index(i);
		if (p)
			ksnprintf(text, sizeof(text), "%5d %5d %5d %7u %-6s %6lu %8lu %s", p->pid,
				  p->parent ? p->parent->pid : 0, p->job, p->zombie ? 0 : p->live_threads, state_of(p),
				  p->vm.pages * 4, timer_to_us(p->ran) / 1000, p->name);
		spin_unlock(&proc_lock);
		if (p)
			line(v, "%s\n", text);
	}
}

static void show_interrupts(struct view *v)
{
	line(v, "HART    TIMER     SOFT EXTERNAL SWITCHES  BUSY_MS\n");
	for (uint32_t i = 0; i < machine.hart_count; i++)
		line(v, "%4lu %8lu %8lu %8lu %8lu %8lu\n", cpus[i].hartid, cpus[i].ticks, cpus[i].soft_irqs,
		     cpus[i].ext_irqs, cpus[i].switches, timer_to_us(cpus[i].busy) / 1000);
}

static void show_kmsg(struct view *v)
{
	char text[256];
	const struct iobuf buf = {NULL, (uint64_t)text};
	uint64_t pos = 0;
	size_t n;

	while ((n = printk_read(&pos, text, sizeof(text))) > 0 && inode_write(v->ip, v->off, &buf, n) == (int64_t)n)
		v->off += n;
}

static void show_kallsyms(struct view *v)
{
	const char *name;
	uint64_t addr;

	for (uint32_t i = 0; (name = ksym_by_index(i, &addr)) != NULL; i++)
		line(v, "%016lx T %s\n", addr, name);
}

static void show_uptime(struct view *v)
{
	uint64_t ms = timer_ms();

	line(v, "%lu.%02lu\n", ms / 1000, ms % 1000 / 10);
}

static void show_cmdline(struct view *v)
{
	line(v, "%s\n", machine.bootargs);
}

static const struct {
	const char *name;
	void (*show)(struct view *v);
} views[] = {
	{"meminfo", show_meminfo},   {"tasks", show_tasks}, {"interrupts", show_interrupts},
	{"kallsyms", show_kallsyms}, {"kmsg", show_kmsg},   {"uptime", show_uptime},
	{"cmdline", show_cmdline},   {"trace_pipe", NULL}, /* bpf.c */
};

struct inode *view_open(const char *path)
{
	struct view v = {0};

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if (strncmp(path, "proc/", 5) != 0 || strcmp(path + 5, views[i].name) != 0 || !views[i].show)
			continue;
		v.ip = fs_anonymous();
		if (v.ip)
			views[i].show(&v);
		return v.ip;
	}
	return NULL;
}

bool view_list(uint32_t *pos, char name[NAME_LEN], uint32_t *ino)
{
	if (*pos >= sizeof(views) / sizeof(views[0]))
		return false;
	strcopy(name, views[*pos].name, NAME_LEN);
	*ino = ++*pos;
	return true;
}
