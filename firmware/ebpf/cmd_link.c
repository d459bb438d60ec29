/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_LINK_CREATE with BPF_TRACE_KPROBE_MULTI, and BPF_LINK_DETACH. All
 * addresses are read and resolved before the first is armed; if one cannot be
 * armed, those that are get disarmed again before the error is answered.
 * Errors are those of Linux's bpf_kprobe_multi_link_attach().
 */
#include "cmd.h"
#include "link.h"
#include "platform.h"
#include "symtab.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

/* M-mode instructions of one address, rounded up */
#define ADDR_COST 1000
#define SYMBOL_COST 4000
#define ATTACH_COST 4000
#define COMMIT_COST 40000 /* of a slice */

struct link_create {
	struct ebpf_work work;	/* first */
	struct ebpf_prog *prog; /* until the link holds it */
	uint32_t nr_read;	/* addresses known */
};

static int decode_link_create(struct ebpf_work *work)
{
	struct link_create *create = (struct link_create *)work;
	const union bpf_attr *attr = &work->attr;
	int err;

	if (attr->link_attach_type != BPF_TRACE_KPROBE_MULTI || attr->link_flags)
		return -EINVAL;
	create->prog = (struct ebpf_prog *)ebpf_obj_get(work->call.owner, attr->link_prog_fd, EBPF_OBJ_PROG, &err);
	if (!create->prog)
		return err;
	if (attr->km_flags & ~BPF_F_KPROBE_MULTI_RETURN)
		return -EINVAL;
	if (!attr->km_addrs == !attr->km_syms || !attr->km_cnt)
		return -EINVAL;
	if (attr->km_cnt > EBPF_MAX_LINK_ADDRS)
		return -E2BIG;
	return (ebpf_locks() & SBI_EBPF_LOCK_ATTACH) ? -EPERM : 0;
}

static bool cleanup_link_create(struct ebpf_work *work)
{
	struct link_create *create = (struct link_create *)work;

	if (create->prog)
		ebpf_obj_put(&create->prog->obj);
	return true;
}

/* Entry i of an array of 64-bit words in the caller's memory */
static int read_word(const struct ebpf_call *call, uint64_t array, uint32_t i, uint64_t *word)
{
	uint64_t va = array + (uint64_t)i * sizeof(*word);

	return va < array ? -EFAULT : ebpf_copy_from(&call->as, word, va, sizeof(*word));
}

static int read_symbol(struct ebpf_work *work, uint32_t i, uint64_t *addr)
{
	char name[EBPF_SYM_NAME_LEN];
	uint64_t va;
	int64_t len;
	int err = read_word(&work->call, work->attr.km_syms, i, &va);

	if (err)
		return err;
	len = ebpf_copy_string(&work->call.as, name, va, sizeof(name));
	if (len < 0)
		return (int)len;
	err = ebpf_symtab_resolve(name, addr);
	return err == -ENOENT ? -ESRCH : err;
}

static int read_addr(struct link_create *create, struct ebpf_link *link)
{
	struct ebpf_work *work = &create->work;
	const union bpf_attr *attr = &work->attr;
	bool at_return = attr->km_flags & BPF_F_KPROBE_MULTI_RETURN;
	uint64_t addr, cookie = 0;
	uint32_t i = create->nr_read;
	int err;

	if (attr->km_syms)
		err = read_symbol(work, i, &addr);
	else
		err = read_word(&work->call, attr->km_addrs, i, &addr);
	if (!err && attr->km_cookies)
		err = read_word(&work->call, attr->km_cookies, i, &cookie);
	if (err)
		return err;
	work->credit -= attr->km_syms ? SYMBOL_COST : ADDR_COST;
	ebpf_link_set(link, i, at_return ? EBPF_ATTACH_KRETPROBE : EBPF_ATTACH_KPROBE, addr, cookie);
	create->nr_read++;
	return 0;
}

static int arm_addr(struct link_create *create, struct ebpf_link *link)
{
	create->work.credit -= ATTACH_COST;
	return ebpf_link_attach_next(link);
}

static int do_link_create(struct ebpf_work *work)
{
	struct link_create *create = (struct link_create *)work;
	struct ebpf_link *link = (struct ebpf_link *)work->obj;
	int err = 0;

	if (!link) {
		link = ebpf_link_new(create->prog, work->attr.km_cnt, ebpf_work_account(work));
		if (!link)
			return -ENOMEM;
		work->obj = &link->obj;
	}
	while (!err && link->nr_attached < link->cnt) {
		uint64_t start = ebpf_plat_insns();

		if (work->credit <= 0)
			return -ERESTART;
		if (create->nr_read < link->cnt)
			err = read_addr(create, link);
		else
			err = arm_addr(create, link);
		/* What it takes depends on the symbol table and on the code: the estimate is a minimum. */
		work->credit -= (int64_t)(ebpf_plat_insns() - start);
	}
	if (err)
		return err;
	if (work->credit < COMMIT_COST)
		return -ERESTART;
	return ebpf_link_commit_slice(link) ? 0 : -ERESTART;
}

const struct ebpf_maker ebpf_link_maker = {
	.size = sizeof(struct link_create),
	.decode = decode_link_create,
	.step = do_link_create,
	.cleanup = cleanup_link_create,
};

/* The link stays as an object without attachments, until its descriptors are closed. */
int64_t ebpf_cmd_link_detach(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct ebpf_obj *obj;
	bool done;
	int err;

	obj = ebpf_obj_get(call->owner, attr->detach_link_fd, EBPF_OBJ_LINK, &err);
	if (!obj)
		return err;
	if (ebpf_locks() & SBI_EBPF_LOCK_DETACH) {
		ebpf_obj_put(obj);
		return -EPERM;
	}
	done = ebpf_link_detach_slice((struct ebpf_link *)obj);
	ebpf_obj_put(obj);
	return done ? 0 : -ERESTART;
}
