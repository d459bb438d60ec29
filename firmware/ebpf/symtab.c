/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's symbol table: copied once, checked, and given an index by name.
 * All of that is done in slices on a table nobody else sees; the last slice
 * puts it in place of the old one. Format: uapi/sbi_ebpf.h.
 *
 * Invariant of a table in place: addresses do not fall, every name ends with a
 * NUL inside the strings, and the index holds each name (shorter than
 * EBPF_SYM_NAME_LEN) once, at its lowest address. The index is keyed with a
 * secret, so a table cannot be built to make it slow.
 */
#include "symtab.h"

#include "arena.h"
#include "bits.h"
#include "limits.h"
#include "mem.h"
#include "platform.h"
#include "uapi/errno.h"
#include "uapi/sbi_ebpf.h"

#define CREDIT (EBPF_STAY_BOUND / 2) /* instructions one call spends, roughly */
#define COPY_BYTES 1024u	     /* in one slice */
#define COPY_COST 5u		     /* of a byte in aligned words, one at a time (Smepmp) */
#define COPY_COST_UNALIGNED 40u
#define CHECK_COST 30u	    /* of an entry */
#define INDEX_COST 60u	    /* of an entry, and */
#define INDEX_BYTE_COST 12u /* of a byte of its name */
#define INDEX_ENTRIES 16u   /* in one slice */
#define CHECK_ENTRIES 512u  /* in one slice */
#define NEST_STEPS 16u	    /* symbols inside one another */

struct symtab {
	uint32_t count;	       /* entries */
	uint32_t strings_size; /* the last byte is 0 */
	struct ebpf_symtab_entry *entries;
	const char *strings; /* behind the entries, in the same block */
	uint32_t *index;     /* open addressing: entry + 1, or 0 */
	uint32_t mask;	     /* slots - 1 */
	uint64_t seed, factor;
};

enum stage { COPY, CHECK, CLEAR, INDEX, READY };

static struct symtab *current;
static struct {
	struct symtab *table; /* NULL: nothing begun */
	uint64_t pa, size;
	enum stage stage;
	uint64_t done; /* of the stage: bytes or entries */
} begun;

static void table_free(struct symtab *table)
{
	if (!table)
		return;
	ebpf_free(table->index);
	ebpf_free(table->entries);
	ebpf_free(table);
}

void ebpf_symtab_init(void)
{
	current = NULL;
	begun.table = NULL;
}

static void give_up(void)
{
	table_free(begun.table);
	begun.table = NULL;
}

/* Names */

/* Length without the NUL, or EBPF_SYM_NAME_LEN if it is longer than a target can be. */
static uint32_t name_len(const char *name)
{
	uint32_t len = 0;

	while (len < EBPF_SYM_NAME_LEN && name[len])
		len++;
	return len;
}

static uint32_t slot_of(const struct symtab *table, const char *name, uint32_t len)
{
	uint64_t hash = table->seed ^ len;

	for (uint32_t i = 0; i < len; i++) {
		unsigned __int128 product = (unsigned __int128)(hash ^ (uint8_t)name[i]) * table->factor;

		hash = (uint64_t)product ^ (uint64_t)(product >> 64);
	}
	return (uint32_t)hash & table->mask;
}

static bool same_name(const struct symtab *table, uint32_t entry, const char *name, uint32_t len)
{
	const char *other = table->strings + table->entries[entry].name;

	for (uint32_t i = 0; i < len; i++)
		if (other[i] != name[i])
			return false; /* also where `other` ends first */
	return other[len] == 0;
}

/* The slot that holds this name, or the empty one it would go to. At least half of all slots are empty. */
static uint32_t *find_slot(const struct symtab *table, const char *name, uint32_t len)
{
	uint32_t slot = slot_of(table, name, len);

	while (table->index[slot] && !same_name(table, table->index[slot] - 1, name, len))
		slot = (slot + 1) & table->mask;
	return &table->index[slot];
}

/* Taking a table over. Each stage does one slice, adds to *spent what it cost, and moves on when it is through. */

