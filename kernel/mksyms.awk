# SPDX-License-Identifier: BSD-2-Clause
# From `nm -n -S` of the kernel to its symbol table: an assembler file in the
# format of struct ebpf_symtab_header (firmware/ebpf/uapi/sbi_ebpf.h). Functions
# only: local labels and names the compiler made up are left out.

BEGIN { n = 0 }

# address size type name | address type name
NF == 4 && $3 ~ /^[tTwW]$/ { add($1, $2, $4) }
NF == 3 && $2 ~ /^[tTwW]$/ { add($1, "0", $3) }

function add(addr, size, name)
{
	# marks of the linker script, and labels without a size inside a function
	if (name ~ /^\$/ || name ~ /_(start|end|copy|insn)$/ && size == "0" && name != "_start" && name != "secondary_start")
		return
	if (name ~ /[^A-Za-z0-9_.]/)
		return
	addrs[n] = addr
	sizes[n] = size
	names[n] = name
	n++
}

END {
	print "\t.section .ksyms, \"a\""
	print "\t.balign 16"
	print "\t.globl ksyms_header, ksyms_end"
	print "ksyms_header:"
	print "\t.long 0x4d59534b"
	print "\t.half 1, 16"
	off = 0
	for (i = 0; i < n; i++)
		off += length(names[i]) + 1
	if (n == 0)
		off = 1
	printf "\t.long %d, %d\n", n, off
	off = 0
	for (i = 0; i < n; i++) {
		printf "\t.quad 0x%s\n\t.long %d, 0x%s\n", addrs[i], off, sizes[i]
		off += length(names[i]) + 1
	}
	for (i = 0; i < n; i++)
		printf "\t.asciz \"%s\"\n", names[i]
	if (n == 0)
		print "\t.byte 0"
	print "ksyms_end:"
}
