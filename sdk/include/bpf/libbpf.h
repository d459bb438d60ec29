/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects, programs, maps and links, as libbpf 1.x names them: open an eBPF
 * object file in memory, load it, attach its programs.
 *
 * Pointers are NULL with errno set on failure, ints are -errno. What went wrong
 * is printed in words on stderr (libbpf_set_print() changes that), with the
 * kernel's log when a program is refused.
 *
 * Sections known: kprobe/FUNC[+OFFSET], kretprobe/FUNC, kprobe.multi/PATTERN,
 * kretprobe.multi/PATTERN, ksyscall/NAME, kretsyscall/NAME.
 */
#ifndef SDK_LIBBPF_LIBBPF_H
#define SDK_LIBBPF_LIBBPF_H

#include "libbpf_common.h"
#include "uapi/bpf.h"

#include <stdarg.h>
#include <stdbool.h>

enum libbpf_print_level {
	LIBBPF_WARN,
	LIBBPF_INFO,
	LIBBPF_DEBUG,
};

typedef int (*libbpf_print_fn_t)(enum libbpf_print_level level, const char *fmt, va_list ap);
libbpf_print_fn_t libbpf_set_print(libbpf_print_fn_t fn); /* NULL: silence. Returns the one before. */
int libbpf_strerror(int err, char *buf, size_t size);

struct bpf_object;
struct bpf_program;
struct bpf_map;
struct bpf_link;

/* What an old libbpf told of itself; programs written for it go on compiling. */
#define LIBBPF_MAJOR_VERSION 1
#define LIBBPF_MINOR_VERSION 1
__u32 libbpf_major_version(void);
__u32 libbpf_minor_version(void);
const char *libbpf_version_string(void);
enum libbpf_strict_mode {
	LIBBPF_STRICT_ALL = 0xffffffff,
	LIBBPF_STRICT_NONE = 0,
};
int libbpf_set_strict_mode(enum libbpf_strict_mode mode);
long libbpf_get_error(const void *ptr); /* behind a call that returned NULL: -errno */

struct bpf_object_open_opts {
	size_t sz;
	const char *object_name;
	const char *pin_root_path;   /* of LIBBPF_PIN_BY_NAME; NULL: /sys/fs/bpf */
	const char *btf_custom_path; /* the kernel's types for CO-RE; NULL: kernel.btf */
};

enum libbpf_pin_type {
	LIBBPF_PIN_NONE,
	LIBBPF_PIN_BY_NAME,
};

/* Objects. open copies what it needs; close also closes the descriptors of maps and programs. */
struct bpf_object *bpf_object__open_mem(const void *buf, size_t size, const struct bpf_object_open_opts *opts);
struct bpf_object *bpf_object__open_file(const char *path, const struct bpf_object_open_opts *opts);
struct bpf_object *bpf_object__open(const char *path);
int bpf_object__load(struct bpf_object *obj);
void bpf_object__close(struct bpf_object *obj);
const char *bpf_object__name(const struct bpf_object *obj);
struct bpf_program *bpf_object__find_program_by_name(const struct bpf_object *obj, const char *name);
struct bpf_map *bpf_object__find_map_by_name(const struct bpf_object *obj, const char *name);
int bpf_object__find_map_fd_by_name(const struct bpf_object *obj, const char *name);
struct bpf_program *bpf_object__next_program(const struct bpf_object *obj, struct bpf_program *prog);
struct bpf_map *bpf_object__next_map(const struct bpf_object *obj, const struct bpf_map *map);
#define bpf_object__for_each_program(pos, obj)                                                                         \
	for ((pos) = bpf_object__next_program((obj), NULL); (pos); (pos) = bpf_object__next_program((obj), (pos)))
#define bpf_object__for_each_map(pos, obj)                                                                             \
	for ((pos) = bpf_object__next_map((obj), NULL); (pos); (pos) = bpf_object__next_map((obj), (pos)))

/* Maps under names (bpf_map__pin) below path, or, if that is NULL, those that have a path. */
int bpf_object__pin_maps(struct bpf_object *obj, const char *path);
int bpf_object__unpin_maps(struct bpf_object *obj, const char *path);

/* Programs */
const char *bpf_program__name(const struct bpf_program *prog);
const char *bpf_program__section_name(const struct bpf_program *prog);
int bpf_program__fd(const struct bpf_program *prog);
bool bpf_program__autoload(const struct bpf_program *prog);
int bpf_program__set_autoload(struct bpf_program *prog, bool autoload);
bool bpf_program__autoattach(const struct bpf_program *prog);
void bpf_program__set_autoattach(struct bpf_program *prog, bool autoattach);
const struct bpf_insn *bpf_program__insns(const struct bpf_program *prog); /* relocated, once loaded */
size_t bpf_program__insn_cnt(const struct bpf_program *prog);
enum bpf_prog_type bpf_program__type(const struct bpf_program *prog);
__u32 bpf_program__flags(const struct bpf_program *prog);
int bpf_program__set_flags(struct bpf_program *prog, __u32 flags);
/* Of fentry programs, which there are none of: -EOPNOTSUPP. Those who ask fentry_can_attach() first do not get here. */
int bpf_program__set_attach_target(struct bpf_program *prog, int attach_prog_fd, const char *attach_func_name);
enum bpf_attach_type bpf_program__expected_attach_type(const struct bpf_program *prog);
int bpf_program__pin(struct bpf_program *prog, const char *path);
int bpf_program__unpin(struct bpf_program *prog, const char *path);

