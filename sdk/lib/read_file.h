/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole file in memory. */
#ifndef SDK_READ_FILE_H
#define SDK_READ_FILE_H

#include <stddef.h>

/* What the caller frees, with a NUL behind it that *size does not count; or NULL with errno set. */
void *sdk_read_file(const char *path, size_t *size);

#endif
