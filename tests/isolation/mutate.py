#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""X-01: remove each protective check of the firmware in turn; something must fail.

mutants.toml names each check by file and text, what stands there instead, and the
tests that are meant to notice: host tests by name, or experiments as "K-01@virt".
The work is done on a copy of the tree in build/isolation/mutants. First all tests
named are run without a change: they must pass. A mutant that nothing notices has
survived, and fails the run. Writes tests/isolation/mutants.md.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIMIT = 1200  # seconds of one build or test, on a busy machine


class Tree:
    """A copy of the source in which things are removed."""

    def __init__(self, top):
        self.top = top
        files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        for name in files.decode().split("\0"):
            source, copy = os.path.join(ROOT, name), os.path.join(top, name)
            if not name or not os.path.isfile(source):
                continue
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            if not os.path.exists(copy) or self.read(name) != self.read_from(source):
                shutil.copy(source, copy)
        link = os.path.join(top, "build", "opensbi")
        os.makedirs(os.path.dirname(link), exist_ok=True)
        built = os.path.join(ROOT, "build", "opensbi")
        if not os.path.exists(link) and os.path.exists(built):
            shutil.copytree(built, link, symlinks=True)

    @staticmethod
    def read_from(path):
        with open(path, encoding="utf-8", errors="surrogateescape") as f:
            return f.read()

    def read(self, name):
        return self.read_from(os.path.join(self.top, name))

    def write(self, name, text):
        with open(os.path.join(self.top, name), "w", encoding="utf-8", errors="surrogateescape") as f:
            f.write(text)

    def make(self, *arguments):
        """(did it succeed, its output)"""
        environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "BUILD")}
        # without its check a function may be left without a use: no reason to stop
        argv = ["make", "--no-print-directory", "-j2", "WARNINGS=-w", "FW_EXTRA_CFLAGS=-w", *arguments]
        try:
            done = subprocess.run(
                argv, cwd=self.top, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, errors="replace", timeout=LIMIT, check=False,
            )
        except subprocess.TimeoutExpired:
            return False, "it does not end"
        return done.returncode == 0, done.stdout

    def builds(self, test):
        if "@" in test:
            return self.make("isolation-payloads", "firmware")
        return self.make(f"build/test/test_{test}")

    def run(self, test):
        if "@" in test:
            experiment, column = test.split("@")
            return self.make("isolation-one", f"EXPERIMENT={experiment}", f"COLUMN={column}")
        return self.make(f"test-host-{test}")


def load(path, only):
    with open(path, "rb") as f:
        mutants = tomllib.load(f)["mutant"]
    for number, m in enumerate(mutants, 1):
        m["number"] = number
        text = Tree.read_from(os.path.join(ROOT, m["file"]))
        if text.count(m["was"]) != 1:
            sys.exit(f"mutant {number}: its text is {text.count(m['was'])} times in {m['file']}: {m['was']!r}")
    if only:
        wanted = {int(n) for n in only.split(",")}
        mutants = [m for m in mutants if m["number"] in wanted]
    return mutants


def baseline(tree, mutants):
    tests = sorted({t for m in mutants for t in m["tests"]})
    for test in tests:
        good, output = tree.run(test)
        print(f"  {'ok  ' if good else 'FAIL'}  unchanged: {test}", flush=True)
        if not good:
            sys.exit(output[-3000:] + f"\n{test} fails without any change\n0 passed, 1 failed")


class Known:
    """What has been found out so far, kept in a file."""

    def __init__(self, path, resume):
        self.path, self.found = path, {}
        if resume and os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                self.found = json.load(f)

    @staticmethod
    def key(mutant):
        return "\0".join((mutant["file"], mutant["was"], mutant["now"], *mutant["tests"]))

    def get(self, mutant):
        return self.found.get(self.key(mutant)) or None  # what nothing noticed is tried again

    def put(self, mutant, by):
        self.found[self.key(mutant)] = by
        with open(self.path, "w", encoding="utf-8") as f:
            json.dump(self.found, f)


def killed_by(tree, mutant):
    """The test that noticed, "" if none did; a change that does not compile is an error of the list."""
    original = tree.read(mutant["file"])
    tree.write(mutant["file"], original.replace(mutant["was"], mutant["now"]))
    try:
        for test in mutant["tests"]:
            good, output = tree.builds(test)
            if not good:
                sys.exit(f"mutant {mutant['number']} does not compile:\n{output[-2000:]}")
            if not tree.run(test)[0]:
                return test
        return ""
    finally:
        tree.write(mutant["file"], original)


def report(results):
    killed = sum(bool(by) for _, by in results)
    lines = [
        "# X-01: checks removed one by one",
        "",
        f"`make isolation-mutants` wrote this: {killed} of {len(results)} removals were noticed.",
        "",
        "| | check that was removed | in | noticed by |",
        "|---|---|---|---|",
    ]
    for m, by in results:
        where = m["file"].removeprefix("firmware/")
        lines.append(f"| {m['number']} | {m['what']} | `{where}` | {'`' + by + '`' if by else '**nothing**'} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", help="numbers, comma-separated")
    parser.add_argument("--resume", action="store_true", help="keep what an interrupted run has found out")
    parser.add_argument("--list", default=os.path.join(HERE, "mutants.toml"))
    parser.add_argument("--work", default=os.path.join(ROOT, "build", "isolation", "mutants"))
    opts = parser.parse_args()
    mutants = load(opts.list, opts.only)
    tree, results = Tree(opts.work), []
    known = Known(opts.work + ".json", opts.resume)
    baseline(tree, [m for m in mutants if known.get(m) is None])
    for m in mutants:
        by = known.get(m)
        if by is None:
            by = killed_by(tree, m)
            known.put(m, by)
        results.append((m, by))
        print(f"  {'ok  ' if by else 'FAIL'}  {m['number']} {m['what']}: {by or 'NOTHING NOTICED'}", flush=True)
    killed = sum(bool(by) for _, by in results)
    if not opts.only:
        with open(os.path.join(HERE, "mutants.md"), "w", encoding="utf-8") as f:
            f.write(report(results))
    print(f"{killed} passed, {len(results) - killed} failed", flush=True)
    sys.exit(1 if killed < len(results) else 0)


if __name__ == "__main__":
    main()
