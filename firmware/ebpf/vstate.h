/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the verifier's files share: the state of the path being walked (registers
 * and stack of each frame), states laid aside, and the verifier itself.
 * Private to v*.c and verifier.c.
 */
#ifndef EBPF_VSTATE_H
#define EBPF_VSTATE_H

#include "arena.h"
#include "helper.h"
#include "limits.h"
#include "range.h"
#include "uapi/bpf.h"
#include "uapi/errno.h"
#include "verifier.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------------ registers */

/* Kinds of values; flags beside. The order is that of ebpf_vtype_name(). */
enum ebpf_vtype {
	EBPF_VT_NOT_INIT, /* never written on this path, or clobbered by a call */
	EBPF_VT_SCALAR,
	EBPF_VT_CTX,
	EBPF_VT_MAP_PTR,
	EBPF_VT_MAP_VALUE,
	EBPF_VT_MAP_KEY,
	EBPF_VT_STACK,
	EBPF_VT_MEM,  /* mem_size bytes */
	EBPF_VT_FUNC, /* a subprogram, for callbacks */
	EBPF_VT_TASK, /* the kernel's record of a task: an address for helpers that read kernel memory */
	EBPF_VT_BASE = 0x0f,
	EBPF_VT_NULL = 0x10,	/* or NULL: must be compared with 0 first */
	EBPF_VT_RINGBUF = 0x20, /* of EBPF_VT_MEM: a reserved record */
};

#define EBPF_VID_DELTA 0x80000000u /* in a scalar's id: it is `off` more than those with the plain id */

struct ebpf_vreg {
	struct ebpf_range range; /* a scalar's value; a pointer's variable offset */
	union {
		const struct ebpf_map *map; /* MAP_PTR, MAP_VALUE, MAP_KEY */
		uint64_t mem_size;	    /* MEM */
		uint64_t subprog;	    /* FUNC */
	};
	int32_t off; /* a pointer's fixed offset */
	/*
	 * Copies of one value have the same id: what a comparison says of one holds
	 * for all. 0: no copies.
	 */
	uint32_t id;
	uint32_t ref;  /* of the reference to be released, or 0 */
	uint8_t type;  /* enum ebpf_vtype */
	uint8_t frame; /* STACK: whose; MAP_VALUE: 1 if it is really a map out of a map of maps */
};

static inline uint8_t ebpf_vreg_base(const struct ebpf_vreg *reg)
{
	return reg->type & EBPF_VT_BASE;
}

static inline bool ebpf_vreg_is_pointer(const struct ebpf_vreg *reg)
{
	return reg->type != EBPF_VT_SCALAR;
}

/* A scalar that is known to be 0 */
static inline bool ebpf_vreg_is_null(const struct ebpf_vreg *reg)
{
	return reg->type == EBPF_VT_SCALAR && ebpf_range_is_zero(&reg->range);
}

void ebpf_vreg_unknown(struct ebpf_vreg *reg);
void ebpf_vreg_const(struct ebpf_vreg *reg, uint64_t value);
/* A pointer without offset */
void ebpf_vreg_pointer(struct ebpf_vreg *reg, uint8_t type);
/* The NULL flag goes: a lookup in a map of maps turns out to be a map. */
void ebpf_vreg_not_null(struct ebpf_vreg *reg);
const char *ebpf_vtype_name(uint8_t type);

/* ---------------------------------------------------------------------- stack */

enum ebpf_vbyte {
	EBPF_VB_INVALID, /* never written */
	EBPF_VB_MISC,	 /* some data */
	EBPF_VB_ZERO,	 /* 0 */
	EBPF_VB_SPILL,	 /* of the register in `spill` */
};

#define EBPF_V_SLOTS (EBPF_STACK_SIZE / 8u)

/* 8 bytes of stack. Slot i is fp-8(i+1) .. fp-8i-1; bytes[k] is the one at fp-8i-1-k. */
struct ebpf_vslot {
	uint8_t bytes[8];
	struct ebpf_vreg spill; /* valid while bytes[7] is EBPF_VB_SPILL */
};

