# SPDX-License-Identifier: BSD-2-Clause
"""The isolation matrix as a page: one self-contained HTML file, light and dark, nothing loaded from anywhere."""

import json
import sys
from html import escape

MARKS = ("<!-- isolation: made by make isolation-table -->", "<!-- end of isolation -->")

STYLE = """
:root { --ink: #1c2330; --soft: #5b6472; --line: #d9dee6; --paper: #ffffff; --band: #f5f7fa; --good: #1a7f4b;
  --good-bg: #e5f4ec; --bad: #b3261e; --bad-bg: #fbe9e7;
  --warn: #8a5a00; --warn-bg: #fdf3dc; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa4b2; --line: #343c48; --paper: #14181f;
  --band: #1b212b; --good: #63d297; --good-bg: #153425; --bad: #ff8a80; --bad-bg: #43201d; --warn: #f2c063; --warn-bg: #3b2e12; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem;
  margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
p { max-width: 60rem; } .soft { color: var(--soft); } code { font-size: .92em; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-bottom: 1px solid var(--line); }
thead th { font-size: .8rem; color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--line); }
.cell { text-align: center; white-space: nowrap; } td:nth-child(2) { min-width: 19rem; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
.id { font-weight: 700; white-space: nowrap; } .held { color: var(--good); background: var(--good-bg); }
.escaped { color: var(--bad); background: var(--bad-bg); font-weight: 700; }
.noticed { color: var(--warn); background: var(--warn-bg); } .held, .noticed, .escaped { border-radius: 4px; padding: .05rem .45rem; } details summary { cursor: pointer; }
details dl { margin: .5rem 0; font-size: .9rem; } dt { color: var(--soft); } dd { margin: 0 0 .35rem 0; }
.sum { font-size: 1.05rem; margin: .8rem 0 0; } .wide { overflow-x: auto; }
"""

COSTS = [
    # what, the number that has it, the number it is compared with, what it says
    ("Run-time checks: array counter", "hit, array counter, checked", "hit, array counter", "a build that trusts no verifier"),
    ("Run-time checks: empty program", "hit, empty program, checked", "hit, empty program", "nothing to check in it"),
    ("Reading kernel memory: 8 bytes, no translation", "hit, probe_read of 8 bytes", "hit, empty program",
     "address checked against RAM and domain"),
    ("Reading kernel memory: 8 bytes through Sv39", "hit, probe_read of 8 bytes, Sv39", "hit, empty program",
     "three levels, each checked"),
    ("The same with Smepmp", "hit, probe_read of 8 bytes, Sv39, smepmp", "hit, probe_read of 8 bytes, Sv39",
     "each access made as S-mode, the PMP enforces it again"),
    ("Call: look an element up", "call, look-up", None, "attr, key and value copied once, owner's table"),
    ("The same through Sv39", "call, look-up, Sv39", "call, look-up", "every address translated and checked"),
    ("Verifier: load of an 11-instruction program", "load, verified", "load, not verified", "once"),
    ("Self-check, small slice", "self-check, small slice", None, "on calls that make or remove something; never on a hit"),
    ("A breakpoint of the kernel's own, probes armed", "foreign breakpoint, armed", "foreign breakpoint, none armed",
     "0 while none is armed"),
    ("Locks, owners' quotas, budget of straight code", None, None, "0 on a hit"),
    ("PMP", None, None, "0: the hart checks; one entry for the arena"),
]


def cell_html(cell, verdict):
    if cell is None:
        return '<td class="cell soft">-</td>'
    if cell["contained"]:
        return f'<td class="cell"><span class="{verdict}">{verdict}</span><br><span class="soft">{cell["checks"]} checks</span></td>'
    return f'<td class="cell"><span class="escaped">ESCAPED</span><br><span class="soft">{escape(cell["reason"])}</span></td>'


def row_html(experiment, columns):
    about = "".join(
        f"<dt>{name}</dt><dd>{escape(experiment[key])}</dd>"
        for name, key in (("Attacker", "attacker"), ("Does", "action"), ("Must be contained", "contained"), ("Oracle", "oracle"))
    )
    cells = "".join(cell_html(experiment["cells"].get(c["name"]), experiment["verdict"]) for c in columns)
    return (
        f'<tr><td class="id">{experiment["id"]}</td><td><details><summary>{escape(experiment["title"])}</summary>'
        f"<dl>{about}</dl><code>tests/isolation/{experiment['name']}.c</code></details></td>{cells}</tr>"
    )


