/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the decoder refuses, and that it says the right reason: a refusal for
 * the wrong one would pass a test that only looks at the verdict.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rv_decode.h"
#include "rv_insn.h"
#include "rv_oracle.h"

#define ALL_EXT (RV_EXT_F | RV_EXT_D | RV_EXT_ZBA | RV_EXT_ZBB | RV_EXT_ZBS | RV_EXT_ZICOND)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct refusal {
	uint32_t raw;
	const char *reason;
};

#define UNKNOWN "reserved or unknown encoding"
#define SYSTEM "reserved or unknown SYSTEM encoding"
#define FP "floating-point arithmetic is not emulated"
#define VECTOR "vector instructions are not emulated"
#define VECTOR_MEM "vector loads and stores are not emulated"
#define CUSTOM "custom instructions are not emulated"
#define LR "lr: the trap would lose its reservation"
#define SC "sc: the trap would lose its reservation"
#define M_CSR "machine-level CSR: illegal in S-mode"
#define H_CSR "hypervisor CSR accesses are not emulated"
#define OTHER_CSR "this CSR is not emulated"
#define READ_ONLY "write to a read-only CSR: illegal in S-mode"
#define C_RESERVED "reserved compressed encoding (Zcb is not emulated)"
#define LONG "longer than 32 bits: reserved"

static const struct refusal atomics[] = {
	{0x1005a52f, LR}, /* lr.w a0, (a1) */
	{0x1005b52f, LR},
	{0x1605b52f, LR}, /* lr.d.aqrl */
	{0x1015a52f, LR}, /* with rs2, which is reserved */
	{0x18c5a52f, SC},
	{0x1ec5b52f, SC},
	{0x28c5a52f, "amocas (Zacas) is not emulated"},
	{0x28c5c52f, "amocas (Zacas) is not emulated"}, /* .q */
	{0x00c5852f, "byte and halfword atomics (Zabha) are not emulated"},
	{0x08c5952f, "byte and halfword atomics (Zabha) are not emulated"},
	{0x10c5a52f | 1 << 29, UNKNOWN},
	{0x00c5c52f, UNKNOWN},
	{0xf8c5b52f, UNKNOWN},
};

static const struct refusal privileged[] = {
	{0x48c5a52f, "ssamoswap (Zicfiss) is not emulated"},
	{0x48c5b52f, "ssamoswap (Zicfiss) is not emulated"}, /* .d */
	{0x0ac59533, "carry-less multiplication (Zbc) is not emulated"},
	{0x0ac5a533, "carry-less multiplication (Zbc) is not emulated"}, /* clmulr */
	{0x0ac5b533, "carry-less multiplication (Zbc) is not emulated"}, /* clmulh */
	{0x10200073, "sret is not emulated"},
	{0x30200073, "mret is illegal in S-mode"},
	{0x10500073, "wfi is not emulated"},
	{0x00d00073, "wrs.nto (Zawrs) is not emulated"},
	{0x01d00073, "wrs.sto (Zawrs) is not emulated"},
	{0x12000073, "sfence.vma is not emulated"},
	{0x12b50073, "sfence.vma is not emulated"},
	{0x16b50073, "sinval.vma (Svinval) is not emulated"},
	{0x18000073, "sfence.w.inval (Svinval) is not emulated"},
	{0x18100073, "sfence.inval.ir (Svinval) is not emulated"},
	{0x22b50073, "hfence is not emulated"},
	{0x62b50073, "hfence is not emulated"},
	{0x26b50073, "hinval is not emulated"},
	{0x66b50073, "hinval is not emulated"},
	{0x60054573, "hypervisor loads and stores are not emulated"}, /* hlv.b */
	{0x6aa5c073, "hypervisor loads and stores are not emulated"}, /* hsv.w */
	{0x81c04573, "may-be-operations (Zimop) are not emulated"},
	{0x00200073, SYSTEM}, /* uret */
	{0x7b200073, SYSTEM}, /* dret */
	{0x00008073, SYSTEM}, /* ecall with rs1 */
	{0x000000f3, SYSTEM}, /* ecall with rd */
	{0x00300073, SYSTEM},
	{0x12b500f3, SYSTEM}, /* sfence.vma with rd */
	{0x00004073, SYSTEM},
};

