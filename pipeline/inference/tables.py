"""The tables of a prediction: a row a window, a bout, a gait, a gait on one rein and lead, a change of gait."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from ...data.errors import BadInput, shortened
from ...data.files import write_atomically
from ...data.labels.table import Span
from ...data.labels.writers import WRITERS, labels_text
from .bouts import minutes_of
from .prediction import RecordingPrediction
from .ride_summary import changes_of_gait, rein_times
from .strides import GAIT_CYCLES
from .table_files import SPAN_COLUMNS, Columns, TableFormat, append_csv, csv_bytes, write_table
from .timeline import Timeline

BOUT_COLUMNS: Columns = SPAN_COLUMNS | {"label": pa.string(), "confidence": pa.float64()}
START = list(SPAN_COLUMNS).index("start_s")
SUMMARY_COLUMNS: Columns = {
    "recording": pa.string(),
    "horse": pa.string(),
    "label": pa.string(),
    "minutes": pa.float64(),
    "percent": pa.float64(),
    "bouts": pa.int64(),
    "longest_s": pa.float64(),
    "missing_sites": pa.string(),
    "learned_from": pa.string(),
}
REIN_COLUMNS: Columns = {
    "recording": pa.string(),
    "horse": pa.string(),
    "gait": pa.string(),
    "rein": pa.string(),
    "lead": pa.string(),
    "minutes": pa.float64(),
    "percent": pa.float64(),
    "strides": pa.int64(),
}
TRANSITION_COLUMNS: Columns = {
    "recording": pa.string(),
    "horse": pa.string(),
    "at_s": pa.float64(),
    "from": pa.string(),
    "to": pa.string(),
}


TABLES = ("timeline", "bouts", "summary", "reins", "transitions")


def write_tables(predictions: Sequence[RecordingPrediction], *, out: Path, format: TableFormat) -> tuple[Path, ...]:
    """Those of one recording or more; a table without rows has its columns all the same."""
    classes = predictions[0].timeline.classes
    tables = {
        "timeline": (_window_columns(classes), [row for each in predictions for row in _window_rows(each.timeline)]),
        "bouts": (BOUT_COLUMNS, [row for each in predictions for row in _bout_rows(each)]),
        "summary": (SUMMARY_COLUMNS, [row for each in predictions for row in _summary_rows(each)]),
        "reins": (REIN_COLUMNS, [row for each in predictions for row in _rein_rows(each)]),
        "transitions": (TRANSITION_COLUMNS, [row for each in predictions for row in _transition_rows(each)]),
    }
    return tuple(
        write_table(pa.Table.from_pylist(rows, schema=pa.schema(columns)), out=out, name=name, format=format)
        for name, (columns, rows) in tables.items()
    )


def append_windows(timeline: Timeline, *, out: Path) -> None:
    """Adds windows to `OUT/timeline.csv` while a ride goes on."""
    append_csv(_window_table(timeline.classes, _window_rows(timeline)), out=out, name="timeline")


def windows_written(out: Path, *, recording: str, classes: Sequence[str], hop_seconds: float) -> int:
    """Up to which of a recording's windows `OUT/timeline.csv` goes; a last line that was cut off is removed.

    The table of a whole long recording leaves windows out between. One of another recording, or of other classes, is
    refused.
    """
    header = csv_bytes(_window_table(classes, ()))
    path = append_csv(_window_table(classes, ()), out=out, name="timeline")
    data = path.read_bytes()
    lines = data[: data.rfind(b"\n") + 1].splitlines(keepends=True)
    rows = list(csv.reader(line.decode() for line in lines[1:]))
    names = {row[0] for row in rows}
    if lines[:1] != [header] or not names <= {recording}:
        found = (
            f"a timeline of {shortened(sorted(names)) or 'no recording'}" if lines[:1] == [header] else "other columns"
        )
        expected, remedy = f"the timeline of {recording} by this run", "Choose another folder with --out."
        raise BadInput(path, found=found, expected=expected, remedy=remedy)
    os.truncate(path, sum(map(len, lines)))
    first, last = (float(rows[at][START]) for at in (0, -1)) if rows else (0.0, -hop_seconds)
    return round((last - first) / hop_seconds) + 1


def _window_table(classes: Sequence[str], rows: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=pa.schema(_window_columns(classes)))


def _window_columns(classes: Sequence[str]) -> Columns:
    """Those of the timeline: a probability for each class."""
    columns = {"label": pa.string(), "valid": pa.bool_(), "novelty": pa.float64()}
    return SPAN_COLUMNS | columns | {f"p_{name}": pa.float64() for name in classes}


def _window_rows(timeline: Timeline) -> Iterable[dict[str, Any]]:
    spans = zip(timeline.start_seconds, timeline.stop_seconds, timeline.label, timeline.valid, strict=True)
    for row, (start, stop, label, valid) in enumerate(spans):
        probability = timeline.probability[row].tolist() if valid else [None] * len(timeline.classes)
        yield {
            "recording": timeline.recording,
            "horse": timeline.horse,
            "start_s": round(float(start), 3),
            "stop_s": round(float(stop), 3),
            "label": label or None,
            "valid": bool(valid),
            "novelty": float(timeline.novelty[row]) if valid else None,
            **{f"p_{name}": value for name, value in zip(timeline.classes, probability, strict=True)},
        }


def _bout_rows(prediction: RecordingPrediction) -> Iterable[dict[str, Any]]:
    for bout in prediction.bouts:
        yield {
            "recording": prediction.timeline.recording,
            "horse": prediction.timeline.horse,
            "start_s": round(bout.start_seconds, 3),
            "stop_s": round(bout.stop_seconds, 3),
            "label": bout.label,
            "confidence": bout.confidence,
        }


def _summary_rows(prediction: RecordingPrediction) -> Iterable[dict[str, Any]]:
    """Per gait its minutes, and its share of the time that was predicted."""
    timeline, bouts = prediction.timeline, prediction.bouts
    whole = sum(minutes_of(bouts, label=label) for label in timeline.labels)
    for label in timeline.labels:
        minutes = minutes_of(bouts, label=label)
        yield {
            "recording": timeline.recording,
            "horse": timeline.horse,
            "label": label,
            "minutes": minutes,
            "percent": 100.0 * minutes / whole if whole else 0.0,
            "bouts": sum(bout.label == label for bout in bouts),
            "longest_s": round(max((bout.seconds for bout in bouts if bout.label == label), default=0.0), 3),
            "missing_sites": " ".join(prediction.missing),
            "learned_from": "simulated horses" if prediction.simulated else "recordings",
        }


def _rein_rows(prediction: RecordingPrediction) -> Iterable[dict[str, Any]]:
    """Time by gait, rein and lead of the gaits that have strides, and its share of the time that was predicted."""
    whole = sum(bout.seconds for bout in prediction.bouts)
    for each in rein_times([bout for bout in prediction.strides if bout.gait in GAIT_CYCLES]):
        yield {
            "recording": prediction.timeline.recording,
            "horse": prediction.timeline.horse,
            "gait": each.gait,
            "rein": each.rein or None,
            "lead": each.lead or None,
            "minutes": each.seconds / 60.0,
            "percent": 100.0 * each.seconds / whole,
            "strides": each.strides,
        }


def _transition_rows(prediction: RecordingPrediction) -> Iterable[dict[str, Any]]:
    for change in changes_of_gait(prediction.bouts):
        yield {
            "recording": prediction.timeline.recording,
            "horse": prediction.timeline.horse,
            "at_s": round(change.seconds, 3),
            "from": change.before,
            "to": change.after,
        }


def write_labels(predictions: Sequence[RecordingPrediction], *, out: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """The bouts of each recording as label files for review: `OUT/labels/RECORDING.eaf` and the like.

    Times are those of the bouts, cut at 0; the reader of the same name reads them back with `time: film`.
    """
    files = []
    for prediction in predictions:
        bouts = [bout for bout in prediction.bouts if bout.stop_seconds > 0]
        spans = [Span(max(b.start_seconds, 0.0), b.stop_seconds, b.label, "", tier="predicted") for b in bouts]
        for format in formats:
            text = labels_text(spans, format=format)
            files.append(out / "labels" / f"{prediction.timeline.recording}{WRITERS[format][0]}")
            write_atomically(files[-1], text)
    return tuple(files)
