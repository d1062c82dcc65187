"""Public data sets as recordings: one file and one line in this table each."""

from pathlib import Path
from typing import Protocol, runtime_checkable

from ..errors import BadInput
from .horsing_around import import_horsing_around
from .hugadb import import_hugadb
from .movingreality import import_movingreality
from .utd_mhad import import_utd_mhad


@runtime_checkable
class Importer(Protocol):
    """Writes one recording folder after the other below `out` from a data set as it is downloaded."""

    def __call__(self, source: Path, *, out: Path, refused: list[BadInput] | None = None) -> list[Path]:
        """The manifests written; why other recordings were left out is appended to `refused`."""
        ...


IMPORTERS: dict[str, Importer] = {
    "horsing-around": import_horsing_around,
    "hugadb": import_hugadb,
    "movingreality": import_movingreality,
    "utd-mhad": import_utd_mhad,
}
"""Importers by the name of the data set."""


def import_dataset(source: Path, *, kind: str, out: Path, refused: list[BadInput] | None = None) -> list[Path]:
    """Recordings below `out` from the public data set below `source`; gives their manifests.

    A recording that cannot be used is left out with a line in the log, and its fault is appended to `refused`; raises
    BadInput where none can be used.
    """
    if kind not in IMPORTERS:
        raise BadInput("import", found=kind, expected=f"one of {', '.join(IMPORTERS)}", remedy="Choose one of these.")
    if not source.is_dir():
        raise BadInput(
            source, found="no such folder", expected=f"the unpacked {kind} data set", remedy="Check the path."
        )
    return IMPORTERS[kind](source, out=out, refused=refused)