struct ebpf_vframe {
	struct ebpf_vreg regs[MAX_BPF_REG];
	struct ebpf_vslot slots[EBPF_V_SLOTS];
	uint32_t nr_slots; /* those above have never been touched */
	uint32_t callsite; /* the calling instruction */
	uint32_t subprog;
	uint32_t callback_depth; /* callbacks simulated by the helper call under way */
	uint64_t written;	 /* slots written as a whole since the last checkpoint */
	bool in_callback;
};

static inline bool ebpf_vslot_is_spill(const struct ebpf_vslot *slot)
{
	/* Shorter spills fill the lower addresses, that is the last bytes. */
	return slot->bytes[7] == EBPF_VB_SPILL;
}

static inline bool ebpf_vslot_is_scalar(const struct ebpf_vslot *slot)
{
	return ebpf_vslot_is_spill(slot) && slot->spill.type == EBPF_VT_SCALAR;
}

static inline bool ebpf_vslot_is_scalar64(const struct ebpf_vslot *slot)
{
	return slot->bytes[0] == EBPF_VB_SPILL && slot->spill.type == EBPF_VT_SCALAR;
}

/* ----------------------------------------------------------- history of a path */

/*
 * An instruction of the path since the last checkpoint that was not simply the
 * one after its predecessor, or of which backtracking must know more.
 */
struct ebpf_vhist {
	union {
		struct {
			uint16_t insn, prev;
			uint16_t flags; /* EBPF_VH_* */
			uint16_t nr_linked;
		};
		/*
		 * The two entries before one with nr_linked hold the names, EBPF_VL(), of registers and slots that
		 * learned from each other at its instruction.
		 */
		uint16_t linked[4];
	};
};

#define EBPF_VH_LINKED 2u /* entries with names */
#define EBPF_V_LINKED 6u  /* names at most, as in Linux */

/* Entries that one takes */
static inline uint32_t ebpf_vhist_size(const struct ebpf_vhist *entry)
{
	return entry->nr_linked ? 1 + EBPF_VH_LINKED : 1;
}

static inline uint16_t ebpf_vhist_linked(const struct ebpf_vhist *entry, uint32_t n)
{
	return (entry - EBPF_VH_LINKED + n / 4)->linked[n % 4];
}

#define EBPF_VH_STACK 0x8000u /* a load or store of a spilled register */
#define EBPF_VH_SLOT(flags) ((flags)&63u)
#define EBPF_VH_FRAME(flags) (((flags) >> 6) & 7u)
#define EBPF_VH_DST_STACK 0x4000u /* a comparison of a stack pointer */
#define EBPF_VH_SRC_STACK 0x2000u
#define EBPF_VL(frame, is_slot, n) ((uint16_t)((frame) << 8 | (is_slot) << 7 | (n)))

#define EBPF_V_HIST 256u /* entries after which a checkpoint is made wherever the path is */
#define EBPF_V_REFS 32u

struct ebpf_vref {
	uint32_t id, insn;
};

/* ---------------------------------------------------------- states laid aside */

/* One frame of it. Bit i of the masks is register i or slot i. */
struct ebpf_vsaved_frame {
	uint32_t callsite, callback_depth;
	uint16_t subprog;
	uint8_t nr_slots;
	bool in_callback;
	uint16_t scalar_regs, precise_regs;
	uint64_t scalar_slots, precise_slots; /* spilled scalars */
	uint64_t written;		      /* on the way from the parent to here */
	uint64_t read;			      /* by what follows, before it is written */
};

/*
 * A state in packed form (vpack.c): a checkpoint that later paths are compared
 * with, or a branch still to be walked. Only the frames' masks, counters and
 * links change.
 */
