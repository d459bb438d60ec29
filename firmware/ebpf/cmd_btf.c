/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_BTF_LOAD: copy in, check, in slices, on a private object; then one
 * publish. What valid BTF is, is btf_check.c's. Why it is not goes to btf_log_buf.
 */
#include "btf.h"
#include "cmd.h"
#include "cmd_log.h"
#include "platform.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#define COPY_BYTES 4096u /* in one step: misaligned ones take several times as long */
#define COPY_COST 5000
#define CHECK_COST 2000 /* the least that a step takes; what it did take is measured as well */

enum stage { COPY, CHECK, LOG, DONE };

struct btf_load {
	struct ebpf_work work; /* first */
	enum stage stage;
	uint32_t pos; /* bytes copied */
	struct ebpf_btf_check check;
	struct ebpf_cmd_log log;
	int verdict;
};

static int refuse(struct btf_load *load, int err, const char *reason)
{
	ebpf_vlog_printf(&load->log.text, "%s\n", reason);
	return err;
}

static int check_load(struct btf_load *load)
{
	const union bpf_attr *attr = &load->work.attr;
	struct ebpf_btf *btf;

	if (ebpf_locks() & SBI_EBPF_LOCK_LOAD)
		return refuse(load, -EPERM, "loading is locked until reset");
	if (attr->btf_flags || attr->btf_token_fd)
		return refuse(load, -EINVAL, "btf_flags and btf_token_fd must be 0: there are no tokens");
	if (!attr->btf_size || attr->btf_size > EBPF_MAX_BTF)
		return refuse(load, -E2BIG, "btf_size must be 1 to 1048576");
	btf = ebpf_btf_new(attr->btf_size, ebpf_work_account(&load->work));
	if (!btf)
		return refuse(load, -ENOMEM, "no memory for the types");
	load->work.obj = &btf->obj;
	load->check = (struct ebpf_btf_check){.btf = btf, .log = &load->log.text};
	return 0;
}

_Static_assert(EBPF_MAX_BTF == 1048576, "the sentence above says it");

/* What is wrong with attr is found here, but said like everything else: through the log. */
static int decode_btf_load(struct ebpf_work *work)
{
	struct btf_load *load = (struct btf_load *)work;
	int err;

	load->log = (struct ebpf_cmd_log){.text = {.level = work->attr.btf_log_level},
					  .buf = work->attr.btf_log_buf,
					  .size = work->attr.btf_log_size,
					  .true_size_at = offsetof(union bpf_attr, btf_log_true_size)};
	err = ebpf_cmd_log_begin(&load->log, work);
	if (err)
		return err;
	load->verdict = check_load(load);
	if (load->verdict)
		load->stage = LOG;
	return 0;
}

static int copy_blob(struct btf_load *load, bool *done)
{
	const union bpf_attr *attr = &load->work.attr;
	uint32_t left = attr->btf_size - load->pos, n = left < COPY_BYTES ? left : COPY_BYTES;
	uint64_t va = attr->btf + load->pos;

	load->work.credit -= COPY_COST;
	if (va < attr->btf || ebpf_copy_from(&load->work.call.as, load->check.btf->data + load->pos, va, n))
		return refuse(load, -EFAULT, "btf is not readable");
	load->pos += n;
	*done = load->pos == attr->btf_size;
	return 0;
}

static int check_blob(struct btf_load *load, bool *done)
{
	int err = ebpf_btf_check_step(&load->check);

	load->work.credit -= CHECK_COST;
	*done = err == 0;
	return err == -ERESTART ? 0 : err;
}

static int deliver_log(struct btf_load *load, bool *done)
{
	return ebpf_cmd_log_deliver(&load->log, &load->work, done);
}

static int do_btf_load(struct ebpf_work *work)
{
	static int (*const stages[DONE])(struct btf_load *, bool *) = {
		[COPY] = copy_blob,
		[CHECK] = check_blob,
		[LOG] = deliver_log,
	};
	struct btf_load *load = (struct btf_load *)work;

	while (load->stage != DONE) {
		uint64_t start = ebpf_plat_insns();
		bool done = false;
		int err;

		if (work->credit <= 0)
			return -ERESTART;
		err = stages[load->stage](load, &done);
		if (err && load->stage == LOG)
			return err;
		if (err) {
			load->verdict = err;
			load->stage = LOG;
		} else if (done) {
			load->stage++;
		}
		work->credit -= (int64_t)(ebpf_plat_insns() - start);
	}
	return load->verdict;
}

static bool cleanup_btf_load(struct ebpf_work *work)
{
	struct btf_load *load = (struct btf_load *)work;

	ebpf_btf_check_end(&load->check);
	ebpf_cmd_log_end(&load->log);
	return true;
}

const struct ebpf_maker ebpf_btf_maker = {
	.size = sizeof(struct btf_load),
	.decode = decode_btf_load,
	.step = do_btf_load,
	.cleanup = cleanup_btf_load,
};
