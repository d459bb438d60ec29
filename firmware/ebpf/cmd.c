/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of commands, the copy of attr, the control lock and the one-way
 * locks. What a command does is in cmd_*.c.
 */
#include "cmd.h"

#include "lock.h"
#include "mem.h"
#include "uapi/errno.h"

#define AFTER(field) (offsetof(union bpf_attr, field) + sizeof(((union bpf_attr *)0)->field))

static struct ebpf_lock control;
static uint64_t locks;

/* By number; a row without a command is a hole. */
static const struct ebpf_cmd cmds[] = {
	[BPF_MAP_CREATE] = {.attr_end = AFTER(map_token_fd), .maker = &ebpf_map_maker},
	[BPF_MAP_LOOKUP_ELEM] = {.attr_end = AFTER(flags), .run = ebpf_cmd_lookup_elem, .any = true},
	[BPF_MAP_UPDATE_ELEM] = {.attr_end = AFTER(flags), .run = ebpf_cmd_update_elem, .any = true},
	[BPF_MAP_DELETE_ELEM] = {.attr_end = AFTER(key), .run = ebpf_cmd_delete_elem, .any = true},
	[BPF_MAP_GET_NEXT_KEY] = {.attr_end = AFTER(next_key), .run = ebpf_cmd_next_key, .any = true},
	[BPF_PROG_LOAD] = {.attr_end = AFTER(fd_array_cnt), .maker = &ebpf_prog_maker},
	[BPF_OBJ_GET_INFO_BY_FD] = {.attr_end = AFTER(info), .run = ebpf_cmd_obj_info, .control = true, .any = true},
	[BPF_MAP_LOOKUP_AND_DELETE_ELEM] = {.attr_end = AFTER(flags), .run = ebpf_cmd_take_elem, .any = true},
	[BPF_MAP_FREEZE] = {.attr_end = AFTER(map_fd), .run = ebpf_cmd_map_freeze, .any = true},
	[BPF_MAP_LOOKUP_BATCH] = {.attr_end = AFTER(batch.flags), .maker = &ebpf_batch_maker, .any = true},
	[BPF_MAP_LOOKUP_AND_DELETE_BATCH] = {.attr_end = AFTER(batch.flags), .maker = &ebpf_batch_maker, .any = true},
	[BPF_MAP_UPDATE_BATCH] = {.attr_end = AFTER(batch.flags), .maker = &ebpf_batch_maker, .any = true},
	[BPF_MAP_DELETE_BATCH] = {.attr_end = AFTER(batch.flags), .maker = &ebpf_batch_maker, .any = true},
	[BPF_LINK_CREATE] = {.attr_end = AFTER(km_cookies), .maker = &ebpf_link_maker},
	[BPF_LINK_DETACH] = {.attr_end = AFTER(detach_link_fd),
			     .run = ebpf_cmd_link_detach,
			     .control = true,
			     .any = true},
	/* The tutorial's library leaves the rest of its union as it was: not looked at. */
	[BPF_PROG_ATTACH] = {.run = ebpf_cmd_rcore_attach, .control = true},
	[BPF_PROG_GET_NEXT_ID] = {.attr_end = AFTER(id.open_flags), .run = ebpf_cmd_next_id, .control = true},
	[BPF_MAP_GET_NEXT_ID] = {.attr_end = AFTER(id.open_flags), .run = ebpf_cmd_next_id, .control = true},
	[BPF_LINK_GET_NEXT_ID] = {.attr_end = AFTER(id.open_flags), .run = ebpf_cmd_next_id, .control = true},
	[BPF_PROG_GET_FD_BY_ID] = {.attr_end = AFTER(id.open_flags), .run = ebpf_cmd_fd_by_id, .control = true},
	[BPF_MAP_GET_FD_BY_ID] = {.attr_end = AFTER(id.open_flags), .run = ebpf_cmd_fd_by_id, .control = true},
	[BPF_LINK_GET_FD_BY_ID] = {.attr_end = AFTER(id.open_flags), .run = ebpf_cmd_fd_by_id, .control = true},
	[BPF_BTF_LOAD] = {.attr_end = AFTER(btf_token_fd), .maker = &ebpf_btf_maker},
	[BPF_BTF_GET_NEXT_ID] = {.attr_end = AFTER(id.open_flags), .run = ebpf_cmd_next_id, .control = true},
	[BPF_BTF_GET_FD_BY_ID] = {.attr_end = AFTER(id.open_flags), .run = ebpf_cmd_fd_by_id, .control = true},
	[BPF_OBJ_PIN] = {.attr_end = AFTER(pin.path_fd), .run = ebpf_cmd_obj_pin, .control = true},
	[BPF_OBJ_GET] = {.attr_end = AFTER(pin.path_fd), .run = ebpf_cmd_obj_get, .control = true},
	[BPF_PROG_BIND_MAP] = {.attr_end = AFTER(bind.flags), .run = ebpf_cmd_bind_map, .control = true},
	[BPF_PROG_TEST_RUN] = {.attr_end = AFTER(test.batch_size), .run = ebpf_cmd_test_run, .control = true},
	[BPF_PROG_DETACH] = {.run = ebpf_cmd_rcore_detach, .control = true, .any = true},
};

