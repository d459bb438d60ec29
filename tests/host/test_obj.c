/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects and descriptors by themselves, with objects that are nothing but
 * objects; and maps closed under the feet of harts that use them.
 */
#include "world.h"

#include "ids.h"

#include "obj.h"
#include "owner.h"

#include <pthread.h>

static unsigned int released, unwound, unwind_slices;

static void release(struct ebpf_obj *obj)
{
	released++;
	ebpf_free(obj);
}

static bool last_fd(struct ebpf_obj *obj)
{
	(void)obj;
	unwound++;
	return unwound >= unwind_slices;
}

/* An object of 1000 bytes that the entry's owner pays for */
static struct ebpf_obj *new_obj(struct ebpf_fd *entry)
{
	struct ebpf_obj *obj = ebpf_zalloc(&entry->owner->account, 1000);

	assert_non_null(obj);
	obj->refs = 1;
	obj->type = EBPF_OBJ_MAP;
	obj->account = &entry->owner->account;
	obj->release = release;
	return obj;
}

static struct ebpf_fd *publish(uint64_t owner, uint64_t fd)
{
	int err;
	struct ebpf_fd *entry = ebpf_fd_new(owner, fd, &err);

	assert_non_null(entry);
	assert_int_equal(err, 0);
	ebpf_fd_publish(entry, new_obj(entry));
	return entry;
}

static int setup(void **state)
{
	released = unwound = unwind_slices = 0;
	return world_setup(state);
}

static void test_obj_reserved_number_is_no_descriptor(void **state)
{
	int err;
	struct ebpf_fd *entry = ebpf_fd_new(PROC, 5, &err), *again;

	(void)state;
	assert_non_null(entry);
	assert_null(ebpf_obj_get(PROC, 5, 0, &err));
	assert_int_equal(err, -EBADF);
	again = ebpf_fd_new(PROC, 5, &err);
	assert_null(again);
	assert_int_equal(err, -EEXIST);
	assert_ptr_equal(ebpf_fd_find(PROC, 5), entry);
	assert_ptr_equal(ebpf_fd_first(PROC), entry);
	assert_true(ebpf_fd_close(entry));
	assert_null(ebpf_fd_first(PROC));
	world_assert_balance();
}

static void test_obj_types(void **state)
{
	struct ebpf_obj *obj;
	int err;

	(void)state;
	publish(PROC, 5);
	assert_null(ebpf_obj_get(PROC, 5, EBPF_OBJ_PROG, &err));
	assert_int_equal(err, -EINVAL);
	obj = ebpf_obj_get(PROC, 5, EBPF_OBJ_MAP, &err);
	assert_non_null(obj);
	assert_int_equal(obj->refs, 2);
	/* closed while in use: released by the last user */
	assert_true(ebpf_fd_close(ebpf_fd_find(PROC, 5)));
	assert_int_equal(released, 0);
	assert_int_equal(obj->fd_refs, 0);
	ebpf_obj_put(obj);
	assert_int_equal(released, 1);
	world_assert_balance();
}

static void test_obj_ids(void **state)
{
	uint32_t a = publish(PROC, 1)->obj->id, b = publish(PROC, 2)->obj->id, c;

	(void)state;
	assert_int_not_equal(a, 0);
	assert_int_not_equal(a, b);
	ebpf_fd_close(ebpf_fd_find(PROC, 1));
	c = publish(PROC, 1)->obj->id;
	assert_int_not_equal(c, a); /* not soon used again */
	assert_int_not_equal(c, b);
	assert_int_equal(ebpf_obj_count(), 2);
}

