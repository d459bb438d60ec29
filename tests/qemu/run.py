#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run the cases of a suite file in QEMU, report all of them.

tests/README.md describes the suite file. A missing prerequisite fails the case:
nothing is skipped. The last line is "N passed, N failed".
"""

import argparse
import fnmatch
import json
import os
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools"))
# pylint: disable-next=wrong-import-position
from guest import Failure, Guest, add_machine_options, hang_limit, machine_argv  # noqa: E402

KEYS = {
    "name": str,
    "description": str,
    "cmd": str,
    "type": list,
    "smp": list,
    "least": int,
    "most": int,
    "expect": list,
    "forbid": list,
    "fails": str,
    "hang": int,
    "extra": str,
    "ram": str,
    "tree": str,
    "qemu": list,
    "boards": list,
    "not_on": dict,
    "firmware": bool,
    "bios": str,
    "next": str,
}
ALWAYS_FORBIDDEN = [r"hart \d+ does not start"]
TAIL_LINES = 25
ASK_SECONDS = 1  # between two questions of a step


class BadSuite(Exception):
    """The suite file itself is wrong; str() says where."""


def check_case(case, where):
    for key, value in case.items():
        if key not in KEYS:
            raise BadSuite(f"{where}: unknown key {key!r}")
        if not isinstance(value, KEYS[key]):
            raise BadSuite(f"{where}: {key} must be a {KEYS[key].__name__}")
    for key in ("name", "description"):
        if not case.get(key):
            raise BadSuite(f"{where}: {key} is missing")
    if ("cmd" in case) == ("type" in case):
        raise BadSuite(f"{where}: exactly one of cmd and type is needed")
    if not case.get("expect") and "type" not in case:
        raise BadSuite(f"{where}: a case that expects nothing cannot fail")
    there = set(case.get("not_on", {}))
    if "not_on" in case and (not case["not_on"].get("why") or not there - {"why"} or there - {"board", "qemu", "isolation", "why"}):
        raise BadSuite(f"{where}: not_on has why, and some of board, qemu (beginnings of versions), isolation")
    for step in case.get("type", []):
        if not isinstance(step, dict) or not step or not set(step) <= {"ask", "expect", "text", "send"}:
            raise BadSuite(f"{where}: a step of type is {{ask = keys, expect = regex, text = .., send = keys}} or some of them")
        if "ask" in step and "expect" not in step:
            raise BadSuite(f"{where}: ask needs the answer that it expects")
        if step.get("text", "original") not in ("original", "changed", "not writable"):
            raise BadSuite(f'{where}: text is "original", "changed" or "not writable"')
    typed = [s["expect"] for s in case.get("type", []) if "expect" in s]
    for regex in case.get("expect", []) + case.get("forbid", []) + typed:
        try:
            re.compile(regex, re.MULTILINE)
        except re.error as e:
            raise BadSuite(f"{where}: {regex!r}: {e}") from e


def load_suite(paths):
    cases = []
    for path in paths:
        try:
            with open(path, "rb") as f:
                suite = tomllib.load(f)
        except (OSError, tomllib.TOMLDecodeError) as e:
            raise BadSuite(f"{path}: {e}") from e
        if set(suite) != {"case"}:
            raise BadSuite(f"{path}: only [[case]] tables belong here")
        for i, case in enumerate(suite["case"]):
            check_case(case, f"{path}, case {i + 1} ({case.get('name')})")
        cases += suite["case"]
    names = [c["name"] for c in cases]
    for name in names:
        if names.count(name) > 1:
            raise BadSuite(f"case {name} is there twice")
    return cases


def pick(cases, wanted):
    """The cases that the comma-separated patterns in wanted name; all without."""
    if not wanted:
        return cases
    patterns = [w.strip() for w in wanted.split(",") if w.strip()]
    for p in patterns:
        if not any(fnmatch.fnmatchcase(c["name"], p) for c in cases):
            raise BadSuite(f"no case is called {p!r}; there are: " + " ".join(c["name"] for c in cases))
    return [c for c in cases if any(fnmatch.fnmatchcase(c["name"], p) for p in patterns)]


def about_firmware(case):
    """Does the case look at the firmware, so that every OpenSBI version has to pass it?"""
    return case.get("firmware", False)


def harts_of(case, wanted, machine_max):
    """The numbers of harts that a case is run with: its own, or the one that is asked for; as far as they make sense."""
    harts = [min(max(wanted, case.get("least", wanted)), case.get("most", 1 << 30))] if wanted else case.get("smp", [1])
    return sorted({min(n, machine_max or n) for n in harts})


def for_board(case, board):
    """Is the case about this board? Patterns; a case without them is for all."""
    return any(fnmatch.fnmatchcase(board, pattern) for pattern in case.get("boards", ["*"]))


def left_out(case, opts, qemu_version):
    """Why the case cannot be run on this machine, if it says so; else None."""
    there = case.get("not_on")
    if not there or not fnmatch.fnmatchcase(opts.board, there.get("board", "*")):
        return None
    if not qemu_version.startswith(tuple(there.get("qemu", [""]))) or opts.isolation != there.get("isolation", opts.isolation):
        return None
    return there["why"]


def version_of(qemu):
    """Its version, or "" if it does not say one."""
    try:
        text = subprocess.run([qemu, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    except OSError:
        return ""
    return re.search(r"version ([\d.]+)|$", text).group(1) or ""


def executable_segments(path):
    """(physical address, content) of each executable segment of a 64-bit little-endian ELF file."""
    if not path:
        raise Failure("text: no --kernel-elf was given")
    with open(path, "rb") as f:
        elf = f.read()
    (offset,), (size, count) = struct.unpack_from("<Q", elf, 32), struct.unpack_from("<HH", elf, 54)
    segments = []
    for i in range(count):
        kind, flags, at, _, address, length = struct.unpack_from("<IIQQQQ", elf, offset + i * size)
        if kind == 1 and flags & 1 and length:
            segments.append((address, elf[at : at + length]))
    if not segments:
        raise Failure(f"text: {path} has no executable segment")
    return segments


def check_mappings(mappings):
    """A kernel's page table: nothing in it is both writable and executable."""
    if not any("x" in flags for va, flags in mappings if va >> 63):
        raise Failure("text: the page table that the first hart has now maps no kernel text")
    for va, flags in mappings:
        if "w" in flags and "x" in flags:
            raise Failure(f"text: {va:#x} is mapped {flags}")


