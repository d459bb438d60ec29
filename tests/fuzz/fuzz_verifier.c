/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier against what programs really do (tests/host/verifier_oracle.h).
 * The first byte says what the rest is: the decisions of the tests' generator,
 * which makes mostly acceptable programs, or instructions as they are.
 */
#include "fuzz.h"

#include "../host/verifier_oracle.h"

static size_t free_bytes;

static void once(void)
{
	if (map)
		return;
	fuzz_asserts_abort();
	host_reset();
	host_ktime_ns = 1000000;
	host_arena_init(32u << 20);
	setup_map();
	free_bytes = ebpf_arena_free_bytes();
}

/*
 * Helpers whose result depends on more than the program, or that the tests'
 * interpreter cannot follow. Programs without them are enough.
 */
static bool can_judge(const struct bpf_insn *insn)
{
	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW))
		return !insn->src_reg || (insn->src_reg == BPF_PSEUDO_MAP_FD && !insn->imm);
	if (insn->code != (BPF_JMP | BPF_CALL) || insn->src_reg)
		return true;
	return insn->imm == BPF_FUNC_map_lookup_elem || insn->imm == BPF_FUNC_get_prandom_u32 ||
	       insn->imm == BPF_FUNC_get_smp_processor_id || insn->imm == BPF_FUNC_ktime_get_ns;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	once();
	if (!size)
		return 0;
	if (data[0] & 3) {
		gen_from_input(&gen, data + 1, size - 1);
	} else {
		gen_begin(&gen, data[0]);
		gen.n = (uint32_t)((size - 1) / 8 < GEN_MAX ? (size - 1) / 8 : GEN_MAX);
		memcpy(gen.insns, data + 1, 8 * gen.n);
		for (uint32_t i = 0; i < gen.n; i++)
			if (!can_judge(&gen.insns[i]))
				return 0;
		if (!gen.n)
			return 0;
	}
	oracle_judge();
	if (ebpf_arena_free_bytes() != free_bytes)
		fuzz_die("%zu bytes are left in the arena", free_bytes - ebpf_arena_free_bytes());
	return 0;
}
