"""The tables of a prediction: a row a window, a row a bout, a row for each recording and gait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from .table_files import SPAN_COLUMNS, Columns, TableFormat, write_table
from .timeline import GaitBout, Timeline, minutes_of

BOUT_COLUMNS: Columns = SPAN_COLUMNS | {"label": pa.string(), "confidence": pa.float64()}
SUMMARY_COLUMNS: Columns = {
    "recording": pa.string(),
    "horse": pa.string(),
    "label": pa.string(),
    "minutes": pa.float64(),
    "percent": pa.float64(),
    "bouts": pa.int64(),
    "missing_sites": pa.string(),
}


@dataclass(frozen=True)
class Told:
    """What a recording was found to be."""

    timeline: Timeline
    """Window by window."""
    bouts: tuple[GaitBout, ...]
    """Windows in a row of one gait."""
    missing: tuple[str, ...] = ()
    """Sites that were not worn, and left blank."""


def write_tables(told: Sequence[Told], *, out: Path, format: TableFormat) -> tuple[Path, ...]:
    """Those of one recording or more; a table without rows has its columns all the same."""
    classes = told[0].timeline.classes
    tables = {
        "timeline": (_window_columns(classes), [row for each in told for row in _window_rows(each.timeline)]),
        "bouts": (BOUT_COLUMNS, [row for each in told for row in _bout_rows(each)]),
        "summary": (SUMMARY_COLUMNS, [row for each in told for row in _summary_rows(each)]),
    }
    return tuple(
        write_table(pa.Table.from_pylist(rows, schema=pa.schema(columns)), out=out, name=name, format=format)
        for name, (columns, rows) in tables.items()
    )


def _window_columns(classes: Sequence[str]) -> Columns:
    """Those of the timeline: a probability for each class."""
    told = {"label": pa.string(), "valid": pa.bool_()} | {f"p_{name}": pa.float64() for name in classes}
    return SPAN_COLUMNS | told


def _window_rows(timeline: Timeline) -> Iterable[dict[str, Any]]:
    spans = zip(timeline.start_seconds, timeline.stop_seconds, timeline.label, timeline.valid, strict=True)
    for row, (start, stop, label, valid) in enumerate(spans):
        told = timeline.probability[row].tolist() if valid else [None] * len(timeline.classes)
        yield {
            "recording": timeline.recording,
            "horse": timeline.horse,
            "start_s": round(float(start), 3),
            "stop_s": round(float(stop), 3),
            "label": label or None,
            "valid": bool(valid),
            **{f"p_{name}": value for name, value in zip(timeline.classes, told, strict=True)},
        }


def _bout_rows(told: Told) -> Iterable[dict[str, Any]]:
    for bout in told.bouts:
        yield {
            "recording": told.timeline.recording,
            "horse": told.timeline.horse,
            "start_s": round(bout.start_seconds, 3),
            "stop_s": round(bout.stop_seconds, 3),
            "label": bout.label,
            "confidence": bout.confidence,
        }


def _summary_rows(told: Told) -> Iterable[dict[str, Any]]:
    """Per gait its minutes, and its share of the time that could be told."""
    timeline, bouts = told.timeline, told.bouts
    whole = sum(minutes_of(bouts, label=label) for label in timeline.classes)
    for label in timeline.classes:
        minutes = minutes_of(bouts, label=label)
        yield {
            "recording": timeline.recording,
            "horse": timeline.horse,
            "label": label,
            "minutes": minutes,
            "percent": 100.0 * minutes / whole if whole else 0.0,
            "bouts": sum(bout.label == label for bout in bouts),
            "missing_sites": " ".join(told.missing),
        }
