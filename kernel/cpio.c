/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unpacking the initrd: cpio "newc" (header of 13 eight-digit hexadecimal numbers
 * behind the magic, name and data padded to 4 bytes). Directories are passed
 * over; a file keeps its whole path as its name.
 */
#include "../firmware/ebpf/uapi/errno.h"
#include "fs.h"
#include "printk.h"

#define HEADER_SIZE 110
#define FIELD_MODE 1
#define FIELD_FILESIZE 6
#define FIELD_NAMESIZE 11
#define MODE_TYPE 0170000
#define MODE_FILE 0100000

static bool field(const uint8_t *header, unsigned int index, uint64_t *value)
{
	const uint8_t *p = header + 6 + 8 * index;
	unsigned int digit;

	*value = 0;
	for (int i = 0; i < 8; i++) {
		digit = p[i] >= '0' && p[i] <= '9' ? p[i] - 48u : (p[i] | 0x20u) - 'a' + 10u;
		if (digit > 15)
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

static void add_file(const char *name, const uint8_t *data, uint64_t size)
{
	struct inode *ip = strlen(path_strip(name)) < NAME_LEN ? fs_create(name) : NULL;

	if (!ip) {
		printk(LOG_WARN, "initrd: no room for %s\n", name);
		return;
	}
	inode_truncate(ip); /* a later file of the same name wins */
	ip->borrowed = data;
	ip->size = size;
	inode_put(ip);
}

int fs_load_cpio(const uint8_t *data, uint64_t size)
{
	uint64_t off = 0, mode, file_size, name_size, data_off;
	const char *name;

	while (size - off >= HEADER_SIZE) {
		if (memcmp(data + off, "070701", 6) != 0 || !field(data + off, FIELD_MODE, &mode) ||
		    !field(data + off, FIELD_FILESIZE, &file_size) || !field(data + off, FIELD_NAMESIZE, &name_size))
			return -EINVAL;
		data_off = (off + HEADER_SIZE + name_size + 3) & ~3UL;
		if (name_size == 0 || data_off > size || file_size > size - data_off)
			return -EINVAL;
		name = (const char *)data + off + HEADER_SIZE;
		if (name[name_size - 1] != 0)
			return -EINVAL;
		if (strcmp(name, "TRAILER!!!") == 0)
			return 0;
		if ((mode & MODE_TYPE) == MODE_FILE)
			add_file(name, data + data_off, file_size);
		off = (data_off + file_size + 3) & ~3UL;
		if (off > size)
			break;
	}
	return -EINVAL; /* no trailer */
}
