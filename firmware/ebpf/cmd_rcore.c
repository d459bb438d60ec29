/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rCore tutorial's BPF_PROG_ATTACH and BPF_PROG_DETACH: a target string
 * `TYPE$SYMBOL` of exactly str_len bytes, and a program. The attachment belongs
 * to the program and ends with its last descriptor; DETACH ends it at once and
 * drops the descriptor it was given.
 */
#include "cmd.h"
#include "link.h"
#include "symtab.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#define TYPE_LEN 15u /* "kretprobe@entry" */
#define TARGET_LEN (TYPE_LEN + 1 + EBPF_SYM_NAME_LEN)
#define DETACH_MAX 8u /* attachments ended in one call */

static const struct {
	char name[TYPE_LEN + 1];
	enum ebpf_attach_kind kind;
} types[] = {
	{"kprobe", EBPF_ATTACH_KPROBE},
	{"kretprobe@entry", EBPF_ATTACH_KRETPROBE_ENTRY},
	{"kretprobe@exit", EBPF_ATTACH_KRETPROBE},
};

/* Is `text` up to its end `name`, whatever the case? */
static bool same_word(const char *text, const char *name)
{
	for (;; text++, name++) {
		char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;

		if (c != *name)
			return false;
		if (!c)
			return true;
	}
}

/* Split `TYPE$SYMBOL` at the first '$'. NULL: no such type. */
static const char *split_target(char *target, enum ebpf_attach_kind *kind)
{
	char *dollar = target;

	while (*dollar && *dollar != '$')
		dollar++;
	if (!*dollar)
		return NULL;
	*dollar = 0;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (same_word(target, types[i].name)) {
			*kind = types[i].kind;
			return dollar + 1;
		}
	}
	return NULL;
}

static int decode_rcore_attach(const struct ebpf_call *call, const union bpf_attr *attr, enum ebpf_attach_kind *kind,
			       uint64_t *addr)
{
	char target[TARGET_LEN + 1];
	const char *symbol;

	if (ebpf_locks() & SBI_EBPF_LOCK_ATTACH)
		return -EPERM;
	if (attr->rc_str_len > TARGET_LEN)
		return -E2BIG;
	if (ebpf_copy_from(&call->as, target, attr->rc_target, attr->rc_str_len))
		return -EFAULT;
	target[attr->rc_str_len] = 0;
	for (uint32_t i = 0; i < attr->rc_str_len; i++)
		if (!target[i])
			return -EINVAL;
	symbol = split_target(target, kind);
	return symbol ? ebpf_symtab_resolve(symbol, addr) : -EINVAL;
}

int64_t ebpf_cmd_rcore_attach(const struct ebpf_call *call, union bpf_attr *attr)
{
	enum ebpf_attach_kind kind;
	struct ebpf_obj *obj;
	uint64_t addr;
	int err;

	obj = ebpf_obj_get(call->owner, attr->rc_prog_fd, EBPF_OBJ_PROG, &err);
	if (!obj)
		return err;
	err = decode_rcore_attach(call, attr, &kind, &addr);
	if (!err)
		err = ebpf_prog_attach_rcore((struct ebpf_prog *)obj, kind, addr);
	ebpf_obj_put(obj);
	return err;
}

static int decode_rcore_detach(const struct ebpf_fd *entry)
{
	if (!entry || !entry->obj)
		return -EBADF;
	if (entry->obj->type != EBPF_OBJ_PROG)
		return -EINVAL;
	return (ebpf_locks() & SBI_EBPF_LOCK_DETACH) ? -EPERM : 0;
}

/* Of a program that is not attached only the descriptor goes. */
int64_t ebpf_cmd_rcore_detach(const struct ebpf_call *call, union bpf_attr *attr)
{
	struct ebpf_fd *entry = ebpf_fd_find(call->owner, attr->rc_prog_fd);
	int err = decode_rcore_detach(entry);

	if (err)
		return err;
	if (!ebpf_prog_detach_rcore((struct ebpf_prog *)entry->obj, DETACH_MAX))
		return -ERESTART;
	return ebpf_fd_close(entry) ? 0 : -ERESTART;
}
