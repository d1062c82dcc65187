"""Gaits of unlabelled recordings: per window, per bout, and in minutes. Sensors suffice; films are not opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..data.progress import Tell
from .datasets.recording_windows import RecordingWindows, read_each
from .inference.table_files import TableFormat
from .inference.tables import Told, write_tables
from .inference.timeline import Timeline, find_bouts, minutes_of
from .probing.linear import LinearClassifier
from .probing.probe_file import load_probe
from .run_recipe import load_run_recipe
from .runtime.device import choose_device
from .students.embedding import embed
from .training.run import load_student


@dataclass(frozen=True)
class Prediction:
    """What `predict` wrote, and what it could not use."""

    told: tuple[Told, ...]
    """One a recording, and one at least."""
    files: tuple[Path, ...]
    """The tables: `timeline`, `bouts`, `summary`."""
    failed: Mapping[str, str]
    """Recordings that could not be used, and why."""

    def __str__(self) -> str:
        lines = [f"{each.timeline.recording}: {_in_words(each)}" for each in self.told]
        lines += [f"left out: {reason}" for reason in self.failed.values()]
        classes = ", ".join(self.told[0].timeline.classes)
        lines.append(f"told apart: {classes}; whatever else was done counts as the likeliest of them")
        return "\n".join([*lines, f"tables: {', '.join(str(path) for path in self.files)}"])


def predict(
    dataset: Path,
    *,
    run: Path,
    out: Path,
    format: TableFormat = "csv",
    allow_missing: bool = False,
    tell: Tell = lambda _: None,
) -> Prediction:
    """Tells the gaits of every recording below a folder with a run's student and probe, and writes tables to `out`.

    The classes are those of the probe: whatever else a horse does is called the likeliest of them. A recording without
    all of the run's sites is refused; `allow_missing` leaves blank those that were not worn, unless none was.
    """
    recipe, student, classifier = load_run_recipe(run), load_student(run), load_probe(run)
    student.to(choose_device(recipe.train.device, setting="train.device"))

    def use(windows: RecordingWindows) -> Told:
        timeline = timeline_of(windows, student=student, classifier=classifier)
        return Told(timeline, find_bouts(timeline), windows.missing)

    told, failed = read_each(dataset, use, recipe=recipe, allow_missing=allow_missing, tell=tell)
    return Prediction(tuple(told), write_tables(told, out=out, format=format), failed)


def timeline_of(windows: RecordingWindows, *, student: nn.Module, classifier: LinearClassifier) -> Timeline:
    """What student and probe say of each window; NaN of those that are not valid."""
    probability = np.full((len(windows.valid), len(classifier.classes)), np.nan)
    if windows.valid.any():
        probability[windows.valid] = classifier.probabilities(embed(student, torch.from_numpy(windows.imu)))
    return Timeline(
        recording=windows.recording,
        horse=windows.horse,
        classes=classifier.classes,
        start_seconds=windows.start_seconds,
        stop_seconds=windows.stop_seconds,
        valid=windows.valid,
        probability=probability,
    )


def _in_words(told: Told) -> str:
    """`walk 3.2 min, trot 1.0 min`, and what could not be told."""
    minutes = {label: minutes_of(told.bouts, label=label) for label in told.timeline.classes}
    valid = told.timeline.valid
    words = [f"{label} {_duration(lasted)}" for label, lasted in minutes.items() if lasted]
    lost = [f"{int((~valid).sum())} of {len(valid)} windows not valid"] * (not valid.all())
    return ", ".join([*words, *lost, *(f"without {site}" for site in told.missing)])


def _duration(minutes: float) -> str:
    """Minutes to a tenth, or seconds of what would be none."""
    return f"{minutes:.1f} min" if minutes >= 0.05 else f"{60 * minutes:.1f} s"
