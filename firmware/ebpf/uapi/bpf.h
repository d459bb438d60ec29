/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers and layouts of eBPF: instructions as in RFC 9669, commands, types,
 * flags and `union bpf_attr` as in Linux's UAPI (the parts mbpf serves or
 * refuses by name), and the rCore tutorial's commands beside them. Shared by
 * firmware, kernel, sdk and tests. Names are Linux's so that clang, libbpf's
 * headers and this file agree; user space may include <linux/bpf.h> instead.
 */
#ifndef EBPF_UAPI_BPF_H
#define EBPF_UAPI_BPF_H

#include <stddef.h>
#include <stdint.h>

/* One instruction slot, RFC 9669 sec. 3. A wide instruction takes two. */
struct bpf_insn {
	uint8_t code;
	uint8_t dst_reg : 4;
	uint8_t src_reg : 4;
	int16_t off;
	int32_t imm;
};

/* Instruction classes, RFC 9669 sec. 3.1 */
#define BPF_CLASS(code) ((code)&0x07)
#define BPF_LD 0x00
#define BPF_LDX 0x01
#define BPF_ST 0x02
#define BPF_STX 0x03
#define BPF_ALU 0x04
#define BPF_JMP 0x05
#define BPF_JMP32 0x06
#define BPF_ALU64 0x07

/* ALU and JMP: code and source, RFC 9669 sec. 4.1, 4.3 */
#define BPF_OP(code) ((code)&0xf0)
#define BPF_SRC(code) ((code)&0x08)
#define BPF_K 0x00
#define BPF_X 0x08
#define BPF_ADD 0x00
#define BPF_SUB 0x10
#define BPF_MUL 0x20
#define BPF_DIV 0x30
#define BPF_OR 0x40
#define BPF_AND 0x50
#define BPF_LSH 0x60
#define BPF_RSH 0x70
#define BPF_NEG 0x80
#define BPF_MOD 0x90
#define BPF_XOR 0xa0
#define BPF_MOV 0xb0
#define BPF_ARSH 0xc0
#define BPF_END 0xd0
#define BPF_TO_LE 0x00
#define BPF_TO_BE 0x08

#define BPF_JA 0x00
#define BPF_JEQ 0x10
#define BPF_JGT 0x20
#define BPF_JGE 0x30
#define BPF_JSET 0x40
#define BPF_JNE 0x50
#define BPF_JSGT 0x60
#define BPF_JSGE 0x70
#define BPF_CALL 0x80
#define BPF_EXIT 0x90
#define BPF_JLT 0xa0
#define BPF_JLE 0xb0
#define BPF_JSLT 0xc0
#define BPF_JSLE 0xd0
#define BPF_JCOND 0xe0 /* may_goto */

/* Loads and stores: size and mode, RFC 9669 sec. 5 */
#define BPF_SIZE(code) ((code)&0x18)
#define BPF_W 0x00
#define BPF_H 0x08
#define BPF_B 0x10
#define BPF_DW 0x18
#define BPF_MODE(code) ((code)&0xe0)
#define BPF_IMM 0x00
#define BPF_ABS 0x20
#define BPF_IND 0x40
#define BPF_MEM 0x60
#define BPF_MEMSX 0x80
#define BPF_ATOMIC 0xc0
#define BPF_FETCH 0x01
#define BPF_XCHG (0xe0 | BPF_FETCH)
#define BPF_CMPXCHG (0xf0 | BPF_FETCH)
#define BPF_LOAD_ACQ 0x100
#define BPF_STORE_REL 0x110

enum {
	BPF_REG_0,
	BPF_REG_1,
	BPF_REG_2,
	BPF_REG_3,
	BPF_REG_4,
	BPF_REG_5,
	BPF_REG_6,
	BPF_REG_7,
	BPF_REG_8,
	BPF_REG_9,
	BPF_REG_10,
	MAX_BPF_REG,
};

/* src_reg of a wide load, RFC 9669 sec. 5.4 */
#define BPF_PSEUDO_MAP_FD 1
#define BPF_PSEUDO_MAP_VALUE 2
#define BPF_PSEUDO_BTF_ID 3
#define BPF_PSEUDO_FUNC 4
#define BPF_PSEUDO_MAP_IDX 5
#define BPF_PSEUDO_MAP_IDX_VALUE 6
/* src_reg of a call, RFC 9669 sec. 4.3.1 */
#define BPF_PSEUDO_CALL 1
#define BPF_PSEUDO_KFUNC_CALL 2

