/* SPDX-License-Identifier: BSD-2-Clause */
/* The SBI extension "BPF": sbi_ebpf.h. a1 has the errno in every case, so a0 need not be looked at. */
#include "sbi_ebpf.h"
#include "sbi.h"

#define CALL(fid, a0, a1, a2, a3, a4, a5) sbi_call(SBI_EXT_EBPF, fid, a0, a1, a2, a3, a4, a5).value

/* Until it is finished; interrupts are taken in between. */
static int64_t call_to_end(uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
	int64_t ret;

	do
		ret = CALL(fid, a0, a1, a2, a3, 0, 0);
	while (ret == -SBI_EBPF_ERESTART);
	return ret;
}

int64_t sbi_ebpf_get_info(uint64_t index)
{
	return CALL(SBI_EXT_EBPF_GET_INFO, index, 0, 0, 0, 0, 0);
}

int64_t sbi_ebpf_call(uint64_t cmd, uint64_t attr, uint64_t size, uint64_t satp, uint64_t owner, uint64_t newfd)
{
	return CALL(SBI_EXT_EBPF_CALL, cmd, attr, size, satp, owner, newfd);
}

int64_t sbi_ebpf_close(uint64_t owner, uint64_t fd)
{
	return call_to_end(SBI_EXT_EBPF_CLOSE, owner, fd, 0, 0);
}

int64_t sbi_ebpf_dup(uint64_t owner, uint64_t fd, uint64_t new_owner, uint64_t new_fd)
{
	return call_to_end(SBI_EXT_EBPF_DUP, owner, fd, new_owner, new_fd);
}

int64_t sbi_ebpf_exit(uint64_t owner)
{
	return call_to_end(SBI_EXT_EBPF_EXIT, owner, 0, 0, 0);
}

int64_t sbi_ebpf_set_task_area(uint64_t pa, uint64_t flags)
{
	return CALL(SBI_EXT_EBPF_SET_TASK_AREA, pa, 0, flags, 0, 0, 0);
}

int64_t sbi_ebpf_set_symbols(uint64_t pa, uint64_t size)
{
	return call_to_end(SBI_EXT_EBPF_SET_SYMBOLS, pa, 0, size, 0);
}

int64_t sbi_ebpf_set_return_trampoline(uint64_t va)
{
	return call_to_end(SBI_EXT_EBPF_SET_RETURN_TRAMPOLINE, va, 0, 0, 0);
}

int64_t sbi_ebpf_trace_read(uint64_t buf, uint64_t size, uint64_t satp)
{
	return CALL(SBI_EXT_EBPF_TRACE_READ, buf, size, satp, 0, 0, 0);
}