struct ebpf_vsaved {
	struct ebpf_vsaved *next;   /* of the same bucket; of the pile of branches; of the retired */
	struct ebpf_vsaved *back;   /* of the retired */
	struct ebpf_vsaved *parent; /* checkpoint before it on its path */
	uint32_t insn, prev;	    /* the state is the one before `insn`, which came after `prev` */
	uint32_t first;		    /* instruction of the parent's checkpoint */
	uint32_t branches;	    /* paths from here that have not ended */
	uint32_t hits, misses;
	uint32_t unroll;   /* callbacks entered on the path */
	uint32_t may_goto; /* of these not taken on the path */
	uint32_t bytes;	   /* size of all of it */
	uint16_t nr_hist, nr_refs;
	uint8_t depth;			   /* frames - 1 */
	bool listed;			   /* in a bucket */
	struct ebpf_vsaved_frame frames[]; /* depth + 1; then history, references, registers and slots */
};

static inline struct ebpf_vhist *ebpf_vsaved_hist(struct ebpf_vsaved *saved)
{
	return (struct ebpf_vhist *)&saved->frames[saved->depth + 1];
}

static inline struct ebpf_vref *ebpf_vsaved_refs(struct ebpf_vsaved *saved)
{
	return (struct ebpf_vref *)(ebpf_vsaved_hist(saved) + saved->nr_hist);
}

static inline const uint8_t *ebpf_vsaved_packed(struct ebpf_vsaved *saved)
{
	return (const uint8_t *)(ebpf_vsaved_refs(saved) + saved->nr_refs);
}

/* ----------------------------------------------------------------- instructions */

/* Per instruction, struct ebpf_verifier.aux */
#define EBPF_VA_LIVE 0x7ffu	 /* registers that may be read from here on */
#define EBPF_VA_PRUNE 0x800u	 /* states are compared here */
#define EBPF_VA_JUMP 0x1000u	 /* recorded in the history */
#define EBPF_VA_FORCE 0x2000u	 /* always a checkpoint */
#define EBPF_VA_CALLBACK 0x4000u /* a helper that calls back */
#define EBPF_VA_SEEN 0x8000u	 /* walked */
#define EBPF_VA_SECOND 0x10000u	 /* second half of a wide instruction */
#define EBPF_VA_FOUND 0x20000u	 /* reached by control flow */
#define EBPF_VA_SUBPROG 0x40000u /* first of a subprogram */
#define EBPF_VA_PTR_SHIFT 20	 /* base type of the pointer it goes through */
#define EBPF_VA_PTR (0xfu << EBPF_VA_PTR_SHIFT)

struct ebpf_vsubprog {
	uint32_t start;
	uint16_t stack; /* bytes, most on any path */
	bool tail_call;
	uint8_t frames, next_frames; /* vcfg.c: of the longest chain of calls from it */
	uint16_t below, next_below;  /* and their stack */
};

/* What backtracking is after, vprecise.c */
struct ebpf_vmasks {
	uint16_t regs[EBPF_MAX_CALL_DEPTH];
	uint64_t slots[EBPF_MAX_CALL_DEPTH];
};

struct ebpf_vbacktrack {
	struct ebpf_vmasks want;
	uint32_t frame;
	bool active, all;	 /* all: give up, mark everything */
	struct ebpf_vsaved *at;	 /* segment being walked, NULL: the path's own */
	uint32_t insn, subseq;	 /* next to look at, the one after it on the path (UINT32_MAX: none) */
	uint32_t first, nr_hist; /* of the segment */
	bool skip;		 /* the first one is not looked at */
};

#define EBPF_V_IDS 96u /* pairs of ids in one comparison: with more, states count as different */

struct ebpf_vids {
	uint32_t n, fresh;
	struct {
		uint32_t old, cur;
	} pair[EBPF_V_IDS];
};

