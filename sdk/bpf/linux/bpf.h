/* SPDX-License-Identifier: BSD-2-Clause */
/* For programs written against Linux's headers: kernel.h has what <linux/bpf.h> would bring. */
#include "../kernel.h"
