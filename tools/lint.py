#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""clang-tidy and cppcheck over our own C files; any finding is an error.

tools/lint.py COMPILE_COMMANDS [FILE...]

Each file is checked as it is compiled first (for the firmware that is the
RISC-V build), with the options that only gcc knows left out. Tests are not
checked here; they run under sanitizers. The last line is
"N passed, N failed", counting files.
"""

import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

GCC_ONLY = re.compile(r"^(-M(M?D|P)|-mno-relax|-mstrict-align|-mcmodel=.*|-mabi=.*|-march=.*|-fno-.*|-ffixed-.*|-fsanitize.*|-O\w|-g)$")
RESOURCE_DIR = subprocess.run(["clang", "-print-resource-dir"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
CPPCHECK = [
    "cppcheck",
    "--quiet",
    "--error-exitcode=1",
    "--enable=warning,portability",
    "--inline-suppr",
    "--std=c11",
    "--max-configs=1",
    "--suppress=missingInclude",
    "--suppress=unknownMacro",
    "--suppress=syntaxError",  # differences of labels, a GNU extension
    "--suppress=internalAstError",  # the same
    "--suppress=negativeIndex",  # does not follow loop conditions
    "--suppress=uninitvar",  # does not see what is written through a pointer
    "--suppress=arithOperationsOnVoidPointer",  # GNU C
    "--suppress=comparePointers",  # symbols of the linker script
    "--suppress=overlappingWriteUnion",
    "--template={file}:{line}: {severity}: {message} [{id}]",
]


def clang_args(entry):
    """The compiler options of a database entry, as clang 14 and later take them."""
    args, skip = [], False
    for a in entry["arguments"][1:]:
        if "/gcc" in a and args and args[-1] in ("-isystem", "-I"):
            a = RESOURCE_DIR + "/include"  # gcc's own headers are not clang's
        if skip or a in ("-c", entry["file"]):
            skip = False
        elif a in ("-o", "-MF", "-MT", "-MQ"):
            skip = True
        elif not GCC_ONLY.match(a):
            args.append(a)
    compiler = os.path.basename(entry["arguments"][0])
    if compiler.startswith("riscv64"):
        args += ["--target=riscv64-linux-gnu", "-march=rv64imac", "-mabi=lp64"]
    return args


def cppcheck_args(entry):
    """Its defines and include paths (cppcheck knows -I only)."""
    args, it = [], iter(entry["arguments"])
    for a in it:
        if a in ("-iquote", "-I"):
            args.append("-I" + next(it))
        elif re.match(r"-[DIU].", a):
            args.append(a)
    return args


def without_paths(text):
    """clang-tidy's findings without the notes on how the analyzer got there."""
    kept, noting = [], False
    for line in text.splitlines():
        if re.search(r":\d+:\d+: ", line):
            noting = ": note: " in line
        if not noting:
            kept.append(line)
    return "\n".join(kept)


def check(entry):
    """Run both on one file; return (file, findings)."""
    source = entry["file"]
    findings = []
    tidy = ["clang-tidy", "--quiet", source, "--", *clang_args(entry)]
    for argv in (tidy, [*CPPCHECK, *cppcheck_args(entry), source]):
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            findings.append(without_paths(done.stdout).strip() or done.stderr.strip() or f"{argv[0]}: exit status {done.returncode}")
    return source, findings


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        entries = json.load(f)
    first = {}
    for entry in entries:
        # an absolute path is generated or not ours; tests are made of macros the analyzer stumbles over
        if not os.path.isabs(entry["file"]) and not entry["file"].startswith("tests/"):
            first.setdefault(entry["file"], entry)
    wanted = sys.argv[2:] or sorted(first)
    failed = 0
    start = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for source, findings in pool.map(lambda s: check(first[s]), wanted):
            if findings:
                failed += 1
                print(f"  FAIL  {source}")
                print("\n".join(findings), flush=True)
    print(f"  lint of {len(wanted)} files took {time.monotonic() - start:.0f} s")
    print(f"{len(wanted) - failed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