/* Attaching: where the section says, or where the caller does */
struct bpf_link *bpf_program__attach(const struct bpf_program *prog);

struct bpf_kprobe_opts {
	size_t sz;
	__u64 bpf_cookie;
	size_t offset; /* bytes into the function */
	bool retprobe;
};

struct bpf_link *bpf_program__attach_kprobe(const struct bpf_program *prog, bool retprobe, const char *func_name);
struct bpf_link *bpf_program__attach_kprobe_opts(const struct bpf_program *prog, const char *func_name,
						 const struct bpf_kprobe_opts *opts);

struct bpf_kprobe_multi_opts {
	size_t sz;
	const char **syms;	    /* functions, or ... */
	const unsigned long *addrs; /* ... addresses; or pattern */
	const __u64 *cookies;
	size_t cnt;
	bool retprobe;
};

struct bpf_link *bpf_program__attach_kprobe_multi_opts(const struct bpf_program *prog, const char *pattern,
						       const struct bpf_kprobe_multi_opts *opts);

struct bpf_ksyscall_opts {
	size_t sz;
	__u64 bpf_cookie;
	bool retprobe;
};

/* "openat": the kernel's function sys_openat */
struct bpf_link *bpf_program__attach_ksyscall(const struct bpf_program *prog, const char *syscall_name,
					      const struct bpf_ksyscall_opts *opts);

/* Links: destroying one detaches it, unless it is pinned: then it stays attached, whoever ends. */
int bpf_link__fd(const struct bpf_link *link);
int bpf_link__detach(struct bpf_link *link);
void bpf_link__disconnect(struct bpf_link *link); /* destroy will then leave the descriptor open */
int bpf_link__destroy(struct bpf_link *link);

int bpf_link__pin(struct bpf_link *link, const char *path);
int bpf_link__unpin(struct bpf_link *link);
const char *bpf_link__pin_path(const struct bpf_link *link);
struct bpf_link *bpf_link__open(const char *path); /* one that was pinned */

/* Maps. Sections .rodata, .data and .bss are maps as well, under those names. */
int bpf_map__fd(const struct bpf_map *map);
const char *bpf_map__name(const struct bpf_map *map);
enum bpf_map_type bpf_map__type(const struct bpf_map *map);
__u32 bpf_map__key_size(const struct bpf_map *map);
__u32 bpf_map__value_size(const struct bpf_map *map);
__u32 bpf_map__max_entries(const struct bpf_map *map);
__u32 bpf_map__map_flags(const struct bpf_map *map);
__u32 bpf_map__numa_node(const struct bpf_map *map);
__u32 bpf_map__btf_key_type_id(const struct bpf_map *map); /* 0: not known */
__u32 bpf_map__btf_value_type_id(const struct bpf_map *map);

/* What may be changed before load: -EBUSY afterwards */
int bpf_map__set_type(struct bpf_map *map, enum bpf_map_type type);
int bpf_map__set_max_entries(struct bpf_map *map, __u32 max_entries);
int bpf_map__set_key_size(struct bpf_map *map, __u32 size);
int bpf_map__set_value_size(struct bpf_map *map, __u32 size);
int bpf_map__set_map_flags(struct bpf_map *map, __u32 flags);
int bpf_map__set_numa_node(struct bpf_map *map, __u32 numa_node);
int bpf_map__set_autocreate(struct bpf_map *map, bool autocreate);
bool bpf_map__autocreate(const struct bpf_map *map);
int bpf_map__reuse_fd(struct bpf_map *map, int fd); /* use that map instead of making one */
/* Maps of maps: what the inner ones look like, by the definition or by one that is there */
struct bpf_map *bpf_map__inner_map(struct bpf_map *map);
int bpf_map__set_inner_map_fd(struct bpf_map *map, int fd);

/*
 * Under a name a map outlives its makers, until unpin. One with a path before load (set_pin_path(),
 * LIBBPF_PIN_BY_NAME) is found under it, if it is there, instead of made. path NULL: the map's own.
 */
int bpf_map__pin(struct bpf_map *map, const char *path);
int bpf_map__unpin(struct bpf_map *map, const char *path);
int bpf_map__set_pin_path(struct bpf_map *map, const char *path);
const char *bpf_map__pin_path(const struct bpf_map *map);
bool bpf_map__is_pinned(const struct bpf_map *map);

