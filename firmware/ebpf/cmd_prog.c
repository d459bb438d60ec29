/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_PROG_LOAD: copy in, bind and resolve maps, check, verify, decode; all on a
 * private object, in slices, and then one publish. On a rejection log_buf gets
 * the reason: the verifier's text, "insn N: <sentence>" and the instruction, or
 * a sentence about attr.
 *
 * Programs of the rCore ABI are not verified (their course has no verifier, and
 * they name maps by number): they run with run-time checks. So do all in a build
 * without verifier, which plays the verifier that is wrong (docs/isolation.md).
 *
 * Not here: what makes an instruction valid (check_insn.c), a program
 * (verifier.c), and map references (resolve.c).
 */
#include "check_insn.h"
#include "cmd.h"
#include "cmd_log.h"
#include "decode.h"
#include "disasm.h"
#include "helper.h"
#include "map_fd_array.h"
#include "mem.h"
#include "platform.h"
#include "resolve.h"
#include "text.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"
#include "verifier.h"

#define INSN_TEXT 128u	   /* bytes of one instruction as text */
#define VERIFY_SLICE 30000 /* M-mode instructions asked of the verifier at once */
#define LICENSE_LEN 128u   /* bytes looked at, as in Linux */
#define KNOWN_FLAGS (BPF_F_STRICT_ALIGNMENT | BPF_F_ANY_ALIGNMENT | EBPF_F_RCORE_ABI)

/* Slots handled at once, and the least M-mode instructions that takes; what it did take is measured as well */
#define SLOTS 256u
#define COPY_COST 3000
#define INFO_COST 2000
#define BIND_COST 1000
#define RESOLVE_COST 3000
#define CHECK_COST 15000
#define HELPERS_COST 3000
#define DECODE_COST 10000

enum stage { ALLOC, COPY, INFO, BIND, RESOLVE, CHECK, HELPERS, VERIFY, RELEASE, DECODE, LOG, DONE };

struct prog_load {
	struct ebpf_work work; /* first */
	struct ebpf_resolve resolve;
	bool gpl;
	enum stage stage;
	uint32_t pos; /* in the stage: next slot, next entry of fd_array */
	struct ebpf_check check;
	struct ebpf_decoder decoder;
	struct ebpf_check_result objection;
	struct ebpf_verifier *verifier;
	uint32_t stack; /* bytes a frame of the program can reach */
	struct ebpf_cmd_log log;
	int verdict;
};

static int refuse(struct prog_load *load, int err, const char *reason)
{
	ebpf_vlog_printf(&load->log.text, "%s\n", reason);
	return err;
}

static int refuse_insn(struct prog_load *load, int err, uint32_t pc, const char *reason)
{
	const struct ebpf_prog *prog = load->resolve.prog;
	struct ebpf_text insn;
	char text[INSN_TEXT];

	ebpf_vlog_printf(&load->log.text, "insn %u: %s\n", pc, reason);
	if (pc < prog->insn_cnt) {
		ebpf_text_init(&insn, text, sizeof(text));
		ebpf_disasm(&insn, &prog->insns[pc], pc + 1 < prog->insn_cnt ? &prog->insns[pc + 1] : NULL);
		ebpf_vlog_printf(&load->log.text, "%u: %s\n", pc, text);
	}
	return err;
}

/* Checking attr */

static bool str_eq(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* Linux's license_is_gpl_compatible() */
static bool is_gpl(const char *license)
{
	static const char *const names[] = {"GPL",	    "GPL v2",	    "GPL and additional rights",
					    "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(license, names[i]))
			return true;
	return false;
}

static int copy_license(struct prog_load *load)
{
	char license[LICENSE_LEN];
	int64_t len = ebpf_copy_string(&load->work.call.as, license, load->work.attr.license, sizeof(license));

	if (len < 0 && len != -E2BIG)
		return refuse(load, -EFAULT, "license is not readable");
	load->gpl = is_gpl(license);
	return 0;
}

static bool name_ok(const char name[BPF_OBJ_NAME_LEN])
{
	for (unsigned int i = 0; i < BPF_OBJ_NAME_LEN; i++) {
		char c = name[i];

		if (!c)
			return true;
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		      c == '.'))
			return false;
	}
	return false;
}

