/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree of ids.h: a treap (Seidel and Aragon). By ids it is a search tree, by
 * rank a heap, and the rank of an object is a hash of its id: so its shape is
 * that of a tree into which the ids came in random order.
 */
#include "ids.h"

static uint64_t rank(const struct ebpf_ids *ids, const struct ebpf_obj *obj)
{
	uint64_t x = (obj->id ^ ids->seed) * 0x9e3779b97f4a7c15u;

	return (x ^ x >> 32) * 0xbf58476d1ce4e5b9u;
}

/* A tree into those below `id` and the others. */
static void split(struct ebpf_obj *tree, uint32_t id, struct ebpf_obj **below, struct ebpf_obj **above)
{
	while (tree) {
		struct ebpf_obj *next = tree->id < id ? tree->right : tree->left;

		if (tree->id < id) {
			*below = tree;
			below = &tree->right;
		} else {
			*above = tree;
			above = &tree->left;
		}
		tree = next;
	}
	*below = *above = NULL;
}

void ebpf_ids_insert(struct ebpf_ids *ids, struct ebpf_obj *obj)
{
	struct ebpf_obj **link = &ids->root;
	uint64_t own = rank(ids, obj);

	while (*link && rank(ids, *link) >= own)
		link = obj->id < (*link)->id ? &(*link)->left : &(*link)->right;
	split(*link, obj->id, &obj->left, &obj->right);
	*link = obj;
}

void ebpf_ids_remove(struct ebpf_ids *ids, struct ebpf_obj *obj)
{
	struct ebpf_obj **link = &ids->root, *left = obj->left, *right = obj->right;

	while (*link != obj)
		link = obj->id < (*link)->id ? &(*link)->left : &(*link)->right;
	while (left && right) {
		if (rank(ids, left) >= rank(ids, right)) {
			*link = left;
			link = &left->right;
			left = *link;
		} else {
			*link = right;
			link = &right->left;
			right = *link;
		}
	}
	*link = left ? left : right;
}

struct ebpf_obj *ebpf_ids_find(const struct ebpf_ids *ids, uint32_t id)
{
	struct ebpf_obj *obj = ids->root;

	while (obj && obj->id != id)
		obj = id < obj->id ? obj->left : obj->right;
	return obj;
}

struct ebpf_obj *ebpf_ids_next(const struct ebpf_ids *ids, uint32_t id)
{
	struct ebpf_obj *obj = ids->root, *best = NULL;

	while (obj) {
		if (obj->id > id)
			best = obj;
		obj = id < obj->id ? obj->left : obj->right;
	}
	return best;
}