static const struct refusal csrs[] = {
	{0x30002573, M_CSR},	 /* csrr a0, mstatus */
	{0xf1402573, M_CSR},	 /* mhartid */
	{0x3400d073, M_CSR},	 /* csrwi mscratch, 1 */
	{0x7a002573, M_CSR},	 /* tselect */
	{0x60002573, H_CSR},	 /* hstatus */
	{0x20002573, H_CSR},	 /* vsstatus */
	{0xe1202573, H_CSR},	 /* hgeip */
	{0xc2002573, OTHER_CSR}, /* vl */
	{0xc0302573, OTHER_CSR}, /* hpmcounter3 */
	{0x15002573, OTHER_CSR}, /* siselect */
	{0x5c002573, OTHER_CSR}, /* custom */
	{0x80002573, OTHER_CSR}, /* custom, unprivileged */
	{0xc0001573, READ_ONLY}, /* csrrw a0, cycle, zero: writes */
	{0xc0005573, READ_ONLY}, /* csrrwi a0, cycle, 0 */
	{0xc0152573, READ_ONLY}, /* csrrs a0, time, a0 */
	{0xc020f073, READ_ONLY}, /* csrci instret, 1 */
};

static const struct refusal arithmetic[] = {
	{0x00c5f553, FP}, /* fadd.s */
	{0xe2058553, FP}, /* fmv.x.d */
	{0x68c5f543, FP}, /* fmadd */
	{0x68c5f547, FP},
	{0x68c5f54b, FP},
	{0x68c5f54f, FP},
	{0x0205f557, VECTOR},
	{0x0d05f557, VECTOR},	  /* vsetvli */
	{0xa2a62577, VECTOR},	  /* vaes */
	{0x02050007, VECTOR_MEM}, /* vle8.v */
	{0x02057027, VECTOR_MEM}, /* vse64.v */
	{0x00051507, "half-precision loads and stores (Zfh) are not emulated"},
	{0x00a59027, "half-precision loads and stores (Zfh) are not emulated"},
	{0x00054507, "quad-precision loads and stores (Q) are not emulated"},
	{0x00a5c027, "quad-precision loads and stores (Q) are not emulated"},
	{0x0000000b, CUSTOM},
	{0x0000002b, CUSTOM},
	{0x0000005b, CUSTOM},
	{0x0000007b, CUSTOM},
	{0x0015200f, "cache-block operations (Zicbom, Zicboz) are not emulated"},
	{0x0045200f, "cache-block operations (Zicbom, Zicboz) are not emulated"},
};

static const struct refusal reserved[] = {
	{0x0000300f, UNKNOWN},			      /* MISC-MEM */
	{0x00007003, UNKNOWN},			      /* LOAD, width 7 */
	{0x00004023, UNKNOWN},			      /* STORE */
	{0x00002063, UNKNOWN},			      /* BRANCH */
	{0x00003063, UNKNOWN}, {0x00001067, UNKNOWN}, /* JALR */
	{0x0000006b, UNKNOWN},			      /* a major opcode nobody has */
	{0x0205951b, UNKNOWN},			      /* slliw by 32 */
	{0x4205d51b, UNKNOWN},			      /* sraiw by 32 */
	{0x6205d51b, UNKNOWN},			      /* roriw by 32 */
	{0x0000251b, UNKNOWN},			      /* OP-IMM-32 */
	{0x60359513, UNKNOWN},			      /* beside clz, ctz, cpop */
	{0x08c5c533, UNKNOWN},			      /* pack (Zbkb): not even rs2 = 0 in OP */
	{0x08c5c53b, UNKNOWN},			      /* packw; zext.h is the one with rs2 = 0 */
	{0x02c5953b, UNKNOWN},			      /* M, word form 1 */
	{0x40c59533, UNKNOWN},			      /* sub's funct7 with sll */
	{0x0ec5c533, UNKNOWN},			      /* czero's funct7 */
};

static const struct refusal compressed[] = {
	{0x0000, "all zeroes is defined to be illegal"},
	{0x0004, "c.addi4spn with immediate 0 is reserved"},
	{0x001c, "c.addi4spn with immediate 0 is reserved"},
	{0x8000, C_RESERVED}, /* quadrant 0, funct3 4 */
	{0x9ffc, C_RESERVED},
	{0x2001, "c.addiw to x0 is reserved"},
	{0x307d, "c.addiw to x0 is reserved"},
	{0x6101, "c.addi16sp with immediate 0 is reserved"},
	{0x6501, "c.lui with immediate 0 is reserved"},
	{0x6001, "c.lui with immediate 0 is reserved"}, /* also to x0: not a hint */
	{0x6081, "c.lui with immediate 0 is reserved"}, /* c.mop.1 (Zcmop) */
	{0x9c41, C_RESERVED},				/* c.mul's place */
	{0x9c61, C_RESERVED},				/* c.zext.b's */
	{0x4002, "c.lwsp to x0 is reserved"},
	{0x6002, "c.ldsp to x0 is reserved"},
	{0x8002, "c.jr to x0 is reserved"},
};

static const struct refusal too_long[] = {
	{0x0000001f, LONG},
	{0x0000003f, LONG},
	{0x0000007f, LONG},
	{0xffffffff, LONG},
};