/* Fields that ask for something mbpf does not have: by name, so that the loader's author knows. */
static int check_unsupported(struct prog_load *load)
{
	const union bpf_attr *attr = &load->work.attr;

	if (attr->prog_flags & ~KNOWN_FLAGS)
		return refuse(load, -EINVAL, "unsupported prog_flags (sleepable programs and test flags are not)");
	if (attr->prog_ifindex)
		return refuse(load, -EINVAL, "prog_ifindex: there is no device to offload to");
	if (attr->core_relo_cnt)
		return refuse(load, -EINVAL,
			      "core_relos: relocations are the loader's work, there is no BTF of a kernel here");
	if (attr->attach_btf_id || attr->attach_prog_fd)
		return refuse(load, -EINVAL, "attach_btf_id and attach_prog_fd are not for kprobe programs");
	return 0;
}

static int check_load(struct prog_load *load)
{
	const union bpf_attr *attr = &load->work.attr;
	int err;

	if (ebpf_locks() & SBI_EBPF_LOCK_LOAD)
		return refuse(load, -EPERM, "loading programs is locked until reset");
	if (attr->prog_type != BPF_PROG_TYPE_KPROBE)
		return refuse(load, -EINVAL, "only BPF_PROG_TYPE_KPROBE (2) programs are supported");
	err = check_unsupported(load);
	if (err)
		return err;
	if ((attr->prog_flags & EBPF_F_RCORE_ABI) && (ebpf_locks() & SBI_EBPF_LOCK_LEAKS))
		return refuse(load, -EPERM, "programs that are not verified are locked out until reset (leaks)");
	if (!name_ok(attr->prog_name))
		return refuse(load, -EINVAL, "prog_name must be letters, digits, '_' and '.', at most 15");
	if (attr->insn_cnt == 0 || attr->insn_cnt > EBPF_MAX_INSNS)
		return refuse(load, -E2BIG, "insn_cnt must be 1 to 65536");
	if (attr->fd_array_cnt > EBPF_MAX_USED_MAPS)
		return refuse(load, -E2BIG, "fd_array_cnt is too big, a program may have 64 maps");
	return copy_license(load);
}

_Static_assert(EBPF_MAX_INSNS == 65536 && EBPF_MAX_USED_MAPS == 64, "the sentences above say it");

/* What is wrong with attr is found here, but said like everything else: through the log. */
static int decode_prog_load(struct ebpf_work *work)
{
	struct prog_load *load = (struct prog_load *)work;
	int err;

	load->log = (struct ebpf_cmd_log){.text = {.level = work->attr.log_level},
					  .buf = work->attr.log_buf,
					  .size = work->attr.log_size,
					  .true_size_at = offsetof(union bpf_attr, log_true_size)};
	err = ebpf_cmd_log_begin(&load->log, work);
	if (err)
		return err;
	load->verdict = check_load(load);
	if (load->verdict)
		load->stage = LOG;
	return 0;
}

/* The stages: each does a part, spends credit, and says true when it is done; or fails. */

static int alloc_prog(struct prog_load *load, bool *done)
{
	const union bpf_attr *attr = &load->work.attr;
	struct ebpf_prog *prog = ebpf_prog_new(attr->insn_cnt, ebpf_work_account(&load->work));

	if (!prog)
		return refuse(load, -ENOMEM, "no memory for the program");
	load->work.obj = &prog->obj;
	prog->flags = attr->prog_flags;
	prog->gpl = load->gpl;
	prog->load_time = ebpf_plat_ktime_ns();
	ebpf_memcpy(prog->name, attr->prog_name, sizeof(prog->name));
	load->resolve = (struct ebpf_resolve){.prog = prog, .call = &load->work.call, .fd_array = attr->fd_array};
	*done = true;
	return 0;
}

/* Slots of the next part of a stage, from load->pos. */
static uint32_t part(const struct prog_load *load)
{
	uint32_t left = load->resolve.prog->insn_cnt - load->pos;

	return left < SLOTS ? left : SLOTS;
}

static int copy_insns(struct prog_load *load, bool *done)
{
	struct ebpf_prog *prog = load->resolve.prog;
	uint64_t size = sizeof(*prog->insns), va = load->work.attr.insns + load->pos * size;
	uint32_t n = part(load);

	load->work.credit -= COPY_COST;
	if (va < load->work.attr.insns || ebpf_copy_from(&load->work.call.as, prog->insns + load->pos, va, n * size))
		return refuse(load, -EFAULT, "insns are not readable");
	load->pos += n;
	*done = load->pos == prog->insn_cnt;
	return 0;
}

