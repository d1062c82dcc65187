"""Phone recordings of a ridden horse as windows: three axes of acceleration without gravity, and no gyroscope.

The grid's option `signals: linear_acceleration` lets them be learned from: contenders see the same three channels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from equigait.data.recording import ClockMap, ImuStream, Recording
from equigait.data.resample import GridSpec, to_grid
from equigait.pipeline.datasets.sensor_windows import SensorWindows
from equigait.pipeline.datasets.window_dataset import WindowDataset
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

SITE = "phone"
GAITS = ("walk", "trot", "canter")
TRIM_SECONDS = 10.0
"""The first and last seconds of each file hold other gaits."""
STEPS, HOP_STEPS = 250, 125
CENTAUR_RECIPE = (
    f"grid={{sites: [{SITE}], signals: linear_acceleration}}",
    f"windows={{steps: {STEPS}, hop_steps: {HOP_STEPS}, labels: [walk, trot, canter]}}",
    "student={width: 128, layers: 2, heads: 4, dropout: 0.2, spectrum: true}",
    "augment={rotation_degrees: 15, noise_rad_s: 0.0}",
    "evaluate.supervised={steps: 200, batch: 32}",
    "train={steps: 200, batch: 64, warmup_steps: 20, learning_rate: 0.001}",
    "split.validation=[]",
)


@dataclass(frozen=True)
class Stretch:
    """A piece of one file that is left out as a whole."""

    name: str
    """The file's, with its half where the file was cut."""
    gait: str
    """What the horse did."""
    time_seconds: Float64[Array, "samples"]
    """The phone's own clock."""
    acceleration: Float64[Array, "samples 3"]
    """m/s^2, gravity removed by the phone."""


def phone_corpus(source: Path) -> WindowDataset:
    """The windows of all files; each file stands for a horse of its own, since files are what is left out."""
    windows = [(stretch, cut) for stretch in stretches(source) for cut in [_windows(stretch)] if len(cut)]
    many = [len(cut) for _, cut in windows]
    names = tuple(stretch.name for (stretch, _), count in zip(windows, many, strict=True) for _ in range(count))
    label = [GAITS.index(stretch.gait) for (stretch, _), count in zip(windows, many, strict=True) for _ in range(count)]
    return WindowDataset(
        imu=SensorWindows.of(torch.from_numpy(np.concatenate([cut for _, cut in windows]))),
        film=torch.zeros(sum(many), 0),
        has_film=torch.zeros(sum(many), dtype=torch.bool),
        label=np.array(label, dtype=np.int64),
        horse=names,
        recording=names,
        start_seconds=torch.cat([torch.arange(count, dtype=torch.float64) * HOP_STEPS / 50.0 for count in many]),
        classes=GAITS,
        sites=(SITE,),
        teacher={},
    )


def stretches(source: Path) -> Iterator[Stretch]:
    """What is left out in turn: whole files, or the halves of a file that is the only one of its gait.

    A gait of one file could not be told at all when that file is left out. Its halves are of one ride: its own figure
    is the kinder for it.
    """
    files = sorted(source.glob("*.dat"))
    gaits = [path.name.partition("-")[0] for path in files]
    for path, gait in zip(files, gaits, strict=True):
        seconds, acceleration = read_phone(path)
        if gaits.count(gait) > 1:
            yield Stretch(path.stem, gait, seconds, acceleration)
            continue
        middle = seconds <= (seconds[0] + seconds[-1]) / 2
        for half, chosen in (("first half", middle), ("second half", ~middle)):
            yield Stretch(f"{path.stem} {half}", gait, seconds[chosen], acceleration[chosen])


def read_phone(path: Path) -> tuple[Float64[Array, "samples"], Float64[Array, "samples 3"]]:
    """Times in seconds and accelerations of a file, without its ends and without repeats.

    The sensor gives 50 values a second and is asked 59 times: a value that repeats the one before it exactly is stale.
    """
    rows = np.loadtxt(path)
    seconds, acceleration = rows[:, 0] / 1000.0, rows[:, 1:4]
    fresh = np.concatenate([[True], (np.diff(acceleration, axis=0) != 0).any(axis=1)])
    inside = (seconds >= seconds[0] + TRIM_SECONDS) & (seconds <= seconds[-1] - TRIM_SECONDS)
    return seconds[fresh & inside], acceleration[fresh & inside]


def _windows(stretch: Stretch) -> Float32[Array, "windows 6 steps"]:
    """Windows of real samples alone, on the usual grid."""
    none = np.full_like(stretch.acceleration, np.nan)
    path = Path(stretch.name)
    stream = ImuStream(SITE, stretch.time_seconds, stretch.acceleration, none, source=path, gravity_removed=True)
    recording = Recording(stretch.name, stretch.name, path, (stream,), None, (), ClockMap(0.0))
    grid = to_grid(recording, spec=GridSpec(sites=(SITE,), signals="linear_acceleration"))
    starts = range(0, len(grid.imu) - STEPS + 1, HOP_STEPS)
    whole = [grid.imu[start : start + STEPS].T for start in starts if grid.imu_valid[start : start + STEPS].all()]
    return np.stack(whole) if whole else np.zeros((0, 6, STEPS), np.float32)
