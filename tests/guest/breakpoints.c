/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Breakpoints that are not probes arrive in the kernel as if there were none:
 * one of the kernel's own, and ebreak and c.ebreak in user programs, without a
 * probe, with one armed, and after it is gone. What the kernel prints of each is
 * compared by the test case; here, that it ended the right process.
 *
 * Prints before each user breakpoint: ebreak at 0x...
 */
#include "guest_test.h"
#include "hits.skel.h"

#define EXIT_OTHER_TRAP(code) ((code) < 0)

extern const char user_ebreak[], user_c_ebreak[];

__asm__(".text\n"
	".option push\n"
	".option norvc\n"
	"user_ebreak: ebreak\n"
	"	ret\n"
	".option pop\n"
	".option push\n"
	".option rvc\n"
	"user_c_ebreak: c.ebreak\n"
	"	ret\n"
	".option pop\n");

static void break_at(const char *insn)
{
	int code = 0, pid;

	printf("ebreak at 0x%lx\n", (unsigned long)insn);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		((void (*)(void))insn)();
		_exit(0); /* the breakpoint was swallowed */
	}
	check(waitpid(pid, &code) == pid && EXIT_OTHER_TRAP(code), "exit code after ebreak", code);
}

static void all_kinds(const char *when)
{
	printf("%s\n", when);
	check(syscall3(SYS_debug_ebreak, 0, 0, 0) == 0, "the kernel's own breakpoint", 0);
	break_at(user_ebreak);
	break_at(user_c_ebreak);
	printf("end of %s\n", when);
}

int main(void)
{
	struct accounts before = accounts_now();
	struct hits *skel = hits__open_and_load();

	all_kinds("without a probe");
	if (check(skel && hits__attach(skel) == 0, "load and attach", errno)) {
		check(ebpf_info(SBI_EBPF_INFO_ARMED_PROBES) > before.probes, "armed", 0);
		all_kinds("with a probe");
		hits__detach(skel);
	}
	hits__destroy(skel);
	all_kinds("after the probe");
	accounts_check(&before, "accounts");
	return checks_done("breakpoints");
}