static int copy_info(struct prog_load *load, bool *done)
{
	struct ebpf_prog_btf *info = &load->resolve.prog->info;
	const struct ebpf_call *call = &load->work.call;
	const union bpf_attr *attr = &load->work.attr;
	int err = 0;

	load->work.credit -= INFO_COST;
	if (!info->btf)
		err = ebpf_prog_btf_begin(info, call, attr, ebpf_work_account(&load->work), &load->log.text);
	if (!err)
		err = ebpf_prog_btf_step(info, call, attr, &load->log.text);
	*done = err == 0;
	return err == -ERESTART ? 0 : err;
}

static int bind_maps(struct prog_load *load, bool *done)
{
	int err;

	*done = load->pos == load->work.attr.fd_array_cnt;
	if (*done)
		return 0;
	load->work.credit -= BIND_COST;
	err = ebpf_resolve_bind(&load->resolve, load->pos);
	if (err) {
		ebpf_vlog_printf(&load->log.text, "fd_array[%u]: ", load->pos);
		return refuse(load, err, load->resolve.reason);
	}
	load->pos++;
	return 0;
}

static int resolve_maps(struct prog_load *load, bool *done)
{
	int err = ebpf_resolve_slots(&load->resolve, SLOTS);

	load->work.credit -= RESOLVE_COST;
	*done = load->resolve.pc == load->resolve.prog->insn_cnt;
	return err ? refuse_insn(load, err, load->resolve.pc, load->resolve.reason) : 0;
}

static int check_insns(struct prog_load *load, bool *done)
{
	const struct ebpf_prog *prog = load->resolve.prog;
	int err;

	if (!load->check.insns) {
		load->check.insns = prog->insns;
		load->check.count = prog->insn_cnt;
		load->check.rcore = ebpf_prog_is_rcore(prog);
		load->check.verified = EBPF_VERIFIER && !load->check.rcore;
		load->check.helper_of = ebpf_helper_of;
		load->check.result = &load->objection;
	}
	load->work.credit -= CHECK_COST;
	err = ebpf_check_step(&load->check, SLOTS);
	*done = err == 0;
	if (err && err != -ERESTART)
		return refuse_insn(load, err, load->objection.pc, load->objection.reason);
	return 0;
}

/* Helpers that Linux keeps for GPL-compatible programs; and does it change what functions return? */
static int check_helpers(struct prog_load *load, bool *done)
{
	struct ebpf_prog *prog = load->resolve.prog;
	uint32_t end = load->pos + part(load);

	load->work.credit -= HELPERS_COST;
	for (; load->pos < end; load->pos++) {
		const struct bpf_insn *insn = &prog->insns[load->pos];
		const struct ebpf_helper *helper;

		if (insn->code != (BPF_JMP | BPF_CALL) || insn->src_reg)
			continue;
		helper = ebpf_helper_of((uint32_t)insn->imm, ebpf_prog_is_rcore(prog));
		if (helper && helper->gpl_only && !prog->gpl)
			return refuse_insn(load, -EINVAL, load->pos,
					   "cannot call GPL-restricted function from non-GPL compatible program");
		if (insn->imm == BPF_FUNC_override_return && !ebpf_prog_is_rcore(prog))
			prog->special |= EBPF_PROG_OVERRIDES;
	}
	*done = load->pos == prog->insn_cnt;
	return 0;
}

/* EBPF_PROG_*: what the words that it may look at say. */
static uint32_t ctx_use(uint32_t words)
{
	return (words & ~EBPF_CTX_LIGHT ? EBPF_PROG_CTX : 0) | (words & ~EBPF_CTX_LEAF ? EBPF_PROG_LEAF_CTX : 0);
}

