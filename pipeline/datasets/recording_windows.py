"""Windows of recordings as a run reads them: sensors alone, on its grid, its sites; films are not opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Bool, Float32, Float64
from numpy import ndarray as Array

from ...data.errors import BadInput
from ...data.manifest.files import find_recordings, read_manifest
from ...data.progress import Tell, announced
from ...data.readers.streams import read_streams
from ...data.recording import ClockMap, Grid, Recording, WindowIndex
from ...data.resample import to_grid
from ...data.sites import CHANNELS, resolve_sites
from ...data.windows import window_index
from ..recipe import Recipe

Found = TypeVar("Found")


@dataclass(frozen=True)
class RecordingWindows:
    """The windows of one recording, in order of time."""

    recording: str
    """Its id."""
    horse: str
    """Who was recorded."""
    missing: tuple[str, ...]
    """Sites of the run that were not worn: their channels are NaN, which students take for missing."""
    start_seconds: Float64[Array, "windows"]
    """When each window starts, in film time where the recording has a clock, else in the sensors' own."""
    stop_seconds: Float64[Array, "windows"]
    """When it ends (exclusive)."""
    valid: Bool[Array, "windows"]
    """Whether every sample of every site that was worn is real."""
    imu: Float32[Array, "valid_windows channels steps"]
    """Of the valid windows alone, in SI units, site by site as the run has them."""


def read_each(
    dataset: Path,
    use: Callable[[RecordingWindows], Found],
    *,
    recipe: Recipe,
    allow_missing: bool,
    tell: Tell = lambda _: None,
) -> tuple[list[Found], dict[str, str]]:
    """What `use` makes of every recording below a folder; and those that could not be read, and why.

    Where none could be, the first reason is raised.
    """
    found: list[Found] = []
    failed: dict[str, str] = {}
    first: Exception | None = None
    for path in announced(find_recordings(dataset), tell=tell):
        try:
            found.append(use(read_windows(load_sensors(path), recipe=recipe, allow_missing=allow_missing)))
        except (BadInput, PermissionError) as fault:
            failed[str(path)], first = str(fault), first or fault
    if first is not None and not found:
        raise first
    return found, failed


def load_sensors(path: Path) -> Recording:
    """A recording's sensors alone: neither film nor labels need be there."""
    manifest = read_manifest(path)
    clock = ClockMap(**manifest.clock.model_dump()) if manifest.clock is not None else ClockMap(offset_seconds=0.0)
    folder = path if path.is_dir() else path.parent
    streams = read_streams(manifest.sensors, folder=folder)
    return Recording(manifest.id, manifest.horse, path, streams, video=None, bouts=(), clock=clock)


def read_windows(recording: Recording, *, recipe: Recipe, allow_missing: bool = False) -> RecordingWindows:
    """A recording cut as the recipe says; too short a one raises SkippedRecording.

    A recording without all of the recipe's sites is refused; `allow_missing` leaves blank those that were not worn,
    unless none was.
    """
    sites = resolve_sites(recipe.grid.sites)
    missing = _missing(recording, sites=sites, allow_missing=allow_missing)
    worn = tuple(site for site in sites if site not in missing)
    grid = to_grid(recording, spec=recipe.grid.model_copy(update={"sites": worn}))
    index = window_index(grid, clips=None, bouts=(), spec=recipe.windows)
    start = grid.start_seconds + index.start_row / grid.rate_hz
    windows = cut_windows(grid, index=index, steps=recipe.windows.steps)
    return RecordingWindows(
        recording=recording.id,
        horse=recording.horse,
        missing=missing,
        start_seconds=start,
        stop_seconds=start + recipe.window_seconds,
        valid=index.valid,
        imu=_with_blanks(windows, worn=worn, sites=sites),
    )


def cut_windows(grid: Grid, *, index: WindowIndex, steps: int) -> Float32[Array, "valid_windows channels steps"]:
    """The rows of every valid window, time last."""
    views = np.lib.stride_tricks.sliding_window_view(grid.imu, steps, axis=0)
    return np.ascontiguousarray(views[index.start_row[index.valid]], dtype=np.float32)


def _missing(recording: Recording, *, sites: tuple[str, ...], allow_missing: bool) -> tuple[str, ...]:
    """The run's sites that this recording lacks; refused unless it may."""
    there = [stream.site for stream in recording.streams]
    missing = tuple(site for site in sites if site not in there)
    if missing and (not allow_missing or missing == sites):
        raise BadInput(
            recording.manifest,
            found=f"no sensor at {', '.join(missing)}; there are {', '.join(there) or 'none'}",
            expected=f"sensors at {', '.join(sites)}, as the run learned from",
            remedy="Correct `site:` in the manifest; with --allow-missing a site that was not worn is left blank.",
        )
    return missing


def _with_blanks(
    windows: Float32[Array, "windows worn_channels steps"], *, worn: Sequence[str], sites: Sequence[str]
) -> Float32[Array, "windows channels steps"]:
    """The windows with the channels of all sites, NaN where one was not worn."""
    count, steps = len(windows), windows.shape[2]
    whole = np.full((count, len(sites), len(CHANNELS), steps), np.nan, np.float32)
    whole[:, [sites.index(site) for site in worn]] = windows.reshape(count, len(worn), len(CHANNELS), steps)
    return whole.reshape(count, len(sites) * len(CHANNELS), steps)