enum bpf_cmd {
	BPF_MAP_CREATE,
	BPF_MAP_LOOKUP_ELEM,
	BPF_MAP_UPDATE_ELEM,
	BPF_MAP_DELETE_ELEM,
	BPF_MAP_GET_NEXT_KEY,
	BPF_PROG_LOAD,
	BPF_OBJ_PIN,
	BPF_OBJ_GET,
	BPF_PROG_ATTACH,
	BPF_PROG_DETACH,
	BPF_PROG_TEST_RUN,
	BPF_PROG_RUN = BPF_PROG_TEST_RUN,
	BPF_PROG_GET_NEXT_ID,
	BPF_MAP_GET_NEXT_ID,
	BPF_PROG_GET_FD_BY_ID,
	BPF_MAP_GET_FD_BY_ID,
	BPF_OBJ_GET_INFO_BY_FD,
	BPF_PROG_QUERY,
	BPF_RAW_TRACEPOINT_OPEN,
	BPF_BTF_LOAD,
	BPF_BTF_GET_FD_BY_ID,
	BPF_TASK_FD_QUERY,
	BPF_MAP_LOOKUP_AND_DELETE_ELEM,
	BPF_MAP_FREEZE,
	BPF_BTF_GET_NEXT_ID,
	BPF_MAP_LOOKUP_BATCH,
	BPF_MAP_LOOKUP_AND_DELETE_BATCH,
	BPF_MAP_UPDATE_BATCH,
	BPF_MAP_DELETE_BATCH,
	BPF_LINK_CREATE,
	BPF_LINK_UPDATE,
	BPF_LINK_GET_FD_BY_ID,
	BPF_LINK_GET_NEXT_ID,
	BPF_ENABLE_STATS,
	BPF_ITER_CREATE,
	BPF_LINK_DETACH,
	BPF_PROG_BIND_MAP,
	/* rCore tutorial */
	BPF_PROG_LOAD_EX = 1000,
	/* mbpf */
	EBPF_MAP_DRAIN = 1001, /* records of a ring buffer, in place of mapping it */
	EBPF_OBJ_UNPIN = 1002, /* in place of unlink(2) */
	EBPF_GET_INFO = 1003,  /* a number about the firmware, by SBI_EBPF_INFO_* */
	EBPF_LOCK = 1004,      /* what the SBI function LOCK does, for processes; index: flags */
};

enum bpf_map_type {
	BPF_MAP_TYPE_UNSPEC,
	BPF_MAP_TYPE_HASH,
	BPF_MAP_TYPE_ARRAY,
	BPF_MAP_TYPE_PROG_ARRAY,
	BPF_MAP_TYPE_PERF_EVENT_ARRAY,
	BPF_MAP_TYPE_PERCPU_HASH,
	BPF_MAP_TYPE_PERCPU_ARRAY,
	BPF_MAP_TYPE_STACK_TRACE,
	BPF_MAP_TYPE_CGROUP_ARRAY,
	BPF_MAP_TYPE_LRU_HASH,
	BPF_MAP_TYPE_LRU_PERCPU_HASH,
	BPF_MAP_TYPE_LPM_TRIE,
	BPF_MAP_TYPE_ARRAY_OF_MAPS,
	BPF_MAP_TYPE_HASH_OF_MAPS,
	BPF_MAP_TYPE_QUEUE = 22,
	BPF_MAP_TYPE_STACK = 23,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_BLOOM_FILTER = 30,
};

enum bpf_prog_type {
	BPF_PROG_TYPE_UNSPEC,
	BPF_PROG_TYPE_SOCKET_FILTER,
	BPF_PROG_TYPE_KPROBE,
};

enum bpf_attach_type {
	BPF_TRACE_KPROBE_MULTI = 42,
};

/* BPF_MAP_UPDATE_ELEM flags */
#define BPF_ANY 0
#define BPF_NOEXIST 1
#define BPF_EXIST 2
#define BPF_F_LOCK 4

