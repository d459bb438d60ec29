#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make tests of the tutorial, so that it cannot rot:

    tests/qemu/tutorial.py docs/tutorial OUT

writes the programs of its pages to OUT/*.c (where sdk.mk finds them) and
OUT/tutorial.toml, one case a page. Of a page it takes

- C blocks that begin with a comment `/* progs/NAME */`: that file;
- console blocks: lines `mbpf$ COMMAND` are typed, the others are output to
  expect, in this order. A number in them stands for any number, a bar of a
  histogram for any bar, spaces for spaces; `...` is anything, as a line of its own any lines.

Other blocks (sh, text) are for people. A file is written only if it changes.
"""

import json
import os
import re
import sys

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"/\* progs/([\w.]+) \*/\n")
PROMPT = "mbpf$ "
TOKEN = re.compile(r"\|[* ]+\||0x[0-9a-f]+|\d+|\.\.\.|[ \t]+|.", re.DOTALL)


class BadPage(Exception):
    """The page cannot be tested; str() says why."""


def regex_of(line):
    """The line, with what differs from run to run left open."""
    out = ""
    for token in TOKEN.findall(line.rstrip()):
        if re.fullmatch(r"\|[* ]+\|", token):
            out += r"\|[* ]+\|"
        elif token.startswith("0x"):
            out += "0x[0-9a-f]+"
        elif token.isdigit():
            out += r"-?\d+" if not out.endswith("-") else r"\d+"
        elif token == "...":
            out += ".*"
        elif token.isspace():
            out += "[ \\t]+"
        else:
            out += re.escape(token)
    return f"^{out}[ \\t]*$"


def steps_of(block):
    steps, expect = [], None
    for line in block.splitlines():
        if line.startswith(PROMPT):
            if expect is None:
                steps.append({"expect": r"mbpf\$ "})
            steps.append({"send": line.removeprefix(PROMPT) + "\n"})
            expect = None
        elif line.strip() not in ("", "..."):
            if not steps:
                raise BadPage(f"output before any command: {line!r}")
            expect = regex_of(line)
            steps.append({"expect": expect})
    return steps + [{"expect": r"mbpf\$ "}]


def read_page(path):
    """(files, steps) of one page"""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    files, steps = {}, []
    for kind, block in BLOCK.findall(text):
        name = FILE.match(block)
        if kind == "c" and name:
            files[name.group(1)] = "/* SPDX-License-Identifier: BSD-2-Clause */\n" + block[name.end() :]
        elif kind == "console":
            steps += [{"send": "\n"}] + steps_of(block)
        elif kind not in ("c", "sh", "text"):
            raise BadPage(f"a block of kind {kind!r}: there are c, console, sh and text")
    if not steps:
        raise BadPage("no console block, nothing to test")
    return files, steps


def toml_of(name, title, steps):
    lines = ["[[case]]", f"name = {json.dumps(name)}", f"description = {json.dumps(title)}", "type = ["]
    for step in steps:
        (key, value), *_ = step.items()
        lines.append(f"\t{{ {key} = {json.dumps(value)} }},")
    lines.append('\t{ send = "poweroff\\n" },\n]\n')
    return "\n".join(lines)


def write(path, text):
    try:
        with open(path, encoding="utf-8") as f:
            if f.read() == text:
                return
    except FileNotFoundError:
        pass
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def main():
    source, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    files, suite = {}, []
    for page in sorted(p for p in os.listdir(source) if re.match(r"\d.*\.md$", p)):
        try:
            more, steps = read_page(os.path.join(source, page))
        except BadPage as e:
            sys.exit(f"{source}/{page}: {e}")
        for name in more:
            if name in files:
                sys.exit(f"{source}/{page}: {name} is in an earlier page already")
        files.update(more)
        stem = page.removesuffix(".md")
        suite.append(toml_of("tutorial-" + stem, f"every command of docs/tutorial/{page}, and its output", steps))
    files["tutorial.toml"] = "# Made by tests/qemu/tutorial.py\n\n" + "\n".join(suite)
    for name in os.listdir(out):
        if name not in files:
            os.unlink(os.path.join(out, name))
    for name, text in files.items():
        write(os.path.join(out, name), text)


if __name__ == "__main__":
    main()
