/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A loaded program. Everything is done on a private object (copy in, resolve
 * map references, check, decode); after it is published nothing can fail and
 * nothing but the counters changes.
 */
#ifndef EBPF_PROG_H
#define EBPF_PROG_H

#include "limits.h"
#include "map.h"
#include "obj.h"
#include "prog_btf.h"
#include "uapi/bpf.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Build option: run-time checks in every run, also of programs the verifier has
 * accepted (FW_EXTRA_CFLAGS=-DEBPF_ALWAYS_CHECKED=1).
 */
#ifndef EBPF_ALWAYS_CHECKED
#define EBPF_ALWAYS_CHECKED 0
#endif

/*
 * Build option for experiments (make EBPF_VERIFIER=off): every program counts as
 * one the verifier has let through by mistake, and only the run-time checks are left.
 */
#ifndef EBPF_VERIFIER
#define EBPF_VERIFIER 1
#endif

/* prog->special. Quarantine comes with time, the others with the load. */
#define EBPF_PROG_CTX (1u << 0)	  /* may look at more of its context than EBPF_CTX_LIGHT: nobody says it does not */
#define EBPF_PROG_RCORE (1u << 1) /* rCore's context is another one */
#define EBPF_PROG_QUARANTINED (1u << 2) /* stopped EBPF_MAX_ABORTS times: it does not run any more */
#define EBPF_PROG_OVERRIDES (1u << 3)	/* calls bpf_override_return(); comes with EBPF_PROG_CTX */
#define EBPF_PROG_LEAF (1u << 4)	/* leaf.c runs it */
#define EBPF_PROG_LEAF_CTX (1u << 5)	/* and it may look at more of its context than EBPF_CTX_LEAF */

/*
 * Words of a context (struct ebpf_pt_regs: word n is x(n), word 0 the pc) that
 * every hit fills in: ra, sp, tp, the temporaries and a0..a7.
 */
#define EBPF_CTX_LIGHT 0xf003fcf6u
/* Those a leaf hit fills in: ra, sp and a0..a5. With t0 they are the registers that leaf.c may change. */
#define EBPF_CTX_LEAF 0x0000fc06u

struct ebpf_op;	  /* a decoded instruction, decode.h */
struct ebpf_link; /* an attachment, link.h */

struct ebpf_prog {
	struct ebpf_obj obj; /* first */
	uint32_t type;	     /* BPF_PROG_TYPE_KPROBE */
	uint32_t flags;	     /* prog_flags; EBPF_F_RCORE_ABI chooses helpers and context */
	char name[BPF_OBJ_NAME_LEN];
	bool gpl;     /* licence is GPL-compatible, as Linux decides it */
	bool checked; /* run with run-time checks: the verifier has not accepted it, or the build wants them always */

	uint32_t special; /* EBPF_PROG_*: what a hit has to look out for */

	uint32_t insn_cnt;
	struct bpf_insn *insns; /* as checked; wide map references hold addresses, see ebpf_prog_resolve() */
	uint8_t *map_refs;	/* one bit a slot: a wide load that was resolved to a map or to a value's address */
	struct ebpf_op *ops;	/* decoded, what runs */
	uint32_t entry;		/* what ebpf_decode() said when it made the ops */

	struct ebpf_prog_btf info; /* of its instructions, for people */

	uint32_t nr_maps;
	struct ebpf_map *maps[EBPF_MAX_USED_MAPS]; /* each holds a reference */
	uint32_t map_fds[EBPF_MAX_USED_MAPS]; /* their descriptor numbers at load (rCore helpers name maps by it) */

	uint64_t load_time;	      /* ns since reset */
	uint64_t hits;		      /* completed runs, all harts (relaxed) */
	uint64_t aborts;	      /* runs stopped by a check or the budget */
	struct ebpf_link *rcore_link; /* BPF_PROG_ATTACH: goes with the last descriptor */
};

/*
 * A private program with room for insn_cnt slots; one reference, no maps. NULL:
 * no memory. Contents of insns and ops are undefined.
 */
struct ebpf_prog *ebpf_prog_new(uint32_t insn_cnt, struct ebpf_account *account);

/*
 * Make `map` one of the program's own; takes a reference if it was not yet. 0,
 * or -E2BIG (EBPF_MAX_USED_MAPS). Programs of the rCore ABI name maps by
 * descriptor, so for them the same map under two numbers counts twice.
 */
int ebpf_prog_bind(struct ebpf_prog *prog, struct ebpf_map *map, uint32_t fd);

/* Count a run stopped by a check or the budget; the last of EBPF_MAX_ABORTS puts the program into quarantine. Any hart.
 */
void ebpf_prog_count_abort(struct ebpf_prog *prog);
uint64_t ebpf_prog_aborts(void); /* of all programs since reset */

static inline unsigned int ebpf_prog_special(const struct ebpf_prog *prog)
{
	return __atomic_load_n(&prog->special, __ATOMIC_RELAXED);
}

/* A hit with no more than the registers of EBPF_CTX_LEAF may run it. */
static inline bool ebpf_prog_is_leaf(const struct ebpf_prog *prog)
{
	return (ebpf_prog_special(prog) & (EBPF_PROG_LEAF | EBPF_PROG_LEAF_CTX)) == EBPF_PROG_LEAF;
}

static inline bool ebpf_prog_is_rcore(const struct ebpf_prog *prog)
{
	return prog->flags & EBPF_F_RCORE_ABI;
}

#endif
