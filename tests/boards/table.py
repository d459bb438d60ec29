#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The tables of boards: what `make images` and `make test-boards` left as results, nothing else.

New results go into the status file, in place of older ones of the same board or
machine; the tables are made from that file alone: the short one, a row a board,
into the README between its marks, the long one, a row a machine, into a page of
its own. What has no result says "not run".
"""

import argparse
import glob
import json
import os
import sys
import tomllib

BEGIN, END = "<!-- boards: made by make board-table -->", "<!-- end of boards -->"
PAGE = """# Boards: what was seen

Made by `make board-table` from the results of `make images BOARD=..` and `make test-boards`; do not edit. The machines are
those of `tests/boards/variants.toml`; what was tested is in the last column. `make test-boards ONLY=machine` runs all cases of `make
test-qemu` on it, with `FIRMWARE=1` those that look at the firmware: the others show shell, SDK and programs, which are the same on all machines.
With a number of harts, each case was run with so many, instead of with those it names. Nothing was flashed on hardware.

"""


def load(path):
    try:
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    except (OSError, ValueError):
        return None


def merge(status, results):
    """Take the new results; a name is that of the file."""
    for kind in ("images", "boot", "qemu"):
        known = status.setdefault(kind, {})
        for path in glob.glob(os.path.join(results, f"*.{kind}.json")):
            result = load(path)
            if result:
                known[os.path.basename(path).removesuffix(f".{kind}.json")] = result


def table(head, rows):
    lines = [head, ["---"] * len(head)] + rows
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def built(status, board):
    images = status["images"].get(board)
    if not images:
        return "not run"
    if images["images"] != "ok":
        return "no: " + images["images"]
    if images.get("slot"):
        return f"yes ({images['fit']} of {images['slot']} bytes)"
    return "yes"


def tests(runs):
    if not runs:
        return "not run"
    passed, failed = sum(r["passed"] for r in runs), sum(r["failed"] for r in runs)
    where = f" on {len(runs)} machines" if len(runs) > 1 else ""
    return f"{passed} passed, {failed} failed{where}"


def levels(runs):
    return ", ".join(sorted({level for r in runs for level in r["isolation"]})) or "unknown"


def boots(runs):
    if not runs:
        return "not run"
    return "yes" if all(r["boots"] for r in runs) else "no"


def boots_elsewhere(status, board):
    """A board that nobody plays here: its firmware was started in QEMU's virt machine, whose PMP says nothing about the board's."""
    runs = [status["boot"][board]] if board in status["boot"] else []
    limit = levels(runs).replace("full", "unknown")  # less than full there is what the board's facts allow
    return ["not run" if not runs else "its firmware, in QEMU's virt: " + boots(runs), "-", limit]


def short_table(status, boards, played):
    rows = []
    for board in boards:
        runs = [r for r in status["qemu"].values() if r["board"] == board]
        here = [boots(runs), tests(runs), levels(runs)] if board in played else boots_elsewhere(status, board)
        rows.append([f"[{board}](boards/{board}/)", built(status, board), *here, "unknown"])
    return table(["board", "images build", "boots here", "tests", "isolation", "flashed on hardware"], rows)


def long_table(status, variants):
    rows = []
    for name, result in [(n, status["qemu"].get(n)) for n in variants]:
        runs = [result] if result else []
        cells = [name, *([result["board"], result["on"]] if result else ["", ""]), boots(runs), tests(runs)]
        rows.append(cells + [result.get("cases", "all") if result else "", levels(runs), result["version"] if result else ""])
    return table(["machine", "board", "on", "boots", "tests", "cases", "isolation", "tested"], rows)


def left_out(status, variants):
    """Cases that say of a machine that they cannot be run on it."""
    lines = [(n, *item) for n in variants for item in status["qemu"].get(n, {}).get("left_out", {}).items()]
    return "".join(f"Not run on {n}: `{case}`. {why}.\n" for n, case, why in lines) + ("\n" if lines else "")


def images_table(status, boards):
    rows = [[f"[{b}](../boards/{b}/)", built(status, b), status["images"].get(b, {}).get("version", "")] for b in boards]
    return table(["board", "images build and check", "tested"], rows)


def into_readme(path, text):
    with open(path, encoding="utf-8") as f:
        readme = f.read()
    if readme.count(BEGIN) != 1 or readme.count(END) != 1 or readme.index(BEGIN) > readme.index(END):
        sys.exit(f"board-table: {path} lacks the marks {BEGIN} and {END}")
    head, rest = readme.split(BEGIN)
    with open(path, "w", encoding="utf-8") as f:
        f.write(head + BEGIN + "\n" + text + END + rest.split(END)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for name in ("results", "status", "page", "readme", "variants"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--boards", nargs="+", required=True)
    opts = parser.parse_args()
    with open(opts.variants, "rb") as f:
        machines = tomllib.load(f)["variant"]
    boards, variants, played = sorted(opts.boards), [m["name"] for m in machines], {m["board"] for m in machines}
    status = load(opts.status) or {}
    merge(status, opts.results)
    status["qemu"] = {n: r for n, r in status["qemu"].items() if n in variants}  # machines that are no more
    with open(opts.status, "w", encoding="utf-8") as f:
        json.dump(status, f, indent=1, sort_keys=True)
        f.write("\n")
    with open(opts.page, "w", encoding="utf-8") as f:
        f.write(PAGE + long_table(status, variants) + "\n" + left_out(status, variants) + images_table(status, boards))
    into_readme(opts.readme, short_table(status, boards, played))
    print(f"  {opts.readme}, {opts.page}: {len(boards)} boards, {len(variants)} machines")


if __name__ == "__main__":
    main()
