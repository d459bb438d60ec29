/* SPDX-License-Identifier: BSD-2-Clause */
/* The eBPF interface under the name Linux programs include it by. */
#ifndef _LINUX_BPF_H
#define _LINUX_BPF_H

#include "uapi/bpf.h"

#endif
