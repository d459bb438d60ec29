/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an eBPF program includes first, where a program for Linux includes
 * vmlinux.h: basic types, the numbers of eBPF, and the registers a probe sees.
 * Then libbpf's own headers: <bpf/bpf_helpers.h>, <bpf/bpf_tracing.h>.
 */
#ifndef _BPF_KERNEL_H
#define _BPF_KERNEL_H

#include "uapi/bpf.h"

typedef int8_t s8, __s8;
typedef int16_t s16, __s16;
typedef int32_t s32, __s32;
typedef int64_t s64, __s64;
typedef uint8_t u8, __u8;
typedef uint16_t u16, __u16;
typedef uint32_t u32, __u32;
typedef uint64_t u64, __u64;
typedef __u16 __le16, __be16;
typedef __u32 __le32, __be32;
typedef __u64 __le64, __be64;
typedef __u32 __wsum;
typedef int pid_t;
typedef unsigned int uid_t, gid_t;
typedef long ssize_t;
typedef long long loff_t;
typedef unsigned short umode_t;
typedef unsigned int gfp_t, fmode_t, dev_t;
typedef u64 sector_t;
typedef _Bool bool;
enum {
	false,
	true,
};

/*
 * The context of a kprobe or kretprobe: Linux's riscv registers. libbpf's
 * PT_REGS_PARM1() and BPF_KPROBE read them as struct user_regs_struct, which is
 * the first part of struct pt_regs; the probed address is called epc in one and
 * pc in the other.
 */
#define EBPF_GPR_FIELDS                                                                                                \
	unsigned long ra, sp, gp, tp, t0, t1, t2, s0, s1, a0, a1, a2, a3, a4, a5, a6, a7, s2, s3, s4, s5, s6, s7, s8,  \
		s9, s10, s11, t3, t4, t5, t6

struct user_regs_struct {
	unsigned long pc;
	EBPF_GPR_FIELDS;
};

struct pt_regs {
	unsigned long epc;
	EBPF_GPR_FIELDS;
	unsigned long status;
	unsigned long badaddr;
	unsigned long cause;
	unsigned long orig_a0;
};

_Static_assert(sizeof(struct pt_regs) == sizeof(struct ebpf_pt_regs), "one context, two names");

/*
 * What functions of Linux's kernel are often given pointers to. A program written for it may name them in the arguments
 * of a probe; what is in them this kernel does not know.
 */
struct address_space;
struct bio;
struct block_device;
struct cred;
struct dentry;
struct filename;
struct folio;
struct gendisk;
struct iov_iter;
struct kiocb;
struct kmem_cache;
struct linux_binprm;
struct mm_struct;
struct mnt_idmap;
struct msghdr;
struct net;
struct net_device;
struct oom_control;
struct page;
struct path;
struct request;
struct request_queue;
struct rq;
struct rw_semaphore;
struct sk_buff;
struct sock;
struct sockaddr;
struct socket;
struct super_block;
struct task_struct;
struct user_namespace;
struct vfsmount;
struct vm_area_struct;

/* struct proc, struct thread, struct file ...: the kernel's, as it was compiled; generated (progs/progs.mk). */
#ifndef KERNEL_NO_TYPES
#include "kernel_types.h"
#endif

#endif