bool bpf_map__is_internal(const struct bpf_map *map);
int bpf_map__set_initial_value(struct bpf_map *map, const void *data, size_t size);
/* Of a data section: its contents, to be changed before load; after it, the process's copy, brought up to date. */
void *bpf_map__initial_value(struct bpf_map *map, size_t *size);

int bpf_map__lookup_elem(const struct bpf_map *map, const void *key, size_t key_sz, void *value, size_t value_sz,
			 __u64 flags);
int bpf_map__update_elem(const struct bpf_map *map, const void *key, size_t key_sz, const void *value, size_t value_sz,
			 __u64 flags);
int bpf_map__delete_elem(const struct bpf_map *map, const void *key, size_t key_sz, __u64 flags);
int bpf_map__lookup_and_delete_elem(const struct bpf_map *map, const void *key, size_t key_sz, void *value,
				    size_t value_sz, __u64 flags);
int bpf_map__get_next_key(const struct bpf_map *map, const void *cur_key, void *next_key, size_t key_sz);

/* Ring buffers. A callback's negative result ends poll and consume, which return it; else they return how many records.
 */
struct ring_buffer;
typedef int (*ring_buffer_sample_fn)(void *ctx, void *data, size_t size);

struct ring_buffer_opts {
	size_t sz;
};

struct ring_buffer *ring_buffer__new(int map_fd, ring_buffer_sample_fn sample_cb, void *ctx,
				     const struct ring_buffer_opts *opts);
int ring_buffer__add(struct ring_buffer *rb, int map_fd, ring_buffer_sample_fn sample_cb, void *ctx);
int ring_buffer__poll(struct ring_buffer *rb, int timeout_ms); /* -1: until something comes */
int ring_buffer__consume(struct ring_buffer *rb);
void ring_buffer__free(struct ring_buffer *rb);

/* Perf buffers: what bpf_perf_event_output() sends, a ring of page_cnt pages (a power of two) for each hart. */
struct perf_buffer;
typedef void (*perf_buffer_sample_fn)(void *ctx, int cpu, void *data, __u32 size);
typedef void (*perf_buffer_lost_fn)(void *ctx, int cpu, __u64 cnt);

struct perf_buffer_opts {
	size_t sz;
};

struct perf_buffer *perf_buffer__new(int map_fd, size_t page_cnt, perf_buffer_sample_fn sample_cb,
				     perf_buffer_lost_fn lost_cb, void *ctx, const struct perf_buffer_opts *opts);
int perf_buffer__poll(struct perf_buffer *pb, int timeout_ms); /* as ring_buffer__poll() */
int perf_buffer__consume(struct perf_buffer *pb);
int perf_buffer__consume_buffer(struct perf_buffer *pb, size_t buf_idx);
size_t perf_buffer__buffer_cnt(const struct perf_buffer *pb);
int perf_buffer__buffer_fd(const struct perf_buffer *pb, size_t buf_idx);
void perf_buffer__free(struct perf_buffer *pb);

/* Harts: the values an element of a per-CPU map has, each rounded up to 8 bytes, in a buffer of bpf(2). Or -errno */
int libbpf_num_possible_cpus(void);

/*
 * Skeletons: what generated code fills in (bpfskel's, or bpftool's).
 *
 * skel->bss and skel->data are, after load, a copy of what the firmware has. What the process has stored there goes to
 * the map, and what programs have made of it comes back: before and behind every call that may wait (sleep(), usleep(),
 * nanosleep(), waitpid(), waittid(), reading standard input, ring_buffer__poll(), perf_buffer__poll()), before records
 * are handed to a callback, before attaching, after detaching, around bpf_prog_test_run_opts(), and at any time by
 * bpf_map__initial_value(). Stores are of single words, so they undo nothing that a program did to others; a store of
 * the value that is in the copy already is none.
 */
struct bpf_map_skeleton {
	const char *name;
	struct bpf_map **map;
	void **mmaped; /* gets the contents of a data section */
};

struct bpf_prog_skeleton {
	const char *name;
	struct bpf_program **prog;
	struct bpf_link **link;
};

struct bpf_object_skeleton {
	size_t sz;
	const char *name;
	const void *data;
	size_t data_sz;
	struct bpf_object **obj;
	int map_cnt;
	int map_skel_sz;
	struct bpf_map_skeleton *maps;
	int prog_cnt;
	int prog_skel_sz;
	struct bpf_prog_skeleton *progs;
};

int bpf_object__open_skeleton(struct bpf_object_skeleton *s, const struct bpf_object_open_opts *opts);
int bpf_object__load_skeleton(struct bpf_object_skeleton *s);
int bpf_object__attach_skeleton(struct bpf_object_skeleton *s);
void bpf_object__detach_skeleton(struct bpf_object_skeleton *s);
void bpf_object__destroy_skeleton(struct bpf_object_skeleton *s); /* frees s and its arrays */

#endif