/* Walked in order whatever came and went, against a plain list; a step of it costs next to nothing with many. */
static void test_obj_ids_in_order(void **state)
{
	static uint32_t ids[3000];
	uint32_t seen = 0, id = 0, left = 0;

	(void)state;
	for (uint32_t i = 0; i < COUNT(ids); i++)
		ids[i] = publish(PROC, i + 1)->obj->id;
	for (uint32_t i = 0; i < COUNT(ids); i++)
		if (i * 2654435761u >> 30) {
			ebpf_fd_close(ebpf_fd_find(PROC, i + 1));
			ids[i] = 0;
		} else {
			left++;
		}
	for (uint32_t i = 0; i < COUNT(ids); i++) {
		struct ebpf_obj *obj = ids[i] ? ebpf_obj_get_id(EBPF_OBJ_MAP, ids[i]) : NULL;

		if (!ids[i])
			continue;
		assert_non_null(obj);
		assert_int_equal(obj->id, ids[i]);
		ebpf_obj_put(obj);
		assert_null(ebpf_obj_get_id(EBPF_OBJ_PROG, ids[i]));
		id = ebpf_obj_next_id(EBPF_OBJ_MAP, id);
		assert_int_equal(id, ids[i]);
		seen++;
	}
	assert_int_equal(seen, left);
	assert_int_equal(ebpf_obj_next_id(EBPF_OBJ_MAP, id), 0);
	assert_int_equal(ebpf_obj_next_id(EBPF_OBJ_LINK, 0), 0);
}

static unsigned int depth(const struct ebpf_obj *obj)
{
	unsigned int left = obj ? depth(obj->left) : 0, right = obj ? depth(obj->right) : 0;

	return obj ? 1 + (left > right ? left : right) : 0;
}

/* Ids come in ascending order, the worst for a plain tree. */
static void test_obj_ids_tree_is_flat(void **state)
{
	const uint32_t n = 100000;
	struct ebpf_obj *objs = calloc(n + 1, sizeof(*objs));
	struct ebpf_ids ids = {.seed = 12345};

	(void)state;
	assert_non_null(objs);
	for (uint32_t id = 1; id <= n; id++) {
		objs[id].id = id;
		ebpf_ids_insert(&ids, &objs[id]);
	}
	assert_in_range(depth(ids.root), 17, 60);
	for (uint32_t id = 1; id <= n; id++)
		if (id % 5)
			ebpf_ids_remove(&ids, &objs[id]);
	assert_in_range(depth(ids.root), 15, 50);
	for (uint32_t id = 1; id <= n; id++) {
		assert_ptr_equal(ebpf_ids_find(&ids, id), id % 5 ? NULL : &objs[id]);
		assert_ptr_equal(ebpf_ids_next(&ids, id - 1), &objs[(id + 4) / 5 * 5]);
	}
	for (uint32_t id = n; id; id -= 5)
		ebpf_ids_remove(&ids, &objs[id]);
	assert_null(ids.root);
	free(objs);
}

static void test_obj_charges_outlive_the_owner(void **state)
{
	struct ebpf_fd *entry = publish(PROC, 1), *copy;
	struct ebpf_account *account = entry->obj->account;
	uint64_t with_fd = account->used, left;
	int err;

	(void)state;
	assert_true(with_fd > 1000);
	copy = ebpf_fd_new(OTHER, 1, &err);
	ebpf_fd_share(copy, entry->obj);
	assert_int_equal(account->used, with_fd); /* the copy's record is the other's */
	assert_true(copy->owner->account.used > 0);
	assert_int_equal(world_exit(PROC), 0);
	left = account->used;
	assert_true(left > 1000 && left < with_fd);
	assert_null(ebpf_fd_first(PROC));
	/* back again: the same account goes on */
	entry = publish(PROC, 9);
	assert_ptr_equal(entry->obj->account, account);
	assert_int_equal(account->used, left + with_fd);
	assert_int_equal(world_exit(PROC), 0);
	assert_int_equal(world_exit(OTHER), 0);
	assert_int_equal(released, 2);
	world_assert_balance();
}

static void test_obj_last_descriptor_in_slices(void **state)
{
	struct ebpf_fd *entry = publish(PROC, 1), *copy;
	int err;

	(void)state;
	entry->obj->last_fd = last_fd;
	unwind_slices = 5;
	copy = ebpf_fd_new(PROC, 2, &err);
	ebpf_fd_share(copy, entry->obj);
	assert_int_equal(ebpf_call_close(PROC, 1), 0);
	assert_int_equal(unwound, 0); /* not the last */
	for (unsigned int i = 1; i < 5; i++) {
		assert_int_equal(ebpf_call_close(PROC, 2), -ERESTART);
		assert_int_equal(released, 0);
	}
	assert_int_equal(ebpf_call_close(PROC, 2), 0);
	assert_int_equal(released, 1);
	world_assert_balance();
}

