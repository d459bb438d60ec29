#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run fuzz targets; keep what they find.

fuzz.py --out DIR [--seconds N] [--jobs N] TARGET...     run
fuzz.py --out DIR --merge TARGET...                      minimise what was found into the kept inputs

Each target begins with the inputs of tests/fuzz/corpus/<target>.txt (one a line, base64 of
it compressed) and, without --fresh, with those that earlier runs left in
DIR/corpus/<target>. First all of them are run again, then new ones are made of them. An
input that ends the program is a failure: it is kept, with the command that runs just it.
The last line is "N passed, N failed", counting targets.
"""

import argparse
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
SHOWN_LINES = 30
SLACK = 240  # seconds for the kept inputs, before and beside those for new ones
# -timeout: one input; the memory of the sanitizers is part of it
COMMON = ["-timeout=60", "-report_slow_units=30", "-rss_limit_mb=2048", "-print_final_stats=1"]
MAX_LEN = {"attr": 1500, "load": 4096, "verifier": 1200, "map": 1200, "elf": 16384, "load_ex": 8192}
ENV = dict(
    os.environ,
    ASAN_OPTIONS="detect_leaks=0:abort_on_error=1:handle_abort=1",  # the accounts are checked by the targets
    UBSAN_OPTIONS="print_stacktrace=1",
)


class Target:
    """One fuzz target, its program and its inputs."""

    def __init__(self, out, name):
        self.name = name
        self.program = os.path.join(out, name)
        self.inputs = os.path.join(out, "corpus", name)
        self.crashes = os.path.join(out, "crashes", name)
        self.kept = os.path.join(HERE, "corpus", name + ".txt")
        os.makedirs(self.inputs, exist_ok=True)
        os.makedirs(self.crashes, exist_ok=True)

    def argv(self, *more):
        return [self.program, *COMMON, f"-max_len={MAX_LEN.get(self.name, 1024)}", f"-artifact_prefix={self.crashes}/", *more]

    def read_kept(self):
        if not os.path.exists(self.kept):
            return []
        with open(self.kept, encoding="ascii") as f:
            return [zlib.decompress(base64.b64decode(line)) for line in f]

    def unpack(self):
        """The kept inputs as files; how many there are."""
        kept = self.read_kept()
        for data in kept:
            with open(os.path.join(self.inputs, hashlib.sha1(data).hexdigest()), "wb") as f:
                f.write(data)
        return len(kept)

    def call(self, argv, limit):
        try:
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit, env=ENV, check=False
            )
            return done.returncode, done.stdout.decode(errors="replace")
        except subprocess.TimeoutExpired as e:
            return -1, (e.stdout or b"").decode(errors="replace") + f"\nno end within {limit} seconds"
        except OSError as e:
            return -1, f"cannot be run: {e.strerror}"

    def fuzz(self, seconds, fresh):
        """None, or why it failed; and a line about the run."""
        if fresh:
            self.inputs += ".fresh"
            shutil.rmtree(self.inputs, ignore_errors=True)
            os.makedirs(self.inputs)
        kept = self.unpack()
        start = time.monotonic()
        status, text = self.call(self.argv(f"-max_total_time={seconds}", self.inputs), seconds + SLACK)
        runs = re.search(r"^stat::number_of_executed_units: (\d+)", text, re.MULTILINE)
        covered = re.findall(r" cov: (\d+) ", text)
        line = (
            f"{kept} kept inputs, {runs.group(1) if runs else 0} runs, {covered[-1] if covered else 0} edges, "
            f"{time.monotonic() - start:.0f} s"
        )
        if status == 0 and runs and int(runs.group(1)) >= kept:
            return None, line
        return text, line

    def again(self, text):
        found = re.search(r"Test unit written to (\S+)", text)
        return f"{self.program} {found.group(1)}" if found else " ".join(self.argv(self.inputs))

    def merge(self, limit):
        """Minimise inputs into the kept file, smallest first."""
        self.unpack()
        least = self.inputs + ".min"
        shutil.rmtree(least, ignore_errors=True)
        os.makedirs(least)
        status, text = self.call(self.argv("-merge=1", "-use_counters=0", least, self.inputs), limit)
        if status:
            return text
        inputs = set()
        for name in os.listdir(least):
            with open(os.path.join(least, name), "rb") as f:
                inputs.add(f.read())
        with open(self.kept, "w", encoding="ascii") as f:
            for data in sorted(inputs, key=lambda d: (len(d), d)):
                f.write(base64.b64encode(zlib.compress(data, 9)).decode() + "\n")
        print(f"  {self.name}: {len(inputs)} inputs, {os.path.getsize(self.kept)} bytes")
        return None


def show(text):
    """What the sanitizer or the target said, with its trace; without such a line, the end of the text."""
    lines = text.splitlines()
    first = next((i for i, line in enumerate(lines) if re.search(r"ERROR:|runtime error:|Assertion", line)), None)
    shown = lines[-SHOWN_LINES:] if first is None else lines[first : first + SHOWN_LINES]
    for line in shown:
        print(f"        | {line}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--out", required=True, help="directory of the programs")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="begin with the kept inputs alone")
    parser.add_argument("--merge", action="store_true")
    parser.add_argument("targets", nargs="+")
    opts = parser.parse_args()
    targets = [Target(opts.out, name) for name in opts.targets]
    failed = 0
    if opts.merge:
        for target in targets:
            text = target.merge(3600)
            if text:
                print(f"  FAIL  {target.name}: not minimised")
                show(text)
                failed += 1
        sys.exit(1 if failed else 0)
    with ThreadPoolExecutor(max(1, opts.jobs)) as pool:
        for target, (text, line) in zip(targets, pool.map(lambda t: t.fuzz(opts.seconds, opts.fresh), targets)):
            if text is None:
                print(f"  ok    fuzz {target.name}: {line}", flush=True)
                continue
            failed += 1
            print(f"  FAIL  fuzz {target.name}: {line}")
            show(text)
            print(f"        again: {target.again(text)}", flush=True)
    print(f"{len(targets) - failed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
