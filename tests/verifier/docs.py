#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Is every sentence the verifier refuses with in docs/verifier.md? Speaks TAP.

A sentence is found in the sources as the format string of ebpf_v_refuse(), or as
a string handed to refuse_at(). The longest piece of it between two conversions must be in the document.
"""

import glob
import re
import sys

SOURCES = sorted(glob.glob("firmware/ebpf/v*.c"))
DOCUMENT = "docs/verifier.md"
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
CALL = re.compile(r"\b(ebpf_v_refuse|refuse_at)\(")


def call_text(text, start):
    """The arguments of the call that begins at start, to its closing parenthesis."""
    depth, i = 0, start
    while i < len(text):
        if text[i] == '"':
            i = STRING.match(text, i).end()
            continue
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        i += 1
        if depth == 0:
            break
    return text[start:i]


def arguments(call):
    """Top-level arguments of "(a, b, ...)"."""
    parts, depth, last, i = [], 0, 1, 1
    while i < len(call) - 1:
        if call[i] == '"':
            i = STRING.match(call, i).end()
            continue
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(call[i], 0)
        if call[i] == "," and not depth:
            parts.append(call[last:i])
            last = i + 1
        i += 1
    return parts + [call[last : len(call) - 1]]


def sentences():
    """(file, sentence) of all; a conditional expression of two strings is two sentences."""
    for path in SOURCES:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for match in CALL.finditer(text):
            args = arguments(call_text(text, match.end() - 1))
            if len(args) < 4:
                continue
            arg = args[3]
            for alternative in re.split(r"[?:](?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", arg):
                literal = "".join(STRING.findall(alternative))
                if literal and literal != "%s":
                    yield path, literal


def longest(sentence):
    pieces = re.split(r"%(?:ll|l)?[a-z]", sentence.replace("%%", "%"))
    return max(pieces, key=len).strip()


def main():
    with open(DOCUMENT, encoding="utf-8") as f:
        document = f.read().replace("\\|", "|")
    found = sorted(set(sentences()))
    missing = [(path, s) for path, s in found if longest(s) not in document]
    print("1..1")
    for path, sentence in missing:
        print(f"# {path}: not in {DOCUMENT}: {sentence}")
    if len(found) < 80:
        print(f"# only {len(found)} sentences found in the sources: this test does not read them any more")
        missing.append(("", ""))
    print(f"{'not ok' if missing else 'ok'} 1 - {len(found)} sentences of the verifier are documented")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
