#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The Icicle kit's chain in QEMU's model of it, with hss.S in the place of the Hart Software Services: the file that
payload.yaml names and the device tree, where the HSS would put them; mbpf, kernel and initrd come out of that file.
"""

import argparse
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
# pylint: disable-next=wrong-import-position
from guest import Failure, Guest  # noqa: E402

STEPS = [
    (r"^mbpf isolation +: full", None),
    (r"^mbpf kernel at 0x80200000, 4 harts", None),
    (r"mbpf\$ ", "opencount; ebpf_user_maptest\n"),
    (r"^\d+ +3$", None),
    (r"^ALL TEST PASSED!$", None),
    (r"mbpf\$ ", "poweroff\n"),
]


def boot(opts):
    argv = [opts.qemu, "-M", "microchip-icicle-kit", "-smp", "5", "-m", "1537M", "-bios", opts.hss, "-serial", "null"]
    for path, address in ((opts.payload, opts.text), (opts.tree, opts.tree_addr)):
        argv += ["-device", f"loader,file={path},addr={address}"]
    with Guest(argv) as guest:
        try:
            for regex, keys in STEPS:
                guest.expect(regex, 60)
                if keys:
                    guest.send(keys)
            guest.finish(180)
        finally:
            with open(opts.log, "w", encoding="utf-8") as f:
                f.write(guest.text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for name in ("qemu", "hss", "payload", "text", "tree", "tree-addr", "log"):
        parser.add_argument("--" + name, required=True)
    opts = parser.parse_args()
    try:
        boot(opts)
    except (Failure, OSError) as e:
        print(f"  FAIL  HSS's handover, mbpf, kernel: {e}\n        whole output: {opts.log}\n0 passed, 1 failed")
        sys.exit(1)
    print("  ok    HSS's handover, mbpf, kernel\n1 passed, 0 failed")


if __name__ == "__main__":
    main()
