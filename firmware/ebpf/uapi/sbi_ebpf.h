/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The binary interface between an S-mode kernel and mbpf: the SBI extension
 * "BPF". docs/sbi-bpf.adoc is its specification; this header is its numbers.
 * Shared by firmware, kernel and tests; plain C and assembler-safe constants.
 *
 * Calling convention (SBI v2.0 sec. 3): a7 = SBI_EXT_EBPF, a6 = function,
 * a0..a5 = arguments; a0 = SBI error, a1 = value. Every other register is kept.
 *
 * a0 is an SBI error (0, -1..-14) and says whether the function was carried out.
 * a1 is defined in every case: a value >= 0, or a negative Linux errno. When a0
 * is not 0, a1 is the errno nearest to it, so a kernel may look at a1 alone.
 */
#ifndef EBPF_UAPI_SBI_EBPF_H
#define EBPF_UAPI_SBI_EBPF_H

#define SBI_EXT_EBPF 0x08425046 /* experimental space, ASCII "BPF" */

#define SBI_EBPF_VERSION_MAJOR 1
#define SBI_EBPF_VERSION_MINOR 0
#define SBI_EBPF_VERSION ((SBI_EBPF_VERSION_MAJOR << 16) | SBI_EBPF_VERSION_MINOR)

/* Function ids (a6) */
#define SBI_EXT_EBPF_GET_INFO 0		     /* (index) */
#define SBI_EXT_EBPF_CALL 1		     /* (cmd, attr, size, satp, owner, newfd) */
#define SBI_EXT_EBPF_CLOSE 2		     /* (owner, fd) */
#define SBI_EXT_EBPF_DUP 3		     /* (owner, fd, newowner, newfd) */
#define SBI_EXT_EBPF_EXIT 4		     /* (owner) */
#define SBI_EXT_EBPF_SET_TASK_AREA 5	     /* (phys_lo, phys_hi, flags) */
#define SBI_EXT_EBPF_SET_SYMBOLS 6	     /* (phys_lo, phys_hi, size) */
#define SBI_EXT_EBPF_SET_RETURN_TRAMPOLINE 7 /* (va) */
#define SBI_EXT_EBPF_TRACE_READ 8	     /* (buf, size, satp) */
#define SBI_EXT_EBPF_LOCK 9		     /* (flags) */

/* GET_INFO indices. An unknown index: SBI_ERR_INVALID_PARAM. */
#define SBI_EBPF_INFO_VERSION 0	       /* SBI_EBPF_VERSION */
#define SBI_EBPF_INFO_FEATURES 1       /* SBI_EBPF_FEATURE_* */
#define SBI_EBPF_INFO_ARENA_SIZE 2     /* bytes */
#define SBI_EBPF_INFO_ARENA_FREE 3     /* bytes; after the last close what it was before the first open */
#define SBI_EBPF_INFO_PMP_ENTRIES 4    /* of the calling hart, as implemented */
#define SBI_EBPF_INFO_ISOLATION 5      /* SBI_EBPF_ISOLATION_* */
#define SBI_EBPF_INFO_MAX_STAY 6       /* longest stay of a call in M-mode, in retired instructions; or -EOPNOTSUPP */
#define SBI_EBPF_INFO_STAY_BOUND 7     /* the published bound for it */
#define SBI_EBPF_INFO_MAX_INSNS 8      /* instruction slots of one program */
#define SBI_EBPF_INFO_RUN_BUDGET 9     /* eBPF instructions one run may execute */
#define SBI_EBPF_INFO_MAX_PROBES 10    /* probe points that can be armed at once */
#define SBI_EBPF_INFO_ARMED_PROBES 11  /* probe points armed now */
#define SBI_EBPF_INFO_HITS 12	       /* probe hits on all harts since reset */
#define SBI_EBPF_INFO_ABORTED_RUNS 13  /* runs stopped by a run-time check or the budget */
#define SBI_EBPF_INFO_MISSED 14	       /* hits without a run (no free kretprobe instance, ...) */
#define SBI_EBPF_INFO_TRACE_DROPPED 15 /* bytes of trace output lost because nobody drained the ring */
#define SBI_EBPF_INFO_OBJECTS 16       /* live maps + programs + links */
#define SBI_EBPF_INFO_HARTS 17	       /* values an element of a per-hart map has */
#define SBI_EBPF_INFO_LOCKS 18	       /* SBI_EBPF_LOCK_* in force */
#define SBI_EBPF_INFO_CHECKS 19	       /* complete rounds of the self-check; asking for it does a slice of one */
#define SBI_EBPF_INFO_DAMAGE 20	  /* what it found changed in the firmware; not 0: locked against loads, attachments */
#define SBI_EBPF_INFO_TAMPERED 21 /* times it found a breakpoint of an armed probe changed by somebody else */
#define SBI_EBPF_INFO_EVENTS                                                                                           \
	22 /* times there was something new for a reader: trace output, a record in an empty ring buffer */
#define SBI_EBPF_INFO_PMP_GRAIN 23  /* bytes of the smallest region that the calling hart's PMP knows; 0: no PMP */
#define SBI_EBPF_INFO_HARTS_HAVE 24 /* SBI_EBPF_HARTS_*: what all harts have that have been in S-mode so far */

#define SBI_EBPF_FEATURE_CHECKED (1UL << 0)  /* every run is made with run-time memory checks */
#define SBI_EBPF_FEATURE_VERIFIER (1UL << 1) /* programs are verified at load */
#define SBI_EBPF_FEATURE_RCORE (1UL << 2)    /* EBPF_F_RCORE_ABI, BPF_PROG_ATTACH/DETACH by name */
/* Policy, off unless the machine's device tree allows it: helpers that change what they look at */
#define SBI_EBPF_FEATURE_WRITE_USER (1UL << 3)	    /* bpf_probe_write_user() */
#define SBI_EBPF_FEATURE_OVERRIDE_RETURN (1UL << 4) /* bpf_override_return() */

