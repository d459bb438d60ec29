/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BPF_MAP_TYPE_LPM_TRIE: the longest stored prefix of a key. A node's prefix
 * goes on where its parent's ends, so a walk compares each bit of the key once;
 * nodes that only branch (value NONE) have two children. All nodes are allocated
 * with the map (BPF_F_NO_PREALLOC must be given, as in Linux, and changes nothing),
 * value slots as well: what a program holds a pointer to stays a value (map.h).
 *
 * One lock a map, held for a walk: its length is bounded by the bits of a key,
 * and programs pay for it (map->cost).
 */
#include "map.h"

#include "limits.h"
#include "lock.h"
#include "mem.h"

#define NONE UINT32_MAX
#define DATA_MAX 256u

struct node {
	uint32_t child[2];
	uint32_t bits;	/* of the prefix */
	uint32_t value; /* slot, or NONE */
	uint8_t data[];
};

/* A key, copied once. */
struct key {
	uint32_t bits;
	uint8_t data[DATA_MAX];
};

struct trie {
	struct ebpf_lock lock;
	uint32_t root;
	char *nodes;
	uint32_t node_size, data_size;
	uint32_t nr_nodes, untouched, free; /* free ones are linked by child[0] */
	uint32_t *free_values;		    /* a stack of slots */
	uint32_t nr_free_values;
};

static struct node *node_at(const struct trie *trie, uint32_t index)
{
	return (struct node *)(void *)(trie->nodes + (uint64_t)index * trie->node_size);
}

static unsigned int bit_of(const uint8_t *data, uint32_t bit)
{
	return data[bit / 8] >> (7 - bit % 8) & 1;
}

static bool copy_key(const struct trie *trie, const void *from, struct key *key)
{
	ebpf_memcpy(&key->bits, from, sizeof(key->bits));
	ebpf_memcpy(key->data, (const char *)from + sizeof(key->bits), trie->data_size);
	return key->bits <= trie->data_size * 8;
}

/* How many bits of the node's prefix the key has; the first `known` it has for sure. */
static uint32_t common_bits(const struct node *node, const struct key *key, uint32_t known)
{
	uint32_t limit = node->bits < key->bits ? node->bits : key->bits;
	uint32_t at = known & ~7u;

	while (at < limit) {
		unsigned int diff = node->data[at / 8] ^ key->data[at / 8];

		if (diff) {
			while (!(diff & 0x80)) {
				diff <<= 1;
				at++;
			}
			break;
		}
		at += 8;
	}
	return at < limit ? at : limit;
}

/* Making */

static int lpm_check(const union bpf_attr *attr)
{
	const uint32_t allowed =
		BPF_F_NO_PREALLOC | BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;

	if (attr->max_entries == 0 || !(attr->map_flags & BPF_F_NO_PREALLOC) || attr->map_flags & ~allowed ||
	    attr->key_size <= sizeof(uint32_t) || attr->key_size > sizeof(uint32_t) + DATA_MAX || !attr->value_size)
		return -EINVAL;
	return attr->value_size > EBPF_MAX_VALUE_SIZE || attr->max_entries > 1u << 30 ? -E2BIG : 0;
}

static void lpm_free(struct ebpf_map *map)
{
	struct trie *trie = map->body;

	ebpf_free(trie->nodes);
	ebpf_free(trie->free_values);
	ebpf_free(trie);
	ebpf_free(map->values);
}

static int lpm_alloc(struct ebpf_map *map)
{
	struct trie *trie = ebpf_zalloc(map->obj.account, sizeof(*trie));

	if (!trie)
		return -ENOMEM;
	map->body = trie;
	map->nr_values = map->max_entries;
	map->cost = (map->key_size - (uint32_t)sizeof(uint32_t)) * 8 * 32;
	trie->root = trie->free = NONE;
	trie->data_size = map->key_size - (uint32_t)sizeof(uint32_t);
	trie->node_size = (uint32_t)sizeof(struct node) + ((trie->data_size + 7) & ~7u);
	trie->nr_nodes = 2 * map->max_entries - 1; /* each value but the first may need a branch */
	trie->nodes = ebpf_alloc(map->obj.account, (uint64_t)trie->nr_nodes * trie->node_size);
	trie->free_values = ebpf_alloc(map->obj.account, (uint64_t)map->max_entries * sizeof(uint32_t));
	if (trie->nodes && trie->free_values && !ebpf_map_alloc_values(map))
		return 0;
	lpm_free(map);
	return -ENOMEM;
}

