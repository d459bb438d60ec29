/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel half of libbpftest: one of everything a Linux-style object may consist of. */
#include <kernel.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

struct event {
	u64 flags;
	u64 mode;
	s64 ret;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, struct event);
} events SEC(".maps");

const volatile u64 step = 1; /* set by the user half before load */
u64 total = 1000;
u64 entries;
u64 returns;
u64 closes;
u64 inside;

static __noinline u64 add(u64 a, u64 b)
{
	return a + b * step;
}

static __noinline u64 add_twice(u64 a, u64 b)
{
	return add(add(a, b), b);
}

SEC("kprobe/sys_openat")
int BPF_KPROBE(on_open, const char *path, int flags, int mode)
{
	u32 slot = 0;
	struct event *event = bpf_map_lookup_elem(&events, &slot);

	if (!path || !event)
		return 0;
	event->flags = flags;
	event->mode = mode;
	entries++;
	total = add_twice(total, 1);
	bpf_printk("open %d: flags %x, total %lu\n", (int)entries, flags, total);
	return 0;
}

SEC("kretprobe/sys_openat")
int BPF_KRETPROBE(on_open_return, long ret)
{
	u32 slot = 0;
	struct event *event = bpf_map_lookup_elem(&events, &slot);

	if (!event)
		return 0;
	event->ret = ret;
	returns++;
	return 0;
}

SEC("kprobe.multi/sys_close")
int count_close(struct pt_regs *ctx)
{
	__sync_fetch_and_add(&closes, 1);
	return 0;
}

/* Attached by hand, inside a function */
SEC("kprobe/sys_openat")
int count_inside(struct pt_regs *ctx)
{
	__sync_fetch_and_add(&inside, 1);
	return 0;
}

/* What libbpf knows of the kernel, a setting that there is not, the address of a function */
extern int LINUX_KERNEL_VERSION __kconfig;
extern _Bool CONFIG_NO_SUCH_SETTING __kconfig __weak;
extern const void sys_getpid __ksym;
extern const void no_such_function __ksym __weak;

long externs_right;

SEC("ksyscall/close")
int BPF_KSYSCALL(on_close, int fd)
{
	u64 here = bpf_get_func_ip(ctx), other = (u64)&sys_getpid;

	if (fd == 99)
		externs_right = LINUX_KERNEL_VERSION >= KERNEL_VERSION(6, 0, 0) && !CONFIG_NO_SUCH_SETTING &&
				!&no_such_function && other != here && other >> 20 == here >> 20;
	return 0;
}

/* Never loaded, for nobody asks for it */
SEC("?kprobe/no_such_function")
int not_asked_for(struct pt_regs *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