enum ebpf_vphase {
	EBPF_VP_CHECK, /* instructions one by one, subprograms */
	EBPF_VP_INFO,  /* BTF against them */
	EBPF_VP_JUMPS, /* targets */
	EBPF_VP_FLOW,  /* what can be reached */
	EBPF_VP_REACHED,
	EBPF_VP_LIVE, /* registers live before each instruction */
	EBPF_VP_START,
	EBPF_VP_INSN,
	EBPF_VP_COMPARE, /* with states seen here before */
	EBPF_VP_PRECISE,
	EBPF_VP_END,   /* of a path */
	EBPF_VP_DEPTH, /* of calls */
	EBPF_VP_DEAD,  /* code */
	EBPF_VP_ACCEPTED,
	EBPF_VP_REFUSED,
};

#define EBPF_V_SCRATCH 24576u /* bytes: the largest packed state */
#define EBPF_V_REASON 200u
/* Registers of all frames, and slots: callers and callees together have 512 bytes of stack. */
#define EBPF_V_UNDO (EBPF_MAX_CALL_DEPTH * MAX_BPF_REG + EBPF_V_SLOTS)

struct ebpf_verifier {
	struct ebpf_prog *prog;
	struct ebpf_account *account;
	struct ebpf_vlog *log;
	struct ebpf_verifier_opts opts;
	const struct bpf_insn *insns;
	uint32_t insn_cnt;
	int64_t credit;
	enum ebpf_vphase phase;
	enum ebpf_vphase after_precise;

	/* the program */
	uint32_t *aux; /* insn_cnt, EBPF_VA_* */
	uint32_t nr_subprogs;
	struct ebpf_vsubprog subprogs[EBPF_MAX_SUBPROGS + 1];
	uint32_t *pile; /* of instructions: control flow */
	uint32_t piled;
	uint32_t pos; /* of the phase */
	bool again;   /* liveness changed; the next instruction is not counted yet */
	bool print;   /* the state is to be printed before it */
	bool header;  /* and where the path comes from */
	uint32_t printed;
	const struct bpf_line_info *printed_line; /* of source, the last one */

	/* the path being walked */
	struct ebpf_vframe *frames[EBPF_MAX_CALL_DEPTH];
	uint32_t depth; /* frames - 1 */
	uint32_t insn, prev;
	uint32_t first; /* instruction of the last checkpoint */
	struct ebpf_vsaved *parent;
	struct ebpf_vref refs[EBPF_V_REFS];
	uint32_t nr_refs;
	uint32_t unroll, may_goto;
	bool any_reads;
	uint32_t ctx_words;		     /* looked at on some path */
	uint64_t reads[EBPF_MAX_CALL_DEPTH]; /* slots read since the last checkpoint that it does not know of yet */
	struct ebpf_vhist hist[EBPF_V_HIST + 8];
	uint32_t nr_hist;
	bool hist_here; /* the last entry is of this instruction */

	/* paths to be walked and checkpoints */
	struct ebpf_vsaved *branches;
	uint32_t nr_branches;
	struct ebpf_vsaved **buckets;
	uint32_t bucket_mask;
	struct ebpf_vsaved *retired; /* out of their buckets, still somebody's parent */
	struct ebpf_vsaved *mark_at; /* marks are on their way up from here */
	bool marking;
	bool loops; /* a callback's loop was closed: marks are incomplete from then on */

	/* the comparison under way */
	struct ebpf_vsaved **link; /* points to the state to be compared next */
	bool add, force;
	struct ebpf_vids ids;

	struct ebpf_vmasks want; /* precision asked for by this instruction */
	uint32_t want_frame;
	bool wanted;
	struct ebpf_vbacktrack bt;

	uint32_t next_id;
	uint32_t insns_done, jumps_done, insns_at_save, jumps_at_save;
	uint32_t nr_states, peak_states, total_states;
	uint32_t states_here, max_states_here; /* of the instruction that is compared; of any */
	uint64_t time;			       /* ns spent in steps */
	uint64_t bytes, max_bytes;

	/* registers as they were before a branch's assumptions were put into them, vjump.c */
	struct {
		struct ebpf_vreg *reg;
		struct ebpf_vreg old;
	} undo[EBPF_V_UNDO];
	uint32_t nr_undo, undo_refs;
	bool undoing;
	struct ebpf_vref old_refs[EBPF_V_REFS];

