/* SPDX-License-Identifier: BSD-2-Clause */
/* Mail between processes: one box each, 16 messages of at most 256 bytes, first in first out. */
#ifndef KERNEL_MAIL_H
#define KERNEL_MAIL_H

#include <stdint.h>

struct mailbox;

/* Length of the message, or -1. len 0 only asks: 0 = there is one (read), there is room (write). */
int64_t mail_read(uint64_t buf_va, uint64_t len);
int64_t mail_write(int pid, uint64_t buf_va, uint64_t len);
void mail_destroy(struct mailbox *m); /* NULL is allowed */

#endif
