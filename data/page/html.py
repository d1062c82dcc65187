"""Pieces of the page: sections, tables, tiles, and the whole with its style inside, so that nothing is fetched."""

from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources


def page(title: str, *, body: Sequence[str]) -> str:
    """A whole HTML document that needs no other file."""
    style = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>\n{style}</style>",
            "</head>",
            "<body>",
            "<main>",
            *body,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def section(title: str, *, body: Sequence[str], anchor: str = "", badge: str = "") -> str:
    """A card with a heading; `anchor` is where links lead, `badge` a word behind the heading with its own colour."""
    place = f' id="{escape(anchor)}"' if anchor else ""
    word = f' <span class="badge {escape(badge)}">{escape(badge)}</span>' if badge else ""
    return "\n".join([f"<section{place}>", f"<h2>{escape(title)}{word}</h2>", *body, "</section>"])


def linked(rows: Sequence[tuple[str, str, str]]) -> str:
    """A list of links to anchors of the page: anchor, name, badge."""
    parts = (
        f'<a href="#{escape(anchor)}">{escape(name)} <span class="badge {escape(badge)}">{escape(badge)}</span></a>'
        for anchor, name, badge in rows
    )
    return f'<nav class="links">{"".join(parts)}</nav>'


def notes(lines: Sequence[str], *, kind: str) -> str:
    """Lines set off by a bar: `bad` for what is refused, `warn` for what to look at."""
    return "".join(f'<p class="{kind}">{escape(line)}</p>' for line in lines)


def paragraph(content: str, *, kind: str = "") -> str:
    """Plain text, escaped."""
    return f'<p class="{kind}">{escape(content)}</p>' if kind else f"<p>{escape(content)}</p>"


def scrolling(drawing: str) -> str:
    """A wide drawing or table that scrolls on a narrow screen."""
    return f'<div class="scroll">{drawing}</div>'


def side_by_side(drawings: Sequence[str]) -> str:
    """Drawings in a row, as many as fit."""
    return f'<div class="side">{"".join(f"<div>{drawing}</div>" for drawing in drawings)}</div>'


def tile(name: str, *, figure: str, below: str, first: bool = False) -> str:
    """A headline figure."""
    kind = "tile first" if first else "tile"
    lines = f'<span class="name">{escape(name)}</span><b>{escape(figure)}</b><span>{escape(below)}</span>'
    return f'<div class="{kind}">{lines}</div>'


def tiles(parts: Sequence[str]) -> str:
    """Headline figures in a row."""
    return f'<div class="tiles">{"".join(parts)}</div>'


def table(head: Sequence[str], *, rows: Sequence[Sequence[str]], marked: str = "") -> str:
    """A table whose first column is text and whose cells that hold figures stand at the right; `marked` names a row."""
    figures = [_all_figures([row[column] for row in rows]) for column in range(len(head))]
    cells = "".join(_cell("th", name, figure=figure) for name, figure in zip(head, figures, strict=True))
    lines = [
        f"<tr{' class=ours' if row[0] == marked else ''}>"
        + "".join(_cell("td", cell, figure=figure) for cell, figure in zip(row, figures, strict=True))
        + "</tr>"
        for row in rows
    ]
    return scrolling(f"<table><thead><tr>{cells}</tr></thead><tbody>{''.join(lines)}</tbody></table>")


def definitions(entries: Mapping[str, str]) -> str:
    """Names and what they stand for."""
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in entries.items())}</dl>"


def fold(summary: str, *, code: str) -> str:
    """Text as it stands in a file, folded away until asked for."""
    return f"<details><summary>{escape(summary)}</summary>{listing(code)}</details>"


def listing(code: str) -> str:
    """Text as it stands in a file, or commands."""
    return f"<pre><code>{escape(code.rstrip())}</code></pre>"


def _cell(tag: str, content: str, *, figure: bool) -> str:
    """Figures stay on one line; an interval in brackets may go below its figure where the page is narrow."""
    words = escape(content)
    if figure and tag == "td":
        words = words.replace(" ", "&nbsp;").replace("&nbsp;(", " (")
    return f"<{tag}{' class=n' if figure else ''}>{words}</{tag}>"


def _all_figures(cells: Sequence[str]) -> bool:
    return bool(cells) and all(cell[:1].isdigit() or cell[:1] in "+-–" for cell in cells)
