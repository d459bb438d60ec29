#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The table of boards: what `make images` and `make test-qemu` left as results, nothing else.

A board without a result says "not run"; a result is never assumed.
"""

import argparse
import glob
import json
import os

HEAD = """# Boards: what was seen

Made by `make board-table` from the results of `make images BOARD=..` and `make test-qemu BOARD=..`; do not edit.

| board | images build and check | boots here | tests | isolation seen | flashed on hardware |
|---|---|---|---|---|---|
"""


def load(path):
    try:
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    except (OSError, ValueError):
        return None


def row(board, results):
    images = load(os.path.join(results, board + ".images.json"))
    runs = [(os.path.basename(p)[len(board) + 6 : -5], load(p)) for p in sorted(glob.glob(os.path.join(results, board + ".qemu-*.json")))]
    runs = [(version, r) for version, r in runs if r]
    built = "not run"
    if images:
        built = images["images"] if images["images"] != "ok" else "yes"
        if built == "yes" and images.get("slot"):
            built += f" ({images['fit']} of {images['slot']} bytes)"
    boots = ("yes" if all(r["boots"] for _, r in runs) else "no") if runs else "not run"
    tests = "; ".join(f"OpenSBI {v}: {r['passed']} passed, {r['failed']} failed" for v, r in runs) or "not run"
    levels = sorted({level for _, r in runs for level in r["isolation"]})
    return f"| [{board}](../boards/{board}/) | {built} | {boots} | {tests} | {', '.join(levels) or 'unknown'} | unknown |\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--results", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--boards", nargs="+", required=True)
    opts = parser.parse_args()
    with open(opts.out, "w", encoding="utf-8") as f:
        f.write(HEAD + "".join(row(b, opts.results) for b in sorted(opts.boards)))
    print(f"  {opts.out}: {len(opts.boards)} boards")


if __name__ == "__main__":
    main()
