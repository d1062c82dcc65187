"""The page of results: one table, and a line for each figure beside a row; written from the rows' files alone."""

import json
from pathlib import Path
from typing import Any

from equigait.data.files import write_atomically

from .contenders import CONTENDERS
from .rows import ROWS
from .sets import SETS

MARKDOWN = Path(__file__).parent / "RESULTS.md"


def write_table(root: Path, *, markdown: Path) -> None:
    """Writes the page."""
    found = {path.stem: json.loads(path.read_text()) for path in root.glob("*.json") if path.stem in ROWS}
    write_atomically(markdown, page(found))


def page(found: dict[str, dict[str, Any]]) -> str:
    """The page from these rows; one that is not there has not been run."""
    rows = [
        found.get(name, {"name": name, "figure": ROWS[name].figure, "held_to": ROWS[name].held_to}) for name in ROWS
    ]
    lines = [
        "# What the study found",
        "",
        "Written by `python -m tests.study table` from the rows' files; `make study` finds what is missing. Intervals",
        "are 95 %: over yards by Student-t, else over those who were unseen. Every difference is paired, with the same",
        "labels on both sides. Sets, sizes and what is held to are in `sets.py` and `rows.py`, written before it ran.",
        "",
        "| row | figure | value | interval | chance | held to | |",
        "|---|---|---|---|---|---|---|",
        *(_line(row) for row in rows),
        "",
        *(line for row in rows if row.get("value") is not None for line in _details(row)),
        "## Who and what",
        "",
        *(f"- `{name}`: {each.what}" for name, each in CONTENDERS.items()),
        *(f"- `{name}`: {each.what}" for name, each in SETS.items()),
    ]
    return "\n".join(lines) + "\n"


def _line(row: dict[str, Any]) -> str:
    if row.get("value") is None:
        return f"| {row['name']} | {row['figure']} | - | - | - | {row['held_to']} | not run |"
    verdict = "**holds**" if row["so_far"] else "does not hold"
    if row["missing"]:
        verdict = f"not decided: {row['cells']} cells, so far it {'holds' if row['so_far'] else 'does not'}"
    chance = "-" if row["chance"] is None else f"{row['chance']:.3f}"
    cells = (row["name"], row["figure"], f"{row['value']:.3f}", _interval(row), chance, row["held_to"], verdict)
    return "| " + " | ".join(cells) + " |"


def _details(row: dict[str, Any]) -> list[str]:
    """The figures beside a row's own."""
    lines = [f"## {row['name']}", "", "| | mean | interval | over | each |", "|---|---|---|---|---|"]
    rest = []
    for name, figure in row["details"].items():
        if isinstance(figure, dict):
            each = ", ".join(f"{value:.2f}" for value in figure["parts"])
            lines.append(f"| {name} | {figure['value']:.3f} | {_interval(figure)} | {figure['over']} | {each} |")
        else:
            rest.append(f"{name}: {figure:.3f}" if isinstance(figure, float) else f"{name}: {figure}")
    return [*lines, "", *(["; ".join(rest) + ".", ""] if rest else [])]


def _interval(figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    if low == high:
        return "-"
    return f"{low:.3f} to {high:.3f}"
