/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding helpers by number, and the run-time check of their arguments. The
 * check takes any register contents: what it lets pass, a helper may use
 * without a look of its own.
 */
#include "helper_impl.h"

#include "decode.h"
#include "limits.h"
#include "map.h"
#include "platform.h"

const struct ebpf_helper *ebpf_helper_of(uint32_t id, bool rcore)
{
	static const struct ebpf_helper_row *const linux_tables[] = {
		ebpf_helpers_map,  ebpf_helpers_probe, ebpf_helpers_task,   ebpf_helpers_trace, ebpf_helpers_ringbuf,
		ebpf_helpers_tail, ebpf_helpers_stack, ebpf_helpers_string, ebpf_helpers_loop,	ebpf_helpers_change,
	};
	static const struct ebpf_helper_row *const rcore_tables[] = {ebpf_helpers_rcore};
	const struct ebpf_helper_row *const *tables = rcore ? rcore_tables : linux_tables;
	size_t n = rcore ? 1 : sizeof(linux_tables) / sizeof(linux_tables[0]);

	if (ebpf_helper_kept_back(id) && !rcore)
		return NULL;
	for (size_t i = 0; i < n; i++)
		for (const struct ebpf_helper_row *row = tables[i]; row->helper.fn; row++)
			if (row->id == id)
				return &row->helper;
	return NULL;
}

struct ebpf_map *ebpf_helper_map_of_fd(const struct ebpf_run *run, uint32_t fd)
{
	const struct ebpf_prog *prog = run->prog;

	for (uint32_t i = 0; i < prog->nr_maps; i++)
		if (prog->map_fds[i] == fd && !prog->maps[i]->ops->elem_type) /* objects are nothing it could copy */
			return prog->maps[i];
	return NULL;
}

/* The arguments of one call, while they are looked at. */
struct check {
	struct ebpf_run *run;
	const struct ebpf_helper *helper;
	const uint64_t *args;
	struct ebpf_map *map; /* the map argument before */
	bool unknown_fd;      /* rCore: it names no map of the program; the helper answers that */
};

static int fault(const struct check *check, const char *why, uint64_t addr)
{
	check->run->fault = why;
	check->run->fault_addr = addr;
	return -EFAULT;
}

static int check_mem(const struct check *check, uint64_t addr, uint64_t size, bool write)
{
	if (ebpf_run_mem_ok(check->run, addr, size, write))
		return 0;
	return fault(check,
		     write ? "helper argument: memory the program may not write"
			   : "helper argument: memory the program may not read",
		     addr);
}

/* Key or value of the map argument before. */
static int check_elem(const struct check *check, uint64_t addr, bool key, bool write)
{
	if (check->unknown_fd)
		return 0;
	if (!check->map)
		return fault(check, "helper argument: no map to know its size from", addr);
	return check_mem(check, addr, key ? check->map->key_size : check->map->value_size, write);
}

/* Memory whose size is the next argument. */
static int check_sized(const struct check *check, unsigned int i, bool write, bool may_be_null)
{
	uint64_t addr = check->args[i], size = i < 4 ? check->args[i + 1] : 0;
	bool may_be_empty = i < 4 && check->helper->arg[i + 1] == EBPF_ARG_SIZE_OR_ZERO;

	if (size > EBPF_MAX_VALUE_SIZE || (!size && !may_be_empty))
		return fault(check, "helper argument: size out of range", size);
	if (!size || (may_be_null && !addr))
		return size ? fault(check, "helper argument: NULL with a size", addr) : 0;
	return check_mem(check, addr, size, write);
}

static int check_map(struct check *check, uint64_t value)
{
	check->map = ebpf_run_map(check->run, value);
	return check->map ? 0 : fault(check, "helper argument: not a map of this program", value);
}

static int check_record(const struct check *check, uint64_t value)
{
	for (uint32_t i = 0; i < check->run->nr_records; i++)
		if ((uintptr_t)check->run->records[i].record == value)
			return 0;
	return fault(check, "helper argument: not a record that is reserved", value);
}

/* A string in memory that nobody can change any more */
static int check_const_str(const struct check *check, uint64_t addr)
{
	const struct ebpf_prog *prog = check->run->prog;

	for (uint32_t i = 0; i < prog->nr_maps; i++) {
		const struct ebpf_map *map = prog->maps[i];

		if (ebpf_map_prog_may(map, true) || !EBPF_MEM_LOAD(uint32_t, &map->frozen))
			continue;
		for (uint64_t at = addr; ebpf_map_value_ok(map, at, 1); at++)
			if (!*(const char *)ebpf_helper_mem(at))
				return 0;
	}
	return fault(check, "helper argument: not a string in a frozen read-only map", addr);
}

