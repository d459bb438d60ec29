#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Where each instruction of an ELF file's .text begins: 64-bit little-endian words.

usage: insns.py OBJDUMP ELF OUT
"""
import pathlib
import re
import struct
import subprocess
import sys


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    text = subprocess.run([sys.argv[1], "-d", "-j", ".text", "--no-show-raw-insn", sys.argv[2]], capture_output=True, text=True,
                          check=True).stdout
    # data between functions is disassembled as .word and the like: not instructions
    found = re.findall(r"^\s*([0-9a-f]+):\s+(?!\.)\S", text, re.M)
    if len(found) < 1000:
        sys.exit(f"insns.py: only {len(found)} instructions in {sys.argv[2]}")
    pathlib.Path(sys.argv[3]).write_bytes(b"".join(struct.pack("<Q", int(addr, 16)) for addr in found))


if __name__ == "__main__":
    main()
