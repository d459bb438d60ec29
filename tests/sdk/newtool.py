#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The promise of sdk/README.md: two files in progs/, nothing else, and `make run`.

    tests/sdk/newtool.py BUILD

copies the tree with what is built in BUILD already, puts the programs of
sdk/README.md into the copy's progs/ as a reader would, runs `make run` there, and
looks for what they print. Prints a line a test and "N passed, N failed".
"""

import os
import re
import shutil
import subprocess
import sys

PROGRAM = re.compile(r"`progs/([\w.]+)`:\n\n```c\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"`make run CMD='(.*?)'`")
EXPECT = re.compile(r"^[1-9]\d* closes in a second\r?$", re.MULTILINE)
TIMEOUT = 180
NOT_SOURCE = {".git", ".ci", "build"}


def copy_tree(build, to):
    """Sources with their times, so that nothing but the new files is built; what is built as links."""
    shutil.rmtree(to, ignore_errors=True)
    os.makedirs(to)
    for name in sorted(os.listdir(".")):
        if name in NOT_SOURCE or os.path.abspath(name) == os.path.abspath(build):
            continue
        subprocess.run(["cp", "-a", name, to], check=True)
    os.makedirs(f"{to}/build")
    for name in ("kernel", "user", "virt"):
        subprocess.run(["cp", "-al", f"{build}/{name}", f"{to}/build/"], check=True)


def main():
    build = sys.argv[1]
    tree = f"{build}/newtool"
    with open("sdk/README.md", encoding="utf-8") as f:
        text = f.read()
    files = PROGRAM.findall(text)
    command = COMMAND.search(text).group(1)
    copy_tree(build, tree)
    for name, source in files:
        with open(f"{tree}/progs/{name}", "x", encoding="utf-8") as f:
            f.write(source)
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BUILD")}
    done = subprocess.run(["make", "-C", tree, "run", f"CMD={command}"], env=env, timeout=TIMEOUT, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    shutil.rmtree(tree)
    if len(files) == 2 and done.returncode == 0 and EXPECT.search(done.stdout):
        print("  ok    sdk/README.md: a tool of two files")
        print("1 passed, 0 failed")
        return 0
    print(f"  FAIL  sdk/README.md: a tool of two files ({len(files)} files, status {done.returncode})")
    print("\n".join("        | " + line for line in done.stdout.splitlines()[-40:]))
    print("0 passed, 1 failed")
    return 1


if __name__ == "__main__":
    sys.exit(main())