/* What the wide load of a function's address leaves: where it is itself in the decoded code. */
static int check_function(const struct check *check, uint64_t value)
{
	const struct ebpf_prog *prog = check->run->prog;
	uint64_t at = value - (uintptr_t)prog->ops, pc = at / sizeof(struct ebpf_op);
	const struct bpf_insn *insn = &prog->insns[pc];

	if (pc >= prog->insn_cnt || at % sizeof(struct ebpf_op) || insn->code != (BPF_LD | BPF_IMM | BPF_DW) ||
	    insn->src_reg != BPF_PSEUDO_FUNC)
		return fault(check, "helper argument: not a function of this program", value);
	return 0;
}

static int check_arg(struct check *check, unsigned int i)
{
	uint64_t value = check->args[i];

	switch (check->helper->arg[i]) {
	case EBPF_ARG_CONST_MAP_PTR:
		return check_map(check, value);
	case EBPF_ARG_MAP_FD:
		check->map = ebpf_helper_map_of_fd(check->run, (uint32_t)value);
		check->unknown_fd = !check->map;
		return 0;
	case EBPF_ARG_MAP_KEY:
	case EBPF_ARG_FD_KEY:
		return check_elem(check, value, true, false);
	case EBPF_ARG_MAP_VALUE:
	case EBPF_ARG_FD_VALUE:
		return check_elem(check, value, false, false);
	case EBPF_ARG_MAP_VALUE_UNINIT:
	case EBPF_ARG_FD_VALUE_UNINIT:
		return check_elem(check, value, false, true);
	case EBPF_ARG_CTX:
		return value == (uintptr_t)check->run->ctx ? 0
							   : fault(check, "helper argument: not the context", value);
	case EBPF_ARG_MEM_RDONLY:
		return check_sized(check, i, false, false);
	case EBPF_ARG_MEM_RDONLY_OR_NULL:
		return check_sized(check, i, false, true);
	case EBPF_ARG_MEM_UNINIT:
		return check_sized(check, i, true, false);
	case EBPF_ARG_CONST_STR:
		return check_const_str(check, value);
	case EBPF_ARG_RINGBUF_MEM:
		return check_record(check, value);
	case EBPF_ARG_FUNC:
		return check_function(check, value);
	case EBPF_ARG_MEM_OR_NULL:
		return check_sized(check, i, true, true);
	case EBPF_ARG_LONG_UNINIT:
		return check_mem(check, value, sizeof(uint64_t), true);
	default: /* NONE and ANYTHING; what is only handed on; sizes are checked with the memory before them */
		return 0;
	}
}

int ebpf_helper_check_args(struct ebpf_run *run, const struct ebpf_helper *helper, const uint64_t args[5])
{
	struct check check = {.run = run, .helper = helper, .args = args};
	int err = 0;

	for (unsigned int i = 0; !err && i < 5; i++)
		err = check_arg(&check, i);
	return err;
}

/* Linux's numbers (UAPI, __BPF_FUNC_MAPPER): the ones a program for kprobes is likely to call. */
const char *ebpf_helper_name(uint32_t id)
{
	static const struct {
		uint16_t id;
		const char *name;
	} others[] = {
		{12, "tail_call"},
		{25, "perf_event_output"},
		{27, "get_stackid"},
		{28, "csum_diff"},
		{36, "probe_write_user"},
		{37, "current_task_under_cgroup"},
		{42, "get_numa_node_id"},
		{51, "redirect_map"},
		{55, "perf_event_read_value"},
		{58, "override_return"},
		{67, "get_stack"},
		{80, "get_current_cgroup_id"},
		{87, "map_push_elem"},
		{88, "map_pop_elem"},
		{89, "map_peek_elem"},
		{93, "spin_lock"},
		{94, "spin_unlock"},
		{105, "strtol"},
		{106, "strtoul"},
		{109, "send_signal"},
		{117, "send_signal_thread"},
		{118, "jiffies64"},
		{120, "get_ns_current_pid_tgid"},
		{130, "ringbuf_output"},
		{131, "ringbuf_reserve"},
		{132, "ringbuf_submit"},
		{133, "ringbuf_discard"},
		{134, "ringbuf_query"},
		{148, "copy_from_user"},
		{149, "snprintf_btf"},
		{153, "per_cpu_ptr"},
		{154, "this_cpu_ptr"},
		{158, "get_current_task_btf"},
		{160, "ktime_get_coarse_ns"},
		{164, "for_each_map_elem"},
		{165, "snprintf"},
		{169, "timer_init"},
		{170, "timer_set_callback"},
		{171, "timer_start"},
		{172, "timer_cancel"},
		{175, "task_pt_regs"},
		{176, "get_branch_snapshot"},
		{180, "find_vma"},
		{181, "loop"},
		{182, "strncmp"},
		{183, "get_func_arg"},
		{184, "get_func_ret"},
		{195, "map_lookup_percpu_elem"},
	};
	const struct ebpf_helper *helper = ebpf_helper_of(id, false);

	if (helper)
		return helper->name;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].id == id)
			return others[i].name;
	return NULL;
}
