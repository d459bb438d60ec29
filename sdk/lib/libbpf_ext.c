/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Section .BTF.ext (Linux Documentation/bpf/btf.rst): functions, source lines and
 * CO-RE questions, each a table of tables: for each code section of the object its
 * records, in the order of their instructions. Bounds are checked on the way.
 */
#include "libbpf_btf.h"
#include "libbpf_internal.h"

#include <errno.h>
#include <string.h>

#define EXT_MAGIC 0xeb9f
#define MAX_RECORD 256u

static __u32 word(const __u8 *p)
{
	__u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The bytes of one table; 0, -ENOENT if there is none, -EINVAL. */
static int find_table(const struct bpf_object *obj, enum ext_table which, const __u8 **at, __u32 *len)
{
	__u32 index = bpf_elf_find_section(&obj->elf, ".BTF.ext", ELF_SHT_PROGBITS);
	struct bpf_elf_section sec;
	__u32 header, where = 8 + 8 * (__u32)which, offset;

	if (index == BPF_ELF_NONE)
		return -ENOENT;
	sec = bpf_elf_section(&obj->elf, index);
	if (sec.size < 24 || (word(sec.data) & 0xffffff) != (EXT_MAGIC | 1 << 16))
		return -EINVAL;
	header = word(sec.data + 4);
	if (header > sec.size || header < 24)
		return -EINVAL;
	if (header < where + 8)
		return -ENOENT;
	offset = word(sec.data + where);
	*len = word(sec.data + where + 4);
	if (offset > sec.size - header || *len > sec.size - header - offset)
		return -EINVAL;
	*at = sec.data + header + offset;
	return *len ? 0 : -ENOENT;
}

static int each_record(const struct bpf_object *obj, const __u8 *at, __u32 len, __u32 record_size, ext_record_fn fn,
		       void *ctx)
{
	while (len) {
		struct ext_record r = {.size = record_size};
		__u32 count, section;

		if (len < 8)
			return -EINVAL;
		section = bpf_elf_find_section(&obj->elf, btf_string(obj->btf, word(at)), ELF_SHT_PROGBITS);
		count = word(at + 4);
		at += 8;
		len -= 8;
		if (section == BPF_ELF_NONE || count > len / record_size)
			return -EINVAL;
		r.section = section;
		for (__u32 i = 0; i < count; i++, at += record_size, len -= record_size) {
			int err;

			r.data = at;
			r.insn_offset = word(at);
			err = fn(ctx, &r);
			if (err)
				return err;
		}
	}
	return 0;
}

int libbpf_ext_each(const struct bpf_object *obj, enum ext_table which, __u32 min_size, ext_record_fn fn, void *ctx)
{
	const __u8 *at;
	__u32 len, record_size;
	int err;

	if (!obj->btf)
		return 0;
	err = find_table(obj, which, &at, &len);
	if (err)
		return err == -ENOENT ? 0 : err;
	if (len < 4)
		return -EINVAL;
	record_size = word(at);
	if (record_size < min_size || record_size > MAX_RECORD || record_size % 4)
		return -EINVAL;
	return each_record(obj, at + 4, len - 4, record_size, fn, ctx);
}
