"""Reads labels from Praat's TextGrid, long and short text format: intervals and points of all tiers.

Both formats hold the same values in one order; what stands between them, `xmin =` say, is there for people. So one
reading serves both: texts in quotes, numbers and flags that stand free, everything else passed over (Praat manual,
"TextGrid file formats").
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import BadInput
from .table import Span
from .text import decode_text, read_label_text

_VALUE = re.compile(
    r"""![^\n]*|"(?P<text>(?:[^"]|"")*)"|(?<!\S)(?P<number>[-+]?\d[\d.]*(?:[eE][-+]?\d+)?)(?!\S)|(?P<flag><\w+>)"""
)


class TextGrid:
    """Tiers of intervals and of points. Intervals without a text are unlabelled time."""

    generic = False

    def recognises(self, head: bytes) -> bool:
        """The two lines that every TextGrid begins with."""
        return bool(re.match(r'\s*(File type = )?"ooTextFile"\s+(Object class = )?"TextGrid"', decode_text(head)))

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """All labelled intervals, and points as spans without length."""
        values = _values(read_label_text(path))
        try:
            return tuple(_spans(values))
        except (StopIteration, RuntimeError, ValueError, TypeError, OverflowError):
            expected = "a whole TextGrid as text"
            raise BadInput(path, found="an end amid its values", expected=expected, remedy="Save it again.") from None


def _values(text: str) -> Iterator[str | float]:
    """Texts as text, numbers as numbers, flags as text with their brackets."""
    for match in _VALUE.finditer(text):
        if match["text"] is not None:
            yield match["text"].replace('""', '"')
        elif match["number"] is not None:
            yield float(match["number"])
        elif match["flag"] is not None:
            yield match["flag"]


def _spans(values: Iterator[str | float]) -> Iterator[Span]:
    _text(values), _text(values)  # the format's own names
    _number(values), _number(values)  # where the whole begins and ends
    if next(values) != "<exists>":
        return
    for _ in range(_count(values)):
        kind, tier = _text(values), _text(values)
        _number(values), _number(values)
        for number in range(1, _count(values) + 1):
            start = _number(values)
            stop = start if kind == "TextTier" else _number(values)
            label = _text(values).strip()
            if label:
                yield Span(start, stop, label, f"interval {number} of {tier}", tier=tier)


def _text(values: Iterator[str | float]) -> str:
    value = next(values)
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(values: Iterator[str | float]) -> float:
    value = next(values)
    if isinstance(value, str):
        raise TypeError
    return value


def _count(values: Iterator[str | float]) -> int:
    return int(_number(values))
