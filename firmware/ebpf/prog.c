/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program object: its memory, its maps, its end. How it is loaded is
 * cmd_prog.c's business, how it runs is interp.c's.
 */
#include "prog.h"

#include "cmd.h"
#include "decode.h"
#include "link.h"
#include "mem.h"
#include "platform.h"
#include "uapi/sbi_ebpf.h"

#define RCORE_SLICE 8u /* attachments ended in one slice */

static uint64_t total_aborts;

static void prog_release(struct ebpf_obj *obj)
{
	struct ebpf_prog *prog = (struct ebpf_prog *)obj;

	for (uint32_t i = 0; i < prog->nr_maps; i++)
		ebpf_obj_put(&prog->maps[i]->obj);
	ebpf_prog_btf_end(&prog->info);
	ebpf_free(prog->insns);
	ebpf_free(prog->map_refs);
	ebpf_free(prog->ops);
	ebpf_free(prog);
}

/* What BPF_PROG_ATTACH attached ends with the last descriptor, unless detaching is locked: then all of it stays. */
static bool prog_last_fd(struct ebpf_obj *obj)
{
	struct ebpf_prog *prog = (struct ebpf_prog *)obj;

	if (prog->rcore_link && (ebpf_locks() & SBI_EBPF_LOCK_DETACH)) {
		ebpf_obj_hold(obj);
		return true;
	}
	return ebpf_prog_detach_rcore(prog, RCORE_SLICE);
}

struct ebpf_prog *ebpf_prog_new(uint32_t insn_cnt, struct ebpf_account *account)
{
	struct ebpf_prog *prog = ebpf_zalloc(account, sizeof(*prog));

	if (!prog)
		return NULL;
	prog->obj.refs = 1;
	prog->obj.type = EBPF_OBJ_PROG;
	prog->obj.account = account;
	prog->obj.release = prog_release;
	prog->obj.last_fd = prog_last_fd;
	prog->type = BPF_PROG_TYPE_KPROBE;
	prog->checked = true;
	prog->special = EBPF_PROG_CTX;
	prog->insn_cnt = insn_cnt;
	prog->insns = ebpf_alloc(account, (size_t)insn_cnt * sizeof(*prog->insns));
	prog->ops = ebpf_alloc(account, (size_t)insn_cnt * sizeof(*prog->ops));
	prog->map_refs = ebpf_zalloc(account, (size_t)insn_cnt / 8 + 1);
	if (!prog->insns || !prog->ops || !prog->map_refs) {
		ebpf_obj_put(&prog->obj);
		return NULL;
	}
	return prog;
}

int ebpf_prog_bind(struct ebpf_prog *prog, struct ebpf_map *map, uint32_t fd)
{
	for (uint32_t i = 0; i < prog->nr_maps; i++)
		if (prog->maps[i] == map && (!ebpf_prog_is_rcore(prog) || prog->map_fds[i] == fd))
			return 0;
	if (prog->nr_maps == EBPF_MAX_USED_MAPS)
		return -E2BIG;
	ebpf_obj_hold(&map->obj);
	prog->maps[prog->nr_maps] = map;
	prog->map_fds[prog->nr_maps] = fd;
	if (prog->obj.id) /* it may be running: nobody sees the number before the entry */
		ebpf_plat_sync_harts();
	EBPF_MEM_STORE(uint32_t, &prog->nr_maps, prog->nr_maps + 1);
	return 0;
}

void ebpf_prog_count_abort(struct ebpf_prog *prog)
{
	__atomic_fetch_add(&total_aborts, 1, __ATOMIC_RELAXED);
	if (__atomic_add_fetch(&prog->aborts, 1, __ATOMIC_RELAXED) >= EBPF_MAX_ABORTS)
		__atomic_fetch_or(&prog->special, EBPF_PROG_QUARANTINED, __ATOMIC_RELAXED);
}

uint64_t ebpf_prog_aborts(void)
{
	return __atomic_load_n(&total_aborts, __ATOMIC_RELAXED);
}
