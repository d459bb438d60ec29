#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Structure of a board's images: addresses, sizes, hashes. Prints what it found, fails on the first lie.

Knows nothing about how the images were made: the FIT is read as the device tree it is.
"""

import argparse
import gzip
import hashlib
import json
import lzma
import os
import re
import struct
import sys
import zlib


class Wrong(Exception):
    """str() says what is wrong with the images."""


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError as e:
        raise Wrong(f"{path}: {e.strerror}") from e


def elf_span(path):
    """(entry, lowest address, end in memory) of a 64-bit little-endian ELF file."""
    elf = read(path)
    if elf[:6] != b"\x7fELF\x02\x01":
        raise Wrong(f"{path} is no 64-bit little-endian ELF file")
    (entry, at) = struct.unpack_from("<QQ", elf, 24)
    size, count = struct.unpack_from("<HH", elf, 54)
    loads = []
    for i in range(count):
        kind, _, _, vaddr, _, _, memsz = struct.unpack_from("<IIQQQQQ", elf, at + i * size)
        if kind == 1:
            loads.append((vaddr, vaddr + memsz))
    return entry, min(a for a, _ in loads), max(b for _, b in loads)


def with_outer_data(nodes, blob, start):
    """The same, with the data that a FIT keeps behind its tree (mkimage -E)."""
    for node in nodes.values():
        if "data-offset" in node and "data-size" in node:
            at, size = start + number(node.pop("data-offset")), number(node.pop("data-size"))
            if at + size > len(blob):
                raise Wrong("data behind the tree reaches over the end of the file")
            node["data"] = blob[at : at + size]
    return nodes


def fdt_nodes(blob):
    """{path: {property: bytes}} of a flattened device tree (DeviceTree spec v0.4 ch. 5)."""
    magic, total, at, strings = struct.unpack_from(">IIII", blob)
    if magic != 0xD00DFEED or total > len(blob):
        raise Wrong("not a flattened device tree")
    nodes, path = {}, []
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == 1:
            end = blob.index(b"\0", at)
            path.append(blob[at:end].decode())
            nodes["/".join(path) or "/"] = {}
            at = (end + 4) & ~3
        elif token == 2:
            path.pop()
        elif token == 3:
            size, name = struct.unpack_from(">II", blob, at)
            key = blob[strings + name : blob.index(b"\0", strings + name)].decode()
            nodes["/".join(path) or "/"][key] = blob[at + 8 : at + 8 + size]
            at = (at + 8 + size + 3) & ~3
        elif token == 9:
            return with_outer_data(nodes, blob, (total + 3) & ~3)
        elif token != 4:
            raise Wrong(f"device tree: token {token}")


def text(value):
    return value.rstrip(b"\0").decode()


def number(value):
    return int.from_bytes(value, "big")


def check_raw(opts):
    entry, start, end = elf_span(opts.elf)
    wanted = int(opts.text or "0", 0)
    if start != wanted or entry != wanted:
        raise Wrong(f"{opts.elf} is linked at {start:#x} with entry {entry:#x}, the board wants {wanted:#x}")
    room = int(opts.next_offset, 0)
    if end - start > room:
        raise Wrong(f"the firmware takes {end - start:#x} bytes in memory, the next stage is at offset {room:#x}")
    arena = int(opts.arena, 0)
    if arena & (arena - 1) or arena < 0x100000:
        raise Wrong(f"arena of {arena:#x} bytes: not a power of two of at least 1 MiB")
    if opts.text and wanted < int(opts.ram_base, 0):
        raise Wrong(f"the firmware's address {wanted:#x} lies below RAM")
    payload, kernel = read(os.path.join(opts.dir, "fw_payload.bin")), read(opts.kernel)
    if payload[room : room + len(kernel)] != kernel:
        raise Wrong(f"fw_payload.bin does not hold the kernel at offset {room:#x}")
    if kernel[0x38:0x3C] != b"RSC\x05":
        raise Wrong("the kernel has no RISC-V image header: booti would refuse it")
    for name in ("fw_dynamic", "fw_jump"):
        if len(read(os.path.join(opts.dir, name + ".bin"))) > room:
            raise Wrong(f"{name}.bin reaches into the next stage")
    return {"memory": end - start, "fw_dynamic": os.path.getsize(os.path.join(opts.dir, "fw_dynamic.bin"))}


def check_image(node, data, expected, load, where):
    if hashlib.sha256(data).digest() != node["hash"]:
        raise Wrong(f"{where}: the hash is not that of the data")
    packed = {"none": bytes, "gzip": gzip.decompress, "lzma": lzma.decompress}[node["compression"]](data)
    if packed != expected:
        raise Wrong(f"{where}: the data is not the file it was made from")
    if node["load"] != load:
        raise Wrong(f"{where}: loaded at {node['load']:#x}, the board wants {load:#x}")


def check_uboot(opts, nodes, config):
    """U-Boot and its device tree are in it, as they were given: raw, or as the rest of another FIT."""
    given = read(opts.uboot)
    if number(nodes["/images/uboot"]["load"]) != int(opts.uboot_addr, 0):
        raise Wrong(f"uboot: loaded at {number(nodes['/images/uboot']['load']):#x}, the board wants {opts.uboot_addr}")
    if text(config["loadables"]) != "uboot" or "fdt" not in config:
        raise Wrong("the default configuration lacks U-Boot or its device tree")
    if given[:4] != b"\xd0\x0d\xfe\xed":
        if nodes["/images/uboot"]["data"] != given:
            raise Wrong("uboot: the data is not the file it was made from")
        return
    ours = ("/images/opensbi", "/images/opensbi/hash-1")
    theirs = {path: node for path, node in fdt_nodes(given).items() if not path.startswith("/images/opensbi")}
    kept = {path: node for path, node in nodes.items() if path not in ours}
    for node in [*theirs.values(), *kept.values()]:
        node.pop("timestamp", None)
    if kept != theirs:
        raise Wrong(f"{opts.uboot}: more than its OpenSBI was changed")


def check_fit(opts):
    path = os.path.join(opts.dir, "u-boot.itb" if opts.uboot else "opensbi.itb")
    blob = read(path)
    nodes = fdt_nodes(blob)

    def image(name):
        n = nodes[f"/images/{name}"]
        return {
            "hash": nodes[f"/images/{name}/hash-1"]["value"],
            "compression": text(n["compression"]),
            "load": number(n["load"]),
        }, n["data"]

    node, data = image("opensbi")
    load = int(opts.load or opts.text, 0)
    check_image(node, data, read(os.path.join(opts.dir, "fw_dynamic.bin")), load, "opensbi")
    entry = number(nodes["/images/opensbi"]["entry"])
    if entry != load or text(nodes["/images/opensbi"]["os"]) != "opensbi":
        raise Wrong(f"opensbi: entry {entry:#x} or os is wrong")
    if node["compression"] != opts.compression:
        raise Wrong(f"opensbi is stored with compression {node['compression']}, not {opts.compression}")
    config = nodes["/configurations/" + text(nodes["/configurations"]["default"])]
    if text(config["firmware"]) != "opensbi":
        raise Wrong("the default configuration does not start OpenSBI")
    if opts.uboot:
        check_uboot(opts, nodes, config)
    if opts.slot and len(blob) > int(opts.slot, 0):
        raise Wrong(f"{path}: {len(blob)} bytes, the flash layout has {int(opts.slot, 0)} for it")
    return {"fit": len(blob)}


HSS_HEADER = struct.Struct("<IIQI4xQQ")  # magic, version, length, CRC, offsets of the tables of chunks and of zeroed ranges
HSS_HART = struct.Struct("<QBB6xQQQ256s")  # entry, privilege, flags, number of chunks, first, last, name
HSS_CHUNK = struct.Struct("<I4xQQQI4x")  # owner, offset, address, size, CRC
HSS_MAGIC, HSS_SKIP_OPENSBI, HSS_ANCILLARY, PRV_M = 0xB007C0DE, 0x40, 0x80, 3


def check_hss_binary(opts):
    """payload.bin as the HSS reads it: all U54s enter the firmware in M-mode, the first one brings everything with it."""
    blob, wanted = read(os.path.join(opts.dir, "payload.bin")), int(opts.text, 0)
    magic, _, _, _, table, _ = HSS_HEADER.unpack_from(blob)
    if magic != HSS_MAGIC:
        raise Wrong(f"payload.bin begins with {magic:#x}")
    harts = [HSS_HART.unpack_from(blob, HSS_HEADER.size + n * HSS_HART.size) for n in range(4)]
    for n, (entry, privilege, flags, *_) in enumerate(harts):
        if entry != wanted or privilege != PRV_M or not flags & HSS_SKIP_OPENSBI:
            raise Wrong(f"payload.bin: u54_{n + 1} enters {entry:#x} in mode {privilege}, flags {flags:#x}")
    first, last = harts[0][4:6]
    chunks = [HSS_CHUNK.unpack_from(blob, table + n * HSS_CHUNK.size) for n in range(first, last + 1)]
    for _, at, address, size, crc in chunks:
        if zlib.crc32(blob[at : at + size]) != crc:
            raise Wrong(f"payload.bin: chunk for {address:#x}: the CRC is not that of the data")
    found = [(owner, address, blob[at : at + size]) for owner, at, address, size, _ in chunks]
    program, tree = read(os.path.join(opts.dir, "mbpf.bin")), read(os.path.join(opts.dir, "board.dtb"))
    if not any(owner == 1 and address == wanted and data.startswith(program) for owner, address, data in found):
        raise Wrong(f"payload.bin: u54_1 does not load mbpf.bin to {wanted:#x}")
    if not any(owner == 1 | HSS_ANCILLARY and data.startswith(tree) for owner, _, data in found):
        raise Wrong("payload.bin does not hand over board.dtb")
    return len(blob)


def check_hss(opts):
    """payload.yaml and what it names; payload.bin, if there is the tool that makes it."""
    with open(os.path.join(opts.dir, "payload.yaml"), encoding="utf-8") as f:
        recipe = f.read()
    parts = re.findall(r"^  ([\w.]+): \{exec-addr: '(0x[0-9a-f]+)'.* ancilliary-data: ([\w.]+)\}$", recipe, re.MULTILINE)
    if parts != [("mbpf.bin", opts.text, "board.dtb")] or set(re.findall(r"u54_\d: '(0x[0-9a-f]+)'", recipe)) != {opts.text}:
        raise Wrong(f"payload.yaml puts {parts} into memory, or a hart enters elsewhere than at {opts.text}")
    program, payload = read(os.path.join(opts.dir, "mbpf.bin")), read(os.path.join(opts.dir, "fw_payload.bin"))
    initrd, kernel, start = read(os.path.join(opts.dir, "initrd.cpio")), read(opts.kernel), int(opts.initrd_addr, 0)
    offset, (needs,) = start - int(opts.text, 0), struct.unpack_from("<Q", kernel, 16)  # with .bss
    if not program.startswith(payload) or program[offset:] != initrd or offset < int(opts.next_offset, 0) + needs:
        raise Wrong(f"mbpf.bin is not fw_payload.bin and, behind the kernel's memory at {start:#x}, the initrd")
    chosen = fdt_nodes(read(os.path.join(opts.dir, "board.dtb")))["/chosen"]
    if [number(chosen["linux,initrd-" + edge]) for edge in ("start", "end")] != [start, start + len(initrd)]:
        raise Wrong("board.dtb does not say where the initrd is")
    if not os.path.exists(os.path.join(opts.dir, "payload.bin")):
        return {}
    return {"payload": check_hss_binary(opts)}


def write_about(opts, result):
    """What is in the folder, for whoever gets it as a release."""
    text_start = int(opts.text or opts.ram_base, 0)
    lines = [
        f"{opts.title} ({opts.board}): mbpf {opts.version}",
        f"firmware at {text_start:#x}, next stage at {text_start + int(opts.next_offset, 0):#x}, arena of {int(opts.arena, 0) >> 10} KiB",
        "fw_dynamic.bin, fw_jump.bin: OpenSBI with mbpf; fw_payload.bin: the same with the teaching kernel in it",
        "kernel.bin, initrd.cpio: the teaching kernel (booti) and its root file system",
        opts.why or "the boot chain's own artefact is here if the board has one; how to flash: boards/" + opts.board,
        "images: " + result["images"],
    ]
    with open(os.path.join(opts.dir, "ABOUT"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for name in ("board", "dir", "elf", "next-offset", "arena", "ram-base", "kernel", "result"):
        parser.add_argument("--" + name, required=True)
    for name in ("mkimage-kind", "text", "load", "initrd-addr", "slot", "compression", "why", "uboot", "uboot-addr", "version", "title"):
        parser.add_argument("--" + name, default="")
    opts = parser.parse_args()
    result = {"board": opts.board, "version": opts.version, "images": "ok", "slot": int(opts.slot or "0", 0)}
    try:
        result.update(check_raw(opts))
        if opts.mkimage_kind == "fit":
            result.update(check_fit(opts))
        if opts.mkimage_kind == "hss":
            result.update(check_hss(opts))
        if opts.mkimage_kind in ("raw", "hss") and not opts.why:
            raise Wrong("no artefact of the boot chain, and the board does not say why (BOARD_IMAGE_WHY)")
    except (Wrong, KeyError, struct.error, ValueError) as e:
        result["images"] = f"{type(e).__name__}: {e}"
    write_about(opts, result)
    os.makedirs(os.path.dirname(opts.result), exist_ok=True)
    with open(opts.result, "w", encoding="utf-8") as f:
        json.dump(result, f)
    if result["images"] != "ok":
        print(f"  FAIL  images of {opts.board}: {result['images']}")
        sys.exit(1)
    facts = ", ".join(f"{k} {v}" for k, v in result.items() if isinstance(v, int) and v)
    print(f"  ok    images of {opts.board}: {facts}" + (f" ({opts.why})" if opts.why else ""))


if __name__ == "__main__":
    main()
