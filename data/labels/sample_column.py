"""Reads labels that stand beside every sample, in a column of a table: runs of one label become spans."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from jaxtyping import Float64
from numpy import ndarray as Array
from pydantic import Field

from ..errors import BadInput
from ..formats import choose_format
from ..readers import FORMATS
from ..readers.clock import repair_clock
from ..readers.delimited import MISSING, below_units, decode, find_layout, parse_texts, read_text
from ..readers.sensor import SECONDS_PER_UNIT, Time
from ..readers.stamps import rows_in_order
from ..readers.wraps import unwrap_integers
from ..settings import Settings
from .table import Span
from .text import plain_word

GAP_SAMPLES = 3.5
"""Samples farther apart than this many end a run: nobody labelled the time between."""


class SampleLabels(Settings):
    """A label for each row, in a CSV or Parquet file (often that of a sensor)."""

    column: str = Field(min_length=1)
    """The column of labels: words or numbers. Rows without one are unlabelled."""
    time: Time
    """When each row was."""

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """A span for each run of one label, up to the next sample."""
        labels = _texts(path, column=self.column, clock=self.time.column)
        seconds = self._seconds(path, rows=len(labels))
        keep = rows_in_order(seconds, where=path)
        return tuple(_runs(seconds[keep], labels[keep]))

    def _seconds(self, path: Path, *, rows: int) -> Float64[Array, "rows"]:
        if self.time.column is None or self.time.unit is None:
            return np.arange(rows) / float(self.time.rate_hz or 1.0) + (self.time.start_seconds or 0.0)
        reader = choose_format(path, declared=None, formats={name: FORMATS[name] for name in ("csv", "parquet")})
        stamps = reader(path, columns=(self.time.column,)).columns[self.time.column].astype(np.float64)
        if len(stamps) != rows:
            found = f"{len(stamps)} times and {rows} labels"
            raise BadInput(path, found=found, expected="as many of each", remedy="Check the columns.")
        return repair_clock(unwrap_integers(stamps) * SECONDS_PER_UNIT[self.time.unit])


def _texts(path: Path, *, column: str, clock: str | None) -> np.ndarray:
    """The labels as text, empty where there is none; `clock` names the column of times."""
    if not path.is_file():
        raise BadInput(path, found="no such file", expected="a file", remedy="Paths are relative to the manifest.")
    with path.open("rb") as file:
        parquet = file.read(4) == b"PAR1"
    values = _parquet_column(path, column=column) if parquet else _csv_column(path, column=column, clock=clock)
    texts = {value: _text(value) for value in values.unique().to_pylist()}
    return np.array([texts[value] for value in values.to_pylist()], dtype=object)


def _text(value: object) -> str:
    text = "" if value is None else decode(value) if isinstance(value, bytes) else str(value)
    return "" if text.strip() in MISSING else plain_word(text)


def _parquet_column(path: Path, *, column: str) -> Any:
    try:
        names = pa.parquet.read_schema(path).names
        if column in names:
            return pa.parquet.read_table(path, columns=[column])[column]
    except (pa.ArrowInvalid, OSError) as error:
        found = " ".join(str(error).split())[:200]
        raise BadInput(path, found=found, expected="a whole Parquet file", remedy="Write it again.") from None
    expected = f"a column {column}"
    raise BadInput(path, found=f"columns {', '.join(names)}", expected=expected, remedy="Correct `column:`.")


def _csv_column(path: Path, *, column: str, clock: str | None) -> Any:
    data = read_text(path)
    layout = find_layout(data, path=path, columns=(column,), units_below=False)  # words show no row of units
    layout = below_units(layout, data, columns=[clock] if clock in layout.names else [])
    return parse_texts(data, path=path, layout=layout, column=column)


def _runs(seconds: Float64[Array, "rows"], labels: np.ndarray) -> Sequence[Span]:
    period = float(np.median(np.diff(seconds)))
    apart = np.diff(seconds) > GAP_SAMPLES * period
    edges = np.flatnonzero((labels[1:] != labels[:-1]) | apart) + 1
    spans = []
    for begin, end in zip([0, *edges], [*edges, len(labels)], strict=True):
        if labels[begin]:
            broken = end == len(labels) or apart[end - 1]
            stop = float(seconds[end - 1]) + period if broken else float(seconds[end])
            spans.append(Span(float(seconds[begin]), stop, str(labels[begin]), f"rows {begin + 1} to {end}"))
    return spans
