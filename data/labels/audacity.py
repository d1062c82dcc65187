"""Reads label tracks of Audacity: start, end and label in tabs, no header."""

from pathlib import Path

from ..errors import BadInput
from .table import Span
from .text import decode_text, lines_of, read_label_text, to_seconds


class Audacity:
    """One label a line. Lines that begin with a backslash hold frequencies of the label above, and are left out."""

    generic = True

    def recognises(self, head: bytes) -> bool:
        """A first line of two numbers and a text, in tabs."""
        fields = decode_text(head).lstrip("\r\n").partition("\n")[0].split("\t")
        return len(fields) == 3 and _is_number(fields[0]) and _is_number(fields[1]) and not _is_number(fields[2])

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """Its labels in the file's order."""
        spans = []
        for number, line in enumerate(lines_of(read_label_text(path)), start=1):
            if not line.strip() or line.startswith("\\"):
                continue
            fields, place = line.split("\t"), f"line {number}"
            if len(fields) < 2:
                found = f"{line[:60]!r} in {place}"
                raise BadInput(path, found=found, expected="start, end and label in tabs", remedy="Export it again.")
            start, stop = (to_seconds(field, path=path, place=place) for field in fields[:2])
            spans.append(Span(start, stop, "\t".join(fields[2:]).strip(), place))
        return tuple(spans)


def _is_number(text: str) -> bool:
    try:
        float(text.strip().replace(",", "."))
    except ValueError:
        return False
    return True