	/* scratch */
	struct ebpf_vreg fake[2];
	struct ebpf_vreg old; /* unpacked */
	struct ebpf_vslot old_slot;
	uint8_t scratch[EBPF_V_SCRATCH];

	int err;
	uint32_t err_insn;
	const char *hint;
	char reason[EBPF_V_REASON];
};

static inline struct ebpf_vframe *ebpf_vframe_cur(struct ebpf_verifier *v)
{
	return v->frames[v->depth];
}

static inline struct ebpf_vreg *ebpf_vregs(struct ebpf_verifier *v)
{
	return v->frames[v->depth]->regs;
}

/* Measured on x86-64: programs take 1.6 to 2.3 times the numbers given, so they count three times. */
static inline void ebpf_v_cost(struct ebpf_verifier *v, uint32_t insns)
{
	v->credit -= 3 * (int64_t)insns;
}

/* ------------------------------------------------------------------- verifier.c */

/* Memory of the verifier; the size is counted. */
void *ebpf_v_alloc(struct ebpf_verifier *v, size_t size);
void ebpf_v_free(struct ebpf_verifier *v, void *ptr, size_t size);

/*
 * Refuse the program: remembers the sentence (for the log's end) and returns
 * err. hint: what to do about it, in plain words, or NULL.
 */
