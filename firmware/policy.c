// SPDX-License-Identifier: BSD-2-Clause
/*
 * What programs are allowed beyond looking. Nothing, unless /chosen of the
 * device tree that the firmware is given lists it:
 *
 *	chosen {
 *		mbpf,allow = "probe-write-user", "override-return";
 *	};
 *
 * So it is decided by who owns the machine, before the kernel runs, and neither
 * the kernel nor a process can change it. A name that is unknown allows nothing
 * and is said on the console.
 */
#include "seam.h"
#include "ebpf/helper.h"
#include "ebpf/uapi/sbi_ebpf.h"

#include <libfdt.h>
#include <sbi/sbi_console.h>
#include <sbi/sbi_string.h>

static const struct {
	const char *name;
	u64 bit;
} known[] = {
	{"probe-write-user", SBI_EBPF_FEATURE_WRITE_USER},
	{"override-return", SBI_EBPF_FEATURE_OVERRIDE_RETURN},
};

static u64 bit_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!sbi_strcmp(known[i].name, name))
			return known[i].bit;
	sbi_printf("mbpf: mbpf,allow = \"%s\" in the device tree is not known\n", name);
	return 0;
}

void seam_policy_init(const void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen"), count, i;

	count = chosen < 0 ? 0 : fdt_stringlist_count(fdt, chosen, "mbpf,allow");
	for (i = 0; i < count; i++)
		ebpf_policy_allow |= bit_of(fdt_stringlist_get(fdt, chosen, "mbpf,allow", i, NULL));
}

void seam_policy_print(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (ebpf_policy_allow & known[i].bit)
			sbi_printf("mbpf programs may           : %s\n", known[i].name);
}
