#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run several check commands, all of them, and sum what they report.

tools/tally.py 'make test-host' 'make lint' ...

A command whose last line is "N passed, N failed" counts with its numbers, any
other as one check: passed with exit status 0; so does one that is given as
'one: COMMAND', whatever it prints. A command that fails while it
reports no failure counts as one failure. The last line is the sum.

With --at-once they run at the same time, and each one's output comes when it has ended.
"""

import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ONE = "one: "
LAST = re.compile(r"^(\d+) passed, (\d+) failed$")


class Output:
    """Where the output of one command goes: on at once, or in one piece at the end."""

    def __init__(self, keep):
        self.kept = [] if keep else None

    def add(self, line):
        if self.kept is not None:
            self.kept.append(line)
            return
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    def end(self):
        if self.kept:
            sys.stdout.buffer.write(b"".join(self.kept))  # one write: not mixed with another command's
            sys.stdout.buffer.flush()


def run(command, output):
    """Run one command with its output shown; return (passed, failed)."""
    output.add(f"== {command}\n".encode())
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
            output.add(line)
            text = line.decode(errors="replace").strip()
            if LAST.match(text):  # make itself may add a line about the failure behind it
                last = text
        status = proc.wait()
    output.end()
    if one or not last:
        return (0, 1) if status else (1, 0)
    passed, failed = (int(n) for n in LAST.match(last).groups())
    return passed, failed or (1 if status else 0)


def main():
    at_once = sys.argv[1:2] == ["--at-once"]
    commands = sys.argv[2 if at_once else 1 :]
    if not commands:
        sys.exit(__doc__)

    def timed(command):
        start = time.monotonic()
        return command, *run(command, Output(at_once)), time.monotonic() - start

    with ThreadPoolExecutor(len(commands) if at_once else 1) as pool:
        results = list(pool.map(timed, commands))
    print("== in all", flush=True)
    for command, passed, failed, seconds in results:
        print(f"  {'FAIL' if failed else 'ok  '}  {command}: {passed} passed, {failed} failed, {seconds:.0f} s")
    failed = sum(r[2] for r in results)
    print(f"{sum(r[1] for r in results)} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
