/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _STRINGS_H
#define _STRINGS_H

#include <string.h>

#endif
