"""Rides whose truth is known: as a cache, as files, and as a small run pretrained on them."""

import functools
import math
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from equigait.cache.schema import Fingerprint, Segment
from equigait.cache.store import open_store
from equigait.cache.writer import commit
from equigait.data.recording import Bout, ClipGrid, Grid
from equigait.data.windows import window_index
from equigait.pipeline.datasets.loading import load_windows
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.probe import probe
from equigait.pipeline.recipe import Recipe, load_recipe

SITES = ("withers", "sacrum")
GAITS = ("walk", "trot", "canter")
STRIDE_HZ = (0.95, 1.35, 1.7)
HORSES = tuple(f"h{number}" for number in range(7))
BOUT_SECONDS = 20.0
TEACHER = {"name": "videomae-demo", "weights_sha256": "ab" * 32, "dim": 24}

OVERRIDES = (
    "teacher.name=videomae-demo",
    "grid.sites=[withers, sacrum]",
    "split={validation: [h4], test: [h5, h6]}",
    "student={width: 32, layers: 1, heads: 2, dropout: 0.0, stem: linear}",
    "heads={hidden: 32, dim: 16}",
    "train={steps: 40, batch: 48, learning_rate: 0.003, warmup_steps: 5, validate_every: 20, save_every: 40}",
    "evaluate={resamples: 200, supervised: {steps: 40, batch: 24, learning_rate: 0.003, check_every: 20}, "
    "few_shot: {shots: [3], draws: 2, supervised: {steps: 20, batch: 9, learning_rate: 0.003}}}",
)
"""Horses h0 to h3 train, h4 validates, h5 and h6 are scored; everything takes a second or two."""


def ride_recipe(*overrides: str) -> Recipe:
    """The small recipe for these rides."""
    return load_recipe("default", overrides=[*OVERRIDES, *overrides])


def ride_signal(seconds: np.ndarray, *, horse: str, gaits: Sequence[int] = (0, 1, 2)) -> np.ndarray:
    """`[times, 12]` in SI units: two harmonics whose strength and lag gait and channel decide, on gravity."""
    truth, own = np.random.default_rng(7), np.random.default_rng(HORSES.index(horse) + 1)
    strength, lag = truth.uniform(0.5, 1.5, (3, 12, 2)), truth.uniform(0, 2 * math.pi, (3, 12, 2))
    tempo, vigour, phase = own.normal(1, 0.03), own.normal(1, 0.1), own.uniform(0, 2 * math.pi)
    turn = np.minimum(seconds // BOUT_SECONDS, len(gaits) - 1).astype(int)
    gait = np.asarray(gaits)[turn]
    angle = 2 * math.pi * np.asarray(STRIDE_HZ)[gait] * tempo * seconds + phase
    waves = [strength[gait, :, k - 1] * np.cos(k * angle[:, None] + lag[gait, :, k - 1]) for k in (1, 2)]
    gravity = np.tile([0, 0, 9.81, 0, 0, 0], 2)
    return gravity + vigour * sum(waves) + own.normal(0, 0.3, (len(seconds), 12))


def ride_segment(horse: str, *, labelled: bool = True) -> Segment:
    """One minute: 20 s each of walk, trot and canter, with clips that know gait and vigour."""
    recipe = ride_recipe()
    rows = int(len(GAITS) * BOUT_SECONDS * 50)
    imu = ride_signal(np.arange(rows) / 50.0, horse=horse).astype(np.float32)
    grid = Grid(0.0, 50.0, SITES, imu, np.ones((rows, 2), dtype=bool))
    start = np.arange(0.0, rows / 50.0 - 2.0, 1.0)
    named = GAITS if labelled else ()
    bouts = tuple(Bout(i * BOUT_SECONDS, (i + 1) * BOUT_SECONDS, gait) for i, gait in enumerate(named))
    clips = ClipGrid(np.zeros((len(start), 16), np.int64), start, start + 2.0)
    seen = np.random.default_rng(3).normal(size=(3, 24))[np.minimum(start // BOUT_SECONDS, 2).astype(int)]
    blur = np.random.default_rng(HORSES.index(horse)).normal(0, 0.2, (len(start), 24))
    return Segment(
        recording_id=f"{horse}-ride",
        horse=horse,
        grid=grid,
        clips=(seen + blur).astype(np.float16),
        clip_start_s=start,
        clip_stop_s=start + 2.0,
        windows=window_index(grid, clips=clips, bouts=bouts, spec=recipe.windows),
        labels=recipe.windows.labels,
        window_steps=recipe.windows.steps,
        fingerprint=Fingerprint(
            film_key=f"film-{horse}",
            sensor_key=f"sensors-{horse}",
            teacher=TEACHER,
            clip_spec=recipe.clips.model_dump(mode="json"),
        ),
        purity=recipe.windows.purity,
    )


@functools.cache
def ride_cache() -> Path:
    """A cache of one ride of each horse, written once; only to be read."""
    return cache_of(HORSES, folder=kept_folder("cache"))


def cache_of(horses: Sequence[str], *, folder: Path) -> Path:
    """A cache of one ride of each of these horses."""
    store = open_store(folder)
    for horse in horses:
        commit(store, ride_segment(horse))
    return folder


@functools.cache
def ride_run() -> Path:
    """A run pretrained on that cache, once; to be copied by whoever writes into it."""
    recipe = ride_recipe()
    return pretrain_corpus(load_windows(ride_cache(), settings=recipe), run=kept_folder("run"), recipe=recipe)


def probed_run(folder: Path) -> Path:
    """A copy of that run below a folder, with the probe of its student: to be written into."""
    return Path(shutil.copytree(_probed_run(), folder / "run"))


def write_ride(folder: Path, *, horse: str, gaits: Sequence[int] = (0, 1, 2), rate_hz: float = 100.0) -> Path:
    """A recording of sensors alone as files: two CSVs and a manifest."""
    folder.mkdir(parents=True)
    seconds = np.arange(round(len(gaits) * BOUT_SECONDS * rate_hz)) / rate_hz
    signal = ride_signal(seconds, horse=horse, gaits=gaits)
    lines = [f"horse: {horse}", "sensors:"]
    for number, site in enumerate(SITES):
        columns = np.column_stack([seconds, signal[:, 6 * number : 6 * number + 6]])
        np.savetxt(
            folder / f"{site}.csv", columns, delimiter=",", header="t,ax,ay,az,gx,gy,gz", comments="", fmt="%.5f"
        )
        lines += [
            f"  - site: {site}",
            f"    path: {site}.csv",
            "    time: {column: t, unit: s}",
            "    acceleration: {columns: [ax, ay, az], unit: m/s^2}",
            "    angular_rate: {columns: [gx, gy, gz], unit: rad/s}",
        ]
    (folder / "recording.yaml").write_text("\n".join(lines) + "\n")
    return folder


@functools.cache
def _probed_run() -> Path:
    run = Path(shutil.copytree(ride_run(), kept_folder("probed") / "run"))
    probe(ride_cache(), run=run)
    return run


_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def kept_folder(name: str) -> Path:
    """A temporary folder that lives as long as the tests."""
    _FOLDERS.append(tempfile.TemporaryDirectory(prefix=f"equigait-{name}-"))
    return Path(_FOLDERS[-1].name)
