/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log that a loader gets back: kept in the arena while the work lasts, its
 * last bytes copied to log_buf when that is done, in chunks. Used by
 * BPF_PROG_LOAD and BPF_BTF_LOAD; which fields of attr say where is theirs.
 */
#ifndef EBPF_CMD_LOG_H
#define EBPF_CMD_LOG_H

#include "vlog.h"
#include "work.h"

struct ebpf_cmd_log {
	struct ebpf_vlog text;
	uint64_t buf;	       /* the caller's */
	uint32_t size;	       /* of it */
	uint32_t true_size_at; /* where in attr the length of the whole text goes */
	uint64_t delivered;
};

/* Linux's bpf_verifier_log_attr_valid(), and memory for what is kept. 0, -EINVAL, -ENOMEM */
int ebpf_cmd_log_begin(struct ebpf_cmd_log *log, struct ebpf_work *work);

/*
 * One chunk to log_buf; *done after the last. Its own failure takes the place of
 * the verdict, as in Linux: -EFAULT, or -ENOSPC if text was lost.
 */
int ebpf_cmd_log_deliver(struct ebpf_cmd_log *log, struct ebpf_work *work, bool *done);

static inline void ebpf_cmd_log_end(struct ebpf_cmd_log *log)
{
	ebpf_free(log->text.buf);
	log->text.buf = NULL;
}

#endif
