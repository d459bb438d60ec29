#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Count the host instructions of map operations with 100, 10,000 and 1,000,000 elements.

usage: maps.py MAP-BENCH [--json]

MAP-BENCH does each operation many times in a function measure_<operation>();
callgrind counts what that executes. Where a type promises constant time a row
says the same in all its columns.
"""
import json
import re
import subprocess
import sys

SIZES = (100, 10_000, 1_000_000)
HASHED = ("lookup", "update", "delete_insert", "next_key")
OPERATIONS = {
    "array": ("lookup", "update"),
    "percpu_array": ("lookup", "update"),
    "hash": HASHED,
    "percpu_hash": HASHED,
    "lru_hash": HASHED + ("evict",),
    "lpm_trie": HASHED,
    "queue": ("push_pop", "peek"),
    "stack": ("push_pop", "peek"),
    "bloom_filter": ("peek",),
    "ringbuf": ("output",),
}


def count(tool, kind, entries, operation):
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         f"--toggle-collect=measure_{operation}", tool, kind, str(entries), operation],
        capture_output=True, text=True, timeout=600)
    collected = re.search(r"Collected *: (\d+)", done.stderr)
    if done.returncode or not collected or not int(collected[1]):
        sys.exit(f"{kind}, {entries} elements, {operation}: {done.stderr[-2000:]}")
    return int(collected[1]) / int(done.stdout)


def measure(tool):
    table = {}
    for kind, operations in OPERATIONS.items():
        for operation in operations:
            for entries in SIZES:
                table[f"map.{kind}.{operation}.{entries}"] = round(count(tool, kind, entries, operation), 1)
    return table


def print_rows(table):
    print(f"{'host instructions of a map operation':36}" + "".join(f"{size:>12,}" for size in SIZES) + "  most/least")
    for row in dict.fromkeys(name.rpartition(".")[0] for name in table):
        values = [table[f"{row}.{size}"] for size in SIZES]
        print(f"{row:36}" + "".join(f"{value:12.1f}" for value in values) + f"{values[-1] / values[0]:12.2f}")


def main():
    table = measure(sys.argv[1])
    if "--json" in sys.argv:
        print(json.dumps(table))
    else:
        print_rows(table)


if __name__ == "__main__":
    main()
