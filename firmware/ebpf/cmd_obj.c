/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects by number and by name: BPF_*_GET_NEXT_ID, BPF_*_GET_FD_BY_ID,
 * BPF_OBJ_PIN, BPF_OBJ_GET, EBPF_OBJ_UNPIN, BPF_PROG_BIND_MAP. Control lock held.
 *
 * A pinned object has a descriptor of an owner that no kernel can name, so it is
 * kept by the same counts as all others. Names are the firmware's own, not files:
 * they end with EBPF_OBJ_UNPIN or reset.
 */
#include "cmd.h"
#include "mem.h"
#include "prog.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#define PIN_OWNER SBI_EBPF_OWNER_UNPRIV /* a flag, so no kernel can name it */
#define PIN_NAME 128u			/* with its NUL */
#define PIN_MAX 256u			/* the list is searched from one end to the other */

struct pin {
	struct pin *next;
	struct ebpf_fd *entry;
	char name[PIN_NAME];
};

static struct pin *pins;
static uint32_t nr_pins, last_pin;

void ebpf_pins_init(void)
{
	pins = NULL;
	nr_pins = last_pin = 0;
}

/* Numbers */

/* Of which kind of object the command is */
static enum ebpf_obj_type type_of(uint64_t cmd)
{
	switch (cmd) {
	case BPF_PROG_GET_NEXT_ID:
	case BPF_PROG_GET_FD_BY_ID:
		return EBPF_OBJ_PROG;
	case BPF_MAP_GET_NEXT_ID:
	case BPF_MAP_GET_FD_BY_ID:
		return EBPF_OBJ_MAP;
	case BPF_BTF_GET_NEXT_ID:
	case BPF_BTF_GET_FD_BY_ID:
		return EBPF_OBJ_BTF;
	}
	return EBPF_OBJ_LINK;
}

static int64_t next_id(const struct ebpf_call *call, const union bpf_attr *attr, enum ebpf_obj_type type)
{
	uint32_t id;

	if (attr->id.open_flags || attr->id.start_id >= INT32_MAX)
		return -EINVAL;
	id = ebpf_obj_next_id(type, attr->id.start_id);
	if (!id)
		return -ENOENT;
	return ebpf_copy_to(&call->as, call->attr + offsetof(union bpf_attr, id.next_id), &id, sizeof(id));
}

int64_t ebpf_cmd_next_id(const struct ebpf_call *call, union bpf_attr *attr)
{
	return next_id(call, attr, type_of(call->cmd));
}

/* One more descriptor, the caller's newfd, for an object somebody holds. */
static int64_t give_fd(const struct ebpf_call *call, struct ebpf_obj *obj)
{
	int err;
	struct ebpf_fd *entry = ebpf_fd_new(call->owner, call->newfd, &err);

	if (!entry)
		return err;
	ebpf_fd_share(entry, obj);
	return (int64_t)call->newfd;
}

int64_t ebpf_cmd_fd_by_id(const struct ebpf_call *call, union bpf_attr *attr)
{
	enum ebpf_obj_type type = type_of(call->cmd);
	struct ebpf_obj *obj;
	int64_t result;

	if (attr->id.next_id || attr->id.open_flags)
		return -EINVAL;
	obj = ebpf_obj_get_id(type, attr->id.start_id);
	if (!obj)
		return -ENOENT;
	result = give_fd(call, obj);
	ebpf_obj_put(obj);
	return result;
}

/* Names */

static int copy_name(const struct ebpf_call *call, uint64_t va, char name[PIN_NAME])
{
	int64_t len = ebpf_copy_string(&call->as, name, va, PIN_NAME);

	if (len == -E2BIG)
		return -ENAMETOOLONG;
	if (len < 0)
		return (int)len;
	return len <= 1 ? -EINVAL : 0;
}

/* Where the pin is linked from, or the end of the list. */
static struct pin **find_pin(const char *name)
{
	struct pin **link = &pins;

	for (; *link; link = &(*link)->next) {
		const char *a = (*link)->name, *b = name;

		while (*a && *a == *b)
			a++, b++;
		if (*a == *b)
			break;
	}
	return link;
}

static int add_pin(const char *name, struct ebpf_obj *obj)
{
	struct pin *pin;
	int err;

	if (*find_pin(name))
		return -EEXIST;
	if (nr_pins == PIN_MAX)
		return -ENOSPC;
	pin = ebpf_zalloc(NULL, sizeof(*pin));
	if (!pin)
		return -ENOMEM;
	do { /* a number that is free: at most PIN_MAX are not */
		last_pin = last_pin % INT32_MAX + 1;
		pin->entry = ebpf_fd_new(PIN_OWNER, last_pin, &err);
	} while (!pin->entry && err == -EEXIST);
	if (!pin->entry) {
		ebpf_free(pin);
		return err;
	}
	ebpf_fd_share(pin->entry, obj);
	for (uint32_t i = 0; name[i]; i++)
		pin->name[i] = name[i];
	pin->next = pins;
	pins = pin;
	nr_pins++;
	return 0;
}

int64_t ebpf_cmd_obj_pin(const struct ebpf_call *call, union bpf_attr *attr)
{
	char name[PIN_NAME];
	struct ebpf_obj *obj;
	int err;

	if (attr->pin.file_flags || attr->pin.path_fd)
		return -EINVAL;
	err = copy_name(call, attr->pin.pathname, name);
	if (err)
		return err;
	obj = ebpf_obj_get(call->owner, attr->pin.bpf_fd, 0, &err);
	if (!obj)
		return err;
	err = add_pin(name, obj);
	ebpf_obj_put(obj);
	return err;
}

int64_t ebpf_cmd_obj_get(const struct ebpf_call *call, union bpf_attr *attr)
{
	char name[PIN_NAME];
	const struct pin *pin;
	int err;

	if (attr->pin.bpf_fd || attr->pin.file_flags || attr->pin.path_fd)
		return -EINVAL;
	err = copy_name(call, attr->pin.pathname, name);
	if (err)
		return err;
	pin = *find_pin(name);
	return pin ? give_fd(call, pin->entry->obj) : -ENOENT;
}

int64_t ebpf_cmd_obj_unpin(const struct ebpf_call *call, union bpf_attr *attr)
{
	char name[PIN_NAME];
	struct pin **link, *pin;
	int err;

	if (attr->pin.bpf_fd || attr->pin.file_flags || attr->pin.path_fd)
		return -EINVAL;
	err = copy_name(call, attr->pin.pathname, name);
	if (err)
		return err;
	link = find_pin(name);
	pin = *link;
	if (!pin)
		return -ENOENT;
	if (!ebpf_fd_close(pin->entry))
		return -ERESTART;
	*link = pin->next;
	nr_pins--;
	ebpf_free(pin);
	return 0;
}

/* A map that lives as long as the program, whether its instructions name it or not. */
int64_t ebpf_cmd_bind_map(const struct ebpf_call *call, union bpf_attr *attr)
{
	int err;
	struct ebpf_obj *prog, *map;

	if (attr->bind.flags)
		return -EINVAL;
	prog = ebpf_obj_get(call->owner, attr->bind.prog_fd, EBPF_OBJ_PROG, &err);
	if (!prog)
		return err;
	map = ebpf_obj_get(call->owner, attr->bind.map_fd, EBPF_OBJ_MAP, &err);
	if (map) {
		err = ebpf_prog_bind((struct ebpf_prog *)prog, (struct ebpf_map *)map, attr->bind.map_fd);
		ebpf_obj_put(map);
	}
	ebpf_obj_put(prog);
	return err;
}
