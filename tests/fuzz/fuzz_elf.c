/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Object files of any content, for both loaders that read them: the user
 * library (sdk/lib/libbpf*.c: open, load, attach, close) and the kernel's loader of
 * the tutorial's format (lib/load_ex.c). The last bytes of the input say which
 * allocation and which system call fails. What the loaders hand to bpf(2) must
 * be readable to its end; afterwards neither memory nor descriptors are left.
 */
#include "fuzz.h"
#include "fuzz_libc.h"

#include "../../lib/load_ex.h"
#include "../../sdk/include/bpf/libbpf.h"
#include "../../sdk/lib/libbpf_internal.h"

#define TAIL 3u /* bytes of the input that are not the file's */
#define FD_FIRST 3

static int live, fail_alloc, fds, calls, fail_call;
static volatile uint64_t sum; /* of everything read, so that it is read */

/* unistd.c's: nobody waits here */
void (*__at_wait)(void);

/* --- Memory, as fuzz_libc.h names it for the library --- */

static bool alloc_fails(void)
{
	return fail_alloc && --fail_alloc == 0;
}

void *fuzz_malloc(size_t n)
{
	void *p = alloc_fails() ? NULL : malloc(n);

	live += p != NULL;
	return p;
}

void *fuzz_calloc(size_t n, size_t size)
{
	void *p = alloc_fails() ? NULL : calloc(n, size);

	live += p != NULL;
	return p;
}

void *fuzz_realloc(void *old, size_t n)
{
	void *p = alloc_fails() ? NULL : realloc(old, n);

	live += p && !old;
	return p;
}

char *fuzz_strdup(const char *s)
{
	char *p = alloc_fails() ? NULL : strdup(s);

	live += p != NULL;
	return p;
}

void fuzz_free(void *p)
{
	live -= p != NULL;
	free(p);
}

/* --- A kernel that says yes --- */

static void touch(uint64_t addr, uint64_t len)
{
	for (uint64_t i = 0; i < len; i++)
		sum += ((const uint8_t *)(uintptr_t)addr)[i];
}

static void touch_string(uint64_t addr)
{
	if (addr)
		touch(addr, strlen((const char *)(uintptr_t)addr) + 1);
}

static uint32_t value_size; /* of the map made last: every value written has at least so many bytes */

static int64_t kernel_bpf(uint32_t cmd, union bpf_attr *attr)
{
	if (++calls == fail_call)
		return -EPERM;
	switch (cmd) {
	case BPF_MAP_CREATE:
		value_size = attr->value_size;
		return FD_FIRST + fds++;
	case BPF_MAP_UPDATE_ELEM:
		touch(attr->key, 4);
		return 0;
	case BPF_MAP_FREEZE:
		return 0;
	case BPF_PROG_LOAD:
		touch(attr->insns, (uint64_t)attr->insn_cnt * 8);
		touch(attr->fd_array, (uint64_t)attr->fd_array_cnt * 4);
		touch_string(attr->license);
		touch(attr->func_info, (uint64_t)attr->func_info_cnt * attr->func_info_rec_size);
		touch(attr->line_info, (uint64_t)attr->line_info_cnt * attr->line_info_rec_size);
		if (attr->log_buf && attr->log_size)
			*(char *)(uintptr_t)attr->log_buf = 0;
		return FD_FIRST + fds++;
	case BPF_LINK_CREATE:
		for (uint32_t i = 0; attr->km_syms && i < attr->km_cnt; i++)
			touch_string(((const uint64_t *)(uintptr_t)attr->km_syms)[i]);
		return FD_FIRST + fds++;
	default:
		return -EINVAL;
	}
}

int sdk_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)kernel_bpf(cmd, attr);
}

int sdk_close(int fd)
{
	if (fd < FD_FIRST || !fds)
		fuzz_die("close(%d) of what is not open", fd);
	fds--;
	return 0;
}

static int be_silent(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char line[200];

	(void)level;
	return vsnprintf(line, sizeof(line), fmt, ap); /* the arguments are looked at */
}

static void try_libbpf(const uint8_t *file, size_t size)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "fuzz");
	struct bpf_object *obj = bpf_object__open_mem(file, size, &opts);
	struct bpf_program *prog;
	struct bpf_link *link;

	if (!obj)
		return;
	if (!bpf_object__load(obj))
		bpf_object__for_each_program(prog, obj)
		{
			touch((uintptr_t)bpf_program__insns(prog), bpf_program__insn_cnt(prog) * 8);
			link = bpf_program__attach(prog);
			if (link)
				bpf_link__destroy(link);
		}
	bpf_object__close(obj);
}

/* --- The kernel's loader --- */

void *load_ex_alloc(size_t size)
{
	return fuzz_malloc(size);
}

void load_ex_free(void *ptr)
{
	fuzz_free(ptr);
}

int load_ex_copy_in(void *dst, uint64_t user_src, size_t size)
{
	memcpy(dst, (const void *)(uintptr_t)user_src, size);
	return 0;
}

int load_ex_get_fd(void)
{
	return FD_FIRST + fds++;
}

void load_ex_put_fd(int fd)
{
	sdk_close(fd);
}

int64_t load_ex_bpf(uint32_t cmd, union bpf_attr *attr, int newfd)
{
	int64_t result = kernel_bpf(cmd, attr);

	if (cmd == BPF_MAP_UPDATE_ELEM && result >= 0)
		touch(attr->value, value_size);
	if (result < FD_FIRST)
		return result;
	fds--; /* the number was there before */
	return newfd;
}

static void try_load_ex(const uint8_t *file, size_t size)
{
	struct ebpf_rcore_map_entry maps[] = {{(uintptr_t) "map_fd", 9, 0}, {(uintptr_t) "other", 10, 0}};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.ex_elf = (uintptr_t)file;
	attr.ex_elf_size = (uint32_t)size;
	attr.ex_map_array = (uintptr_t)maps;
	attr.ex_map_array_len = 1 + (size & 1);
	load_ex(&attr, 77);
}

static void begin(const uint8_t *tail)
{
	fail_alloc = tail[0];
	fail_call = tail[1];
	calls = 0;
}

static void end(const char *who)
{
	if (live || fds)
		fuzz_die("%s: %d blocks and %d descriptors are left", who, live, fds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t no_tail[TAIL];
	const uint8_t *tail = size >= TAIL ? data + size - TAIL : no_tail;
	size_t file_size = size >= TAIL ? size - TAIL : 0;
	uint8_t *file = malloc(file_size ? file_size : 1); /* exactly sized, so that the sanitizer sees the end */

	if (!file)
		abort();
	memcpy(file, data, file_size);
	libbpf_set_print(be_silent);
	begin(tail);
	try_libbpf(file, file_size);
	end("libbpf");
	begin(tail);
	try_load_ex(file, file_size);
	end("load_ex");
	free(file);
	return 0;
}
