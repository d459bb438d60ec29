#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write compile_commands.json from what make would run.

make -Bn V=1 ... | tools/compdb.py OUT

Every command with -c and a C source becomes an entry; the first command for a
source is the one editors see first. Written whole or not at all.
"""

import json
import os
import re
import shlex
import sys


def entry(line):
    """The database entry for one line of make's output, or None."""
    if " -c " not in line:
        return None
    for command in re.split(r"&&|;", line):
        try:
            argv = shlex.split(command)
        except ValueError:
            continue
        sources = [a for a in argv if a.endswith(".c") and not a.startswith("-")]
        if len(argv) > 2 and "-c" in argv and len(sources) == 1 and re.search(r"(gcc|clang|cc)(-\d+)?$", argv[0]):
            return {"directory": os.getcwd(), "file": sources[0], "arguments": argv}
    return None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    text = sys.stdin.read().replace("\\\n", " ")
    entries = [e for e in map(entry, text.splitlines()) if e]
    if not entries:
        sys.exit("compdb: no compile command in make's output")
    with open(sys.argv[1] + ".new", "w", encoding="utf-8") as f:
        json.dump(entries, f, indent=1)
        f.write("\n")
    os.rename(sys.argv[1] + ".new", sys.argv[1])


if __name__ == "__main__":
    main()
