"""Gaits of unlabelled recordings: per window, per bout, and in minutes. Sensors suffice; films are not opened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float32
from numpy import ndarray as Array
from torch import nn

from ..data.errors import BadInput
from ..data.manifest import find_recordings, read_manifest
from ..data.readers.streams import read_streams
from ..data.recording import ClockMap, Grid, Recording, WindowIndex
from ..data.resample import to_grid
from ..data.windows import window_index
from .device import choose_device
from .probing.embed import embed
from .probing.linear import LinearClassifier
from .probing.probe_file import load_probe
from .recipe import Recipe
from .run import load_run_recipe, load_student
from .timeline import GaitBout, Timeline, find_bouts, minutes_of

TableFormat = Literal["csv", "parquet"]
Columns = dict[str, pa.DataType]
"""Names and types of a table's columns, in order."""
SPAN_COLUMNS: Columns = {
    "recording": pa.string(),
    "horse": pa.string(),
    "start_s": pa.float64(),
    "stop_s": pa.float64(),
}
BOUT_COLUMNS: Columns = SPAN_COLUMNS | {"label": pa.string(), "confidence": pa.float64()}
SUMMARY_COLUMNS: Columns = {
    "recording": pa.string(),
    "horse": pa.string(),
    "label": pa.string(),
    "minutes": pa.float64(),
    "percent": pa.float64(),
    "bouts": pa.int64(),
}


@dataclass(frozen=True)
class Told:
    """What a recording was found to be."""

    timeline: Timeline
    """Window by window."""
    bouts: tuple[GaitBout, ...]
    """Windows in a row of one gait."""


@dataclass(frozen=True)
class Prediction:
    """What `predict` wrote, and what it could not use."""

    told: tuple[Told, ...]
    """One a recording."""
    files: tuple[Path, ...]
    """The tables: `timeline`, `bouts`, `summary`."""
    failed: Mapping[str, str]
    """Recordings that could not be used, and why."""

    def __str__(self) -> str:
        lines = [f"{each.timeline.recording}: {_in_words(each)}" for each in self.told]
        lines += [f"left out: {reason}" for reason in self.failed.values()]
        return "\n".join([*lines, f"tables: {', '.join(str(path) for path in self.files)}"])


def predict(dataset: Path, *, run: Path, out: Path, format: TableFormat = "csv") -> Prediction:
    """Tells the gaits of every recording below a folder with a run's student and probe, and writes tables to `out`.

    The classes are those of the probe: whatever else a horse does is called the likeliest of them.
    """
    teller = _Teller(load_run_recipe(run), student=load_student(run), classifier=load_probe(run))
    told, failed, first = [], {}, None
    for path in find_recordings(dataset):
        try:
            timeline = teller.tell(load_sensors(path))
        except BadInput as fault:
            failed[str(path)], first = str(fault), first or fault
        else:
            told.append(Told(timeline, find_bouts(timeline)))
    if first is not None and not told:
        raise first
    files = _write_tables(told, classes=teller.classifier.classes, out=out, format=format)
    return Prediction(tuple(told), files, failed)


def load_sensors(path: Path) -> Recording:
    """A recording's sensors alone: neither film nor labels need be there."""
    manifest = read_manifest(path)
    clock = ClockMap(**manifest.clock.model_dump()) if manifest.clock is not None else ClockMap(offset_seconds=0.0)
    folder = path if path.is_dir() else path.parent
    streams = read_streams(manifest.sensors, folder=folder)
    return Recording(manifest.id, manifest.horse, path, streams, video=None, bouts=(), clock=clock)


class _Teller:
    """A student and a probe, ready for recordings."""

    def __init__(self, recipe: Recipe, *, student: nn.Module, classifier: LinearClassifier) -> None:
        self.recipe, self.classifier = recipe, classifier
        self.student = student.to(choose_device(recipe.train.device, setting="train.device"))

    def tell(self, recording: Recording) -> Timeline:
        """The timeline of one recording; too short a one raises SkippedRecording."""
        grid = to_grid(recording, spec=self.recipe.grid)
        index = window_index(grid, clips=None, bouts=(), spec=self.recipe.windows)
        probability = np.full((len(index.start_row), len(self.classifier.classes)), np.nan)
        if index.valid.any():
            windows = cut_windows(grid, index=index, steps=self.recipe.windows.steps)[index.valid]
            embedding = embed(self.student, torch.from_numpy(windows))
            probability[index.valid] = self.classifier.probabilities(embedding)
        start = grid.start_seconds + index.start_row / grid.rate_hz
        return Timeline(
            recording=recording.id,
            horse=recording.horse,
            classes=self.classifier.classes,
            start_seconds=start,
            stop_seconds=start + self.recipe.window_seconds,
            valid=index.valid,
            probability=probability,
        )


def cut_windows(grid: Grid, *, index: WindowIndex, steps: int) -> Float32[Array, "windows channels steps"]:
    """The rows of every window, time last."""
    views = np.lib.stride_tricks.sliding_window_view(grid.imu, steps, axis=0)
    return np.ascontiguousarray(views[index.start_row], dtype=np.float32)


def _in_words(told: Told) -> str:
    """`walk 3.2 min, trot 1.0 min`, and what could not be told."""
    minutes = {label: minutes_of(told.bouts, label=label) for label in told.timeline.classes}
    valid = told.timeline.valid
    words = [f"{label} {lasted:.1f} min" for label, lasted in minutes.items() if lasted]
    return ", ".join([*words, *([f"{int((~valid).sum())} of {len(valid)} windows not valid"] * (not valid.all()))])


def _write_tables(told: Sequence[Told], *, classes: Sequence[str], out: Path, format: TableFormat) -> tuple[Path, ...]:
    """A table without rows has its columns all the same."""
    out.mkdir(parents=True, exist_ok=True)
    tables = {
        "timeline": (_window_columns(classes), [row for each in told for row in _window_rows(each.timeline)]),
        "bouts": (BOUT_COLUMNS, [row for each in told for row in _bout_rows(each)]),
        "summary": (SUMMARY_COLUMNS, [row for each in told for row in _summary_rows(each)]),
    }
    return tuple(
        _write(rows, columns=columns, path=out / f"{name}.{format}", format=format)
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
        }


def _write(rows: list[dict[str, Any]], *, columns: Columns, path: Path, format: TableFormat) -> Path:
    import pyarrow.csv
    import pyarrow.parquet

    table = pa.Table.from_pylist(rows, schema=pa.schema(columns))
    if format == "csv":
        pyarrow.csv.write_csv(table, path)
    else:
        pyarrow.parquet.write_table(table, path)
    return path
