#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The probe decoder against binutils' disassembler: all compressed encodings, random others.

objdump.py <dump program> <cross prefix> <work directory> [count [seed]]

A development check: what the decoder takes, objdump must print with the same
mnemonic and operands; what objdump calls an instruction of the extensions the
decoder knows, it must take. The last line is "N passed, N failed".
"""

import random
import re
import subprocess
import sys
from pathlib import Path

ARCH = "rv64gc_zba_zbb_zbs"
OPCODES = [0x03, 0x07, 0x0F, 0x13, 0x17, 0x1B, 0x23, 0x27, 0x2F, 0x33, 0x37, 0x3B, 0x63, 0x67, 0x6F, 0x73]
FUNCT7 = [0x00, 0x20, 0x01, 0x04, 0x05, 0x10, 0x14, 0x24, 0x30, 0x34]
SHOWN = 20

# compressed mnemonics whose 32-bit name is not the one behind "c."
COMPRESSED = {
    "addi4spn": "addi", "addi16sp": "addi", "li": "addi", "mv": "add", "nop": "addi", "lwsp": "lw", "ldsp": "ld",
    "swsp": "sw", "sdsp": "sd", "fldsp": "fld", "fsdsp": "fsd", "j": "jal", "jr": "jalr", "beqz": "beq", "bnez": "bne",
    "slli64": "slli", "srli64": "srli", "srai64": "srai",
}  # fmt: skip
# instructions that objdump knows and the decoder refuses (by reason of what they do, or of an extension)
REFUSED = re.compile(
    r"^(f(?!ence$|ence\.i$|lw$|ld$|sw$|sd$)|lr\.|sc\.|[msu]ret$|dret$|wfi$|sfence|hfence|hinval|sinval|h[ls]v|csr|pause"
    r"|unimp|prefetch|cbo|wrs)"
)
# names of the same encoding
ALIASES = {"fence.tso": "fence", "pause": "fence", "c.unimp": "-", "c.ebreak": "ebreak"}


def random_word(rng):
    word = rng.getrandbits(32) & ~0x7F | rng.choice(OPCODES)
    if rng.random() < 0.6:
        word = word & ~0xFE000000 | rng.choice(FUNCT7) << 25
    return word


def disassemble(words, cross, work):
    """The text objdump prints for each word, mnemonic and operands."""
    source = work / "words.s"
    lines = [".option rvc\n"]
    lines += [f".insn {4 if w & 3 == 3 else 2}, {w:#x}\n" for w in words]
    source.write_text("".join(lines))
    subprocess.run([f"{cross}as", f"-march={ARCH}", "-o", work / "words.o", source], check=True)
    out = subprocess.run(
        [f"{cross}objdump", "-d", "-M", "no-aliases,numeric", work / "words.o"], check=True, capture_output=True, text=True
    ).stdout
    found = re.findall(r"^\s+([0-9a-f]+):\t([0-9a-f]+)\s+\t?(\S+)(?:\t([^\n#<]*))?", out, re.M)
    return [(int(at, 16), int(bits, 16), name, (ops or "").strip()) for at, bits, name, ops in found]


def operands(fields, name, at):
    """The operands as objdump prints them, or None where it is not compared."""
    rd, rs1, rs2, imm = fields
    if name.startswith(("amo",)):
        return f"x{rd},x{rs2},(x{rs1})"
    if name.startswith(("csr", "fence", "ecall", "ebreak")):
        return None
    if name in ("lui", "auipc"):
        return f"x{rd},{(imm >> 12) & 0xFFFFF:#x}"
    if name == "jal":
        return f"x{rd},{(at + imm) & 0xFFFFFFFFFFFFFFFF:x}"
    if name in ("beq", "bne", "blt", "bge", "bltu", "bgeu"):
        return f"x{rs1},x{rs2},{(at + imm) & 0xFFFFFFFFFFFFFFFF:x}"
    if name in ("sb", "sh", "sw", "sd"):
        return f"x{rs2},{imm}(x{rs1})"
    if name in ("fsw", "fsd"):
        return f"f{rs2},{imm}(x{rs1})"
    if name in ("flw", "fld"):
        return f"f{rd},{imm}(x{rs1})"
    if name in ("lb", "lh", "lw", "ld", "lbu", "lhu", "lwu", "jalr"):
        return f"x{rd},{imm}(x{rs1})"
    if name in ("clz", "ctz", "cpop", "clzw", "ctzw", "cpopw", "sext.b", "sext.h", "zext.h", "orc.b", "rev8"):
        return f"x{rd},x{rs1}"
    if re.match(r"(sll|srl|sra|ror|bclr|bext|binv|bset)iw?(\.uw)?$", name):
        return f"x{rd},x{rs1},{imm:#x}"
    if re.match(r"(add|slt|xor|or|and)i[uw]?$", name):
        return f"x{rd},x{rs1},{imm}"
    return f"x{rd},x{rs1},x{rs2}"


def complaint(decoded, shown):
    """Why the two disagree, or None."""
    length, name, fields, reason = decoded
    at, bits, mnemonic, ops = shown
    unknown = mnemonic.startswith((".", "0x")) or mnemonic in ("unimp", "c.unimp")
    plain = re.sub(r"^(amo.*)\.(aq|rl|aqrl)$", r"\1", ALIASES.get(mnemonic, mnemonic))
    if plain.startswith("c."):
        plain = COMPRESSED.get(plain[2:], plain[2:])
    if bits == 0x6101:
        return None  # c.addi16sp with 0: reserved, printed all the same
    if name == "-":
        return None if unknown or REFUSED.match(plain) else f"objdump knows it, the decoder says: {reason}"
    if bits & 0xFE00507F == 0x0E005033:
        return None  # czero.*: this objdump may be older than Zicond
    if name.startswith("fence") and unknown:
        return None  # unused fields are to be ignored (spec 20191213 sec. 2.7, 3.1); objdump wants zeroes
    if unknown:
        return "objdump does not know it"
    if name == "nop":
        return None if not REFUSED.match(plain) else "taken for a no-op"
    if name != plain:
        return "another mnemonic"
    expected = operands(fields, name, at)
    if length == 4 and expected is not None and expected != ops:
        return f"operands: expected {expected}"
    return None


def main():
    dump, cross, work = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 100000
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    rng = random.Random(seed)
    work.mkdir(parents=True, exist_ok=True)
    words = [w for w in range(1 << 16) if w & 3 != 3]
    words += [w for w in (random_word(rng) for _ in range(count)) if w & 0x1F != 0x1F]
    shown = disassemble(words, cross, work)
    text = "\n".join(f"{w:x}" for w in words)
    decoded = subprocess.run([dump], input=text, check=True, capture_output=True, text=True).stdout.splitlines()
    if not len(shown) == len(decoded) == len(words):
        sys.exit(f"{len(words)} words, {len(shown)} disassembled, {len(decoded)} decoded")
    failed = 0
    for line, (at, bits, mnemonic, ops) in zip(decoded, shown):
        raw, length, name, rd, rs1, rs2, imm, *reason = line.split(" ", 7)
        assert int(raw, 16) == bits
        fields = (int(rd), int(rs1), int(rs2), int(imm))
        why = complaint((int(length), name, fields, "".join(reason)), (at, bits, mnemonic, ops))
        if why:
            failed += 1
            if failed <= SHOWN:
                print(f"{raw}: {name} {fields}, objdump: {mnemonic} {ops}: {why} (seed {seed})")
    print(f"{len(words) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