def all_costs(result):
    """Names to numbers: the first column's as they are, the others' with what makes them different."""
    costs = dict(result["costs"].get("virt", {}))
    for name, value in result["costs"].get("virt-noverifier", {}).items():
        costs["load, not verified" if name == "load, verified" else name + ", checked"] = value
    for name, value in result["costs"].get("smepmp", {}).items():
        costs[name + ", smepmp"] = value
    return costs


def cost_rows(result):
    """(what, instructions with it, without it, difference, remark)"""
    costs = all_costs(result)
    rows = []
    for what, with_it, without, remark in COSTS:
        if with_it is not None and with_it not in costs:
            continue
        number = costs.get(with_it)
        base = costs.get(without)
        rows.append((what, number, base, None if number is None or base is None else number - base, remark))
    return rows


def costs_html(result):
    def number(n, sign=False):
        return "" if n is None else f"{n:+d}" if sign else str(n)

    rows = "".join(
        f'<tr><td>{escape(what)}</td><td class="number">{number(n)}</td><td class="number">{number(base)}</td>'
        f'<td class="number">{number(more, True)}</td><td class="soft">{escape(remark)}</td></tr>'
        for what, n, base, more, remark in cost_rows(result)
    )
    return (
        '<div class="wide"><table><thead><tr><th>Protection</th><th>with it</th><th>without</th><th>costs</th><th></th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def render(result):
    columns = result["columns"]
    cells = [c for e in result["experiments"] for c in e["cells"].values()]
    held = sum(c["contained"] for c in cells)
    titles = {c["name"]: c["title"].replace("-cpu rv64,smepmp=true", result["smepmp"]) for c in columns}
    head = "".join(f'<th class="cell" title="{escape(t)}">{escape(name).replace("-", "<br>")}</th>' for name, t in titles.items())
    legend = "; ".join(f"<b>{escape(name)}</b>: {escape(t)}" for name, t in titles.items())
    rows = "".join(row_html(e, columns) for e in result["experiments"])
    sum_class = "held" if held == len(cells) else "escaped"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>mbpf: isolation</title><style>{STYLE}</style></head><body>
<h1>mbpf: what keeps kernel, programs and firmware apart</h1>
<p class="soft">Made by <code>make isolation</code> with {escape(result["machine"])}. Each row is an attacker; each cell one
boot in which it did its worst. Without verifier every program counts as one that was wrongly accepted, and only the
run-time checks are left. <code>docs/isolation.md</code> says what is promised, and how to add an attack.</p>
<p class="sum"><span class="{sum_class}">{held} of {len(cells)} as promised</span></p>
<p class="soft"><b>held</b>: contained. <b>noticed</b>: nothing here can contain it, but it is found and answered.</p>
<h2>Experiments</h2>
<div class="wide"><table><thead><tr><th>Id</th><th>Attack (open for details)</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>
<p class="soft">{legend}.</p>
<h2>What each protection costs, in guest instructions</h2>
{costs_html(result)}
<p class="soft">Measured with <code>-icount</code> on virt by <code>tests/isolation/z00_costs.c</code>, everything included, from the
first instruction to the last.</p>
</body></html>
"""


def markdown(result):
    """The same as two tables for the README."""
    columns = result["columns"]
    lines = ["| | attack | " + " | ".join(c["name"] for c in columns) + " |", "|---|---|" + "---|" * len(columns)]
    for e in result["experiments"]:
        marks = []
        for c in columns:
            cell = e["cells"].get(c["name"])
            marks.append("-" if cell is None else e["verdict"] if cell["contained"] else "**ESCAPED**")
        lines.append(f"| {e['id']} | {e['title']} | " + " | ".join(marks) + " |")
    lines += ["", "| protection, in guest instructions | with | without | costs |", "|---|---|---|---|"]
    for what, number, base, more, remark in cost_rows(result):
        cells = ["" if n is None else str(n) for n in (number, base)]
        lines.append(f"| {what} | {cells[0]} | {cells[1]} | {remark if number is None else '' if more is None else f'{more:+d}'} |")
    return "\n".join(lines) + "\n"


def main():
    """page.py RESULT.json README.md: put the tables between the marks."""
    with open(sys.argv[1], encoding="utf-8") as f:
        result = json.load(f)
    with open(sys.argv[2], encoding="utf-8") as f:
        text = f.read()
    head, _, rest = text.partition(MARKS[0] + "\n")
    _, mark, tail = rest.partition(MARKS[1])
    if not mark:
        sys.exit(f"{sys.argv[2]} has no {MARKS[0]}")
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        f.write(head + MARKS[0] + "\n" + markdown(result) + MARKS[1] + tail)


if __name__ == "__main__":
    main()
