/* SPDX-License-Identifier: BSD-2-Clause */
/* CSRs, page table entries and trap causes: Priv v1.12 ch. 4. Names are the specification's. */
#ifndef KERNEL_RISCV_H
#define KERNEL_RISCV_H

#include <stdbool.h>
#include <stdint.h>

#define csr_read(csr)                                                                                                  \
	({                                                                                                             \
		uint64_t v_;                                                                                           \
		__asm__ volatile("csrr %0, " #csr : "=r"(v_) : : "memory");                                            \
		v_;                                                                                                    \
	})
#define csr_write(csr, val) __asm__ volatile("csrw " #csr ", %0" : : "rK"((uint64_t)(val)) : "memory")
#define csr_set(csr, val) __asm__ volatile("csrs " #csr ", %0" : : "rK"((uint64_t)(val)) : "memory")
#define csr_clear(csr, val) __asm__ volatile("csrc " #csr ", %0" : : "rK"((uint64_t)(val)) : "memory")

#define SSTATUS_SIE (1UL << 1)
#define SSTATUS_SPIE (1UL << 5)
#define SSTATUS_SPP (1UL << 8)
#define SSTATUS_FS (3UL << 13)
#define SSTATUS_SUM (1UL << 18)

#define SIE_SSIE (1UL << 1)
#define SIE_STIE (1UL << 5)
#define SIE_SEIE (1UL << 9)

#define SCAUSE_INTERRUPT (1UL << 63)
#define IRQ_S_SOFT 1
#define IRQ_S_TIMER 5
#define IRQ_S_EXT 9
#define CAUSE_MISALIGNED_FETCH 0
#define CAUSE_FETCH_ACCESS 1
#define CAUSE_ILLEGAL_INSTRUCTION 2
#define CAUSE_BREAKPOINT 3
#define CAUSE_MISALIGNED_LOAD 4
#define CAUSE_LOAD_ACCESS 5
#define CAUSE_MISALIGNED_STORE 6
#define CAUSE_STORE_ACCESS 7
#define CAUSE_USER_ECALL 8
#define CAUSE_FETCH_PAGE_FAULT 12
#define CAUSE_LOAD_PAGE_FAULT 13
#define CAUSE_STORE_PAGE_FAULT 15

#define SATP_SV39 (8UL << 60)

#define PTE_V (1UL << 0)
#define PTE_R (1UL << 1)
#define PTE_W (1UL << 2)
#define PTE_X (1UL << 3)
#define PTE_U (1UL << 4)
#define PTE_G (1UL << 5)
#define PTE_A (1UL << 6)
#define PTE_D (1UL << 7)
#define PTE_RSW0 (1UL << 8)
#define PTE_RSW1 (1UL << 9)
#define PTE_RWX (PTE_R | PTE_W | PTE_X)
#define PTE_PPN_MASK (((1UL << 44) - 1) << 10)
#define PTE_PA(pte) (((pte)&PTE_PPN_MASK) << 2)
#define PA_PTE(pa) ((uint64_t)(pa) >> 2)
#define VPN(va, level) (((va) >> (12 + 9 * (level))) & 0x1ff)

static inline uint64_t read_time(void)
{
	return csr_read(time);
}

static inline bool interrupts_on(void)
{
	return csr_read(sstatus) & SSTATUS_SIE;
}

static inline void interrupts_enable(void)
{
	csr_set(sstatus, SSTATUS_SIE);
}

static inline void interrupts_disable(void)
{
	csr_clear(sstatus, SSTATUS_SIE);
}

static inline void sfence_vma_all(void)
{
	__asm__ volatile("sfence.vma" : : : "memory");
}

static inline void fence_i(void)
{
	__asm__ volatile("fence.i" : : : "memory");
}

#endif
