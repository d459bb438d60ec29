/* SPDX-License-Identifier: BSD-2-Clause */
/* The log of BPF_PROG_LOAD and BPF_BTF_LOAD on its way to the caller (cmd_log.h). */
#include "cmd_log.h"

#include "uapi/errno.h"

#define LOG_MAX 65536u	/* bytes of the log that are kept, the last ones */
#define LOG_CHUNK 4096u /* delivered at once */
#define LOG_COST 3000
#define LOG_LEVELS 0xfu /* level 1, 2, statistics, fixed buffer */

static bool valid(const struct ebpf_cmd_log *log, uint32_t level)
{
	if (!log->buf != !log->size)
		return false;
	if (log->buf && !level)
		return false;
	return !(level & ~LOG_LEVELS) && log->size <= UINT32_MAX >> 2;
}

int ebpf_cmd_log_begin(struct ebpf_cmd_log *log, struct ebpf_work *work)
{
	uint32_t size = log->size < LOG_MAX ? log->size : LOG_MAX, level = log->text.level;
	char *buf = NULL;

	if (!valid(log, level))
		return -EINVAL;
	if (size) {
		buf = ebpf_alloc(ebpf_work_account(work), size);
		if (!buf)
			return -ENOMEM;
	}
	ebpf_vlog_init(&log->text, buf, size, level);
	return 0;
}

/* Where the kept text begins in the log, and how long it is; a NUL takes the last byte of log_buf. */
static uint64_t kept(const struct ebpf_cmd_log *log, uint64_t *first)
{
	const struct ebpf_vlog *text = &log->text;
	uint64_t room = log->size - 1, most = text->size < room ? text->size : room;

	if (text->len <= most || text->level & EBPF_VLOG_FIXED) {
		*first = 0;
		return text->len < most ? text->len : most;
	}
	*first = text->len - most;
	return most;
}

static int deliver_true_size(const struct ebpf_cmd_log *log, const struct ebpf_work *work)
{
	const struct ebpf_call *call = &work->call;
	uint32_t true_size = (uint32_t)log->text.len + 1;

	if (call->size < log->true_size_at + sizeof(true_size))
		return 0;
	return ebpf_copy_to(&call->as, call->attr + log->true_size_at, &true_size, sizeof(true_size));
}

static int deliver_chunk(struct ebpf_cmd_log *log, const struct ebpf_work *work, uint64_t first, uint64_t len)
{
	const struct ebpf_vlog *text = &log->text;
	uint64_t at = (first + log->delivered) % text->size, n = len - log->delivered;

	if (n > LOG_CHUNK)
		n = LOG_CHUNK;
	if (n > text->size - at)
		n = text->size - at;
	if (ebpf_copy_to(&work->call.as, log->buf + log->delivered, text->buf + at, n))
		return -EFAULT;
	log->delivered += n;
	return 0;
}

int ebpf_cmd_log_deliver(struct ebpf_cmd_log *log, struct ebpf_work *work, bool *done)
{
	uint64_t first, len;
	int err;

	work->credit -= LOG_COST;
	*done = true;
	if (!log->text.level)
		return 0;
	if (!log->buf)
		return deliver_true_size(log, work);
	len = kept(log, &first);
	if (log->delivered < len) {
		*done = false;
		return deliver_chunk(log, work, first, len);
	}
	err = ebpf_copy_to(&work->call.as, log->buf + len, "", 1);
	if (!err)
		err = deliver_true_size(log, work);
	return !err && len < log->text.len ? -ENOSPC : err;
}
