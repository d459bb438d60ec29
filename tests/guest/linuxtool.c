/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tool as people write them for Linux: argp, signal(), rlimits, strftime(), a loop
 * around ring_buffer__poll() that Ctrl-C ends.
 */
#include <argp.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "linuxtool.h"
#include "linuxtool.skel.h"

static struct env {
	bool verbose;
	long min_duration_us;
	int events;
} env;

const char *argp_program_version = "linuxtool 1.0";
const char *argp_program_bug_address = "<nobody@example.com>";
static const char argp_program_doc[] = "Trace removals of files.\n"
				       "\n"
				       "USAGE: linuxtool [-d MIN-US] [-n EVENTS] [-v]\n";

static const struct argp_option opts[] = {
	{"verbose", 'v', NULL, 0, "Verbose debug output"},
	{"duration", 'd', "DURATION-US", 0, "Minimum duration (us) to report"},
	{"events", 'n', "EVENTS", 0, "End after so many events"},
	{},
};

static error_t parse_arg(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'v':
		env.verbose = true;
		break;
	case 'd':
		errno = 0;
		env.min_duration_us = strtol(arg, NULL, 10);
		if (errno || env.min_duration_us <= 0) {
			fprintf(stderr, "Invalid duration: %s\n", arg);
			argp_usage(state);
		}
		break;
	case 'n':
		env.events = atoi(arg);
		break;
	case ARGP_KEY_ARG:
		argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = opts,
	.parser = parse_arg,
	.doc = argp_program_doc,
};

static int libbpf_print_fn(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG && !env.verbose)
		return 0;
	return vfprintf(stderr, format, args);
}

static volatile sig_atomic_t exiting;

static void sig_handler(int sig)
{
	exiting = sig;
}

static int handle_event(void *ctx, void *data, size_t data_sz)
{
	const struct event *e = data;
	time_t t;
	char ts[32];

	time(&t);
	strftime(ts, sizeof(ts), "%H:%M:%S", localtime(&t));
	if (e->exit_event)
		printf("%-8s %-5s %-16s %-7d [%ld] (%lluus)\n", ts, "EXIT", e->comm, e->pid, e->ret,
		       e->duration_ns / 1000);
	else
		printf("%-8s %-5s %-16s %-7d %-7d %s\n", ts, "RM", e->comm, e->pid, e->ppid, e->filename);
	if (env.events && !--env.events)
		exiting = SIGINT;
	return 0;
}

int main(int argc, char **argv)
{
	struct rlimit rlim = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	struct ring_buffer *rb = NULL;
	struct linuxtool_bpf *skel;
	int err;

	err = argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (err)
		return err;
	libbpf_set_print(libbpf_print_fn);
	if (setrlimit(RLIMIT_MEMLOCK, &rlim)) {
		fprintf(stderr, "Failed to increase RLIMIT_MEMLOCK limit!\n");
		return 1;
	}
	signal(SIGINT, sig_handler);
	signal(SIGTERM, sig_handler);

	skel = linuxtool_bpf__open();
	if (!skel) {
		fprintf(stderr, "Failed to open and load BPF skeleton\n");
		return 1;
	}
	skel->rodata->min_duration_ns = env.min_duration_us * 1000ULL;
	err = linuxtool_bpf__load(skel);
	if (err) {
		fprintf(stderr, "Failed to load and verify BPF skeleton\n");
		goto cleanup;
	}
	err = linuxtool_bpf__attach(skel);
	if (err) {
		fprintf(stderr, "Failed to attach BPF skeleton\n");
		goto cleanup;
	}
	rb = ring_buffer__new(bpf_map__fd(skel->maps.rb), handle_event, NULL, NULL);
	if (!rb) {
		err = -1;
		fprintf(stderr, "Failed to create ring buffer\n");
		goto cleanup;
	}
	printf("%-8s %-5s %-16s %-7s %-7s %s\n", "TIME", "EVENT", "COMM", "PID", "PPID", "FILENAME");
	while (!exiting) {
		err = ring_buffer__poll(rb, 100 /* timeout, ms */);
		/* Ctrl-C will cause -EINTR */
		if (err == -EINTR) {
			err = 0;
			break;
		}
		if (err < 0) {
			printf("Error polling ring buffer: %d\n", err);
			break;
		}
	}
	printf("ended by %d\n", (int)exiting);

cleanup:
	ring_buffer__free(rb);
	linuxtool_bpf__destroy(skel);
	return err < 0 ? -err : 0;
}