/* Values, then the stack of free slots, lowest on top. */
static bool lpm_prepare(struct ebpf_map *map)
{
	struct trie *trie = map->body;
	uint32_t end;

	if (map->prepared < ebpf_map_values_bytes(map)) {
		ebpf_map_clear_values(map);
		return false;
	}
	end = trie->nr_free_values + EBPF_SLICE_BYTES / 8;
	if (end > map->max_entries)
		end = map->max_entries;
	while (trie->nr_free_values < end) {
		trie->free_values[trie->nr_free_values] = map->max_entries - 1 - trie->nr_free_values;
		trie->nr_free_values++;
	}
	return end == map->max_entries;
}

static uint32_t new_node(struct trie *trie, const uint8_t *data, uint32_t bits, uint32_t value)
{
	uint32_t index = trie->free;
	struct node *node;

	if (index != NONE)
		trie->free = node_at(trie, index)->child[0];
	else
		index = trie->untouched++; /* there are enough: see nr_nodes */
	node = node_at(trie, index);
	node->child[0] = node->child[1] = NONE;
	node->bits = bits;
	node->value = value;
	ebpf_memcpy(node->data, data, trie->data_size);
	return index;
}

static void drop_node(struct trie *trie, uint32_t index)
{
	node_at(trie, index)->child[0] = trie->free;
	trie->free = index;
}

/* Elements; the lock is held */

static uint32_t find_longest(const struct trie *trie, const struct key *key)
{
	uint32_t at = trie->root, found = NONE, known = 0;

	while (at != NONE) {
		const struct node *node = node_at(trie, at);

		known = common_bits(node, key, known);
		if (known < node->bits)
			break;
		if (node->value != NONE)
			found = node->value;
		if (known == trie->data_size * 8 || known == key->bits)
			break;
		at = node->child[bit_of(key->data, known)];
	}
	return found;
}

/*
 * Down to where the key's own node is or would be. *link leads to what is there;
 * *common: bits it shares with the key.
 */
static uint32_t descend(struct trie *trie, const struct key *key, uint32_t **link, uint32_t *common)
{
	*common = 0;
	*link = &trie->root;
	while (**link != NONE) {
		struct node *node = node_at(trie, **link);

		*common = common_bits(node, key, *common);
		if (*common < node->bits || node->bits == key->bits)
			break;
		*link = &node->child[bit_of(key->data, *common)];
	}
	return **link;
}

/* A value for a key that has none. */
static int insert(struct ebpf_map *map, const struct key *key, uint32_t *link, uint32_t common, const void *value)
{
	struct trie *trie = map->body;
	uint32_t at = *link, slot, leaf, branch;

	if (!trie->nr_free_values)
		return -ENOSPC;
	slot = trie->free_values[--trie->nr_free_values];
	ebpf_map_fill(map, slot, value);
	if (at != NONE && node_at(trie, at)->bits == common && common == key->bits) {
		node_at(trie, at)->value = slot; /* a branch becomes a value */
		return 0;
	}
	leaf = new_node(trie, key->data, key->bits, slot);
	if (at == NONE) {
		*link = leaf;
	} else if (common == key->bits) { /* above the one that is there */
		node_at(trie, leaf)->child[bit_of(node_at(trie, at)->data, common)] = at;
		*link = leaf;
	} else {
		branch = new_node(trie, key->data, common, NONE);
		node_at(trie, branch)->child[bit_of(key->data, common)] = leaf;
		node_at(trie, branch)->child[!bit_of(key->data, common)] = at;
		*link = branch;
	}
	return 0;
}

static int update(struct ebpf_map *map, const struct key *key, const void *value, uint64_t flags)
{
	struct trie *trie = map->body;
	uint32_t *link, common, at = descend(trie, key, &link, &common);
	const struct node *node = at == NONE ? NULL : node_at(trie, at);

	if (node && node->bits == common && common == key->bits && node->value != NONE) {
		if (flags == BPF_NOEXIST)
			return -EEXIST;
		ebpf_map_fill(map, node->value, value);
		return 0;
	}
	return flags == BPF_EXIST ? -ENOENT : insert(map, key, link, common, value);
}

