// SPDX-License-Identifier: BSD-2-Clause
/*
 * Spike's HTIF, where it is a device with registers of its own (as QEMU gives it):
 * two mailboxes of 64 bits, device << 56 | command << 48 | data.
 *
 * Power-off: OpenSBI 1.6 stores to it through pointers that are not volatile, and
 * gcc drops those stores from the endless loop of its reset.
 *
 * Console: a key waits in the mailbox from the host, and the answer to the next
 * character that is printed replaces it. So the mailbox is emptied before each
 * character, and keys have a queue here.
 */
#include "seam.h"

#include <sbi/riscv_io.h>
#include <sbi/riscv_locks.h>
#include <sbi/sbi_console.h>
#include <sbi/sbi_ecall_interface.h>
#include <sbi/sbi_system.h>

#define FROMHOST 0 /* offsets */
#define TOHOST 8
#define MESSAGE(device, command, data) ((u64)(device) << 56 | (u64)(command) << 48 | (data))
#define DEVICE_COMMAND(message) ((message) >> 48)

#define EXIT_STATUS(status) MESSAGE(0, 0, (u64)(status) << 1 | 1)
#define GETC MESSAGE(1, 0, 0)
#define PUTC(c) MESSAGE(1, 1, (u8)(c))
#define STATUS_FAILURE 1
#define PRIORITY 255 /* over OpenSBI's own */

#define KEYS 64 /* a power of two */

static volatile char *registers;
static spinlock_t lock = SPIN_LOCK_INITIALIZER;
static char keys[KEYS];
static unsigned int keys_put, keys_taken;

static int htif_check(u32 type, u32 reason)
{
	return type == SBI_SRST_RESET_TYPE_SHUTDOWN ? PRIORITY : 0;
}

static void htif_reset(u32 type, u32 reason)
{
	for (;;) /* a store is lost while the device still has another one */
		writeq(EXIT_STATUS(reason != SBI_SRST_RESET_REASON_NONE ? STATUS_FAILURE : 0), registers + TOHOST);
}

static struct sbi_system_reset_device reset_device = {
	.name = "htif-status",
	.system_reset_check = htif_check,
	.system_reset = htif_reset,
};

/* With the lock: empty the mailbox. A key for which there is no room is lost, as it would be there. */
static void take_key(void)
{
	u64 message = readq(registers + FROMHOST);

	if (!message)
		return;
	writeq(0, registers + FROMHOST);
	if (DEVICE_COMMAND(message) == DEVICE_COMMAND(GETC) && keys_put - keys_taken < KEYS)
		keys[keys_put++ % KEYS] = (char)message;
}

/* With the lock */
static void send(u64 message)
{
	do
		take_key();
	while (readq(registers + TOHOST));
	writeq(message, registers + TOHOST);
}

static void htif_putc(char c)
{
	spin_lock(&lock);
	send(PUTC(c));
	spin_unlock(&lock);
}

static int htif_getc(void)
{
	int c = -1;

	spin_lock(&lock);
	take_key();
	if (keys_put != keys_taken) {
		c = (u8)keys[keys_taken++ % KEYS];
		send(GETC); /* ask for the next one */
	}
	spin_unlock(&lock);
	return c;
}

static const struct sbi_console_device console_device = {
	.name = "htif-queue",
	.console_putc = htif_putc,
	.console_getc = htif_getc,
};

void seam_htif_init(volatile void *at)
{
	registers = at;
	sbi_system_reset_add_device(&reset_device);
	send(GETC);
	sbi_console_set_device(&console_device);
}