static void check(const struct refusal *list, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		struct rv_insn insn;

		rv_decode(list[i].raw, ALL_EXT, &insn);
		if (insn.kind != RV_REJECT)
			fail_msg("%08x was taken, expected: %s", list[i].raw, list[i].reason);
		if (strcmp(insn.reason, list[i].reason) != 0)
			fail_msg("%08x: \"%s\", expected \"%s\"", list[i].raw, insn.reason, list[i].reason);
		/* nothing else is of use to a caller, and nothing looks as if it were */
		assert_int_equal(insn.op, RV_OP_NONE);
		assert_int_equal(insn.rd + insn.rs1 + insn.rs2 + insn.imm + insn.size + insn.sign, 0);
		assert_int_equal(insn.raw, insn.len == 2 ? list[i].raw & 0xffff : list[i].raw);
	}
}

#define LIST_TEST(list)                                                                                                \
	static void test_reject_##list(void **state)                                                                   \
	{                                                                                                              \
		(void)state;                                                                                           \
		check(list, COUNT(list));                                                                              \
	}
LIST_TEST(atomics)
LIST_TEST(privileged)
LIST_TEST(csrs)
LIST_TEST(arithmetic)
LIST_TEST(reserved)
LIST_TEST(compressed)
LIST_TEST(too_long)

static void test_reject_missing_extension(void **state)
{
	static const struct {
		uint32_t raw, ext;
		const char *reason;
	} missing[] = {
		{0x0005a507, RV_EXT_F, "F instruction, and the hart has no F"},
		{0x00a5a027, RV_EXT_F, "F instruction, and the hart has no F"},
		{0x0005b507, RV_EXT_D, "D instruction, and the hart has no D"},
		{0x2588, RV_EXT_D, "D instruction, and the hart has no D"},
		{0xa588, RV_EXT_D, "D instruction, and the hart has no D"},
		{0x3522, RV_EXT_D, "D instruction, and the hart has no D"},
		{0xb52a, RV_EXT_D, "D instruction, and the hart has no D"},
		{0x20c5a533, RV_EXT_ZBA, "Zba instruction, and the hart has no Zba"},
		{0x60059513, RV_EXT_ZBB, "Zbb instruction, and the hart has no Zbb"},
		{0x48c59533, RV_EXT_ZBS, "Zbs instruction, and the hart has no Zbs"},
		{0x0ec5d533, RV_EXT_ZICOND, "Zicond instruction, and the hart has no Zicond"},
		{0x60059013, RV_EXT_ZBB, "Zbb instruction, and the hart has no Zbb"}, /* into x0: no hint without Zbb */
	};

	(void)state;
	for (unsigned int i = 0; i < COUNT(missing); i++) {
		struct rv_insn insn;

		rv_decode(missing[i].raw, ALL_EXT & ~missing[i].ext, &insn);
		assert_int_equal(insn.kind, RV_REJECT);
		assert_string_equal(insn.reason, missing[i].reason);
		rv_decode(missing[i].raw, missing[i].ext, &insn);
		assert_int_not_equal(insn.kind, RV_REJECT);
	}
}

static bool listed(const struct refusal *list, unsigned int count, const char *reason)
{
	for (unsigned int i = 0; i < count; i++)
		if (strcmp(list[i].reason, reason) == 0)
			return true;
	return false;
}

/* No reason is given anywhere that the lists above do not pin down. */
static void test_reject_reasons_are_all_listed(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (unsigned int i = 0; i < 3000000; i++) {
		struct rv_insn insn;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		rv_decode(i < 65536 ? i : (uint32_t)(seed >> 32), ALL_EXT, &insn);
		if (insn.kind != RV_REJECT || insn.reason == NULL || listed(atomics, COUNT(atomics), insn.reason) ||
		    listed(privileged, COUNT(privileged), insn.reason) || listed(csrs, COUNT(csrs), insn.reason) ||
		    listed(arithmetic, COUNT(arithmetic), insn.reason) ||
		    listed(reserved, COUNT(reserved), insn.reason) ||
		    listed(compressed, COUNT(compressed), insn.reason) ||
		    listed(too_long, COUNT(too_long), insn.reason))
			continue;
		fail_msg("%08x: no test for \"%s\"", insn.raw, insn.reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reject_atomics),
		cmocka_unit_test(test_reject_privileged),
		cmocka_unit_test(test_reject_csrs),
		cmocka_unit_test(test_reject_arithmetic),
		cmocka_unit_test(test_reject_reserved),
		cmocka_unit_test(test_reject_compressed),
		cmocka_unit_test(test_reject_too_long),
		cmocka_unit_test(test_reject_missing_extension),
		cmocka_unit_test(test_reject_reasons_are_all_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