/* BPF_MAP_CREATE flags */
#define BPF_F_NO_PREALLOC (1U << 0)
#define BPF_F_NO_COMMON_LRU (1U << 1)
#define BPF_F_NUMA_NODE (1U << 2)
#define BPF_F_RDONLY (1U << 3)
#define BPF_F_WRONLY (1U << 4)
#define BPF_F_STACK_BUILD_ID (1U << 5)
#define BPF_F_ZERO_SEED (1U << 6)
#define BPF_F_RDONLY_PROG (1U << 7)
#define BPF_F_WRONLY_PROG (1U << 8)
#define BPF_F_CLONE (1U << 9)
#define BPF_F_MMAPABLE (1U << 10)

/* BPF_PROG_LOAD flags */
#define BPF_F_STRICT_ALIGNMENT (1U << 0)
#define BPF_F_ANY_ALIGNMENT (1U << 1)
#define BPF_F_SLEEPABLE (1U << 4)
/* mbpf: rCore tutorial ABI (context, helper meanings, `{}` in printk); from S-mode loaders of BPF_PROG_LOAD_EX */
#define EBPF_F_RCORE_ABI (1U << 31)

/* link_create.kprobe_multi.flags */
#define BPF_F_KPROBE_MULTI_RETURN (1U << 0)

#define BPF_OBJ_NAME_LEN 16U

/* bpf_get_stackid(), bpf_get_stack() */
#define BPF_F_SKIP_FIELD_MASK 0xffULL
#define BPF_F_USER_STACK (1ULL << 8)
#define BPF_F_FAST_STACK_CMP (1ULL << 9)
#define BPF_F_REUSE_STACKID (1ULL << 10)

/* bpf_perf_event_output() */
#define BPF_F_INDEX_MASK 0xffffffffULL
#define BPF_F_CURRENT_CPU BPF_F_INDEX_MASK

/* Ring buffers: flags of submit, discard and output; what bpf_ringbuf_query() may be asked */
#define BPF_RB_NO_WAKEUP (1U << 0)
#define BPF_RB_FORCE_WAKEUP (1U << 1)
#define BPF_RB_AVAIL_DATA 0
#define BPF_RB_RING_SIZE 1
#define BPF_RB_CONS_POS 2
#define BPF_RB_PROD_POS 3
#define BPF_RINGBUF_BUSY_BIT (1U << 31)
#define BPF_RINGBUF_DISCARD_BIT (1U << 30)
#define BPF_RINGBUF_HDR_SZ 8
/* In front of each record, which is padded to 8 bytes. Delivered records have neither bit set. */
struct ebpf_ringbuf_header {
	uint32_t len;
	uint32_t pg_off; /* of the record, in pages from the start of the ring */
};

/* Helper numbers (BPF_FUNC_*) are Linux's. */
enum bpf_func_id {
	BPF_FUNC_unspec = 0,
	BPF_FUNC_map_lookup_elem = 1,
	BPF_FUNC_map_update_elem = 2,
	BPF_FUNC_map_delete_elem = 3,
	BPF_FUNC_probe_read = 4,
	BPF_FUNC_ktime_get_ns = 5,
	BPF_FUNC_trace_printk = 6,
	BPF_FUNC_get_prandom_u32 = 7,
	BPF_FUNC_get_smp_processor_id = 8,
	BPF_FUNC_tail_call = 12,
	BPF_FUNC_get_current_pid_tgid = 14,
	BPF_FUNC_get_current_uid_gid = 15,
	BPF_FUNC_get_current_comm = 16,
	BPF_FUNC_perf_event_read = 22,
	BPF_FUNC_perf_event_output = 25,
	BPF_FUNC_get_stackid = 27,
	BPF_FUNC_get_current_task = 35,
	BPF_FUNC_probe_write_user = 36,
	BPF_FUNC_current_task_under_cgroup = 37,
	BPF_FUNC_probe_read_str = 45,
	BPF_FUNC_perf_event_read_value = 55,
	BPF_FUNC_override_return = 58,
	BPF_FUNC_get_stack = 67,
	BPF_FUNC_map_push_elem = 87,
	BPF_FUNC_map_pop_elem = 88,
	BPF_FUNC_map_peek_elem = 89,
	BPF_FUNC_probe_read_user = 112,
	BPF_FUNC_probe_read_kernel = 113,
	BPF_FUNC_probe_read_user_str = 114,
	BPF_FUNC_probe_read_kernel_str = 115,
	BPF_FUNC_ktime_get_boot_ns = 125,
	BPF_FUNC_ringbuf_output = 130,
	BPF_FUNC_ringbuf_reserve = 131,
	BPF_FUNC_ringbuf_submit = 132,
	BPF_FUNC_ringbuf_discard = 133,
	BPF_FUNC_ringbuf_query = 134,
	BPF_FUNC_get_current_task_btf = 158,
	BPF_FUNC_for_each_map_elem = 164,
	BPF_FUNC_snprintf = 165,
	BPF_FUNC_get_func_ip = 173,
	BPF_FUNC_get_attach_cookie = 174,
	BPF_FUNC_trace_vprintk = 177,
	BPF_FUNC_loop = 181,
	BPF_FUNC_map_lookup_percpu_elem = 195,
};