/* More than EBPF_MAX_FDS cannot be had, whatever the quotas say. */
static void test_obj_number_of_descriptors_is_bounded(void **state)
{
	struct ebpf_obj *obj = publish(PROC, 1)->obj;
	uint64_t owner = 100, n = 1;
	int err = 0;

	(void)state;
	for (; !err; n++) {
		struct ebpf_fd *entry = ebpf_fd_new(owner + n / 10000, n + 1, &err);

		if (entry)
			ebpf_fd_share(entry, obj);
	}
	assert_int_equal(err, -ENFILE);
	assert_int_equal(n - 1, EBPF_MAX_FDS);
	assert_int_equal(ebpf_call_dup(PROC, 1, PROC, 2), -ENFILE);
	for (uint64_t i = 0; i <= n / 10000; i++)
		assert_int_equal(world_exit(owner + i), 0);
	assert_int_equal(ebpf_call_dup(PROC, 1, PROC, 2), 2);
}

/* Three harts use element commands on a descriptor that a fourth makes and closes. */
#define CLOSES 3000u
static bool stop;

struct hart {
	pthread_t thread;
	unsigned int index;
	uint64_t found, missed;
};

static void *use_elements(void *arg)
{
	struct hart *hart = arg;
	uint64_t attr_at = USER + 0x20000u + hart->index * 0x1000u;
	union bpf_attr attr;

	host_hart = hart->index;
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = 3;
	attr.key = attr_at + 0x200;
	attr.value = attr_at + 0x210;
	user_write(attr_at, &attr, sizeof(attr));
	user_put64(attr_at + 0x200, hart->index);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		int64_t result = ebpf_call_bpf(BPF_MAP_UPDATE_ELEM, attr_at, 32, world_user_satp, PROC, 0);

		if (!result)
			result = ebpf_call_bpf(BPF_MAP_LOOKUP_ELEM, attr_at, 32, world_user_satp, PROC, 0);
		if (result != 0 && result != -EBADF && result != -ENOENT)
			return "an error that cannot be";
		hart->found += result == 0;
		hart->missed += result == -EBADF;
	}
	return NULL;
}

static void test_obj_closed_while_used(void **state)
{
	struct hart harts[3];

	(void)state;
	host_hart_count = 4;
	stop = false;
	memset(harts, 0, sizeof(harts));
	for (unsigned int i = 0; i < 3; i++) {
		harts[i].index = i + 1;
		assert_int_equal(pthread_create(&harts[i].thread, NULL, use_elements, &harts[i]), 0);
	}
	for (unsigned int i = 0; i < CLOSES; i++) {
		assert_int_equal(map_create(BPF_MAP_TYPE_HASH, 8, i % 2 ? 8 : 700, 16, 3), 3);
		if (i % 3 == 0)
			assert_int_equal(ebpf_call_dup(PROC, 3, OTHER, 3), 3);
		assert_int_equal(ebpf_call_close(PROC, 3), 0);
		if (i % 3 == 0)
			assert_int_equal(ebpf_call_close(OTHER, 3), 0);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < 3; i++) {
		void *wrong;

		pthread_join(harts[i].thread, &wrong);
		assert_null(wrong);
		assert_true(harts[i].found + harts[i].missed > 0);
	}
	world_assert_balance();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_obj_reserved_number_is_no_descriptor),
		TEST(test_obj_types),
		TEST(test_obj_ids),
		TEST(test_obj_ids_in_order),
		TEST(test_obj_ids_tree_is_flat),
		TEST(test_obj_charges_outlive_the_owner),
		TEST(test_obj_last_descriptor_in_slices),
		TEST(test_obj_number_of_descriptors_is_bounded),
		TEST(test_obj_closed_while_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
