#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run the isolation experiments on every machine of the matrix and judge them.

An experiment is one C file with a head comment (docs/isolation.md, "Adding an
attack"); a machine is one of COLUMNS. One cell is one boot: the payload's own
checks, no panic, no hang, and, read from outside through QEMU's monitor when the
guest has powered off, the firmware's text and constants byte by byte against its
image. The last line is "N passed, N failed".
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
# pylint: disable-next=wrong-import-position
import page  # noqa: E402
from guest import PANIC, Failure, Guest, add_machine_options, by_name, compiled_tree, machines_tree  # noqa: E402

FIRMWARE = 0x80000000  # where QEMU's virt machine loads it
LONG_FORM_FLAG = 0x87FE0000  # lib/payload.c looks there
KEYS = ("Attacker", "Action", "Contained", "Oracle", "Harts", "Short", "Machine", "Qemu", "Verdict")
HANG = 60  # seconds
LONG = 20  # the long form may take so much longer: millions of faults or calls
LAST = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)
CHECKS = re.compile(r"^\w+: (\d+) checks, (\d+) wrong$", re.MULTILINE)


class Column:
    """One machine and one firmware."""

    def __init__(self, name, verifier, smp, smepmp, title, machine="virt"):
        self.name, self.verifier, self.smp, self.smepmp, self.title = name, verifier, smp, smepmp, title
        self.machine = machine


# Exact counts of instructions. With more harts QEMU would run each of them for seconds of its time at a stretch.
ICOUNT = ["-icount", "shift=0"]
MACHINES = [
    ("virt", 1, False, "virt"),
    ("smepmp", 1, True, "virt, -cpu rv64,smepmp=true"),
    ("smp8", 8, False, "virt, -smp 8"),
]
COLUMNS = [
    Column(name + ("" if on else "-noverifier"), on, smp, smepmp, title + ("" if on else ", verifier off"))
    for on in (True, False)
    for name, smp, smepmp, title in MACHINES
] + [Column("icicle", True, 1, False, "microchip-icicle-kit, whose RAM has a second address", "icicle")]


class Experiment:
    """What the head comment of a file says."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as f:
            text = f.read()
        comment = re.search(r"/\*\n \* ([A-Z]-\d\d): (.*?)\*/", text, re.DOTALL)
        if not comment:
            raise SystemExit(f"{path}: the head comment does not begin with an id such as K-01: (docs/isolation.md)")
        self.id = comment.group(1)
        lines = [line.strip().removeprefix("*").strip() for line in comment.group(2).split("\n")]
        self.title, self.about, key = lines[0], {}, None
        for line in lines[1:]:
            m = re.match(r"(\w+): (.*)", line)
            if m and m.group(1) in KEYS:
                key = m.group(1)
                self.about[key] = m.group(2)
            elif line and key:
                self.about[key] += " " + line
            elif not line:
                key = None
        for key in KEYS[:4]:
            if not self.about.get(key):
                raise SystemExit(f"{path}: the head comment has no '{key}:'")
        self.user = self.name.startswith("u")
        self.harts = int(self.about.get("Harts", "1"))
        self.short = self.about.get("Short", "virt").split()  # columns of the short form
        self.machine = self.about.get("Machine", "virt")  # whose columns it is for
        self.qemu = shlex.split(self.about.get("Qemu", ""))
        self.verdict = self.about.get("Verdict", "held")  # what the table says if it went as it must
        self.tree = self.tree_of(os.path.splitext(path)[0] + ".dts")

    @staticmethod
    def tree_of(path):
        """What is added to the machine's device tree, inside its root node."""
        if not os.path.exists(path):
            return None
        with open(path, encoding="utf-8") as f:
            return f.read()


