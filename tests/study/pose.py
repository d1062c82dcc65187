"""A person's five units beside joint angles of pose estimation: read, and put on one clock by their motion alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow.csv
from equigait.data.recording import ImuStream
from equigait.data.sync.result import SyncResult
from equigait.data.sync.synchronise import synchronise
from equigait.data.video.motion import PARTS, MotionSignals
from jaxtyping import Float64
from numpy import ndarray as Array
from scipy.ndimage import gaussian_filter1d

POSE_SITES = ("chest", "right_leg", "left_leg", "right_arm", "left_arm")
FEATURE_HZ = 5.0
"""How fast each segment turns, as a window's feature: so many values a second."""
FASTEST = 15.0
"""rad/s: faster turning is a joint that pose estimation lost."""
G = 9.80665
SIDES = ("left", "right")


@dataclass(frozen=True)
class Pose:
    """One trial."""

    streams: tuple[ImuStream, ...]
    """The units, on a clock of their own."""
    time_seconds: Float64[Array, "rows"]
    """Of the angles."""
    angles: Float64[Array, "rows joints"]
    """Degrees."""
    sync: SyncResult
    """The clock between the two, or the reasons why there is none."""

    def feature(self, start: float, stop: float) -> Float64[Array, "features"]:
        """How fast each angle turns between two moments of their own time, rad/s; NaN where they do not reach.

        Posture is what no gyroscope shows, and an angle of 180 degrees is one of -180.
        """
        times = np.arange(start, stop - 1e-9, 1.0 / FEATURE_HZ)
        columns = [np.interp(times, self.time_seconds, each, left=np.nan, right=np.nan) for each in self.turning.T]
        return np.concatenate(columns)

    @cached_property
    def turning(self) -> Float64[Array, "rows joints"]:
        """Absolute angular rates, rad/s, low-passed for `FEATURE_HZ`."""
        unwrapped = np.unwrap(np.radians(self.angles), axis=0)
        rates = np.minimum(np.abs(np.gradient(unwrapped, self.time_seconds, axis=0)), FASTEST)
        rows = 0.5 / FEATURE_HZ / np.median(np.diff(self.time_seconds))
        return np.asarray(gaussian_filter1d(rates, rows, axis=0))


def read_pose(trial: Path) -> Pose:
    """A trial's units and angles, and their clock by `sync` from the chest's rise and fall and the whole's turning."""
    table = pyarrow.csv.read_csv(trial / "angles.csv").to_pydict()
    time = np.array(table.pop("time"), dtype=np.float64)
    angles = {name: np.array(values, dtype=np.float64) for name, values in table.items()}
    streams = tuple(_streams(trial))
    sync = synchronise(streams, motion=motion_of(time, angles=angles))
    return Pose(streams, time, np.stack(list(angles.values()), axis=1), sync)


def motion_of(time: Float64[Array, "rows"], *, angles: dict[str, Float64[Array, "rows"]]) -> MotionSignals:
    """Angles as the motion that `sync` compares: the hips rise as shanks and thighs straighten; all segments turn.

    Angles of segments are -90 degrees where one hangs straight down. A leg of two equal segments is half of
    -sin(shank) - sin(thigh) long; the hips are as high as the longer leg, the one that stands.
    """
    legs = [-sum(np.sin(np.radians(angles[f"{side} {part}"])) for part in ("shank", "thigh")) / 2 for side in SIDES]
    height = np.max(legs, axis=0)
    interval = np.diff(time)
    up = np.diff(height) / interval
    turning = np.mean([np.abs(np.diff(np.unwrap(np.radians(each)))) / interval for each in angles.values()], axis=0)
    valid = np.isfinite(up) & np.isfinite(turning) & (interval > 0)
    return MotionSignals(
        time_seconds=(time[:-1] + time[1:]) / 2,
        up=np.repeat(up[:, None], len(PARTS), axis=1),
        energy=turning,
        valid=valid,
    )


def _streams(trial: Path) -> Iterator[ImuStream]:
    """The units by their role; stamps that do not increase are left out."""
    roles = pyarrow.csv.read_csv(trial.parent / "sensors_order.csv").to_pydict()
    for address, role in zip(roles["mac_address"], roles["sensor_role"], strict=True):
        path = trial / "imu" / f"{address}.csv"
        rows = np.loadtxt(path, skiprows=1, delimiter="\t")
        seconds, first = np.unique(rows[:, 0] / 1000.0, return_index=True)
        force, turning = rows[first, 1:4] * G, np.radians(rows[first, 4:7])
        yield ImuStream(role, seconds, force, turning, source=path)