class Run:
    """One case on one number of harts, and what came of it."""

    def __init__(self, opts, case, smp):
        self.opts, self.case, self.smp = opts, case, smp
        self.title = f"{case['name']} (smp={smp})"
        self.log = os.path.join(opts.logs, f"{case['name']}-smp{smp}.log")
        self.reason = None
        self.seconds = 0.0
        self.text = ""

    def run(self):
        start = time.monotonic()
        try:
            self.boot()
        except Failure as e:
            self.reason = str(e)
        except Exception as e:  # pylint: disable=broad-exception-caught  # a bug here fails the case, not the run
            self.reason = f"the runner itself failed: {type(e).__name__}: {e}"
        self.seconds = time.monotonic() - start
        os.makedirs(self.opts.logs, exist_ok=True)
        with open(self.log, "w", encoding="utf-8") as f:
            f.write(self.text)
            f.write(f"\n--- {self.title}: {self.reason or 'passed'} ({self.seconds:.1f} s)\n")
        return self

    def boot(self):
        case = self.case
        if "ram" in case:
            self.opts = argparse.Namespace(**{**vars(self.opts), "ram": case["ram"]})
        limit = hang_limit(self.smp, case.get("hang"))
        argv = self.argv()
        with tempfile.TemporaryDirectory() as tmp, Guest(argv, monitor=os.path.join(tmp, "monitor"), htif=self.opts.htif) as guest:
            try:
                ended = self.drive(guest, limit)
            finally:
                self.text = guest.text
        self.check_text()
        if case.get("fails") and not ended:
            raise Failure(f"the guest ended as if all were well; expected a failure with {case['fails']!r}")

    def argv(self):
        """QEMU's command line, with the case's own firmware image or next stage if it names one."""
        case, opts = self.case, argparse.Namespace(**vars(self.opts))
        if "bios" in case:
            opts.bios = os.path.join(os.path.dirname(opts.bios), case["bios"])
        if "next" in case:
            opts.kernel = self.built(case["next"])
        opts.tree = case.get("tree", opts.tree)
        argv = machine_argv(opts, self.smp, case.get("cmd"), self.initrd(), [self.fill(a) for a in case.get("qemu", [])])
        if "next" in case:  # it finds the initrd by its own means
            at = argv.index("-initrd")
            del argv[at : at + 2]
        return argv

    def fill(self, text):
        """Names of the usual firmware, kernel and initrd for cases that start them in another way."""
        for name in ("bios", "kernel", "initrd"):
            path = getattr(self.opts, name)
            text = text.replace("{" + name + "}", path)
            if "{" + name + "_size}" in text:
                text = text.replace("{" + name + "_size}", f"{os.path.getsize(path):x}")
        return text

    def drive(self, guest, limit):
        """Type and read to the end. True if it failed in the way the case says it must."""
        try:
            for step in self.case.get("type", []):
                left = min(limit, max(5, guest.started + limit - time.monotonic()))
                if "expect" in step:
                    self.answer(guest, step.get("ask"), step["expect"].replace("{isolation}", self.opts.isolation), left)
                if "text" in step:
                    self.check_kernel_text(guest, step["text"], left)
                if "send" in step:
                    guest.send(self.fill(step["send"]), self.opts.type_gap)
            guest.finish(limit)
        except Failure as e:
            if "fails" in self.case and re.search(self.case["fails"], str(e)):
                return True
            raise
        return False

    def answer(self, guest, ask, regex, seconds):
        """Wait for regex. With ask, that is typed again every second: what is asked about may not be so yet."""
        end = time.monotonic() + seconds
        while ask and time.monotonic() < end - ASK_SECONDS:
            guest.send(self.fill(ask), self.opts.type_gap)
            if guest.sees(regex, ASK_SECONDS):
                return
        guest.expect(regex, max(1, end - time.monotonic()))

    def check_kernel_text(self, guest, wanted, seconds):
        """Compare the kernel's executable segments in the guest's memory with its ELF file; "changed" is waited for."""
        if wanted == "not writable":
            check_mappings(guest.mappings())
            return
        differing = self.differing_text(guest)
        end = time.monotonic() + seconds
        while wanted == "changed" and not differing:
            if time.monotonic() > end:
                raise Failure("the kernel's text is unchanged although a probe should be armed")
            time.sleep(0.1)
            differing = self.differing_text(guest)
        if wanted == "original" and differing:
            raise Failure(f"{differing} bytes of kernel text differ from the kernel's file")

    def differing_text(self, guest):
        """Bytes of kernel text in the guest's memory that are not those of the ELF file."""
        differing = 0
        for address, content in executable_segments(self.opts.kernel_elf):
            memory = guest.memory(address, len(content))
            differing += sum(a != b for a, b in zip(memory, content))
        return differing

    def built(self, path):
        """A path of the case; build/... is below the build's own directory."""
        if path.startswith("build/") and self.opts.build:
            path = os.path.join(self.opts.build, path.removeprefix("build/"))
        return os.path.join(ROOT, path)

    def initrd(self):
        """The root file system, with the case's own files added if it names a directory."""
        if "extra" not in self.case:
            return None
        extra = self.built(self.case["extra"])
        if not os.path.isdir(extra):
            raise Failure(f"extra: {extra} is not a directory")
        if not self.opts.rootfs:
            raise Failure("extra: no --rootfs was given")
        out = self.log.removesuffix(".log") + ".cpio"
        os.makedirs(self.opts.logs, exist_ok=True)
        argv = [os.path.join(ROOT, "tools", "mkinitrd.sh"), out, self.opts.rootfs, extra]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise Failure(f"extra: {shlex.join(argv)}: {done.stdout.strip()}")
        return out

    def check_text(self):
        at = 0
        for regex in self.case.get("expect", []):
            regex = regex.replace("{smp}", str(self.smp)).replace("{isolation}", self.opts.isolation)
            m = re.compile(regex, re.MULTILINE).search(self.text, at)
            if not m:
                again = re.search(regex, self.text, re.MULTILINE)
                raise Failure(f"expected {regex!r}" + (" (it came, but too early)" if again else ""))
            at = m.end()
        for regex in self.case.get("forbid", []) + ALWAYS_FORBIDDEN:
            m = re.search(regex, self.text, re.MULTILINE)
            if m:
                raise Failure(f"forbidden {regex!r}: {m.group(0)!r}")


