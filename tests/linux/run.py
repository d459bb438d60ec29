#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot Debian's Linux on mbpf in QEMU and check what tests/linux/init prints."""

import argparse
import glob
import os
import re
import shlex
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
# pylint: disable-next=wrong-import-position
from guest import Failure, Guest  # noqa: E402


def find(regex, text, what):
    m = re.search(regex, text, re.MULTILINE)
    if not m:
        raise Failure(f"{what}: no {regex!r}")
    return m


def check(opts, text):
    arena = find(r"^mbpf arena +: 0x([0-9a-f]+), (\d+) KiB$", text, "firmware")
    start = int(arena.group(1), 16)
    end = start + (int(arena.group(2)) << 10)
    find(r"^linux: \d", text, "init")
    # RAM that Linux allocates from, without what is reserved inside it
    overlapping = []
    for m in re.finditer(r"^iomem: +([0-9a-f]+)-([0-9a-f]+) : (.*)$", text, re.MULTILINE):
        low, high, kind = int(m.group(1), 16), int(m.group(2), 16) + 1, m.group(3)
        if low < end and start < high:
            overlapping.append((low, high, kind))
    if not any(low <= start and end <= high and kind == "Reserved" for low, high, kind in overlapping):
        raise Failure(f"/proc/iomem does not show the arena {start:#x}-{end:#x} as reserved: {overlapping}")
    if any(kind == "System RAM" for _, _, kind in overlapping):
        raise Failure(f"/proc/iomem shows the arena as System RAM: {overlapping}")
    for stage in ("idle", "armed", "after"):
        for function in ("do_sys_openat2", "vfs_write"):
            hits = find(rf"^{stage} kprobe {function}: (\d+) hits$", text, "Linux's own kprobes").group(1)
            if int(hits) < 1:
                raise Failure(f"{stage}: Linux's own kprobe on {function} never fired")
        hits, calls = find(rf"^{stage} bpf: (\d+) hits of (\d+) calls$", text, "Linux's own BPF").groups()
        if int(hits) < int(calls):
            raise Failure(f"{stage}: Linux's own BPF program counted {hits} of {calls} calls")
    for what in ("insmod", "rmmod"):
        find(rf"^{what}: done$", text, "the firmware's probes")
    if int(opts.smp) > 1:
        for harts in (int(opts.smp) - 1, int(opts.smp)):
            find(rf"^linux: {harts} harts now$", text, "a hart that is stopped and started")
    for stage in ("armed", "armed-again", "second"):
        hits = find(rf"^{stage} mbpf: (\d+) more hits$", text, "the firmware's probes").group(1)
        if int(hits) < 20:  # ten opens, and system calls that return
            raise Failure(f"{stage}: the firmware's probes counted {hits} hits")
    find(r"^linux: done$", text, "init")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("qemu", "bios", "root", "initrd", "log"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--qemu-args", default="", help="more arguments for QEMU")
    parser.add_argument("--smp", default="2")
    parser.add_argument("--seconds", type=float, default=300)
    opts = parser.parse_args()
    kernels = glob.glob(os.path.join(opts.root, "boot", "vmlinu*-riscv64"))
    text = ""
    try:
        if len(kernels) != 1:
            raise Failure(f"{opts.root}/boot holds {len(kernels)} kernels")
        argv = [opts.qemu, "-M", "virt", "-m", "512M", "-smp", opts.smp, "-bios", opts.bios, "-kernel", kernels[0]]
        argv += shlex.split(opts.qemu_args) + ["-initrd", opts.initrd, "-append", "console=ttyS0 quiet panic=-1", "-no-reboot"]
        with Guest(argv) as guest:
            try:
                guest.finish(opts.seconds)
            finally:
                text = guest.text
        check(opts, text)
    except Failure as e:
        print(f"  FAIL  linux (smp={opts.smp}): {e}")
        for line in text.splitlines()[-25:]:
            print(f"        | {line}")
        print(f"        whole output: {opts.log}\n0 passed, 1 failed")
        sys.exit(1)
    finally:
        with open(opts.log, "w", encoding="utf-8") as f:
            f.write(text)
    print(f"  ok    linux (smp={opts.smp}): {find(r'^linux: (.*)$', text, 'init').group(1)}\n1 passed, 0 failed")


if __name__ == "__main__":
    main()