#define OWN_FIRST BPF_PROG_LOAD_EX /* which is the kernel's */

static const struct ebpf_cmd own_cmds[] = {
	[EBPF_GET_INFO - OWN_FIRST] = {.attr_end = AFTER(number.value), .run = ebpf_cmd_get_info, .any = true},
	[EBPF_LOCK - OWN_FIRST] = {.attr_end = AFTER(number.value), .run = ebpf_cmd_lock},
	[EBPF_OBJ_UNPIN - OWN_FIRST] = {.attr_end = AFTER(pin.path_fd), .run = ebpf_cmd_obj_unpin, .control = true},
	[EBPF_MAP_DRAIN - OWN_FIRST] = {.attr_end = AFTER(drain.pending), .run = ebpf_cmd_drain, .any = true},
};

const struct ebpf_cmd *ebpf_cmd_of(uint32_t cmd)
{
	const struct ebpf_cmd *row;

	if (cmd < sizeof(cmds) / sizeof(cmds[0]))
		row = &cmds[cmd];
	else if (cmd - OWN_FIRST < sizeof(own_cmds) / sizeof(own_cmds[0]))
		row = &own_cmds[cmd - OWN_FIRST];
	else
		return NULL;
	return row->maker || row->run ? row : NULL;
}

/* By the word where it is aligned: M-mode may not be able to read others. */
static bool all_zero(const void *mem, size_t len)
{
	const uint8_t *at = mem, *end = at + len;

	for (; at < end && (uintptr_t)at % 8; at++)
		if (*at)
			return false;
	for (; end - at >= 8; at += 8)
		if (*(const ebpf_word *)(const void *)at)
			return false;
	for (; at < end; at++)
		if (*at)
			return false;
	return true;
}

/* What the caller's attr has beyond ours: fields of a newer Linux, which must be unused. */
static int check_tail(const struct ebpf_call *call)
{
	uint64_t words[32];

	if (call->size > EBPF_MAX_ATTR)
		return -E2BIG;
	for (uint64_t at = sizeof(union bpf_attr); at < call->size;) {
		uint64_t len = call->size - at;

		if (len > sizeof(words))
			len = sizeof(words);
		if (ebpf_copy_from(&call->as, words, call->attr + at, len))
			return -EFAULT;
		if (!all_zero(words, len))
			return -E2BIG;
		at += len;
	}
	return 0;
}

int ebpf_cmd_copy_attr(const struct ebpf_call *call, uint32_t attr_end, union bpf_attr *attr)
{
	uint64_t size = call->size < sizeof(*attr) ? call->size : sizeof(*attr);
	int err = check_tail(call);

	if (err)
		return err;
	if (!call->attr)
		return -EFAULT;
	if (size && ebpf_copy_from(&call->as, attr, call->attr, size))
		return -EFAULT;
	ebpf_memzero((char *)attr + size, sizeof(*attr) - size);
	if (attr_end && !all_zero((const char *)attr + attr_end, sizeof(*attr) - attr_end))
		return -EINVAL;
	return 0;
}

void ebpf_cmd_init(void)
{
	locks = 0;
	ebpf_pins_init();
	control = (struct ebpf_lock){0};
}

bool ebpf_control_trylock(void)
{
	return ebpf_trylock(&control);
}

void ebpf_control_unlock(void)
{
	ebpf_unlock(&control);
}

uint64_t ebpf_locks(void)
{
	return __atomic_load_n(&locks, __ATOMIC_RELAXED);
}

void ebpf_locks_set(uint64_t flags)
{
	__atomic_fetch_or(&locks, flags, __ATOMIC_RELAXED);
}
