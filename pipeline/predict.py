"""Gaits of unlabelled recordings: per window, per bout, and in minutes. Sensors suffice; films are not opened."""

from collections.abc import Iterable, Mapping
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
from .pretrain import choose_device
from .probing.embed import embed
from .probing.linear import LinearClassifier
from .probing.probe_file import load_probe
from .recipe import Recipe
from .run import load_run_recipe, load_student
from .timeline import GaitBout, Timeline, find_bouts, minutes_of

TableFormat = Literal["csv", "parquet"]


@dataclass(frozen=True)
class Prediction:
    """What `predict` wrote, and what it could not use."""

    timelines: tuple[Timeline, ...]
    """One a recording."""
    bouts: Mapping[str, tuple[GaitBout, ...]]
    """By recording."""
    files: tuple[Path, ...]
    """The tables: `timeline`, `bouts`, `summary`."""
    failed: Mapping[str, str]
    """Recordings that could not be used, and why."""

    def __str__(self) -> str:
        lines = [
            f"{timeline.recording}: {_in_words(timeline, bouts=self.bouts[timeline.recording])}"
            for timeline in self.timelines
        ]
        lines += [f"left out: {reason}" for reason in self.failed.values()]
        return "\n".join([*lines, f"tables: {', '.join(str(path) for path in self.files)}"])


def predict(dataset: Path, *, run: Path, out: Path, format: TableFormat = "csv") -> Prediction:
    """Tells the gaits of every recording below a folder with a run's student and probe, and writes tables to `out`.

    The classes are those of the probe: whatever else a horse does is called the likeliest of them.
    """
    teller = _Teller(load_run_recipe(run), student=load_student(run), classifier=load_probe(run))
    timelines, failed, first = [], {}, None
    for path in find_recordings(dataset):
        try:
            timelines.append(teller.tell(load_sensors(path)))
        except BadInput as fault:
            failed[str(path)], first = str(fault), first or fault
    if first is not None and not timelines:
        raise first
    bouts = {timeline.recording: find_bouts(timeline) for timeline in timelines}
    files = _write_tables(timelines, bouts=bouts, out=out, format=format)
    return Prediction(tuple(timelines), bouts, files, failed)


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
        self.student = student.to(choose_device(recipe.train.device))

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


def _in_words(timeline: Timeline, *, bouts: tuple[GaitBout, ...]) -> str:
    """`walk 3.2 min, trot 1.0 min`, and what could not be told."""
    told = [(label, minutes_of(bouts, label=label)) for label in timeline.classes]
    lost = int((~timeline.valid).sum())
    words = [f"{label} {minutes:.1f} min" for label, minutes in told if minutes]
    return ", ".join([*words, *([f"{lost} of {len(timeline.valid)} windows not valid"] if lost else [])])


def _write_tables(
    timelines: Iterable[Timeline], *, bouts: Mapping[str, tuple[GaitBout, ...]], out: Path, format: TableFormat
) -> tuple[Path, ...]:
    timelines = tuple(timelines)
    out.mkdir(parents=True, exist_ok=True)
    tables = {
        "timeline": [row for timeline in timelines for row in _window_rows(timeline)],
        "bouts": [row for timeline in timelines for row in _bout_rows(timeline, bouts[timeline.recording])],
        "summary": [row for timeline in timelines for row in _summary_rows(timeline, bouts[timeline.recording])],
    }
    return tuple(_write(rows, path=out / f"{name}.{format}", format=format) for name, rows in tables.items())


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


def _bout_rows(timeline: Timeline, bouts: Iterable[GaitBout]) -> Iterable[dict[str, Any]]:
    for bout in bouts:
        yield {
            "recording": timeline.recording,
            "horse": timeline.horse,
            "start_s": round(bout.start_seconds, 3),
            "stop_s": round(bout.stop_seconds, 3),
            "label": bout.label,
            "confidence": bout.confidence,
        }


def _summary_rows(timeline: Timeline, bouts: tuple[GaitBout, ...]) -> Iterable[dict[str, Any]]:
    """Per gait its minutes, and its share of the time that could be told."""
    told = sum(minutes_of(bouts, label=label) for label in timeline.classes)
    for label in timeline.classes:
        minutes = minutes_of(bouts, label=label)
        yield {
            "recording": timeline.recording,
            "horse": timeline.horse,
            "label": label,
            "minutes": minutes,
            "percent": 100.0 * minutes / told if told else 0.0,
            "bouts": sum(bout.label == label for bout in bouts),
        }


def _write(rows: list[dict[str, Any]], *, path: Path, format: TableFormat) -> Path:
    import pyarrow.csv
    import pyarrow.parquet

    table = pa.Table.from_pylist(rows)
    if format == "csv":
        pyarrow.csv.write_csv(table, path)
    else:
        pyarrow.parquet.write_table(table, path)
    return path
