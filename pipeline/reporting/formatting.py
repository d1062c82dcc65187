"""Figures and names as pages show them."""

from collections.abc import Sequence

from ..evaluation.scores import Interval

GAITS = ("walk", "trot", "canter", "transition", "stand")
"""Labels that come first, so that a gait has one colour on every page."""
COLOURS = 15
"""Colours that the pages have for labels."""


def label_colours(labels: Sequence[str]) -> dict[str, int]:
    """The number of each label's colour: gaits as on every page, then others in their order."""
    order = dict.fromkeys([*GAITS, *labels])
    return {label: number % COLOURS for number, label in enumerate(order) if label in labels}


def percent(share: float) -> str:
    """A share of 1 in per cent: "97.3 %"."""
    return f"{100 * share:.1f} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def interval(ends: Interval) -> str:
    """Both ends of an interval: "0.914 to 1.000"."""
    return f"{ends[0]:.3f} to {ends[1]:.3f}"


def with_interval(value: float, ends: Interval | None) -> str:
    """A figure with its interval in brackets, where it has one."""
    return f"{value:.3f}" if ends is None else f"{value:.3f} ({interval(ends)})"


def plain_site(site: str) -> str:
    """A sensor site as people write it: "tuber coxae left"."""
    return site.replace("_", " ")


def enumerated(names: Sequence[str]) -> str:
    """Names with a last "or": "walk, trot or canter"."""
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)


def markdown_cell(text: object) -> str:
    """Text for a cell of a Markdown table, on one line, in which nothing of the text acts as markup of a page."""
    line = " ".join(str(text).split())
    return line.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