static int verify(struct prog_load *load, bool *done)
{
	struct ebpf_prog *prog = load->resolve.prog;
	const struct ebpf_verifier_opts opts = {
		.strict = !(prog->flags & BPF_F_ANY_ALIGNMENT), /* as Linux on machines that may trap */
		.no_leaks = ebpf_locks() & SBI_EBPF_LOCK_LEAKS,
		.resolved = true,
		.func_info = true, /* Linux wants BTF's word that a callback is a function; that it is one is checked
				      anyway */
		.inner_map = ebpf_map_inner,
	};
	int err;

	if (ebpf_prog_is_rcore(prog))
		prog->special |= EBPF_PROG_RCORE;
	if (ebpf_prog_is_rcore(prog) || !EBPF_VERIFIER) {
		*done = true;
		return 0;
	}
	if (!load->verifier) {
		load->verifier = ebpf_verifier_new(prog, ebpf_work_account(&load->work), &load->log.text, &opts);
		if (!load->verifier)
			return refuse(load, -ENOMEM, "no memory for the verifier");
	}
	err = ebpf_verifier_step(load->verifier, VERIFY_SLICE);
	*done = err == 0;
	if (*done) {
		prog->checked = EBPF_ALWAYS_CHECKED;
		prog->special &= EBPF_PROG_OVERRIDES;
		prog->special |= ctx_use(ebpf_verifier_ctx_words(load->verifier)) | (prog->special ? EBPF_PROG_CTX : 0);
		load->stack = ebpf_verifier_stack(load->verifier);
	}
	return err == -ERESTART ? 0 : err;
}

static int release_verifier(struct prog_load *load, bool *done)
{
	*done = ebpf_verifier_free(load->verifier);
	if (*done)
		load->verifier = NULL;
	return 0;
}

static void set_entry(struct ebpf_prog *prog, uint32_t entry)
{
	prog->entry = entry;
	if (entry & EBPF_ENTRY_LEAF)
		prog->special |= EBPF_PROG_LEAF;
	else
		prog->special &= ~EBPF_PROG_LEAF_CTX;
}

static int decode_insns(struct prog_load *load, bool *done)
{
	struct ebpf_prog *prog = load->resolve.prog;

	if (!load->decoder.insns) {
		load->decoder.insns = prog->insns;
		load->decoder.count = prog->insn_cnt;
		load->decoder.rcore = ebpf_prog_is_rcore(prog);
		load->decoder.checked = prog->checked;
		load->decoder.leaf = !prog->checked && !(prog->flags & BPF_F_ANY_ALIGNMENT);
		load->decoder.deepest = load->stack;
		load->decoder.helper_of = ebpf_helper_of;
		load->decoder.ops = prog->ops;
		load->decoder.maps = prog->maps;
		load->decoder.nr_maps = prog->nr_maps;
	}
	load->work.credit -= DECODE_COST;
	*done = ebpf_decode_step(&load->decoder, SLOTS);
	if (*done)
		set_entry(prog, load->decoder.entry);
	return 0;
}

static int deliver_log(struct prog_load *load, bool *done)
{
	return ebpf_cmd_log_deliver(&load->log, &load->work, done);
}

static int run_stage(struct prog_load *load)
{
	static int (*const stages[DONE])(struct prog_load *, bool *) = {
		[ALLOC] = alloc_prog,	      [COPY] = copy_insns,     [INFO] = copy_info,	  [BIND] = bind_maps,
		[RESOLVE] = resolve_maps,     [CHECK] = check_insns,   [HELPERS] = check_helpers, [VERIFY] = verify,
		[RELEASE] = release_verifier, [DECODE] = decode_insns, [LOG] = deliver_log,
	};
	bool done = false;
	int err = stages[load->stage](load, &done);

	if (!err && done) {
		load->stage++;
		load->pos = 0;
	}
	return err;
}

static int do_prog_load(struct ebpf_work *work)
{
	struct prog_load *load = (struct prog_load *)work;

	while (load->stage != DONE) {
		uint64_t start = ebpf_plat_insns();
		int err;

		if (work->credit <= 0)
			return -ERESTART;
		err = run_stage(load);
		if (err && load->stage == LOG)
			return err;
		if (err) {
			load->verdict = err;
			load->stage = LOG;
		}
		/* The estimates are minima; a misaligned insns, for one, costs more. */
		work->credit -= (int64_t)(ebpf_plat_insns() - start);
	}
	return load->verdict;
}

static bool cleanup_prog_load(struct ebpf_work *work)
{
	struct prog_load *load = (struct prog_load *)work;

	if (!ebpf_verifier_free(load->verifier))
		return false;
	load->verifier = NULL;
	ebpf_free(load->log.text.buf);
	load->log.text.buf = NULL;
	return true;
}

const struct ebpf_maker ebpf_prog_maker = {
	.size = sizeof(struct prog_load),
	.decode = decode_prog_load,
	.step = do_prog_load,
	.cleanup = cleanup_prog_load,
};
