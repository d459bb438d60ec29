/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Views of the kernel as files: proc/meminfo and so on. The text is made when
 * such a file is opened, into a nameless file that goes away when it is closed.
 */
#include "cpu.h"
#include "dt.h"
#include "file.h"
#include "fs.h"
#include "ksym.h"
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

static void show_tasks(struct view *v)
{
	struct {
		int pid, parent, exit_code;
		uint32_t threads;
		bool zombie;
		char name[16];
	} t;
	struct proc *p;

	line(v, "  PID  PPID THREADS STATE  NAME\n");
	for (uint32_t i = 0; i < MAX_PROCS; i++) {
		spin_lock(&proc_lock);
		p = proc_by_index(i);
		if (p) {
			t.pid = p->pid;
			t.parent = p->parent ? p->parent->pid : 0;
			t.threads = p->zombie ? 0 : p->live_threads;
			t.zombie = p->zombie;
			strcopy(t.name, p->name, sizeof(t.name));
		}
		spin_unlock(&proc_lock);
		if (p)
			line(v, "%5d %5d %7u %s %s\n", t.pid, t.parent, t.threads, t.zombie ? "zombie" : "alive ",
			     t.name);
	}
}

static void show_harts(struct view *v)
{
	line(v, "HART  TICKS SWITCHES   SOFT EXTERNAL\n");
	for (uint32_t i = 0; i < machine.hart_count; i++)
		line(v, "%4lu %6lu %8lu %6lu %8lu\n", cpus[i].hartid, cpus[i].ticks, cpus[i].switches,
		     cpus[i].soft_irqs, cpus[i].ext_irqs);
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
	{"proc/meminfo", show_meminfo},	  {"proc/tasks", show_tasks},	{"proc/harts", show_harts},
	{"proc/kallsyms", show_kallsyms}, {"proc/uptime", show_uptime}, {"proc/cmdline", show_cmdline},
};

struct inode *proc_file_open(const char *path)
{
	struct view v = {0};

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if (strcmp(path, views[i].name) != 0)
			continue;
		v.ip = fs_anonymous();
		if (v.ip)
			views[i].show(&v);
		return v.ip;
	}
	return NULL;
}
