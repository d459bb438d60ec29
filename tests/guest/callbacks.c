/* SPDX-License-Identifier: BSD-2-Clause */
/* bpf_loop() and bpf_for_each_map_elem() as clang and libbpf make them, in a probe. */
#include "callbacks.h"
#include "callbacks.skel.h"
#include "guest_test.h"

#include <fcntl.h>

int main(void)
{
	struct accounts before = accounts_now();
	struct callbacks *skel = callbacks__open_and_load();
	struct sums sums;
	int zero = 0;

	if (!check(skel != NULL, "load", errno))
		return checks_done("callbacks");
	check(callbacks__attach(skel) == 0, "attach", errno);
	close(open("callbacks", O_RDONLY));
	check(bpf_map__lookup_elem(skel->maps.bss, &zero, sizeof(zero), &sums, sizeof(sums), 0) == 0, "read .bss",
	      errno);
	check(sums.triangle == 4950, "the sum of 0 to 99", (long)sums.triangle);
	check(sums.grid == 100, "calls of an inner callback", (long)sums.grid);
	check(sums.calls == 7, "calls until the callback said stop", (long)sums.calls);
	check(sums.elements == 20, "elements", (long)sums.elements);
	check(sums.keys == 210, "the sum of keys", (long)sums.keys);
	check(sums.values == 210000, "the sum of values", (long)sums.values);
	check(sums.emptied == 0, "elements left", (long)sums.emptied);
	callbacks__destroy(skel);
	accounts_check(&before, "what is left");
	return checks_done("callbacks");
}
