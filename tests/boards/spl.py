#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The chain of a real board in QEMU's model of it (HiFive Unleashed): U-Boot's SPL in the first megabytes of an SD
card loads the FIT with mbpf and U-Boot from a partition, U-Boot loads the kernel by TFTP and starts it.
"""

import argparse
import os
import struct
import sys
import tempfile
import uuid
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
# pylint: disable-next=wrong-import-position
from guest import Failure, Guest, add_machine_options  # noqa: E402

SECTOR = 512
SECTORS = 32 << 11  # 32 MiB: SD cards have a power of two
SPL, FIT = 34, 2082  # first sectors
SPL_TYPE = "5B193300-FC78-40CD-8002-E86C45580B47"
FIT_TYPE = "2E54B353-1271-4842-806F-E436D6AF6985"


def gpt_header(here, there, entries, entries_at):
    fields = (b"EFI PART", 0x10000, 92, 0, 0, here, there, SPL, SECTORS - 34, bytes(16), entries_at, 128, 128, zlib.crc32(entries))
    header = struct.pack("<8sIIIIQQQQ16sQIII", *fields)
    header = header[:16] + struct.pack("<I", zlib.crc32(header)) + header[20:]
    return header.ljust(SECTOR, b"\0")


def write_card(path, spl, fit):
    """An SD card with a GUID partition table (UEFI 2.10 ch. 5) and the two partitions that the boot ROM and SPL look for."""
    if len(spl) > (FIT - SPL) * SECTOR:
        raise Failure("SPL does not fit into its partition")
    entries = b"".join(
        uuid.UUID(kind).bytes_le + uuid.UUID(int=first).bytes_le + struct.pack("<QQQ", first, last, 0) + bytes(72)
        for kind, first, last in ((SPL_TYPE, SPL, FIT - 1), (FIT_TYPE, FIT, SECTORS - 64))
    ).ljust(128 * 128, b"\0")
    mbr = bytes(446) + struct.pack("<8BII", 0, 0, 2, 0, 0xEE, 0xFF, 0xFF, 0xFF, 1, SECTORS - 1) + bytes(48) + b"\x55\xaa"
    with open(path, "wb") as f:
        f.truncate(SECTORS * SECTOR)
        for sector, data in (
            (0, mbr),
            (1, gpt_header(1, SECTORS - 1, entries, 2)),
            (2, entries),
            (SPL, spl),
            (FIT, fit),
            (SECTORS - 33, entries),
            (SECTORS - 1, gpt_header(SECTORS - 1, 1, entries, SECTORS - 33)),
        ):
            f.seek(sector * SECTOR)
            f.write(data)


def read(path):
    with open(path, "rb") as f:
        return f.read()


STEPS = [
    (r"^U-Boot SPL ", None),
    (r"^mbpf isolation +: full", None),
    (r"Hit any key to stop autoboot", "\n"),
    (r"^=> ", "bdinfo\n"),
    (r"reserved\[\d\]\s+\[0xfb800000-0xfbffffff\], 0x0*800000 bytes", None),
    (r"^=> ", "setenv autoload no; dhcp\n"),
    (r"DHCP client bound", None),
    (r"^=> ", "tftpboot 84000000 kernel.bin\n"),
    (r"Bytes transferred = ", None),
    (r"^=> ", "tftpboot 88300000 initrd.cpio\n"),
    (r"Bytes transferred = ", None),
    (r"^=> ", "setenv bootargs 'cmd=opencount'\n"),
    (r"^=> ", "booti 84000000 88300000:${filesize} ${fdtcontroladdr}\n"),
    (r"^mbpf kernel at 0x80200000, 4 harts", None),
    (r"^\d+ +3$", None),
]


def boot(opts, folder):
    card = os.path.join(folder, "card")
    write_card(card, read(opts.spl), read(opts.fit))
    for name, path in (("kernel.bin", opts.kernel), ("initrd.cpio", opts.initrd)):
        os.symlink(os.path.abspath(path), os.path.join(folder, name))
    argv = [opts.qemu, "-M", "sifive_u,msel=11", "-smp", "5", "-m", "8G", "-bios", opts.spl]
    argv += ["-drive", f"file={card},format=raw,if=sd", "-nic", f"user,tftp={folder}"]
    with Guest(argv) as guest:
        try:
            for regex, keys in STEPS:
                guest.expect(regex, 60)
                if keys:
                    guest.send(keys, 0.01)
            guest.finish(180)
        finally:
            with open(opts.log, "w", encoding="utf-8") as f:
                f.write(guest.text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    add_machine_options(parser)
    for name in ("spl", "fit", "log"):
        parser.add_argument("--" + name, required=True)
    opts = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            boot(opts, folder)
    except (Failure, OSError) as e:
        print(f"  FAIL  SPL, FIT, mbpf, U-Boot, kernel: {e}\n        whole output: {opts.log}\n0 passed, 1 failed")
        sys.exit(1)
    print("  ok    SPL, FIT, mbpf, U-Boot, kernel\n1 passed, 0 failed")


if __name__ == "__main__":
    main()