static int begin(uint64_t pa, uint64_t size)
{
	struct ebpf_symtab_header header;
	uint64_t body = size - sizeof(header);
	struct symtab *table;

	if (size > EBPF_MAX_SYMTAB)
		return -E2BIG;
	if (size < sizeof(header))
		return -EINVAL;
	if (!ebpf_plat_phys_ok(pa, size, EBPF_ACCESS_READ))
		return -EFAULT;
	ebpf_plat_phys_read(&header, pa, sizeof(header));
	if (header.magic != EBPF_SYMTAB_MAGIC || header.version != EBPF_SYMTAB_VERSION ||
	    header.entry_size != sizeof(struct ebpf_symtab_entry) || header.strings == 0 ||
	    (uint64_t)header.count * sizeof(struct ebpf_symtab_entry) + header.strings != body)
		return -EINVAL;

	table = ebpf_zalloc(NULL, sizeof(*table));
	if (!table)
		return -ENOMEM;
	table->count = header.count;
	table->strings_size = header.strings;
	table->mask = (header.count ? 4u << ebpf_log2(header.count) : 1) - 1;
	table->seed = ebpf_plat_entropy();
	table->factor = ebpf_plat_entropy() | 1;
	table->entries = ebpf_alloc(NULL, body);
	table->index = ebpf_alloc(NULL, ((uint64_t)table->mask + 1) * sizeof(*table->index));
	if (!table->entries || !table->index) {
		table_free(table);
		return -ENOMEM;
	}
	table->strings = (const char *)(table->entries + table->count);
	begun.table = table;
	begun.pa = pa;
	begun.size = size;
	begun.stage = COPY;
	begun.done = 0;
	return 0;
}

static void next_stage(void)
{
	begun.stage++;
	begun.done = 0;
}

static int copy_slice(struct symtab *table, uint64_t *spent)
{
	uint64_t left = begun.size - sizeof(struct ebpf_symtab_header) - begun.done;
	uint64_t pa = begun.pa + sizeof(struct ebpf_symtab_header) + begun.done;

	if (left > COPY_BYTES)
		left = COPY_BYTES;
	if (!ebpf_plat_phys_ok(pa, left, EBPF_ACCESS_READ))
		return -EFAULT;
	ebpf_plat_phys_read((char *)table->entries + begun.done, pa, left);
	begun.done += left;
	*spent += left * (pa & 7 ? COPY_COST_UNALIGNED : COPY_COST);
	if (begun.done == begun.size - sizeof(struct ebpf_symtab_header))
		next_stage();
	return 0;
}

static int check_slice(struct symtab *table, uint64_t *spent)
{
	uint32_t first = (uint32_t)begun.done, last = table->count;

	if (last - first > CHECK_ENTRIES)
		last = first + CHECK_ENTRIES;
	for (uint32_t i = first; i < last; i++) {
		const struct ebpf_symtab_entry *e = &table->entries[i];

		if (e->name >= table->strings_size || e->addr + e->size < e->addr ||
		    (i && e->addr < table->entries[i - 1].addr))
			return -EINVAL;
	}
	begun.done = last;
	*spent += (last - first) * CHECK_COST;
	if (last == table->count)
		next_stage();
	return table->strings[table->strings_size - 1] ? -EINVAL : 0;
}

static int clear_slice(struct symtab *table, uint64_t *spent)
{
	uint64_t end = ((uint64_t)table->mask + 1) * sizeof(*table->index), left = end - begun.done;

	if (left > EBPF_SLICE_BYTES / 4)
		left = EBPF_SLICE_BYTES / 4;
	ebpf_memzero((char *)table->index + begun.done, left);
	begun.done += left;
	*spent += left / 4;
	if (begun.done == end)
		next_stage();
	return 0;
}

static int index_slice(struct symtab *table, uint64_t *spent)
{
	uint32_t first = (uint32_t)begun.done, last = table->count;

	if (last - first > INDEX_ENTRIES)
		last = first + INDEX_ENTRIES;
	for (uint32_t i = first; i < last; i++) {
		const char *name = table->strings + table->entries[i].name;
		uint32_t len = name_len(name), *slot;

		*spent += INDEX_COST + len * INDEX_BYTE_COST;
		if (len == 0 || len == EBPF_SYM_NAME_LEN)
			continue; /* nobody can ask for it by name */
		slot = find_slot(table, name, len);
		if (!*slot)
			*slot = i + 1;
	}
	begun.done = last;
	if (last == table->count)
		next_stage();
	return 0;
}