/*
 * bpf(2) attributes. Offsets are Linux's. A caller may pass a shorter union
 * (the rest counts as zero) or a longer one whose tail is zero, else -E2BIG.
 */
union bpf_attr {
	struct { /* BPF_MAP_CREATE */
		uint32_t map_type;
		uint32_t key_size;
		uint32_t value_size;
		uint32_t max_entries;
		uint32_t map_flags;
		uint32_t inner_map_fd;
		uint32_t numa_node;
		char map_name[BPF_OBJ_NAME_LEN];
		uint32_t map_ifindex;
		uint32_t btf_fd;
		uint32_t btf_key_type_id;
		uint32_t btf_value_type_id;
		uint32_t btf_vmlinux_value_type_id;
		uint64_t map_extra;
		int32_t value_type_btf_obj_fd;
		int32_t map_token_fd;
	};

	struct { /* BPF_MAP_*_ELEM */
		uint32_t map_fd;
		uint64_t key;
		union {
			uint64_t value;
			uint64_t next_key;
		};
		uint64_t flags;
	};

	struct { /* BPF_PROG_LOAD */
		uint32_t prog_type;
		uint32_t insn_cnt;
		uint64_t insns;
		uint64_t license;
		uint32_t log_level;
		uint32_t log_size;
		uint64_t log_buf;
		uint32_t kern_version;
		uint32_t prog_flags;
		char prog_name[BPF_OBJ_NAME_LEN];
		uint32_t prog_ifindex;
		uint32_t expected_attach_type;
		uint32_t prog_btf_fd;
		uint32_t func_info_rec_size;
		uint64_t func_info;
		uint32_t func_info_cnt;
		uint32_t line_info_rec_size;
		uint64_t line_info;
		uint32_t line_info_cnt;
		uint32_t attach_btf_id;
		union {
			uint32_t attach_prog_fd;
			uint32_t attach_btf_obj_fd;
		};
		uint32_t core_relo_cnt;
		uint64_t fd_array;
		uint64_t core_relos;
		uint32_t core_relo_rec_size;
		uint32_t log_true_size;
		int32_t prog_token_fd;
		uint32_t fd_array_cnt;
	};

	struct { /* BPF_BTF_LOAD */
		uint64_t btf;
		uint64_t btf_log_buf;
		uint32_t btf_size;
		uint32_t btf_log_size;
		uint32_t btf_log_level;
		uint32_t btf_log_true_size;
		uint32_t btf_flags;
		int32_t btf_token_fd;
	};

	struct { /* BPF_LINK_CREATE */
		uint32_t link_prog_fd;
		uint32_t link_target_fd;
		uint32_t link_attach_type;
		uint32_t link_flags;
		struct { /* link_create.kprobe_multi */
			uint32_t km_flags;
			uint32_t km_cnt;
			uint64_t km_syms;
			uint64_t km_addrs;
			uint64_t km_cookies;
		};
	};

	struct { /* BPF_LINK_DETACH */
		uint32_t detach_link_fd;
	};

	struct { /* BPF_OBJ_GET_INFO_BY_FD */
		uint32_t bpf_fd;
		uint32_t info_len;
		uint64_t info; /* struct bpf_map_info, bpf_prog_info or bpf_link_info */
	} info;

