#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run several check commands, all of them, and sum what they report.

tools/tally.py 'make test-host' 'make lint' ...

A command whose last line is "N passed, N failed" counts with its numbers, any
other as one check: passed with exit status 0; so does one that is given as
'one: COMMAND', whatever it prints. A command that fails while it
reports no failure counts as one failure. The last line is the sum.
"""

import re
import shlex
import subprocess
import sys
import time

ONE = "one: "
LAST = re.compile(r"^(\d+) passed, (\d+) failed$")


def run(command):
    """Run one command with its output shown; return (passed, failed)."""
    print(f"== {command}", flush=True)
    last, one = "", command.startswith(ONE)
    # close_fds: a make within make must reach the outer one's job server
    with subprocess.Popen(
        shlex.split(command.removeprefix(ONE)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,
    ) as proc:
        for line in proc.stdout:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            text = line.decode(errors="replace").strip()
            if LAST.match(text):  # make itself may add a line about the failure behind it
                last = text
        status = proc.wait()
    if one or not last:
        return (0, 1) if status else (1, 0)
    passed, failed = (int(n) for n in LAST.match(last).groups())
    return passed, failed or (1 if status else 0)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    results = []
    for command in sys.argv[1:]:
        start = time.monotonic()
        results.append((command, *run(command), time.monotonic() - start))
    print("== in all")
    for command, passed, failed, seconds in results:
        print(f"  {'FAIL' if failed else 'ok  '}  {command}: {passed} passed, {failed} failed, {seconds:.0f} s")
    failed = sum(r[2] for r in results)
    print(f"{sum(r[1] for r in results)} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
