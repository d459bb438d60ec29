/* SPDX-License-Identifier: BSD-2-Clause */
/* bpftool feature: what the firmware says of itself, and which maps it makes. */
#include "bpftool.h"

#include <mbpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *key;
	unsigned long index;
} infos[] = {
	{"arena_bytes", SBI_EBPF_INFO_ARENA_SIZE},
	{"arena_free_bytes", SBI_EBPF_INFO_ARENA_FREE},
	{"isolation_level", SBI_EBPF_INFO_ISOLATION},
	{"pmp_entries", SBI_EBPF_INFO_PMP_ENTRIES},
	{"pmp_grain_bytes", SBI_EBPF_INFO_PMP_GRAIN},
	{"max_insns", SBI_EBPF_INFO_MAX_INSNS},
	{"run_budget_insns", SBI_EBPF_INFO_RUN_BUDGET},
	{"max_probes", SBI_EBPF_INFO_MAX_PROBES},
	{"armed_probes", SBI_EBPF_INFO_ARMED_PROBES},
	{"hits", SBI_EBPF_INFO_HITS},
	{"aborted_runs", SBI_EBPF_INFO_ABORTED_RUNS},
	{"missed_hits", SBI_EBPF_INFO_MISSED},
	{"trace_bytes_dropped", SBI_EBPF_INFO_TRACE_DROPPED},
	{"longest_stay_insns", SBI_EBPF_INFO_MAX_STAY},
	{"stay_bound_insns", SBI_EBPF_INFO_STAY_BOUND},
	{"objects", SBI_EBPF_INFO_OBJECTS},
};

static const struct {
	const char *name;
	unsigned long bit;
} hart_bits[] = {
	{"sv39", SBI_EBPF_HARTS_SV39}, {"sv48", SBI_EBPF_HARTS_SV48},	  {"sv57", SBI_EBPF_HARTS_SV57},
	{"sstc", SBI_EBPF_HARTS_SSTC}, {"smepmp", SBI_EBPF_HARTS_SMEPMP}, {"h", SBI_EBPF_HARTS_H},
	{"v", SBI_EBPF_HARTS_V},
};

static void print_harts(void)
{
	unsigned long have = (unsigned long)mbpf_info(SBI_EBPF_INFO_HARTS_HAVE);
	const char *between = "";

	fputs(json ? ",\"harts_have\":[" : "harts_have", stdout);
	for (size_t i = 0; i < sizeof(hart_bits) / sizeof(hart_bits[0]); i++) {
		if (!(have & hart_bits[i].bit))
			continue;
		printf(json ? "%s\"%s\"" : "%s %s", between, hart_bits[i].name);
		between = json ? "," : "";
	}
	fputs(json ? "]" : "\n", stdout);
}

/* Sizes that a map of the type may have */
static bool can_make(unsigned int type)
{
	__u32 key = 4, value = 8, entries = 1;
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	int fd, inner = -1;

	if (type == BPF_MAP_TYPE_RINGBUF)
		key = value = 0, entries = 4096;
	else if (type == BPF_MAP_TYPE_QUEUE || type == BPF_MAP_TYPE_STACK || type == BPF_MAP_TYPE_BLOOM_FILTER)
		key = 0;
	else if (type == BPF_MAP_TYPE_LPM_TRIE)
		key = 8, opts.map_flags = BPF_F_NO_PREALLOC;
	else if (type == BPF_MAP_TYPE_PROG_ARRAY || type == BPF_MAP_TYPE_PERF_EVENT_ARRAY)
		value = 4;
	if (type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS) {
		inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "inner", 4, 8, 1, NULL);
		value = 4;
		opts.inner_map_fd = (__u32)inner;
	}
	fd = bpf_map_create((enum bpf_map_type)type, "probe", key, value, entries, &opts);
	if (inner >= 0)
		close(inner);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* One number, or that the machine cannot tell */
static void show_info(const char *key, long value)
{
	if (value >= 0)
		printf(json ? ",\"%s\":%ld" : "%s %ld\n", key, value);
	else
		printf(json ? ",\"%s\":null" : "%s unknown\n", key);
}

int do_feature(void)
{
	long version = mbpf_info(SBI_EBPF_INFO_VERSION);
	bool first = true;

	if (version < 0)
		return complain("there is no mbpf below this kernel");
	printf(json ? "{\"version\":\"%ld.%ld\"" : "version %ld.%ld\n", version >> 16, version & 0xffff);
	for (size_t i = 0; i < sizeof(infos) / sizeof(infos[0]); i++)
		show_info(infos[i].key, mbpf_info(infos[i].index));
	print_harts();
	if (json)
		fputs(",\"map_types\":{", stdout);
	for (unsigned int type = 1; type <= BPF_MAP_TYPE_BLOOM_FILTER; type++) {
		const char *name = map_type_name(type);

		if (!name)
			continue;
		if (json)
			printf("%s\"%s\":%s", first ? "" : ",", name, can_make(type) ? "true" : "false");
		else
			printf("eBPF map_type %s is %savailable\n", name, can_make(type) ? "" : "NOT ");
		first = false;
	}
	if (json)
		puts("}}");
	return 0;
}
