"""Gaits of unlabelled recordings: per window, per bout, and in minutes. Sensors suffice; films are not opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Float64
from numpy import ndarray as Array
from torch import nn

from ..data.errors import BadInput
from ..data.manifest import find_recordings, read_manifest
from ..data.readers.streams import read_streams
from ..data.recording import ClockMap, Grid, Recording, WindowIndex
from ..data.resample import to_grid
from ..data.sites import CHANNELS, resolve_sites
from ..data.windows import window_index
from .device import choose_device
from .prediction_tables import TableFormat, Told, write_tables
from .probing.embed import embed
from .probing.linear import LinearClassifier
from .probing.probe_file import load_probe
from .recipe import Recipe
from .run import load_run_recipe, load_student
from .timeline import Timeline, find_bouts, minutes_of


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
    dataset: Path, *, run: Path, out: Path, format: TableFormat = "csv", allow_missing: bool = False
) -> Prediction:
    """Tells the gaits of every recording below a folder with a run's student and probe, and writes tables to `out`.

    The classes are those of the probe: whatever else a horse does is called the likeliest of them. A recording without
    all of the run's sites is refused; `allow_missing` leaves blank those that were not worn, unless none was.
    """
    teller = _Teller(
        load_run_recipe(run), student=load_student(run), classifier=load_probe(run), allow_missing=allow_missing
    )
    told, failed, first = [], {}, None
    for path in find_recordings(dataset):
        try:
            told.append(teller.tell(load_sensors(path)))
        except (BadInput, PermissionError) as fault:
            failed[str(path)], first = str(fault), first or fault
    if first is not None and not told:
        raise first
    return Prediction(tuple(told), write_tables(told, out=out, format=format), failed)


def load_sensors(path: Path) -> Recording:
    """A recording's sensors alone: neither film nor labels need be there."""
    manifest = read_manifest(path)
    clock = ClockMap(**manifest.clock.model_dump()) if manifest.clock is not None else ClockMap(offset_seconds=0.0)
    folder = path if path.is_dir() else path.parent
    streams = read_streams(manifest.sensors, folder=folder)
    return Recording(manifest.id, manifest.horse, path, streams, video=None, bouts=(), clock=clock)


class _Teller:
    """A student and a probe, ready for recordings."""

    def __init__(
        self, recipe: Recipe, *, student: nn.Module, classifier: LinearClassifier, allow_missing: bool
    ) -> None:
        self.recipe, self.classifier, self.allow_missing = recipe, classifier, allow_missing
        self.sites = resolve_sites(recipe.grid.sites)
        self.student = student.to(choose_device(recipe.train.device, setting="train.device"))

    def tell(self, recording: Recording) -> Told:
        """The timeline of one recording and its bouts; too short a one raises SkippedRecording."""
        missing = self._missing(recording)
        worn = tuple(site for site in self.sites if site not in missing)
        grid = to_grid(recording, spec=self.recipe.grid.model_copy(update={"sites": worn}))
        index = window_index(grid, clips=None, bouts=(), spec=self.recipe.windows)
        start = grid.start_seconds + index.start_row / grid.rate_hz
        timeline = Timeline(
            recording=recording.id,
            horse=recording.horse,
            classes=self.classifier.classes,
            start_seconds=start,
            stop_seconds=start + self.recipe.window_seconds,
            valid=index.valid,
            probability=self._probability(grid, index=index, worn=worn),
        )
        return Told(timeline, find_bouts(timeline), missing)

    def _missing(self, recording: Recording) -> tuple[str, ...]:
        """The run's sites that this recording lacks; refused unless it may."""
        there = [stream.site for stream in recording.streams]
        missing = tuple(site for site in self.sites if site not in there)
        if missing and (not self.allow_missing or missing == self.sites):
            raise BadInput(
                recording.manifest,
                found=f"no sensor at {', '.join(missing)}; there are {', '.join(there) or 'none'}",
                expected=f"sensors at {', '.join(self.sites)}, as the run learned from",
                remedy="Correct `site:` in the manifest; with --allow-missing a site that was not worn is left blank.",
            )
        return missing

    def _probability(
        self, grid: Grid, *, index: WindowIndex, worn: tuple[str, ...]
    ) -> Float64[Array, "windows classes"]:
        """Of each class in every window; NaN where the window is not valid."""
        told = np.full((len(index.start_row), len(self.classifier.classes)), np.nan)
        if index.valid.any():
            windows = cut_windows(grid, index=index, steps=self.recipe.windows.steps)[index.valid]
            whole = _with_blanks(windows, worn=worn, sites=self.sites)
            told[index.valid] = self.classifier.probabilities(embed(self.student, torch.from_numpy(whole)))
        return told


def _with_blanks(
    windows: Float32[Array, "windows worn_channels steps"], *, worn: Sequence[str], sites: Sequence[str]
) -> Float32[Array, "windows channels steps"]:
    """The windows with the channels of all sites, NaN where one was not worn: what students take for missing."""
    whole = np.full((len(windows), len(sites), len(CHANNELS), windows.shape[2]), np.nan, np.float32)
    whole[:, [sites.index(site) for site in worn]] = windows.reshape(len(windows), len(worn), len(CHANNELS), -1)
    return whole.reshape(len(windows), -1, windows.shape[2])


def cut_windows(grid: Grid, *, index: WindowIndex, steps: int) -> Float32[Array, "windows channels steps"]:
    """The rows of every window, time last."""
    views = np.lib.stride_tricks.sliding_window_view(grid.imu, steps, axis=0)
    return np.ascontiguousarray(views[index.start_row], dtype=np.float32)


def _in_words(told: Told) -> str:
    """`walk 3.2 min, trot 1.0 min`, and what could not be told."""
    minutes = {label: minutes_of(told.bouts, label=label) for label in told.timeline.classes}
    valid = told.timeline.valid
    words = [f"{label} {lasted:.1f} min" for label, lasted in minutes.items() if lasted]
    lost = [f"{int((~valid).sum())} of {len(valid)} windows not valid"] * (not valid.all())
    return ", ".join([*words, *lost, *(f"without {site}" for site in told.missing)])
