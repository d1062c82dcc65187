"""Windows of recordings' own files: sensors alone, on the grid and sites that a model expects; films are not opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float32, Float64
from numpy import ndarray as Array

from ...data.errors import BadInput
from ...data.large_arrays import new_array, release_large
from ...data.manifest.load import load_sensors, map_recordings
from ...data.manifest.schema import Manifest
from ...data.recording import Grid, Recording
from ...data.resample import GridSpec, OtherSignals, to_grid
from ...data.sites import CHANNELS, resolve_sites
from ...data.windows import all_valid, window_index
from ..runtime.memory import release_freed_memory
from .sensor_windows import SensorWindows
from .settings import DatasetSettings
from .streams import MemoryStreams

Result = TypeVar("Result")


@dataclass(frozen=True)
class RecordedWindows:
    """The windows of one recording's files, in order of time."""

    recording: str
    """Its id."""
    horse: str
    """Who was recorded."""
    missing: tuple[str, ...]
    """Expected sites without a sensor: their channels are NaN, which students take for missing."""
    start_seconds: Float64[Array, "windows"]
    """When each window starts, in film time where the recording has a clock, else in the sensors' own."""
    stop_seconds: Float64[Array, "windows"]
    """When it ends (exclusive)."""
    valid: Bool[Array, "windows"]
    """Whether every sample of every site with a sensor is real; of one such site, where others may be lost."""
    imu: SensorWindows
    """Those that are valid, in SI units, site by site as expected."""
    source: Recording = field(repr=False)
    """What they were cut from, with the sensors at their own rates."""


def map_windows(
    dataset: Path,
    use: Callable[[RecordedWindows], Result],
    *,
    settings: DatasetSettings,
    allow_missing: bool,
) -> tuple[list[Result], dict[str, str]]:
    """The results of `use` for the windows of every recording below a folder, one held at a time; why others fail."""

    def of(path: Path, manifest: Manifest) -> Result:
        recording = load_sensors(path, manifest=manifest)
        release_freed_memory()  # of what reading took
        return use(recorded_windows(recording, settings=settings, allow_missing=allow_missing))

    return map_recordings(dataset, of)


def recorded_windows(
    recording: Recording, *, settings: DatasetSettings, allow_missing: bool = False
) -> RecordedWindows:
    """A recording cut as the settings say; too short a one raises SkippedRecording.

    A recording without all of the expected sites is refused; `allow_missing` leaves blank those without a sensor,
    unless none has one, and takes windows in which one site at least is whole: sensors stop in the middle.
    """
    sites = resolve_sites(settings.grid.sites)
    missing = _missing(recording, sites=sites, allow_missing=allow_missing)
    present = tuple(site for site in sites if site not in missing)
    grid = _grid(recording, spec=settings.grid.model_copy(update={"sites": present}))
    index = window_index(grid, clips=None, bouts=(), spec=settings.windows)
    start_seconds = grid.start_seconds + index.start_row / grid.rate_hz
    usable = index.valid
    if allow_missing:
        steps = settings.windows.steps
        sites_valid = np.split(grid.imu_valid, len(present), axis=1)
        whole = [all_valid(each, start_row=index.start_row, steps=steps) for each in sites_valid]
        usable = np.any(whole, axis=0)
    start_row = torch.from_numpy(index.start_row[usable])
    valid = torch.from_numpy(grid.imu_valid.all(axis=1))
    imu = torch.from_numpy(_with_blanks(grid.imu.T, present=present, sites=sites))
    streams = MemoryStreams(imu, valid, torch.tensor([0, len(valid)]))
    return RecordedWindows(
        recording=recording.id,
        horse=recording.horse,
        missing=missing,
        start_seconds=start_seconds,
        stop_seconds=start_seconds + settings.window_seconds,
        valid=usable,
        imu=SensorWindows(streams, torch.zeros_like(start_row), start_row, steps=settings.windows.steps),
        source=recording,
    )


def _grid(recording: Recording, *, spec: GridSpec) -> Grid:
    """The recording on the run's grid; signals other than the run's are refused with a way out."""
    try:
        return to_grid(recording, spec=spec)
    except OtherSignals as fault:
        remedy = "Export it so, or pretrain a run on such recordings: `extract-teacher` names the grid.signals to set."
        expected = f"{fault.expected}, as in the run's training"
        raise BadInput(fault.where, found=fault.found, expected=expected, remedy=remedy) from None


def _missing(recording: Recording, *, sites: tuple[str, ...], allow_missing: bool) -> tuple[str, ...]:
    """The expected sites that this recording lacks; refused unless it may."""
    there = [stream.site for stream in recording.streams]
    missing = tuple(site for site in sites if site not in there)
    if missing and (not allow_missing or missing == sites):
        raise BadInput(
            recording.manifest,
            found=f"no sensor at {', '.join(missing)}; there are {', '.join(there) or 'none'}",
            expected=f"sensors at {', '.join(sites)}, as the run was trained with",
            remedy="Correct `site:` in the manifest; with --allow-missing a site without a sensor is left blank.",
        )
    return missing


def _with_blanks(
    imu: Float32[Array, "present_channels rows"], *, present: Sequence[str], sites: Sequence[str]
) -> Float32[Array, "channels rows"]:
    """The stream with the channels of all sites, NaN where there is no sensor."""
    if present == sites:
        return imu
    whole = new_array(len(sites) * len(CHANNELS), imu.shape[1], dtype=np.float32)
    for site, own in zip(sites, np.split(whole, len(sites)), strict=True):
        own[:] = imu[len(CHANNELS) * present.index(site) :][: len(CHANNELS)] if site in present else np.nan
        release_large()
    return whole
