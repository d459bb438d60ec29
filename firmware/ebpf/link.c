/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The link object. Arming and disarming is kprobe.c's; here is who holds what,
 * and that nothing stays armed when its holder is gone.
 */
#include "link.h"

#include "cmd.h"
#include "platform.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#define COMMIT_SLICE 256u /* breakpoints stored again at once */
#define DETACH_SLICE 16u  /* addresses disarmed at once: text restored, one sync of all harts */

static void link_release(struct ebpf_obj *obj)
{
	struct ebpf_link *link = (struct ebpf_link *)obj;

	ebpf_obj_put(&link->prog->obj);
	ebpf_free(link);
}

/* An attachment may not be removed once detaching is locked: then it outlives its descriptors, with all it needs. */
static bool link_last_fd(struct ebpf_obj *obj)
{
	struct ebpf_link *link = (struct ebpf_link *)obj;

	if (obj->id && link->nr_attached && (ebpf_locks() & SBI_EBPF_LOCK_DETACH)) {
		ebpf_obj_hold(obj);
		return true;
	}
	return ebpf_link_detach_slice(link);
}

static struct ebpf_link *alloc_link(struct ebpf_prog *prog, uint32_t cnt, struct ebpf_account *account)
{
	struct ebpf_link *link = ebpf_alloc(account, sizeof(*link) + (size_t)cnt * sizeof(link->at[0]));

	if (!link)
		return NULL;
	*link = (struct ebpf_link){.prog = prog, .cnt = cnt};
	link->obj.account = account;
	return link;
}

struct ebpf_link *ebpf_link_new(struct ebpf_prog *prog, uint32_t cnt, struct ebpf_account *account)
{
	struct ebpf_link *link = alloc_link(prog, cnt, account);

	if (!link)
		return NULL;
	link->obj.refs = 1;
	link->obj.type = EBPF_OBJ_LINK;
	link->obj.release = link_release;
	link->obj.last_fd = link_last_fd;
	ebpf_obj_hold(&prog->obj);
	return link;
}

void ebpf_link_set(struct ebpf_link *link, uint32_t i, enum ebpf_attach_kind kind, uint64_t addr, uint64_t cookie)
{
	link->at[i] = (struct ebpf_attachment){
		.addr = addr, .cookie = cookie, .prog = link->prog, .missed = &link->missed, .kind = kind};
}

int ebpf_link_attach_next(struct ebpf_link *link)
{
	struct ebpf_attachment *at = &link->at[link->nr_attached];
	const char *reason = NULL;
	int err = ebpf_kprobe_attach(at, &reason);

	if (!err)
		link->nr_attached++;
	else if (reason)
		ebpf_plat_log("ebpf: no probe at %#lx: %s\n", (unsigned long)at->addr, reason);
	return err;
}

bool ebpf_link_commit_slice(struct ebpf_link *link)
{
	uint32_t n = link->cnt - link->nr_committed;

	if (n > COMMIT_SLICE)
		n = COMMIT_SLICE;
	if (!link->nr_committed)
		ebpf_kprobe_commit();
	ebpf_kprobe_settle(&link->at[link->nr_committed], n);
	link->nr_committed += n;
	return link->nr_committed == link->cnt;
}

bool ebpf_link_detach_slice(struct ebpf_link *link)
{
	uint32_t n = link->nr_attached < DETACH_SLICE ? link->nr_attached : DETACH_SLICE;

	if (n) {
		link->nr_attached -= n;
		ebpf_kprobe_detach(&link->at[link->nr_attached], n);
	}
	return !link->nr_attached;
}

/* Links of a program's own: no descriptor, no reference, in a chain at the program. */

int ebpf_prog_attach_rcore(struct ebpf_prog *prog, enum ebpf_attach_kind kind, uint64_t addr)
{
	struct ebpf_link *link;
	int err;

	for (link = prog->rcore_link; link; link = link->next)
		if (link->at[0].addr == addr && link->at[0].kind == kind)
			return -EEXIST;
	link = alloc_link(prog, 1, prog->obj.account);
	if (!link)
		return -ENOMEM;
	ebpf_link_set(link, 0, kind, addr, 0);
	err = ebpf_link_attach_next(link);
	if (err) {
		ebpf_free(link);
		return err;
	}
	ebpf_link_commit_slice(link);
	link->next = prog->rcore_link;
	prog->rcore_link = link;
	return 0;
}

bool ebpf_prog_detach_rcore(struct ebpf_prog *prog, uint32_t max)
{
	struct ebpf_link *link;

	while ((link = prog->rcore_link) && max--) {
		ebpf_link_detach_slice(link);
		prog->rcore_link = link->next;
		ebpf_free(link);
	}
	return !prog->rcore_link;
}