	struct {		   /* BPF_*_GET_NEXT_ID, BPF_*_GET_FD_BY_ID */
		uint32_t start_id; /* or the id */
		uint32_t next_id;
		uint32_t open_flags;
	} id;

	struct { /* BPF_OBJ_PIN, BPF_OBJ_GET, EBPF_OBJ_UNPIN */
		uint64_t pathname;
		uint32_t bpf_fd;
		uint32_t file_flags;
		int32_t path_fd;
	} pin;

	struct {		    /* BPF_MAP_*_BATCH */
		uint64_t in_batch;  /* where to go on: what a call before left in out_batch; NULL: the beginning */
		uint64_t out_batch; /* 4 bytes (hash tables and arrays) or a key */
		uint64_t keys;
		uint64_t values;
		uint32_t count; /* in: room or elements; out: elements done */
		uint32_t map_fd;
		uint64_t elem_flags;
		uint64_t flags; /* 0 */
	} batch;

	struct { /* BPF_PROG_BIND_MAP */
		uint32_t prog_fd;
		uint32_t map_fd;
		uint32_t flags;
	} bind;

	struct { /* BPF_PROG_TEST_RUN */
		uint32_t prog_fd;
		uint32_t retval;
		uint32_t data_size_in;
		uint32_t data_size_out;
		uint64_t data_in;
		uint64_t data_out;
		uint32_t repeat;
		uint32_t duration;
		uint32_t ctx_size_in;
		uint32_t ctx_size_out;
		uint64_t ctx_in;
		uint64_t ctx_out;
		uint32_t flags;
		uint32_t cpu;
		uint32_t batch_size;
	} test;

	struct { /* EBPF_GET_INFO, EBPF_LOCK */
		uint32_t index;
		uint32_t pad;	/* 0 */
		uint64_t value; /* out */
	} number;

	struct { /* EBPF_MAP_DRAIN */
		uint32_t map_fd;
		uint32_t flags;	  /* 0 */
		uint64_t buf;	  /* aligned to 8 */
		uint32_t size;	  /* bytes there; 0: only look at the counters */
		uint32_t used;	  /* out: bytes of whole records stored */
		uint64_t dropped; /* out: records that found no room, since the map was made */
		uint64_t pending; /* out: bytes still in the ring, with those being written */
	} drain;

	struct { /* rCore: BPF_PROG_LOAD_EX */
		uint64_t ex_elf;
		uint32_t ex_elf_size;
		uint32_t ex_map_array_len;
		uint64_t ex_map_array; /* struct ebpf_rcore_map_entry[] */
	};

	struct { /* rCore: BPF_PROG_ATTACH, BPF_PROG_DETACH */
		uint64_t rc_target;
		uint32_t rc_str_len;
		uint32_t rc_prog_fd;
	};
} __attribute__((aligned(8)));

/* What BPF_OBJ_GET_INFO_BY_FD answers. Layouts are Linux's; what mbpf does not have is 0. */
struct bpf_map_info {
	uint32_t type;
	uint32_t id;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t map_flags;
	char name[BPF_OBJ_NAME_LEN];
	uint32_t ifindex;
	uint32_t btf_vmlinux_value_type_id;
	uint64_t netns_dev;
	uint64_t netns_ino;
	uint32_t btf_id;
	uint32_t btf_key_type_id;
	uint32_t btf_value_type_id;
	uint32_t btf_vmlinux_id;
	uint64_t map_extra;
};

struct bpf_prog_info {
	uint32_t type;
	uint32_t id;
	uint8_t tag[8];
	uint32_t jited_prog_len;
	uint32_t xlated_prog_len;
	uint64_t jited_prog_insns;
	uint64_t xlated_prog_insns;
	uint64_t load_time; /* ns since reset */
	uint32_t created_by_uid;
	uint32_t nr_map_ids; /* in: room in map_ids; out: how many there are */
	uint64_t map_ids;    /* in: where the ids go */
	char name[BPF_OBJ_NAME_LEN];
	uint32_t ifindex;
	uint32_t gpl_compatible; /* bit 0 */
	uint64_t netns_dev;
	uint64_t netns_ino;
	uint32_t nr_jited_ksyms;
	uint32_t nr_jited_func_lens;
	uint64_t jited_ksyms;
	uint64_t jited_func_lens;
	uint32_t btf_id;
	uint32_t func_info_rec_size;
	uint64_t func_info;
	uint32_t nr_func_info;
	uint32_t nr_line_info;
	uint64_t line_info;
	uint64_t jited_line_info;
	uint32_t nr_jited_line_info;
	uint32_t line_info_rec_size;
	uint32_t jited_line_info_rec_size;
	uint32_t nr_prog_tags;
	uint64_t prog_tags;
	uint64_t run_time_ns;
	uint64_t run_cnt; /* completed runs */
	uint64_t recursion_misses;
	uint32_t verified_insns;
	uint32_t attach_btf_obj_id;
	uint32_t attach_btf_id;
};

