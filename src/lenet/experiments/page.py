"""Documents of experiments as one page of Markdown, without any figure typed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

HEAD = """# The paper's experiments, rerun

Written by `lenet reproduce all`; do not edit by hand. *Ours* is measured on {hardware} under the
conditions below, *printed* stands in LeCun, Bottou, Bengio and Haffner (1998) at the place named.
± is the standard deviation over that many trainings, each from its own seed; two trainings are
given as two values; […] is Wilson's 95 % interval for the errors of a single network. Times are
those of one core of this hardware.
"""
QUICK = """
> **Quick run** on few digits, with few passes: it shows that everything works; ignore its figures.
"""


def results_page(documents: Sequence[dict[str, Any]]) -> str:
    """All experiments, each with its notes, figures, tables, picture and command."""
    given = documents[0]["conditions"]
    parts = [HEAD.format(hardware=given["hardware"])]
    if any(document["quick"] for document in documents):
        parts.append(QUICK)
    parts += [_section(document) for document in documents]
    versions = ", ".join(f"{name} {text}" for name, text in given["versions"].items())
    minutes = sum(document["core_seconds"] for document in documents) / 60
    parts.append(
        "## Conditions\n\n"
        f"{given['hardware']}; {versions}; engine {given['engine']}. "
        f"Digits: {given['data']}, SHA-256 `{given['data_sha256'][:16]}…`. "
        f"All experiments together: {minutes:.0f} minutes of one core.\n"
    )
    return "\n".join(parts)


def _section(document: dict[str, Any]) -> str:
    minutes = document["core_seconds"] / 60
    cost = f"{minutes:.1f} minutes of one core, {document['conditions']['hardware']}"
    lines = [f"## {document['title']}", "", f"`{document['command']}`: {cost}", ""]
    for sentence in document["notes"]:
        lines += [sentence, ""]
    if document["rows"]:
        lines += [*rows_table(document["rows"]), ""]
    for table in document["tables"]:
        cells = [[_cell(value) for value in line] for line in table["lines"]]
        lines += [f"**{table['title']}**", "", *_table(table["header"], cells), ""]
    if document["panels"]:
        lines += [f"![{document['title']}](results/{document['experiment']}.png)", ""]
    return "\n".join(lines)


def rows_table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Our figures beside the printed ones, as lines of a table."""
    header = ["", "ours", "printed", "where", "note"]
    cells = [
        [
            f"{row['what']}, {row['unit']}" if row["unit"] else row["what"],
            ours(row),
            _cell(row["printed"]),
            row["source"],
            row["note"],
        ]
        for row in rows
    ]
    keep = [k for k in range(5) if k < 2 or any(line[k] for line in cells)]
    return _table([header[k] for k in keep], [[line[k] for k in keep] for line in cells])


def ours(row: dict[str, Any]) -> str:
    """Our figure with its uncertainty."""
    if row["ours"] is None:
        return "–"
    mean, sd = row["ours"], row["sd"]
    text = _cell(mean)
    if row["seeds"] == 2 and sd is not None:  # the two values themselves
        half = sd / sqrt(2)
        text = f"{_cell(mean - half)}, {_cell(mean + half)} (2 seeds)"
    elif sd is not None:
        small = 0 < sd < 0.01 <= abs(mean)  # not in another notation than its mean
        text += f" ± {sd:.3f}" if small else f" ± {_cell(sd)}"
        text += f" ({row['seeds']} seeds)"
    if row["interval"] is not None:
        text += f" [{_cell(row['interval'][0])} … {_cell(row['interval'][1])}]"
    return text


def _cell(value: Any) -> str:
    """Numbers with two decimals where that suits; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        if value == 0 or 0.01 <= abs(value) < 100:
            return f"{value:.2f}"
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1e}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    rows = [header, ["---"] * len(header), *lines]
    return ["| " + " | ".join(cells) + " |" for cells in rows]