class Cell:
    """One experiment in one column."""

    def __init__(self, opts, experiment, column):
        self.opts, self.experiment, self.column = opts, experiment, column
        self.reason, self.text, self.seconds, self.checks = None, "", 0.0, 0
        self.smp = max(column.smp, experiment.harts)
        # instructions are what minstret says
        self.counted = self.smp == 1 and not experiment.user and column.machine == "virt"
        self.log = os.path.join(opts.out, "logs", f"{experiment.name}.{column.name}.log")

    def run(self):
        start = time.monotonic()
        try:
            self.boot()
        except Failure as e:
            self.reason = str(e)
        except Exception as e:  # pylint: disable=broad-exception-caught  # a bug here fails the cell, not the run
            self.reason = f"the runner itself failed: {type(e).__name__}: {e}"
        self.seconds = time.monotonic() - start
        os.makedirs(os.path.dirname(self.log), exist_ok=True)
        with open(self.log, "w", encoding="utf-8") as f:
            f.write(self.text + f"\n--- {self.experiment.id} on {self.column.name}: {self.reason or 'contained'}\n")
        return self

    def argv(self):
        opts, experiment = self.opts, self.experiment
        if self.column.machine == "icicle":
            # hart 0 has no S-mode; the console is the second UART
            argv = [opts.qemu, "-M", "microchip-icicle-kit", "-m", "1537M", "-smp", str(self.smp + 1), "-serial", "null"]
            argv += by_name(self.bios())
        else:
            argv = [opts.qemu, "-M", opts.machine, "-m", opts.ram if experiment.user else "128M", "-smp", str(self.smp)]
            argv += ["-bios", self.bios()] + (ICOUNT if self.counted else []) + experiment.qemu
        if experiment.user:
            # it stays a while, so that its memory can be read
            cmd = f"cmd={experiment.name}{'' if opts.short else ' long'}; sleep 60000"
            argv += ["-kernel", opts.kernel, "-initrd", opts.initrd, "-append", cmd]
        else:
            argv += ["-kernel", os.path.join(opts.payloads, experiment.name + ".elf")]
            if not opts.short:
                argv += ["-device", f"loader,addr={LONG_FORM_FLAG:#x},data=1,data-len=4"]
        # a machine that has powered off stays, so that its memory can be read however busy this one is
        return self.with_tree(argv + ["-no-shutdown"] + shlex.split(opts.qemu_args))

    def bios(self):
        return bios_of(self.opts, self.column)

    def with_tree(self, argv):
        """The machine's own device tree, unless something has to be added to it."""
        smepmp = self.opts.smepmp if self.column.smepmp else None
        if smepmp:
            argv = argv + smepmp.cpu
        asked = argparse.Namespace(tree_file=None, tree=self.experiment.tree, announce=smepmp and smepmp.announce)
        if self.column.machine == "icicle":
            asked.tree_file = self.opts.icicle_tree
        if not (asked.tree or asked.announce or asked.tree_file):
            return argv
        return argv + ["-dtb", compiled_tree(machines_tree(asked, argv, self.smp + bool(asked.tree_file)), self.opts.out)]

    def boot(self):
        with tempfile.TemporaryDirectory() as tmp, Guest(self.argv(), monitor=os.path.join(tmp, "m")) as guest:
            try:
                self.wait(guest)
                self.judge(guest)
            finally:
                self.text = guest.text

    def wait(self, guest):
        """Until the last line is there. The guest then stays for a while, so that its memory can be read."""
        end = time.monotonic() + HANG * max(1, self.smp // 4) * (1 if self.opts.short else LONG)
        last = CHECKS if self.experiment.user else LAST
        while not last.search(guest.text):
            if PANIC.search(guest.text):
                guest.check_panic()
            if time.monotonic() > end:
                raise Failure("hang: no result")
            if not guest.read(1):
                raise Failure("the machine ended without a result")

    def judge(self, guest):
        """The payload's count, then the firmware as it lies in memory."""
        if self.experiment.user:
            made, wrong = (int(n) for n in CHECKS.search(guest.text).groups())
            passed, failed = made - wrong, wrong
        else:
            passed, failed = (int(n) for n in LAST.search(guest.text).groups())
        self.checks = passed
        if failed or not passed:
            raise Failure(f"{failed} of {passed + failed} checks failed")
        if PANIC.search(guest.text):
            guest.check_panic()
        image = self.opts.images[self.bios()]
        memory = guest.memory(FIRMWARE, len(image))
        differing = sum(a != b for a, b in zip(memory, image))
        if differing:
            raise Failure(f"{differing} bytes of the firmware's text or constants have changed in memory")
        notes = self.notes(guest.text)
        if self.counted and not 0 <= notes.get("stay", 0) <= notes.get("stay bound", 0):
            raise Failure(f"a call stayed in M-mode for {notes['stay']} instructions")

    @staticmethod
    def notes(text):
        return {m.group(1): int(m.group(2)) for m in re.finditer(r"^note: (.*) = (-?\d+)$", text, re.MULTILINE)}


class Smepmp:
    """How this QEMU is told to have Smepmp: by the name it was ratified under, or by the older one and a device tree."""

    def __init__(self, opts):
        probe = [opts.qemu, "-M", "none", "-cpu", "rv64,smepmp=true", "-display", "none", "-monitor", "stdio"]
        done = subprocess.run(probe, input="quit\n", capture_output=True, text=True, timeout=30, check=False)
        self.ratified = done.returncode == 0
        self.title = "-cpu rv64,smepmp=true" if self.ratified else "-cpu rv64,x-epmp=true, smepmp in the device tree"
        self.cpu = ["-cpu", "rv64,smepmp=true" if self.ratified else "rv64,x-epmp=true"]
        self.announce = None if self.ratified else "smepmp"


def bios_of(opts, column):
    """The firmware of a column."""
    if column.machine == "icicle":
        return opts.icicle
    return opts.bios if column.verifier else opts.noverifier


def constant_part(opts, bios):
    """Text and constants of the image: up to the linker script's _rodata_end."""
    elf = os.path.splitext(bios)[0] + ".elf"
    out = subprocess.run([opts.nm, elf], capture_output=True, text=True, check=True).stdout
    symbols = {name: int(value, 16) for value, _, name in (line.split() for line in out.splitlines() if line[0] != " ")}
    with open(bios, "rb") as f:
        return f.read(symbols["_rodata_end"] - symbols["_fw_start"])


def pick(opts):
    paths = sorted(os.path.join(opts.source, f) for f in os.listdir(opts.source) if f.endswith(".c"))
    experiments = [Experiment(p) for p in paths]
    if opts.only:
        wanted = {w.strip() for w in opts.only.split(",")}
        experiments = [e for e in experiments if e.id in wanted or e.name in wanted]
    columns = [c for c in COLUMNS if not opts.column or c.name in opts.column.split(",")]
    if not experiments or not columns:
        raise SystemExit("no such experiment or column; columns: " + " ".join(c.name for c in COLUMNS))
    return experiments, columns


class Report:
    """Says each cell as it comes, and the sum."""

    def __init__(self, opts):
        self.opts, self.lock, self.failed, self.passed = opts, threading.Lock(), 0, 0

    def add(self, cell):
        with self.lock:
            where = f"{cell.experiment.id} {cell.experiment.name} on {cell.column.name}"
            if not cell.reason:
                self.passed += 1
                print(f"  ok    {where}: {cell.checks} checks, {cell.seconds:.1f} s", flush=True)
                return
            self.failed += 1
            print(f"  FAIL  {where}: {cell.reason}\n        {cell.experiment.about['Contained']}")
            for line in cell.text.splitlines()[-20:]:
                print(f"        | {line}")
            again = f"make isolation EXPERIMENT={cell.experiment.name} COLUMN={cell.column.name}"
            print(f"        whole output: {cell.log}\n        again: {again}", flush=True)


def result_of(opts, experiments, columns, cells):
    """The machine-readable form; page.py makes the picture of it."""
    of = {(c.experiment.name, c.column.name): c for c in cells}
    costs = {}
    for c in cells:
        if not c.column.name.startswith("smp8"):
            costs.setdefault(c.column.name, {}).update(
                {m.group(1): int(m.group(2)) for m in re.finditer(r"^cost: (.*) = (-?\d+)$", c.text, re.MULTILINE)}
            )
    qemu = subprocess.run([opts.qemu, "--version"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
    return {
        "machine": qemu,
        "smepmp": opts.smepmp.title,
        "columns": [{"name": c.name, "title": c.title} for c in columns],
        "experiments": [
            {
                "id": e.id,
                "name": e.name,
                "title": e.title,
                "verdict": e.verdict,
                **{k.lower(): e.about[k] for k in KEYS[:4]},
                "cells": {
                    c.name: {
                        "contained": of[e.name, c.name].reason is None,
                        "reason": of[e.name, c.name].reason,
                        "checks": of[e.name, c.name].checks,
                        "notes": Cell.notes(of[e.name, c.name].text),
                    }
                    for c in columns
                    if (e.name, c.name) in of
                },
            }
            for e in experiments
        ],
        "costs": costs,
    }


def into_last(path, part):
    """The result of the last whole run, with what has been run again in it."""
    with open(path, encoding="utf-8") as f:
        whole = json.load(f)
    known = {e["name"]: e for e in whole["experiments"]}
    for e in part["experiments"]:
        cells = {**known.get(e["name"], {}).get("cells", {}), **e["cells"]}
        known[e["name"]] = {**e, "cells": cells}
    whole["experiments"] = [known[name] for name in sorted(known)]
    for column, costs in part["costs"].items():
        whole["costs"].setdefault(column, {}).update(costs)
    return whole


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    add_machine_options(parser)
    parser.add_argument("--source", required=True, help="directory of the experiments")
    parser.add_argument("--payloads", required=True, help="where they are built")
    parser.add_argument("--noverifier", required=True, help="firmware that accepts every program")
    parser.add_argument("--icicle", required=True, help="firmware for microchip-icicle-kit")
    parser.add_argument("--icicle-tree", required=True, help="that machine's device tree as source")
    parser.add_argument("--nm", default="riscv64-linux-gnu-nm")
    parser.add_argument("--out", required=True, help="directory for logs and device trees")
    parser.add_argument("--only", help="ids or names, comma-separated")
    parser.add_argument("--column", help="machines, comma-separated")
    parser.add_argument("--short", action="store_true", help="what `make test` runs")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json")
    parser.add_argument("--html")
    opts = parser.parse_args()
    experiments, columns = pick(opts)
    os.makedirs(opts.out, exist_ok=True)
    opts.smepmp = Smepmp(opts)
    cells = [
        Cell(opts, e, c)
        for e in experiments
        for c in columns
        if c.machine == e.machine and (not opts.short or c.name in e.short)
    ]
    opts.images = {bios: constant_part(opts, bios) for bios in {c.bios() for c in cells}}
    report = Report(opts)
    with ThreadPoolExecutor(max(1, opts.jobs)) as pool:
        for future in [pool.submit(lambda c=c: report.add(c.run())) for c in cells]:
            future.result()
    result = result_of(opts, experiments, columns, cells)
    if (opts.only or opts.column) and opts.json and os.path.exists(opts.json):
        result = into_last(opts.json, result)
    for path, text in ((opts.json, json.dumps(result, indent=1)), (opts.html, page.render(result))):
        if path:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
    print(f"{report.passed} passed, {report.failed} failed", flush=True)
    sys.exit(1 if report.failed or not report.passed else 0)


if __name__ == "__main__":
    main()
