#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot a board's firmware, as it is in its images, in QEMU's virt machine: another board than the one it is for, but the
same OpenSBI configuration, link address, arena size and isolation limit. Writes a result for the table of boards.
"""

import argparse
import json
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
# pylint: disable-next=wrong-import-position
from guest import Failure, Guest  # noqa: E402

LEVELS = ("none", "partial", "full")


def boot(opts):
    """Firmware, kernel, initrd of the folder on two harts; the guest's output."""
    path = {name: os.path.join(opts.dir, name) for name in ("fw_dynamic.bin", "kernel.bin", "initrd.cpio")}
    argv = [opts.qemu, "-M", "virt", "-m", "256M", "-smp", "2", "-bios", path["fw_dynamic.bin"], "-kernel", path["kernel.bin"]]
    argv += ["-initrd", path["initrd.cpio"], "-append", "cmd=opencount; ebpf_user_maptest"]
    with Guest(argv) as guest:
        try:
            guest.finish(120)
        finally:
            with open(os.path.join(opts.dir, "..", "boot.log"), "w", encoding="utf-8") as f:
                f.write(guest.text)
    return guest.text


def check(opts, text):
    level = LEVELS[min(int(opts.isolation_max or 2), 2)]
    for regex in (
        rf"^mbpf arena +: 0x[0-9a-f]+, {int(opts.arena, 0) >> 10} KiB$",
        rf"^mbpf isolation +: {level} ",
        r"^mbpf kernel at 0x80200000, 2 harts",
        rf"^bpf: .* isolation level {LEVELS.index(level)}$",
        r"^\d+ +3$",
        r"^ALL TEST PASSED!$",
    ):
        if not re.search(regex, text, re.MULTILINE):
            raise Failure(f"expected {regex!r}")
    return level


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for name in ("board", "dir", "arena", "qemu", "result", "version"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--isolation-max", default="", help="BOARD_ISOLATION_MAX")
    opts = parser.parse_args()
    result = {"board": opts.board, "version": opts.version, "boots": False, "isolation": []}
    failure = None
    try:
        result["isolation"] = [check(opts, boot(opts))]
        result["boots"] = True
    except (Failure, OSError) as e:
        failure = str(e)
    with open(opts.result, "w", encoding="utf-8") as f:
        json.dump(result, f)
    if failure:
        print(f"  FAIL  {opts.board}'s firmware in QEMU's virt: {failure}\n        whole output: {opts.dir}/../boot.log\n0 passed, 1 failed")
        sys.exit(1)
    print(f"  ok    {opts.board}'s firmware in QEMU's virt\n1 passed, 0 failed")


if __name__ == "__main__":
    main()
