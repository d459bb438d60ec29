#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What map-heavy programs and verification cost, counted by callgrind.

usage: engine.py ENGINE-BENCH

Prints one flat JSON object: for each program that lives on its maps, host
instructions for an eBPF instruction, helpers included; for each that is a lot to
verify, host instructions for an instruction gone through and for a state kept.
"""
import json
import re
import subprocess
import sys

RUNS = ("counters_array", "counters_percpu", "counters_hash", "counters_lru", "updates_hash")
VERIFIES = ("straight", "branches", "loop", "counters_hash")
BASE, MORE = 2, 12


def count(bench, inside, *args):
    """Instructions executed in the function `inside` and below it; what the program prints."""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--toggle-collect={inside}", bench,
                           *args], capture_output=True, text=True, timeout=300)
    if done.returncode:
        sys.exit(f"{' '.join(args)}: {done.stderr}")
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1)), [int(word) for word in done.stdout.split()]


def measure(bench):
    table = {}
    for case in RUNS:
        low, _ = count(bench, "ebpf_run", "run", case, str(BASE))
        high, (executed,) = count(bench, "ebpf_run", "run", case, str(MORE))
        table[f"maps.{case}.host_insns_per_insn"] = round((high - low) / (MORE - BASE) / executed, 2)
    for case in VERIFIES:
        cost, (insns, states) = count(bench, "ebpf_verifier_step", "verify", case)
        table[f"verify.{case}.host_insns_per_insn"] = round(cost / insns, 2)
        if states * 25 > insns:  # else it is not the states that cost
            table[f"verify.{case}.host_insns_per_state"] = round(cost / states, 2)
    return table


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(json.dumps(measure(sys.argv[1])))


if __name__ == "__main__":
    main()
