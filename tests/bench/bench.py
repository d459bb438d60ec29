#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Count instructions, print a table, write bench.json.

usage: bench.py HOST OUT.json COMMAND...

Guest: COMMAND boots the machine under -icount, where every instruction counts
one; probebench prints what a probe hit takes from the breakpoint to the first
instruction after the probed one, callbench what a system call takes. Host: callgrind
counts what the interpreter executes for an eBPF instruction (tests/isa/bench.py, and
engine.py with helpers and maps), what the verifier does (engine.py) and what map
operations do (maps.py). HOST is the directory of the host's programs. Nothing here is
timed.
"""
import json
import pathlib
import re
import subprocess
import sys

import engine
import maps

ISA_BENCH = pathlib.Path(__file__).resolve().parent.parent / "isa" / "bench.py"

# Measured elsewhere on the same emulated machine (the interpreter's on the same host): least and most.
BESIDE = {
    "kprobe.empty.insns": (("Linux 6.12, JIT", 756, 1041), ("its fentry", 202, 202), ("7.2's", 133, 133)),
    "kprobe.array.insns": (("Linux 6.12, JIT", 780, 1065), ("its fentry", 226, 226), ("7.2's", 157, 157)),
    "kprobe.hash.insns": (("Linux 6.12, JIT", 1491, 1776),),
    "kretprobe.empty.insns": (("Linux 7.2, JIT", 1322, 1322),),
    "interp.geomean.host_insns_per_insn": (("uBPF's interpreter", 73.9, 73.9),),
}


def guest(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    found = dict(re.findall(r"^bench (\S+) ([0-9.]+)\s*$", done.stdout, re.M))
    if done.returncode or not found:
        sys.exit(f"bench: the guest's part failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return {name: float(value) for name, value in found.items()}


def host(programs):
    done = subprocess.run([sys.executable, ISA_BENCH, programs + "/bpf-bench", "--json"], capture_output=True, text=True, timeout=1800)
    if done.returncode:
        sys.exit(f"bench: the host's part failed:\n{done.stderr}")
    table = json.loads(done.stdout)
    table.update(engine.measure(programs + "/engine-bench"))
    table["interp.geomean.host_insns_per_insn"] = table["interp.unchecked.geomean"]
    return table


def of(value, whose, least, most):
    if least == most:
        return f"{value / most:.2f} of {whose} ({most:g})"
    return f"{value / most:.2f} to {value / least:.2f} of {whose} ({least:g} to {most:g})"


def ratio(table, name, value):
    """What the number is of another one: somebody else's, or of the same thing without us."""
    nothing = table.get("call.nothing.insns")
    if name.startswith("call.") and nothing and name != "call.nothing.insns":
        return of(value, "a system call that does nothing", nothing, nothing)
    return ", ".join(of(value, *row) for row in BESIDE.get(name, ()))


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    table = guest(sys.argv[3:])
    table.update(host(sys.argv[1]))
    for name, value in table.items():
        print(f"{name:44}{value:10.2f}   {ratio(table, name, value)}".rstrip())
    rows = maps.measure(sys.argv[1] + "/map-bench")
    maps.print_rows(rows)
    table.update(rows)
    pathlib.Path(sys.argv[2]).write_text(json.dumps(table, indent=1) + "\n")
    print(f"written: {sys.argv[2]}")


if __name__ == "__main__":
    main()