int ebpf_v_refuse(struct ebpf_verifier *v, int err, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

enum ebpf_vuse { EBPF_VU_READ, EBPF_VU_WRITE };
/* May register nr be read, or written? 0 or refused. */
int ebpf_v_check_reg(struct ebpf_verifier *v, uint32_t nr, enum ebpf_vuse use);

/* Is it an address of the firmware that the program may not look at? */
static inline bool ebpf_v_is_secret(const struct ebpf_verifier *v, const struct ebpf_vreg *reg)
{
	return v->opts.no_leaks && reg->type != EBPF_VT_SCALAR;
}

extern const char ebpf_v_leak_hint[];

/* Record this instruction in the history, with flags. */
int ebpf_v_note(struct ebpf_verifier *v, uint32_t flags);
/* A frame, cleared; the one that was there is reused. NULL without memory. */
struct ebpf_vframe *ebpf_v_frame(struct ebpf_verifier *v, uint32_t depth);
uint32_t ebpf_v_subprog_of(const struct ebpf_verifier *v, uint32_t insn);

/* ---------------------------------------------------------------------- vcfg.c */
int ebpf_vcfg_check(struct ebpf_verifier *v); /* one slice each: 0 done, -ERESTART, or refused */
int ebpf_vcfg_jumps(struct ebpf_verifier *v);
int ebpf_vcfg_flow(struct ebpf_verifier *v);
int ebpf_vcfg_reached(struct ebpf_verifier *v);
int ebpf_vcfg_depth(struct ebpf_verifier *v);
int ebpf_vcfg_dead(struct ebpf_verifier *v);
int ebpf_vlive_step(struct ebpf_verifier *v); /* vlive.c */
bool ebpf_vcfg_is_wide(const struct bpf_insn *insn);

/* ------------------------------------------------- one instruction of the path */
int ebpf_vform_check(struct ebpf_verifier *v, const struct bpf_insn *insn); /* vform.c: opcode, reserved fields */
int ebpf_valu_check(struct ebpf_verifier *v, const struct bpf_insn *insn);
void ebpf_valu_share_id(struct ebpf_verifier *v, struct ebpf_vreg *reg);    /* of a value about to be copied */
int ebpf_vjump_check(struct ebpf_verifier *v, const struct bpf_insn *insn); /* conditional; moves v->insn */
int ebpf_vload_check(struct ebpf_verifier *v, const struct bpf_insn *insn);
int ebpf_vstore_check(struct ebpf_verifier *v, const struct bpf_insn *insn);
int ebpf_vatomic_check(struct ebpf_verifier *v, const struct bpf_insn *insn);
int ebpf_vwide_check(struct ebpf_verifier *v, const struct bpf_insn *insn);
int ebpf_vcall_check(struct ebpf_verifier *v, const struct bpf_insn *insn); /* helper */
int ebpf_vfunc_call(struct ebpf_verifier *v, const struct bpf_insn *insn);  /* local; moves v->insn */
int ebpf_vfunc_exit(struct ebpf_verifier *v);				    /* of a subprogram; moves v->insn */
int ebpf_vcall_leaks(struct ebpf_verifier *v, const char *where);	    /* references not released */

/* In the class of stores, but it loads */
static inline bool ebpf_v_is_load_acquire(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_STX && BPF_MODE(insn->code) == BPF_ATOMIC && insn->imm == BPF_LOAD_ACQ;
}

/* vmem.c: an access of `size` bytes through register nr, which is at insn off from the pointer */
enum ebpf_vaccess { EBPF_VA_READ, EBPF_VA_WRITE };
/* value: register that is stored, or loaded; -1: none */
int ebpf_vmem_access(struct ebpf_verifier *v, uint32_t nr, int32_t off, uint32_t size, enum ebpf_vaccess access,
		     int value, bool strict, bool sign);
/* [0, size) through the register, by a helper */
struct ebpf_vcall;
int ebpf_vmem_helper(struct ebpf_verifier *v, uint32_t nr, uint64_t size, enum ebpf_vaccess access, bool zero_ok,
		     struct ebpf_vcall *call);
int ebpf_vmem_region(struct ebpf_verifier *v, uint32_t nr, int64_t off, int64_t size, uint64_t mem_size, bool zero_ok);
/*
 * The map that a resolved wide constant refers to, or NULL; *off: where in its value, -1: to the map itself. It is
 * an address that ebpf_resolve_slots() has put there, never to be shown.
 */
const struct ebpf_map *ebpf_v_reference(const struct ebpf_verifier *v, uint64_t addr, int64_t *off);
int ebpf_vmem_align(struct ebpf_verifier *v, const struct ebpf_vreg *reg, int32_t off, uint32_t size, bool strict);

/* vstack.c */
int ebpf_vstack_bounds(struct ebpf_verifier *v, uint32_t nr, int64_t off, int64_t size, enum ebpf_vaccess access);
int ebpf_vstack_load(struct ebpf_verifier *v, uint32_t nr, int32_t off, uint32_t size, int value);
int ebpf_vstack_store(struct ebpf_verifier *v, uint32_t nr, int32_t off, uint32_t size, int value);
int ebpf_vstack_range(struct ebpf_verifier *v, uint32_t nr, int64_t off, int64_t size, enum ebpf_vaccess access,
		      bool zero_ok, struct ebpf_vcall *call);
void ebpf_vstack_read_mark(struct ebpf_verifier *v, uint32_t frame, uint32_t slot);
/* The helper has filled [0, size) behind register nr, a stack pointer with a constant offset. */
int ebpf_vstack_fill(struct ebpf_verifier *v, uint32_t nr, uint64_t size);

/* vfunc.c: put off the callback of a helper call as a branch of its own */
int ebpf_vfunc_callback(struct ebpf_verifier *v, const struct bpf_insn *insn, uint32_t subprog);
int ebpf_vref_add(struct ebpf_verifier *v, uint32_t *id);
int ebpf_vref_release(struct ebpf_verifier *v, uint32_t id);
/* Call `fn` for every register and spilled register of the path. */
void ebpf_v_each(struct ebpf_verifier *v, void (*fn)(struct ebpf_vreg *reg, void *arg), void *arg);

/* An id that no other value has */
static inline uint32_t ebpf_v_id(struct ebpf_verifier *v)
{
	return ++v->next_id;
}

/* ---------------------------------------------------------------------- vpack.c */
/* The path's state as it is before `insn`; NULL without memory. */
struct ebpf_vsaved *ebpf_vpack(struct ebpf_verifier *v, uint32_t insn, uint32_t prev);
/* The path becomes that of `saved`: 0, or -ENOMEM. */
int ebpf_vunpack(struct ebpf_verifier *v, struct ebpf_vsaved *saved);
void ebpf_vsaved_free(struct ebpf_verifier *v, struct ebpf_vsaved *saved);
/* Read one register or slot of the packed bytes; return what follows. */
const uint8_t *ebpf_vunpack_reg(const uint8_t *p, struct ebpf_vreg *reg);
const uint8_t *ebpf_vunpack_slot(const uint8_t *p, struct ebpf_vslot *slot);
/* What follows one that nobody wants to see */
const uint8_t *ebpf_vskip_reg(const uint8_t *p);
const uint8_t *ebpf_vskip_slot(const uint8_t *p);
/* Registers of a frame that are kept: those live before insn, or after a call for frames that wait for one */
uint32_t ebpf_v_live(const struct ebpf_verifier *v, uint32_t insn, bool waiting, bool callback);

/* How states are compared, vequal.c */
enum ebpf_vlevel {
	EBPF_VL_PRUNE,	/* nothing can go wrong now that could not go wrong from the old state */
	EBPF_VL_WITHIN, /* the same, but all scalars count as precise and all slots as live */
	EBPF_VL_EXACT,	/* the same state */
};
bool ebpf_vequal(struct ebpf_verifier *v, struct ebpf_vsaved *old, enum ebpf_vlevel level);
/* Are both registers the same but for ids? */
bool ebpf_vequal_exact(struct ebpf_verifier *v, const struct ebpf_vreg *old, const struct ebpf_vreg *cur);

/* --------------------------------------------------------------------- vprune.c */
/* Put the present state aside as a branch to be walked from insn; NULL: refused. */
struct ebpf_vsaved *ebpf_vprune_push(struct ebpf_verifier *v, uint32_t insn, uint32_t prev);
void ebpf_vprune_begin(struct ebpf_verifier *v);  /* before an instruction that is a prune point */
int ebpf_vprune_compare(struct ebpf_verifier *v); /* one slice: 0 go on with the instruction, 1 seen before, ... */
int ebpf_vprune_end(struct ebpf_verifier *v);	  /* the path has come to its end; one slice */
/* The checkpoint at `insn` that this path comes from, but for the last one, with the same callers, or NULL */
struct ebpf_vsaved *ebpf_vprune_find(struct ebpf_verifier *v, uint32_t insn);
/* Scalars that differ from `old` and did not matter so far become unknown, so that such a loop converges. */
void ebpf_vprune_widen(struct ebpf_verifier *v, struct ebpf_vsaved *old);

/* ------------------------------------------------------------------- vprecise.c */
/* The value of a register of this frame matters to what was just decided. */
void ebpf_vprecise_reg(struct ebpf_verifier *v, uint32_t nr);
void ebpf_vprecise_begin(struct ebpf_verifier *v, uint32_t insn);
int ebpf_vprecise_step(struct ebpf_verifier *v); /* one slice: 0 done, -ERESTART */

/* ----------------------------------------------------------------------- vbtf.c */
int ebpf_vbtf_check(struct ebpf_verifier *v); /* one slice */
/* "; x = *p; @ file.c:12", if it is not the line that was printed last */
void ebpf_vbtf_print_new(struct ebpf_verifier *v, uint32_t insn);
void ebpf_vbtf_print_source(struct ebpf_verifier *v, uint32_t insn); /* "source: ", always */

/* --------------------------------------------------------------------- vprint.c */
void ebpf_vprint_insn(struct ebpf_verifier *v, uint32_t insn);
/* The present frame's, from item v->printed on; true when all of it is printed. */
bool ebpf_vprint_state(struct ebpf_verifier *v);
void ebpf_vprint_path(struct ebpf_verifier *v);
void ebpf_vprint_tnum(struct ebpf_vlog *log, struct ebpf_tnum tnum);

#endif
