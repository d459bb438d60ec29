#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What one eBPF instruction costs in host instructions, counted by callgrind.

usage: bench.py BPF-BENCH [--json]

For each loop of tests/isa/bench/loops.data, checked and unchecked: the
instructions of a repetition more, divided by the eBPF instructions it executes.
The case `empty` is given as it is: instructions for one run, and not in the mean.
"""
import json
import math
import pathlib
import re
import subprocess
import sys

LOOPS = pathlib.Path(__file__).resolve().parent / "bench" / "loops.data"
BASE, MORE = 2, 22


def count(bench, case, mode, repeat):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", bench, str(LOOPS), case, mode,
                           str(repeat)], capture_output=True, text=True, timeout=300)
    if done.returncode:
        sys.exit(f"{case} {mode}: {done.stderr}")
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1)), int(done.stdout)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    bench, as_json = sys.argv[1], "--json" in sys.argv
    cases = re.findall(r"^\.case (\w+)", LOOPS.read_text(), re.M)
    table = {}
    for mode in ("unchecked", "checked"):
        for case in cases:
            low, executed = count(bench, case, mode, BASE)
            high, executed = count(bench, case, mode, MORE)
            cost = (high - low) / (MORE - BASE)
            table[f"{mode}.{case}"] = round(cost if case == "empty" else cost / executed, 2)
        loops = [table[f"{mode}.{case}"] for case in cases if case != "empty"]
        table[f"{mode}.geomean"] = round(math.exp(sum(map(math.log, loops)) / len(loops)), 2)
    if as_json:
        print(json.dumps({f"interp.{key}": value for key, value in table.items()}))
        return
    print(f"{'host instructions per eBPF instruction':40}{'unchecked':>12}{'checked':>12}")
    for case in [c for c in cases if c != "empty"] + ["geomean"]:
        print(f"{case:40}{table['unchecked.' + case]:12.2f}{table['checked.' + case]:12.2f}")
    print(f"{'empty program, a whole run':40}{table['unchecked.empty']:12.0f}{table['checked.empty']:12.0f}")


if __name__ == "__main__":
    main()
