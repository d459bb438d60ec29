/* SPDX-License-Identifier: BSD-2-Clause */
/* For programs written for Linux: kernel.h is what stands in vmlinux.h's place. */
#include "kernel.h"