/* A node that holds nothing and does not branch goes; so does a branch above it that has only one side left. */
static int remove_key(struct trie *trie, const struct key *key)
{
	uint32_t *link = &trie->root, *above = NULL, at, common = 0;

	for (at = *link; at != NONE; at = *link) {
		struct node *node = node_at(trie, at);

		common = common_bits(node, key, common);
		if (common < node->bits || node->bits == key->bits)
			break;
		above = link;
		link = &node->child[bit_of(key->data, common)];
	}
	if (at == NONE || node_at(trie, at)->bits != common || common != key->bits || node_at(trie, at)->value == NONE)
		return -ENOENT;
	trie->free_values[trie->nr_free_values++] = node_at(trie, at)->value;
	node_at(trie, at)->value = NONE;
	if (node_at(trie, at)->child[0] != NONE && node_at(trie, at)->child[1] != NONE)
		return 0;
	*link = node_at(trie, at)->child[node_at(trie, at)->child[0] == NONE];
	drop_node(trie, at);
	if (*link == NONE && above && node_at(trie, *above)->value == NONE) {
		uint32_t branch = *above;

		*above = node_at(trie, branch)->child[node_at(trie, branch)->child[0] == NONE];
		drop_node(trie, branch);
	}
	return 0;
}

/* The first of a subtree, children before parents as in Linux. */
static uint32_t first_below(const struct trie *trie, uint32_t at)
{
	uint32_t found = NONE;

	while (at != NONE) {
		const struct node *node = node_at(trie, at);

		if (node->value != NONE)
			found = at;
		at = node->child[node->child[0] == NONE];
	}
	return found;
}

/*
 * The node after the key's: the nearest node above from which the walk would go
 * on to another side, or which is itself still to come. The first if the key is not there.
 */
static uint32_t find_next(const struct trie *trie, const struct key *key)
{
	uint32_t at = trie->root, common = 0, next = NONE;
	bool down = false; /* `next` is a subtree, not a node */

	while (at != NONE) {
		const struct node *node = node_at(trie, at);
		unsigned int side;

		common = common_bits(node, key, common);
		if (common < node->bits)
			break;
		if (node->bits == key->bits) {
			if (node->value == NONE)
				break;
			return down ? first_below(trie, next) : next;
		}
		side = bit_of(key->data, common);
		if (side == 0 && node->child[1] != NONE) {
			next = node->child[1];
			down = true;
		} else if (node->value != NONE) {
			next = at;
			down = false;
		}
		at = node->child[side];
	}
	return first_below(trie, trie->root);
}

/* From programs and bpf(2) */

static void *lpm_lookup(struct ebpf_map *map, const void *from)
{
	struct trie *trie = map->body;
	uint32_t slot = NONE;
	struct key key;

	if (!copy_key(trie, from, &key))
		return NULL;
	ebpf_lock(&trie->lock);
	slot = find_longest(trie, &key);
	ebpf_unlock(&trie->lock);
	return slot == NONE ? NULL : ebpf_map_value(map, slot);
}

static int lpm_update(struct ebpf_map *map, const void *from, const void *value, uint64_t flags)
{
	struct trie *trie = map->body;
	struct key key;
	int err;

	if (flags > BPF_EXIST || !copy_key(trie, from, &key))
		return -EINVAL;
	ebpf_lock(&trie->lock);
	err = update(map, &key, value, flags);
	ebpf_unlock(&trie->lock);
	return err;
}

static int lpm_delete(struct ebpf_map *map, const void *from)
{
	struct trie *trie = map->body;
	struct key key;
	int err;

	if (!copy_key(trie, from, &key))
		return -EINVAL;
	ebpf_lock(&trie->lock);
	err = remove_key(trie, &key);
	ebpf_unlock(&trie->lock);
	return err;
}

static int lpm_next_key(struct ebpf_map *map, const void *from, void *next_key)
{
	struct trie *trie = map->body;
	struct key key;
	uint32_t next;

	ebpf_lock(&trie->lock);
	if (from && copy_key(trie, from, &key))
		next = find_next(trie, &key);
	else
		next = first_below(trie, trie->root);
	if (next != NONE) {
		const struct node *node = node_at(trie, next);

		ebpf_memcpy(next_key, &node->bits, sizeof(node->bits));
		ebpf_memcpy((char *)next_key + sizeof(node->bits), node->data, trie->data_size);
	}
	ebpf_unlock(&trie->lock);
	return next == NONE ? -ENOENT : 0;
}

const struct ebpf_map_ops ebpf_map_lpm_ops = {
	.name = "lpm_trie",
	.check = lpm_check,
	.alloc = lpm_alloc,
	.prepare = lpm_prepare,
	.free = lpm_free,
	.lookup = lpm_lookup,
	.update = lpm_update,
	.delete = lpm_delete,
	.next_key = lpm_next_key,
	.batch = EBPF_BATCH_LOOKUP | EBPF_BATCH_UPDATE | EBPF_BATCH_DELETE,
};
