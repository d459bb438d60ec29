#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make kernel_types.h: the kernel's own structures, for programs that look into it.

    bpftool btf dump file kernel.btf format c | tools/kernel_types.py HEADER... >kernel_types.h

Standard input is every type of the kernel as C. What a HEADER defines already
(the numbers of eBPF, the registers) is left out, the rest goes through as it is.
"""

import re
import sys

TAG = re.compile(r"^\s*(struct|union|enum)\s+(\w+)\s*\{", re.MULTILINE)
ENUMERATOR = re.compile(r"^enum \{\s*(\w+)")
HEAD = """/* Generated from the kernel's debug information. Included by kernel.h. */
#ifndef _BPF_KERNEL_TYPES_H
#define _BPF_KERNEL_TYPES_H

/* Where a member lies is looked up in the types of the kernel that runs, when a program is loaded (CO-RE). */
#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
#endif
"""
TAIL = """#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif"""


def defined_in(paths):
    tags, words = set(), set()
    for path in paths:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        tags |= {m.groups() for m in TAG.finditer(text)}
        words |= set(re.findall(r"\w+", text))
    return tags, words


def wanted(block, tags, words):
    if block.startswith("#"):
        return False
    tag = TAG.match(block)
    if tag:
        return tag.groups() not in tags
    first = ENUMERATOR.match(block)
    return not (first and first.group(1) in words)


def main():
    tags, words = defined_in(sys.argv[1:])
    blocks = [b.strip("\n") for b in re.split(r"\n\n+", sys.stdin.read())]
    kept = [b for b in blocks if b and wanted(b, tags, words)]
    if not any(TAG.match(b) for b in kept):
        sys.exit("kernel_types: no structure found: was the kernel compiled with -g?")
    print("\n\n".join([HEAD.rstrip("\n")] + kept + [TAIL]))


if __name__ == "__main__":
    main()
