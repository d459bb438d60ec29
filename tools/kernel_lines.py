#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The size of the kernel, file by file, and whether its documents still fit it.

tools/kernel_lines.py                     print the table
tools/kernel_lines.py --write             write it into kernel/README.md
tools/kernel_lines.py --check DOC.md...   check that and the documents

Lines of code are those with something other than blanks and comments on them.

A document is checked for what it says in backquotes: a `path/file.c` must exist,
a `function()` must be a name in the file that was named last before it, and in
a table row that is | `path/file.c` | N | ... N must be its lines of code. No
kernel file may have more than MAX_LINES lines, and all of them together not more
than MAX_CODE lines of code.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MAX_LINES = 500
MAX_CODE = 6000
README = "kernel/README.md"
TABLE = re.compile(r"^\| file \| lines of code \|.*?\n(?=\n|\Z)", re.M | re.S)
COMMENT = re.compile(r'("(?:\\.|[^"\\\n])*")|/\*.*?\*/|//[^\n]*', re.S)
PATH = r"[\w.-]+(?:/[\w.-]+)+\.\w+"
NAMED = re.compile(rf"`(?P<path>{PATH})`|`(?P<function>\w+)\(\)`")
ROW = re.compile(rf"^\| `({PATH})` \| (\d+) \|", re.M)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def code_lines(path):
    text = COMMENT.sub(lambda m: m.group(1) or "\n" * m.group().count("\n"), read(path))
    return sum(1 for line in text.splitlines() if line.strip())


def purpose(path):
    """The first sentence of the head comment."""
    for comment in re.findall(r"/\*(.*?)\*/", read(path), re.S):
        text = " ".join(line.strip(" *\t") for line in comment.splitlines()).strip()
        if not text.startswith("SPDX"):
            return re.match(r".*?(?:(?<!\bsec)(?<!\bch)[.:](?= |$)|$)", text).group().rstrip(".:")
    return ""


def kernel_files():
    names = sorted(os.listdir(os.path.join(ROOT, "kernel")))
    return [f"kernel/{name}" for name in names if name.endswith((".c", ".h", ".S"))]


def markdown_table():
    rows = [(path, code_lines(path), purpose(path)) for path in kernel_files()]
    text = "| file | lines of code | what it is |\n|---|---|---|\n"
    text += "".join(f"| `{path}` | {code} | {what} |\n" for path, code, what in rows)
    return text + f"| all {len(rows)} | {sum(code for _, code, _ in rows)} | |\n"


def write_table():
    text = read(README)
    with open(os.path.join(ROOT, README), "w", encoding="utf-8") as f:
        f.write(TABLE.sub(lambda _: markdown_table(), text))


def print_table():
    all_lines = all_code = 0
    print("lines  code  file")
    for path in kernel_files():
        lines, code = len(read(path).splitlines()), code_lines(path)
        all_lines, all_code = all_lines + lines, all_code + code
        print(f"{lines:5} {code:5}  {path:24} {purpose(path)}")
    print(f"{all_lines:5} {all_code:5}  in all")


def check(documents):
    """Print what does not fit; return (checks, wrong ones)."""
    checks, wrong = 0, []

    def expect(ok, message):
        nonlocal checks
        checks += 1
        if not ok:
            wrong.append(message)

    for path in kernel_files():
        lines = len(read(path).splitlines())
        expect(lines <= MAX_LINES, f"{path} has {lines} lines, more than {MAX_LINES}")
    code = sum(code_lines(path) for path in kernel_files())
    expect(code <= MAX_CODE, f"the kernel has {code} lines of code, more than {MAX_CODE}")
    table = TABLE.search(read(README))
    expect(table and table.group() == markdown_table(), f"{README}: the table is old: tools/kernel_lines.py --write")
    for document in documents:
        text, current, contents = read(document), "", ""
        expect(NAMED.search(text), f"{document} names no file: is it the right one?")
        for match in NAMED.finditer(text):
            where = f"{document}:{text.count(chr(10), 0, match.start()) + 1}"
            if match["path"]:
                current = match["path"]
                there = os.path.isfile(os.path.join(ROOT, current))
                contents = read(current) if there else ""
                expect(there, f"{where}: there is no {current}")
            else:
                there = re.search(rf"\b{match['function']}\b", contents)
                expect(there, f"{where}: no {match['function']}() in {current or 'any file named before'}")
        for path, number in ROW.findall(text):
            code = code_lines(path) if os.path.isfile(os.path.join(ROOT, path)) else 0
            expect(int(number) == code, f"{document}: {path} has {code} lines of code, not {number}")
    for message in wrong:
        print(f"WRONG: {message}")
    return checks, len(wrong)


def main():
    if len(sys.argv) == 1:
        print_table()
        return
    if sys.argv[1:] == ["--write"]:
        write_table()
        return
    if sys.argv[1] != "--check" or len(sys.argv) < 3:
        sys.exit(__doc__)
    checks, wrong = check(sys.argv[2:])
    print(f"{checks - wrong} passed, {wrong} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
