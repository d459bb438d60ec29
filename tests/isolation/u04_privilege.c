/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * U-04: a process without privilege
 *
 * Attacker: a user process after the policy bit is set (LOCK_UNPRIV: what `bpflock unpriv` does)
 * Action: loads, attaches, makes maps, takes objects by number and by name, sets and clears locks;
 *	executes ecall with the extension's number, and breakpoints, itself
 * Contained: -EPERM; its ecall and its breakpoint are its kernel's, not the firmware's
 * Oracle: errnos; the end of a child process; what a map it was given still answers
 * Short: virt
 */
#include "tests/guest/guest_test.h"

static const struct bpf_insn return_0[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};

static long do_cmd(int cmd, const union bpf_attr *attr)
{
	return raw_bpf(cmd, attr, sizeof(*attr));
}

static void denied(int cmd, union bpf_attr attr, const char *what)
{
	long ret = do_cmd(cmd, &attr);

	check(ret == -EPERM, what, ret);
}

static void everything_denied(void)
{
	static const char name[] = "name";
	union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	union bpf_attr prog = {.prog_type = BPF_PROG_TYPE_KPROBE,
			       .insns = (uint64_t)return_0,
			       .insn_cnt = 2,
			       .license = (uint64_t) "GPL"};
	union bpf_attr pin = {.pin = {.pathname = (uint64_t)name}};

	denied(BPF_MAP_CREATE, map, "a map");
	denied(BPF_PROG_LOAD, prog, "a program");
	denied(BPF_LINK_CREATE, (union bpf_attr){.link_attach_type = BPF_TRACE_KPROBE_MULTI}, "an attachment");
	denied(BPF_PROG_ATTACH, (union bpf_attr){0}, "an attachment by name");
	denied(BPF_PROG_TEST_RUN, (union bpf_attr){0}, "a run");
	for (uint32_t id = 0; id < 8; id++) {
		union bpf_attr by_id = {.id.start_id = id};

		denied(BPF_MAP_GET_FD_BY_ID, by_id, "a map by number");
		denied(BPF_PROG_GET_FD_BY_ID, by_id, "a program by number");
		denied(BPF_LINK_GET_FD_BY_ID, by_id, "a link by number");
		denied(BPF_MAP_GET_NEXT_ID, by_id, "the next number");
	}
	denied(BPF_OBJ_PIN, pin, "to give a name");
	denied(BPF_OBJ_GET, pin, "an object by name");
	denied(EBPF_OBJ_UNPIN, pin, "to take a name");
	denied(EBPF_LOCK, (union bpf_attr){.number.index = SBI_EBPF_LOCK_LOAD}, "a lock");
	denied(EBPF_LOCK, (union bpf_attr){0}, "no lock");
}

/* In a child: what the kernel does with it is the kernel's; nothing of the firmware's may come of it. */
static void child(void (*attack)(void), const char *what)
{
	int code = 0, pid = fork();

	if (pid == 0) {
		attack();
		_exit(77);
	}
	check(waitpid(pid, &code) == pid, what, pid);
	printf("%s: the process ended with %d\n", what, code);
}

static void own_ecall(void)
{
	register long a7 __asm__("a7") = SBI_EXT_EBPF;
	register long a6 __asm__("a6") = SBI_EXT_EBPF_LOCK;
	register long a0 __asm__("a0") = 15;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a6), "r"(a7) : "a1", "memory");
}

static void own_breakpoint(void)
{
	__asm__ volatile("ebreak");
}

int main(void)
{
	union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	union bpf_attr lock = {.number.index = SBI_EBPF_LOCK_UNPRIV};
	uint32_t key = 0;
	uint64_t value = 5;
	long fd = do_cmd(BPF_MAP_CREATE, &map), ret;
	union bpf_attr elem = {.map_fd = (uint32_t)fd, .key = (uint64_t)&key, .value = (uint64_t)&value};

	check(fd >= 0, "with privilege: a map", fd);
	child(own_ecall, "ecall with the extension's number");
	child(own_breakpoint, "a breakpoint");
	check(ebpf_info(SBI_EBPF_INFO_LOCKS) == 0, "no lock is set by that", ebpf_info(SBI_EBPF_INFO_LOCKS));
	ret = do_cmd(EBPF_LOCK, &lock);
	check(ret == SBI_EBPF_LOCK_UNPRIV, "the policy is set", ret);
	everything_denied();
	check(do_cmd(BPF_MAP_UPDATE_ELEM, &elem) == 0 && do_cmd(BPF_MAP_LOOKUP_ELEM, &elem) == 0 && value == 5,
	      "the map it was given", (long)value);
	check(ebpf_info(SBI_EBPF_INFO_LOCKS) == SBI_EBPF_LOCK_UNPRIV, "locks in the end",
	      ebpf_info(SBI_EBPF_INFO_LOCKS));
	close((int)fd);
	return checks_done("u04_privilege");
}