#define SBI_EBPF_ISOLATION_NONE 0    /* no PMP entry protects firmware or arena */
#define SBI_EBPF_ISOLATION_PARTIAL 1 /* firmware protected, arena not */
#define SBI_EBPF_ISOLATION_FULL 2    /* firmware and arena protected on every hart */

#define SBI_EBPF_HARTS_SMEPMP (1UL << 0) /* M-mode itself may not touch S-mode's memory */
#define SBI_EBPF_HARTS_SSTC (1UL << 1)	 /* stimecmp */
#define SBI_EBPF_HARTS_H (1UL << 2)	 /* the hypervisor extension */
#define SBI_EBPF_HARTS_V (1UL << 3)	 /* vectors, of whatever version */
#define SBI_EBPF_HARTS_SV39 (1UL << 8)	 /* modes of satp: the bit is the mode's number */
#define SBI_EBPF_HARTS_SV48 (1UL << 9)
#define SBI_EBPF_HARTS_SV57 (1UL << 10)

/*
 * `owner` names whose descriptors a call means: 0 is the kernel, any other value
 * a process. Addresses inside `attr` (and attr itself) must be U pages for a
 * process and S pages for the kernel. With this bit the kernel acts for a
 * process: descriptors of the process, addresses of the kernel (S pages).
 */
#define SBI_EBPF_OWNER_KERNEL_ADDR (1UL << 63)
/*
 * With this bit the process may not do what Linux keeps for CAP_BPF: it may use
 * the descriptors it has been given (elements, info, drain, detach), but makes
 * no objects, gets none by number or name, and sets no locks: -EPERM.
 */
#define SBI_EBPF_OWNER_UNPRIV (1UL << 62)
#define SBI_EBPF_OWNER_ID (SBI_EBPF_OWNER_UNPRIV - 1) /* the bits that name it */

/* CALL: not finished (or a lock was contended). Take interrupts, call again with the same arguments. */
#define SBI_EBPF_ERESTART 85

/* SET_TASK_AREA flags */
#define SBI_EBPF_TASK_TRACE_IRQ (1UL << 0) /* raise SSIP on this hart when a run left output in the trace ring */

/* LOCK flags, one way until reset */
#define SBI_EBPF_LOCK_LOAD (1UL << 0)	    /* no more programs and maps */
#define SBI_EBPF_LOCK_ATTACH (1UL << 1)	    /* no more attachments, no test runs, no other symbols or trampoline */
#define SBI_EBPF_LOCK_DETACH (1UL << 2)	    /* what is attached stays, whoever closes what */
#define SBI_EBPF_LOCK_TRACE_READ (1UL << 3) /* nobody takes anything out of the trace ring or a ring buffer */
#define SBI_EBPF_LOCK_UNPRIV (1UL << 4)	    /* every process counts as SBI_EBPF_OWNER_UNPRIV */
#define SBI_EBPF_LOCK_LEAKS (1UL << 5)	    /* programs loaded from now on give no address of the firmware away */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/*
 * The running task of one hart, written by the kernel, read by the firmware at
 * a probe hit on the same hart. 64 bytes, 64-byte aligned, in RAM. `seq` is odd
 * while the kernel writes; the firmware then uses what it saw last.
 * SET_TASK_AREA with lo = hi = all ones turns it off.
 */
struct ebpf_task_area {
	uint32_t seq;
	uint32_t pid;	   /* Linux: the thread (gettid) */
	uint32_t tgid;	   /* Linux: the process (getpid) */
	uint32_t reserved; /* 0 */
	uint64_t task;	   /* bpf_get_current_task(): any id that is the task's own for its life */
	uint64_t satp;	   /* of its user address space; 0 = none */
	char comm[16];	   /* NUL-terminated */
	/*
	 * For call chains of user space: kernel addresses, in the address space a probe hit finds, of the registers
	 * x1 to x31 and of the pc as they were saved when the task last entered the kernel. 0: not told.
	 */
	uint64_t user_regs;
	uint64_t user_pc;
};

/*
 * The symbol table handed over by SET_SYMBOLS: header, `count` entries sorted
 * by address, then `strings` bytes of NUL-terminated names. Copied once.
 */
#define EBPF_SYMTAB_MAGIC 0x4d59534b /* "KSYM" little-endian */
#define EBPF_SYMTAB_VERSION 1

struct ebpf_symtab_header {
	uint32_t magic;
	uint16_t version;
	uint16_t entry_size; /* sizeof(struct ebpf_symtab_entry) */
	uint32_t count;
	uint32_t strings; /* bytes after the entries; the last one is 0 */
};

struct ebpf_symtab_entry {
	uint64_t addr; /* virtual address in the kernel's own address space */
	uint32_t name; /* offset in the strings */
	uint32_t size; /* bytes, 0 = up to the next symbol */
};

_Static_assert(sizeof(struct ebpf_task_area) == 64, "task area is 64 bytes");
_Static_assert(offsetof(struct ebpf_task_area, task) == 16, "task area layout");
_Static_assert(offsetof(struct ebpf_task_area, comm) == 32, "task area layout");
_Static_assert(sizeof(struct ebpf_symtab_header) == 16, "symbol table header");
_Static_assert(sizeof(struct ebpf_symtab_entry) == 16, "symbol table entry");
#endif

#endif
