"""Which format a file has: as declared, or by its content. Never a guess between two."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from .errors import BadInput

HEAD_BYTES = 65536


@runtime_checkable
class Recogniser(Protocol):
    """Something that knows its format by how a file begins."""

    generic: bool
    """Whether it holds just columns (CSV, HDF5...): asked only where no device's format claims the file."""

    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with these bytes (64 KiB, or all of a smaller one) is of this format."""
        ...


Format = TypeVar("Format", bound=Recogniser)


def choose_format(path: Path, *, declared: str | None, formats: Mapping[str, Format]) -> Format:
    """The format of a file. Device formats go before generic ones; none or two that match are refused."""
    if not path.is_file():
        remedy = "Paths in a manifest are relative to it. Check the path."
        raise BadInput(path, found="no such file", expected="a file", remedy=remedy)
    if declared is not None and declared not in formats:
        expected = f"one of {', '.join(formats)}"
        raise BadInput(path, found=f"format {declared}", expected=expected, remedy="Correct `format:`.")
    if path.stat().st_size == 0:
        raise BadInput(path, found="an empty file", expected="data", remedy="Export or copy it again.")
    if declared is not None:
        return formats[declared]
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    matching = {name: format_ for name, format_ in formats.items() if format_.recognises(head)}
    names = [name for name in matching if not matching[name].generic] or list(matching)
    if len(names) == 1:
        return formats[names[0]]
    found = f"a file that could be {' or '.join(names)}" if names else "no format known here"
    expected = f"one of {', '.join(formats)}"
    raise BadInput(path, found=found, expected=expected, remedy="Declare it: `format:` with one of these names.")
