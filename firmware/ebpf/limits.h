/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every bound of the core, on one page, each with its reason. A hart that runs
 * a program or serves a call is away from its kernel with interrupts off: all
 * work is bounded by something in this file.
 */
#ifndef EBPF_LIMITS_H
#define EBPF_LIMITS_H

#define EBPF_MAX_HARTS 32u /* per-hart blocks are allocated for harts that exist, this bounds the index */

/* Programs */
#define EBPF_MAX_INSNS 65536u	/* slots; 16 bytes each once decoded */
#define EBPF_MAX_CALL_DEPTH 8u	/* frames, as in Linux */
#define EBPF_STACK_SIZE 512u	/* bytes a frame, RFC 9669 leaves it to the platform, Linux has 512 */
#define EBPF_MAX_USED_MAPS 64u	/* of one program, as in Linux */
#define EBPF_RUN_BUDGET 131072u /* eBPF instructions of one run */
#define EBPF_MAX_TAIL_CALLS 33u /* of one run, as in Linux */
#define EBPF_MAX_ABORTS 8u	/* aborted runs after which a program is detached */

#define EBPF_MAX_BTF (1u << 20) /* bytes of one BPF_BTF_LOAD; a program's is mostly below 64 KiB */

/* Maps */
#define EBPF_MAX_STACK_DEPTH 127u /* call chains, as in Linux */
#define EBPF_MAX_KEY_SIZE 512u
#define EBPF_MAX_VALUE_SIZE 65536u

/* Calls */
#define EBPF_STAY_BOUND 200000u /* retired instructions one SBI call may keep a hart in M-mode */
#define EBPF_SLICE_BYTES 65536u /* bytes cleared or copied in one slice of a call */
#define EBPF_MAX_ATTR 4096u	/* longest attr whose tail is looked at, as Linux: one page */

/* Descriptors and owners */
#define EBPF_MAX_FDS 32768u	 /* all owners; bounds the hash chains of the table */
#define EBPF_FD_BUCKETS 4096u	 /* 8 bytes of the arena each */
#define EBPF_OWNER_BUCKETS 1024u /* 8 bytes of the arena each */
#define EBPF_OWNER_SHARE 2u	 /* one owner may have 1/EBPF_OWNER_SHARE of the arena */

/* Probes */
#define EBPF_MAX_PROBES 16384u	       /* probe points armed at once */
#define EBPF_MAX_PROBE_PROGS 64u       /* programs on one probe point, as Linux's BPF_TRACE_MAX_PROGS */
#define EBPF_MAX_LINK_ADDRS 8192u      /* addresses of one link */
#define EBPF_KRETPROBE_INSTANCES 1024u /* returns outstanding at once, all tasks */

/* Symbols and text */
#define EBPF_MAX_SYMTAB (1u << 20) /* bytes */
#define EBPF_SYM_NAME_LEN 256u	   /* longest target name, with its NUL */
#define EBPF_TRACE_RING_SIZE 16384u
#define EBPF_PRINTK_MAX 256u /* bytes of one formatted line */

#endif