#define BPF_LINK_TYPE_KPROBE_MULTI 8

struct bpf_link_info {
	uint32_t type;
	uint32_t id;
	uint32_t prog_id;
	uint32_t pad;
	struct {		/* kprobe_multi */
		uint64_t addrs; /* in: where the addresses go */
		uint32_t count; /* in: room there; out: how many there are */
		uint32_t flags;
		uint64_t missed;
		uint64_t cookies;
	} kprobe_multi;
};

/* rCore: one entry of BPF_PROG_LOAD_EX's map array */
struct ebpf_rcore_map_entry {
	uint64_t name; /* pointer to a NUL-terminated name */
	uint32_t fd;
	uint32_t pad;
};

/* Context of a kprobe program: Linux's riscv struct pt_regs (user_regs_struct order, then the rest). */
struct ebpf_pt_regs {
	uint64_t epc;
	uint64_t x[31]; /* x1 (ra) .. x31 (t6) */
	uint64_t status;
	uint64_t badaddr;
	uint64_t cause;
	uint64_t orig_a0;
};

/* Context of a program loaded with EBPF_F_RCORE_ABI. */
#define EBPF_RCORE_KPROBE 0
#define EBPF_RCORE_KRETPROBE_ENTRY 1
#define EBPF_RCORE_KRETPROBE_EXIT 2
struct ebpf_rcore_ctx {
	uint64_t ptype; /* EBPF_RCORE_* */
	uint64_t paddr; /* address of the probed function, for the exit as well */
	uint64_t x[32];
	uint64_t sstatus;
	uint64_t sepc;
};

_Static_assert(sizeof(struct bpf_insn) == 8, "RFC 9669 sec. 3");
_Static_assert(offsetof(union bpf_attr, map_name) == 28, "Linux UAPI");
_Static_assert(offsetof(union bpf_attr, map_extra) == 64, "Linux UAPI");
_Static_assert(offsetof(union bpf_attr, key) == 8, "Linux UAPI");
_Static_assert(offsetof(union bpf_attr, flags) == 24, "Linux UAPI");
_Static_assert(offsetof(union bpf_attr, log_buf) == 32, "Linux UAPI");
_Static_assert(offsetof(union bpf_attr, prog_name) == 48, "Linux UAPI");
_Static_assert(offsetof(union bpf_attr, prog_btf_fd) == 72, "Linux UAPI");
_Static_assert(offsetof(union bpf_attr, fd_array) == 120, "Linux UAPI");
_Static_assert(offsetof(union bpf_attr, fd_array_cnt) == 148, "Linux UAPI");
_Static_assert(offsetof(union bpf_attr, km_syms) == 24, "Linux UAPI");
_Static_assert(sizeof(struct bpf_map_info) == 88, "Linux UAPI");
_Static_assert(offsetof(struct bpf_map_info, map_extra) == 80, "Linux UAPI");
_Static_assert(offsetof(struct bpf_prog_info, name) == 64, "Linux UAPI");
_Static_assert(offsetof(struct bpf_prog_info, run_cnt) == 200, "Linux UAPI");
_Static_assert(sizeof(struct bpf_prog_info) == 232, "Linux UAPI");
_Static_assert(offsetof(struct bpf_link_info, kprobe_multi.cookies) == 40, "Linux UAPI");
_Static_assert(sizeof(struct ebpf_rcore_map_entry) == 16, "rCore ABI");
_Static_assert(sizeof(struct ebpf_pt_regs) == 288, "Linux riscv pt_regs");
_Static_assert(sizeof(struct ebpf_rcore_ctx) == 288, "rCore ABI");

#endif