static int one_slice(uint64_t *spent)
{
	switch (begun.stage) {
	case COPY:
		return copy_slice(begun.table, spent);
	case CHECK:
		return check_slice(begun.table, spent);
	case CLEAR:
		return clear_slice(begun.table, spent);
	default:
		return index_slice(begun.table, spent);
	}
}

int ebpf_symtab_set(uint64_t pa, uint64_t size)
{
	uint64_t spent = 0;
	int err = 0;

	if (begun.table && (begun.pa != pa || begun.size != size))
		give_up();
	if (size == 0) {
		table_free(current);
		current = NULL;
		return 0;
	}
	if (!begun.table)
		err = begin(pa, size);
	while (!err && begun.stage != READY && spent < CREDIT)
		err = one_slice(&spent);
	if (err) {
		give_up();
		return err;
	}
	if (begun.stage != READY)
		return -ERESTART;
	table_free(current);
	current = begun.table;
	begun.table = NULL;
	return 0;
}

/* Asking */

/* Bytes from entry i's address that belong to it. */
static uint64_t extent(const struct symtab *table, uint32_t i)
{
	uint64_t addr = table->entries[i].addr;
	uint32_t low = i, high = table->count;

	if (table->entries[i].size)
		return table->entries[i].size;
	while (high - low > 1) { /* entries at `low` and before are not above addr, those from `high` on are */
		uint32_t mid = low + (high - low) / 2;

		if (table->entries[mid].addr > addr)
			high = mid;
		else
			low = mid;
	}
	return high < table->count ? table->entries[high].addr - addr : 1;
}

static unsigned int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 16;
}

/* The offset behind '+': decimal or 0x hexadecimal, digits to the end. 0 or -EINVAL. */
static int parse_offset(const char *text, uint64_t *offset)
{
	unsigned int base = 10;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (!*text)
		return -EINVAL;
	for (*offset = 0; *text; text++) {
		unsigned int digit = digit_of(*text);

		if (digit >= base || *offset >> 32)
			return -EINVAL;
		*offset = *offset * base + digit;
	}
	return 0;
}

/* The entry of a name of len characters: exact, or what follows its last "::". -ENOENT or its number. */
static int64_t find_name(const struct symtab *table, const char *name, uint32_t len)
{
	uint32_t *slot = find_slot(table, name, len);
	uint32_t i;

	if (*slot)
		return *slot - 1;
	for (i = len; i >= 2; i--)
		if (name[i - 1] == ':' && name[i - 2] == ':')
			break;
	if (i < 2)
		return -ENOENT;
	slot = find_slot(table, name + i, len - i);
	return *slot ? (int64_t)*slot - 1 : -ENOENT;
}

int ebpf_symtab_resolve(const char *target, uint64_t *addr)
{
	uint32_t len = name_len(target), plus = len;
	uint64_t offset;
	int64_t entry;

	if (!current || len == 0 || len == EBPF_SYM_NAME_LEN)
		return -ENOENT;
	entry = find_name(current, target, len);
	if (entry >= 0) { /* also a name that has a '+' in it */
		*addr = current->entries[entry].addr;
		return 0;
	}
	while (plus && target[plus - 1] != '+')
		plus--;
	if (!plus)
		return -ENOENT;
	if (parse_offset(target + plus, &offset))
		return -EINVAL;
	entry = find_name(current, target, plus - 1);
	if (entry < 0)
		return -ENOENT;
	if (offset >= extent(current, (uint32_t)entry))
		return -EINVAL;
	*addr = current->entries[entry].addr + offset;
	return 0;
}

const char *ebpf_symtab_find(uint64_t addr, uint64_t *offset)
{
	const struct symtab *table = current;
	uint32_t low = 0, high = table ? table->count : 0;

	while (low < high) { /* the first entry above addr */
		uint32_t mid = low + (high - low) / 2;

		if (table->entries[mid].addr > addr)
			high = mid;
		else
			low = mid + 1;
	}
	for (unsigned int n = 0; low && n < NEST_STEPS; n++) {
		low--;
		if (addr - table->entries[low].addr < extent(table, low)) {
			*offset = addr - table->entries[low].addr;
			return table->strings + table->entries[low].name;
		}
	}
	return NULL;
}
