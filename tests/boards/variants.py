#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`make test-qemu` on each machine of tests/boards/variants.toml, all of them.

With --cases only those cases are run, and no result is kept for the table of
boards. tools/tally.py runs the commands and sums.
"""

import argparse
import fnmatch
import os
import shlex
import sys
import tomllib

KEYS = {"name": str, "board": str, "qemu": str, "args": str, "ram": str, "smp": int, "opensbi": str, "isolation": str}
VARIABLES = {"board": "BOARD", "args": "QEMU_ARGS", "ram": "BOARD_RAM", "smp": "SMP", "opensbi": "OPENSBI_VERSION", "isolation": "ISOLATION"}


class BadFile(Exception):
    """The file of variants is wrong; str() says where."""


def load(path):
    try:
        with open(path, "rb") as f:
            variants = tomllib.load(f)["variant"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as e:
        raise BadFile(f"{path}: {e}") from e
    for v in variants:
        for key, value in v.items():
            if key not in KEYS or not isinstance(value, KEYS[key]):
                raise BadFile(f"{path}, {v.get('name')}: {key} = {value!r}")
        if "name" not in v or "board" not in v:
            raise BadFile(f"{path}: a variant needs name and board: {v}")
    names = [v["name"] for v in variants]
    if len(set(names)) != len(names):
        raise BadFile(f"{path}: a name is there twice")
    return variants


def command(opts, variant):
    argv = opts.make + ["test-qemu", "VARIANT=" + variant["name"]]
    argv += [f"{VARIABLES[k]}={v}" for k, v in variant.items() if k in VARIABLES]
    if variant.get("qemu", "installed") != "installed":
        argv.append("QEMU=" + opts.other_qemu.replace("{suite}", variant["qemu"]))
    return argv + (["CASE=" + opts.cases] if opts.cases else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--variants", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "variants.toml"))
    parser.add_argument("--only", default="", help="names or patterns, comma-separated")
    parser.add_argument("--cases", default="", help="only these cases of the suite")
    parser.add_argument("--tally", required=True, help="tools/tally.py")
    parser.add_argument("--other-qemu", required=True, help="QEMU of another release; {suite} stands for its name")
    parser.add_argument("--list", action="store_true", help="print the QEMU releases that the chosen ones need and stop")
    parser.add_argument("make", nargs="+", help="how make is called")
    opts = parser.parse_args()
    patterns = [p for p in opts.only.split(",") if p] or ["*"]
    try:
        variants = load(opts.variants)
        for p in patterns:
            if not any(fnmatch.fnmatchcase(v["name"], p) for v in variants):
                raise BadFile(f"no variant is called {p!r}; there are: " + " ".join(v["name"] for v in variants))
    except BadFile as e:
        print(f"  FAIL  {e}\n0 passed, 1 failed")
        sys.exit(1)
    variants = [v for v in variants if any(fnmatch.fnmatchcase(v["name"], p) for p in patterns)]
    if opts.list:
        print(" ".join(sorted({v.get("qemu", "installed") for v in variants} - {"installed"})))
        return
    os.execv(opts.tally, [opts.tally] + [shlex.join(command(opts, v)) for v in variants])


if __name__ == "__main__":
    main()
