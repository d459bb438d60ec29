/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tracing programs share: symbols of the kernel and of programs, histograms, something to
 * trace. All but the last have the names of libbpf-tools' header of the same name.
 */
#ifndef SDK_TRACE_HELPERS_H
#define SDK_TRACE_HELPERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- The kernel's functions (proc/kallsyms), sorted by address ------------------- */

struct ksym {
	const char *name;
	unsigned long addr;
};

struct ksyms {
	struct ksym *syms;
	size_t syms_sz;
	char *text; /* what the names point into */
};

struct ksyms *ksyms__load(void); /* NULL with errno set */
void ksyms__free(struct ksyms *ksyms);
/* The function that addr lies in, NULL if there is none below it. */
const struct ksym *ksyms__map_addr(const struct ksyms *ksyms, unsigned long addr);
const struct ksym *ksyms__get_symbol(const struct ksyms *ksyms, const char *name);
/* `*` any characters, `?` one. */
bool glob_match(const char *str, const char *pattern);

/* --- The functions of a user program, sorted by address --------------------------- */

struct sym {
	const char *name;
	unsigned long start, size;
};

struct syms;
/* From the symbol table of its file (the name of a process is that of its file). NULL with errno set: EINVAL, it has
 * none. */
struct syms *syms__load_file(const char *fname);
void syms__free(struct syms *syms);
/* The function that addr lies in or behind, NULL if there is none below it. */
const struct sym *syms__map_addr(const struct syms *syms, unsigned long addr);

/* --- Histograms ---------------------------------------------------------------------- */

/* vals[i] values lay in [2^i, 2^(i+1)), vals[0] those below 2; printed from the first to the last that is not 0. */
void print_log2_hist(const unsigned int *vals, int vals_size, const char *val_type);

/* --- What the kernel can, and the time ------------------------------------------------ */

bool kprobe_exists(const char *name); /* a function of that name */
/* false: there are no fentry programs here. Programs that have both kinds then use kprobes. */
bool fentry_can_attach(const char *name, const char *mod);
bool tracepoint_exists(const char *category, const char *event); /* false: there are none */
bool vmlinux_btf_exists(void);					 /* kernel.btf, for CO-RE */
unsigned long long get_ktime_ns(void);
int str_timestamp(const char *format, char *buf, size_t size); /* of now, as strftime() says it */

/* --- Something to trace --------------------------------------------------------------- */

/*
 * While a command of the arguments runs; without one for some milliseconds, or,
 * if those are 0, until Enter is pressed. Ctrl-C ends any of them early.
 *
 *	struct workload w;
 *
 *	if (workload_start(&w, argv + optind, milliseconds)) ...
 *	while (workload_running(&w))
 *		ring_buffer__poll(rb, 20);	(or sleep)
 *	return workload_end(&w);		(exit code of the command)
 */
struct workload {
	int pid; /* of the command, or 0 */
	int ms;
	int tid; /* the thread that waits */
	int code;
	bool done;
};

int workload_start(struct workload *w, char **command, int ms); /* 0, or -1 with the reason printed */
bool workload_running(const struct workload *w);
int workload_end(struct workload *w); /* waits if it still runs */
/*
 * All three, with the records of a ring buffer to fn meanwhile. Exit code of the command, -1 with the reason printed
 * or in errno. workload_time() is the option "-t MS" of a program that has no others: milliseconds, 0 without one, -1
 * after a word about usage; the command is at argv + optind.
 */
int workload_events(char **command, int ms, int ring_fd, int (*fn)(void *ctx, void *data, size_t size));
int workload_time(int argc, char **argv);
/* All three, for programs that have nothing to do meanwhile. Exit code of the command, -1 if it was not started. */
int workload_run(char **command, int ms);

#endif
