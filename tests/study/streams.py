"""Real recordings that are read as they are, without film: a horse's phone, a lunged horse, a person and its pose."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from equigait.data.recording import ClockMap, ImuStream, Recording
from equigait.data.resample import GridSpec, to_grid
from equigait.pipeline.datasets.sensor_windows import SensorWindows
from equigait.pipeline.datasets.window_dataset import WindowDataset
from jaxtyping import Float64
from numpy import ndarray as Array

from .pose import POSE_SITES, read_pose
from .recorded import UnavailableError, real_data

GAITS = ("walk", "trot", "canter")
STEPS = 250
TRIM_SECONDS = 10.0
"""The first and last seconds of each file of the phone hold other gaits."""
G, COUNTS_PER_G, COUNTS_PER_DEGREE = 9.80665, 16384.0, 131.0
LUNGED = {"walk": (2.0, 58.0), "trot": (64.0, 117.0), "canter": (122.0, 150.0)}
"""Seconds of each gait; where one ends is known to 2 s."""
EARLIER, LATER = 0.55, 0.58
"""Shares of each gait up to which it teaches, and from which it is scored."""


@dataclass(frozen=True)
class Stretch:
    """A piece of a recording that is on one side of the split as a whole."""

    name: str
    """Stands for the horse."""
    label: str
    """What it shows; empty: nothing is known of it."""
    streams: tuple[ImuStream, ...]
    clock: ClockMap = field(default_factory=lambda: ClockMap(0.0))
    """From the sensors' time to the film's, or the pose's."""
    film: Callable[[float, float], Array] | None = None
    """What stands in for the teacher's feature between two moments of the film's time."""


def memory_windows(stretches: Sequence[Stretch], *, grid: GridSpec, hop_steps: int) -> WindowDataset:
    """The windows of these stretches, those alone in which every sample is real."""
    imu, film, rows = [], [], []
    for stretch in stretches:
        for start, window in _cut(stretch, grid=grid, hop_steps=hop_steps):
            feature = stretch.film(start, start + STEPS / grid.rate_hz) if stretch.film else np.zeros(0)
            if not np.isnan(feature).any():
                imu.append(window)
                film.append(feature)
                rows.append((stretch, start))
    features = torch.from_numpy(np.stack(film).astype(np.float32))
    label = [GAITS.index(stretch.label) if stretch.label else -1 for stretch, _ in rows]
    names = tuple(stretch.name for stretch, _ in rows)
    starts = torch.tensor([start for _, start in rows], dtype=torch.float64)
    return WindowDataset(
        imu=SensorWindows.of(torch.from_numpy(np.stack(imu))),
        film=features,
        has_film=torch.full((len(rows),), features.shape[1] > 0),
        label=np.array(label, dtype=np.int64),
        horse=names,
        recording=tuple(f"{stretch.name} {stretch.label}" for stretch, _ in rows),
        start_seconds=starts,
        classes=GAITS,
        sites=(grid.sites,) if isinstance(grid.sites, str) else grid.sites,
        teacher={},
        film_seconds=torch.stack([starts, starts + STEPS / grid.rate_hz], dim=1) if features.shape[1] else None,
    )


def _cut(stretch: Stretch, *, grid: GridSpec, hop_steps: int) -> Iterator[tuple[float, Array]]:
    """Start in the film's time, and the window."""
    recording = Recording(stretch.name, stretch.name, Path(stretch.name), stretch.streams, None, (), stretch.clock)
    found = to_grid(recording, spec=grid)
    for first in range(0, len(found.imu) - STEPS + 1, hop_steps):
        if found.imu_valid[first : first + STEPS].all():
            yield float(found.start_seconds + first / grid.rate_hz), found.imu[first : first + STEPS].T


def phone_windows() -> WindowDataset:
    """A ridden horse's phone; each file, or each half of a gait's only one, stands for a horse of its own."""
    files = sorted(real_data("horse_imu_centaur/phone").glob("*.dat"))
    gaits = [path.name.partition("-")[0] for path in files]
    stretches: list[Stretch] = []
    for path, gait in zip(files, gaits, strict=True):
        seconds, acceleration = read_phone(path)
        middle = seconds <= (seconds[0] + seconds[-1]) / 2
        halves = {" first half": middle, " second half": ~middle} if gaits.count(gait) == 1 else {"": seconds > 0}
        for half, chosen in halves.items():
            none = np.full((int(chosen.sum()), 3), np.nan)
            stream = ImuStream("phone", seconds[chosen], acceleration[chosen], none, source=path, gravity_removed=True)
            stretches.append(Stretch(f"{path.stem}{half}", gait, (stream,)))
    grid = GridSpec(sites=("phone",), signals="linear_acceleration")
    return memory_windows(stretches, grid=grid, hop_steps=125)


def read_phone(path: Path) -> tuple[Float64[Array, "samples"], Float64[Array, "samples 3"]]:
    """Times in seconds and accelerations of a file, without its ends and without repeats.

    The sensor gives 50 values a second and is asked 59 times: a value that repeats the one before it exactly is stale.
    """
    rows = np.loadtxt(path)
    seconds, acceleration = rows[:, 0] / 1000.0, rows[:, 1:4]
    fresh = np.concatenate([[True], (np.diff(acceleration, axis=0) != 0).any(axis=1)])
    inside = (seconds >= seconds[0] + TRIM_SECONDS) & (seconds <= seconds[-1] - TRIM_SECONDS)
    return seconds[fresh & inside], acceleration[fresh & inside]


def lunged_windows() -> WindowDataset:
    """The lunged horse: the first part of each gait as `earlier`, the last as `later`."""
    path = next(real_data("horse_imu_centaur/mpu6000").glob("*.dat"))
    fields = [line.split() for line in path.read_text().splitlines()]
    rows = np.array([each for each in fields if len(each) == 7], dtype=np.float64)
    seconds = (rows[:, 0] - rows[0, 0]) / 1000.0
    seconds, first = np.unique(seconds, return_index=True)
    force, turning = rows[first, 1:4] / COUNTS_PER_G * G, np.radians(rows[first, 4:7] / COUNTS_PER_DEGREE)
    stretches = []
    for gait, (start, stop) in LUNGED.items():
        for name, low, high in (("earlier", 0.0, EARLIER), ("later", LATER, 1.0)):
            inside = (seconds >= start + low * (stop - start)) & (seconds < start + high * (stop - start))
            stream = ImuStream("withers", seconds[inside], force[inside], turning[inside], source=path)
            stretches.append(Stretch(name, gait, (stream,)))
    return memory_windows(stretches, grid=GridSpec(sites=("withers",)), hop_steps=50)


def pose_windows() -> WindowDataset:
    """The person's two trials, joint angles in the place of a teacher's feature, on the clock that motion gives."""
    trials = {name: read_pose(real_data("imu_pose") / name) for name in ("trial_1", "trial_4")}
    if refused := {name: each.sync.reasons for name, each in trials.items() if each.sync.clock is None}:
        raise UnavailableError(f"sync refuses the clock of {refused}")
    stretches = [
        Stretch(name, "", each.streams, clock=each.sync.clock or ClockMap(0.0), film=each.feature)
        for name, each in trials.items()
    ]
    return memory_windows(stretches, grid=GridSpec(sites=POSE_SITES), hop_steps=50)
