/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands of bpf(2): one decode/do pair each, in cmd_*.c. decode_*()
 * checks and copies in, do_*() changes state and cannot be stopped half way.
 *
 * The control lock serialises everything that makes, removes or attaches
 * something. It is only ever tried, never waited for: who does not get it
 * answers -ERESTART. Element commands do without it.
 */
#ifndef EBPF_CMD_H
#define EBPF_CMD_H

#include "uapi/bpf.h"
#include "work.h"

#include <stdbool.h>
#include <stdint.h>

struct ebpf_cmd {
	uint32_t attr_end; /* bytes of attr the command knows, what follows must be 0; 0 = looks at no more than it
			      needs */
	const struct ebpf_maker *maker; /* commands that make a descriptor; control lock held */
	/* The others: attr is the copy. >= 0 or -errno. */
	int64_t (*run)(const struct ebpf_call *call, union bpf_attr *attr);
	bool control; /* `run` wants the control lock */
	bool any;     /* unprivileged processes may, too: it only uses descriptors they have been given */
};

/* The command's row, or NULL if mbpf has no such command. */
const struct ebpf_cmd *ebpf_cmd_of(uint32_t cmd);

/*
 * Copy attr, as Linux does: a shorter one is extended with zeroes, of a longer
 * one the tail must be 0 (-E2BIG). -EFAULT, or -EINVAL if bytes after
 * `attr_end` are not 0.
 */
int ebpf_cmd_copy_attr(const struct ebpf_call *call, uint32_t attr_end, union bpf_attr *attr);

/* Locks as at reset; once. */
void ebpf_cmd_init(void);

bool ebpf_control_trylock(void);
void ebpf_control_unlock(void);

/* SBI_EBPF_LOCK_* set so far. One way. */
uint64_t ebpf_locks(void);
void ebpf_locks_set(uint64_t flags);

/* Makers and runners, one file a subject */
extern const struct ebpf_maker ebpf_map_maker;	 /* cmd_map.c */
extern const struct ebpf_maker ebpf_prog_maker;	 /* cmd_prog.c */
extern const struct ebpf_maker ebpf_link_maker;	 /* cmd_link.c */
extern const struct ebpf_maker ebpf_batch_maker; /* cmd_batch.c: makes nothing */
extern const struct ebpf_maker ebpf_btf_maker;	 /* cmd_btf.c */

int64_t ebpf_cmd_lookup_elem(const struct ebpf_call *call, union bpf_attr *attr); /* cmd_elem.c */
int64_t ebpf_cmd_update_elem(const struct ebpf_call *call, union bpf_attr *attr);
int64_t ebpf_cmd_delete_elem(const struct ebpf_call *call, union bpf_attr *attr);
int64_t ebpf_cmd_next_key(const struct ebpf_call *call, union bpf_attr *attr);
int64_t ebpf_cmd_take_elem(const struct ebpf_call *call, union bpf_attr *attr); /* LOOKUP_AND_DELETE */
int64_t ebpf_cmd_map_freeze(const struct ebpf_call *call, union bpf_attr *attr);
int64_t ebpf_cmd_next_id(const struct ebpf_call *call, union bpf_attr *attr); /* cmd_obj.c */
int64_t ebpf_cmd_fd_by_id(const struct ebpf_call *call, union bpf_attr *attr);
int64_t ebpf_cmd_obj_pin(const struct ebpf_call *call, union bpf_attr *attr);
int64_t ebpf_cmd_obj_get(const struct ebpf_call *call, union bpf_attr *attr);
int64_t ebpf_cmd_obj_unpin(const struct ebpf_call *call, union bpf_attr *attr);
int64_t ebpf_cmd_bind_map(const struct ebpf_call *call, union bpf_attr *attr);
void ebpf_pins_init(void);						       /* no names; with the arena */
int64_t ebpf_cmd_test_run(const struct ebpf_call *call, union bpf_attr *attr); /* cmd_test_run.c */
int64_t ebpf_cmd_get_info(const struct ebpf_call *call, union bpf_attr *attr); /* cmd_info.c */
int64_t ebpf_cmd_lock(const struct ebpf_call *call, union bpf_attr *attr);
int64_t ebpf_cmd_drain(const struct ebpf_call *call, union bpf_attr *attr);	   /* cmd_drain.c */
int64_t ebpf_cmd_obj_info(const struct ebpf_call *call, union bpf_attr *attr);	   /* cmd_info.c */
int64_t ebpf_cmd_link_detach(const struct ebpf_call *call, union bpf_attr *attr);  /* cmd_link.c */
int64_t ebpf_cmd_rcore_attach(const struct ebpf_call *call, union bpf_attr *attr); /* cmd_rcore.c */
int64_t ebpf_cmd_rcore_detach(const struct ebpf_call *call, union bpf_attr *attr);

#endif
