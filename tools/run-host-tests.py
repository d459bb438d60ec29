#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run test programs that speak TAP (cmocka does when asked), report all of them.

A program that was not built, crashes, is stopped by a sanitizer, hangs or ends
before its plan is done has failed, whatever it printed before; so has a skipped
test, but for those in MAY_SKIP, which need what not every machine has: these are
named and counted. The last line is "N passed, N failed".
"""

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

PLAN = re.compile(r"^1\.\.(\d+)", re.MULTILINE)
RESULT = re.compile(r"^(not ok|ok) \d+(.*)$", re.MULTILINE)
SKIPPED = re.compile(r"^(?:# )?skipped: (.*)$", re.MULTILINE)
TAIL_LINES = 40

# Tests that say "skipped: <why>" where they cannot be run
MAY_SKIP = {"test_verifier_linux"}


class Outcome:
    """What one program's run came to."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)
        self.passed = self.failed = self.skipped = 0
        self.reasons = []
        self.output = ""
        self.seconds = 0.0

    def fail(self, reason, count=1):
        self.failed += count
        self.reasons.append(reason)

    def judge(self, status):
        """Count the results in the output and hold them against plan and status."""
        for verdict, rest in RESULT.findall(self.output):
            if verdict == "ok" and "# SKIP" not in rest:
                self.passed += 1
            elif "# SKIP" in rest and self.name in MAY_SKIP and SKIPPED.search(self.output):
                self.skipped += 1
            else:
                self.fail(rest.strip().lstrip("- "))
        planned = sum(int(n) for n in PLAN.findall(self.output))
        seen = self.passed + self.failed + self.skipped
        if not planned:
            self.fail("it ran no test")
        elif seen < planned:
            self.fail(f"{planned - seen} of its tests never ended", planned - seen)
        if status < 0:
            self.fail(f"killed by signal {-status}")
        elif status and not self.failed:
            self.fail(f"exit status {status}")


def run_program(path, limit):
    outcome = Outcome(path)
    if not os.access(path, os.X_OK):
        outcome.fail("not built")
        return outcome
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP", UBSAN_OPTIONS="print_stacktrace=1")
    start = time.monotonic()
    try:
        done = subprocess.run(
            [os.path.abspath(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit,
            env=env,
            check=False,
        )
        outcome.output = done.stdout.decode(errors="replace")
        outcome.judge(done.returncode)
    except subprocess.TimeoutExpired as e:
        outcome.output = (e.stdout or b"").decode(errors="replace")
        outcome.judge(0)
        outcome.fail(f"hang: no end within {limit:g} seconds")
    except OSError as e:
        outcome.fail(f"cannot be run: {e.strerror}")
    outcome.seconds = time.monotonic() - start
    return outcome


def report(outcome, again):
    if not outcome.failed and outcome.skipped:
        print(f"  skip  {outcome.name}: {SKIPPED.search(outcome.output).group(1)}", flush=True)
        return
    if not outcome.failed:
        print(f"  ok    {outcome.name}: {outcome.passed} tests, {outcome.seconds:.1f} s", flush=True)
        return
    print(f"  FAIL  {outcome.name}: {outcome.failed} of {outcome.passed + outcome.failed}: {'; '.join(outcome.reasons)}")
    for line in outcome.output.splitlines()[-TAIL_LINES:]:
        print(f"        | {line}")
    print(f"        again: {again.format(outcome.name.removeprefix('test_'))}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=float, default=300, help="seconds for one program")
    parser.add_argument("--again", default="make test-host-{}", help="hint in a report, {} is the test's name")
    parser.add_argument("programs", nargs="*")
    opts = parser.parse_args()
    passed = failed = 0
    skipped = []
    with ThreadPoolExecutor(max(1, opts.jobs)) as pool:
        for outcome in pool.map(lambda p: run_program(p, opts.limit), opts.programs):
            report(outcome, opts.again)
            passed += outcome.passed
            failed += outcome.failed
            if outcome.skipped:
                skipped.append(outcome.name)
    if skipped:
        print(f"  {len(skipped)} skipped: {' '.join(skipped)}")
    if not opts.programs:
        print("  FAIL  there is no test program")
        failed = 1
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