class Report:
    """Prints results as they come, and the sum."""

    def __init__(self, opts):
        self.opts = opts
        self.passed = self.failed = 0
        self.lock = threading.Lock()

    def add(self, run):
        with self.lock:
            if run.reason is None:
                self.passed += 1
                print(f"  ok    {run.title}  {run.seconds:.1f} s", flush=True)
                return
            self.failed += 1
            print(f"  FAIL  {run.title}  {run.seconds:.1f} s: {run.reason}")
            print(f"        {run.case['description']}")
            if "cmd" in run.case:
                print(f"        cmd: {run.case['cmd']}")
            for line in run.text.splitlines()[-TAIL_LINES:]:
                print(f"        | {line}")
            print(f"        whole output: {run.log}")
            print(f"        again: {self.again(run)}", flush=True)

    def again(self, run):
        """The command line that runs just this one."""
        return (self.opts.again or "tests/qemu/run.py ...") + f" CASE={run.case['name']} SMP={run.smp}"


def set_name(opts):
    """Which cases, in the table's words."""
    cases = "the firmware's" if opts.firmware else "all"
    return cases + (f", {opts.smp} hart{'s' if opts.smp > 1 else ''}" if opts.smp else "")


def write_result(opts, report, runs, without):
    """What the table of boards says about this one."""
    own = [r for r in runs if r.case["name"] == "boot"]  # others take the PMP away
    levels = {m for r in own for m in re.findall(r"^mbpf isolation +: (\w+)", r.text, re.MULTILINE)}
    result = {
        "board": opts.board,
        "on": "QEMU " + version_of(opts.qemu),
        "version": opts.version,
        "boots": any(re.search(r"^mbpf kernel at ", r.text, re.MULTILINE) for r in runs),
        "passed": report.passed,
        "failed": report.failed,
        "cases": set_name(opts),
        "left_out": without,
        "isolation": sorted(levels),
    }
    os.makedirs(os.path.dirname(os.path.abspath(opts.result)), exist_ok=True)
    with open(opts.result, "w", encoding="utf-8") as f:
        json.dump(result, f)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    add_machine_options(parser)
    parser.add_argument("--logs", required=True, help="directory for each case's output")
    parser.add_argument("--case", default="", help="only these: names or patterns, comma-separated")
    parser.add_argument("--firmware", action="store_true", help="only the cases that look at the firmware")
    parser.add_argument("--result", help="file for the sum of a whole run, for the table of boards")
    parser.add_argument("--isolation", default="full", help="what the firmware is to find; {isolation} in a case")
    parser.add_argument("--version", default="", help="what was tested, for the table of boards")
    parser.add_argument("--board", default="virt", help="a case that names boards is for those only")
    parser.add_argument("--smp", type=int, help="only with this number of harts, whatever the case says")
    parser.add_argument("--jobs", type=int, default=2, help="guests at a time")
    parser.add_argument("--again", help="how this run was started, for the hint in a report")
    parser.add_argument("--kernel-elf", help="the kernel with its headers, for steps that compare its text")
    parser.add_argument("--build", help="what build/ means in a case's extra")
    parser.add_argument("--rootfs", help="directory with the initrd's files, for cases that add some")
    parser.add_argument("--list", action="store_true", help="list the cases and stop")
    parser.add_argument("suites", nargs="+")
    opts = parser.parse_args()
    try:
        cases = pick(load_suite(opts.suites), opts.case)
    except BadSuite as e:
        print(f"  FAIL  {e}\n0 passed, 1 failed")
        sys.exit(1)
    others = [c["name"] for c in cases if not for_board(c, opts.board)]
    cases = [c for c in cases if for_board(c, opts.board) and (about_firmware(c) or not opts.firmware)]
    if opts.list:
        for case in cases:
            print(f"  {case['name']:28s}{case['description']}")
        sys.exit(0)
    version = version_of(opts.qemu)
    without = {c["name"]: left_out(c, opts, version) for c in cases if left_out(c, opts, version)}
    runs = [Run(opts, c, n) for c in cases if c["name"] not in without for n in harts_of(c, opts.smp, opts.max_smp)]
    report = Report(opts)
    with ThreadPoolExecutor(max(1, opts.jobs)) as pool:
        for future in [pool.submit(lambda r=r: report.add(r.run())) for r in runs]:
            future.result()
    if others:
        print(f"  (cases about other boards than {opts.board}: {' '.join(others)})")
    for name, why in without.items():
        print(f"  (not run on this machine: {name}: {why})")
    if opts.result and not opts.case:
        write_result(opts, report, runs, without)
    print(f"{report.passed} passed, {report.failed} failed", flush=True)
    sys.exit(1 if report.failed or not report.passed else 0)


if __name__ == "__main__":
    main()
