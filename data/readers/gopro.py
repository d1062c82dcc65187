"""Reads the accelerometer and gyroscope that GoPro cameras write into their films: the camera's own motion, in PTS."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ..av_options import FORGIVING
from ..errors import BadInput
from .gpmf import BrokenPayloadError, Signal, triads
from .sensor import Acceleration, AngularRate
from .table import Device, Table

ACCELERATION = Acceleration(columns=("ACCL.x", "ACCL.y", "ACCL.z"), unit="m/s^2")
ANGULAR_RATE = AngularRate(columns=("GYRO.x", "GYRO.y", "GYRO.z"), unit="rad/s")
UNITS = {"ACCL": "m/s²", "GYRO": "rad/s"}

LATE_SECONDS = 0.1
"""A payload farther than this from the line that all samples lie on tells that one is missing."""

Payloads = list[tuple[float, dict[str, Signal]]]
"""The presentation time of each payload in seconds, and the signals in it."""


class GoProReader:
    """IMU time is the film's presentation time: for this film the clock is known, offset 0.

    A payload a second bears a time, its samples none. The sensor runs steadily, payloads take its samples in batches of
    up to 17 ms: so all samples lie on one line, fitted through the payloads' times against samples counted.
    The accelerometer, sampled at half the gyroscope's rate by some cameras, is brought to the gyroscope's instants by a
    cubic spline. Axes are the camera's X, Y, Z by ORIN.
    """

    generic = False

    def recognises(self, head: bytes) -> bool:
        """An MP4 file: the only one from which motion can be read."""
        return head[4:8] == b"ftyp"

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The camera's signals. No other columns are there."""
        payloads = _payloads(path)
        signals = {key: _joined(payloads, key=key, path=path) for key in UNITS}
        seconds, force, rate = _common(*signals["ACCL"], *signals["GYRO"])
        table = dict(zip(ACCELERATION.columns, force.T, strict=True))
        table |= dict(zip(ANGULAR_RATE.columns, rate.T, strict=True))
        missing = [column for column in columns if column not in table]
        if missing:
            found = f"the column {missing[0]}"
            raise BadInput(path, found=found, expected=f"one of {', '.join(table)}", remedy="Correct `columns:`.")
        device = Device(acceleration=ACCELERATION, angular_rate=ANGULAR_RATE, stamp_seconds=seconds)
        return Table(path, table, {"": device})


def _payloads(path: Path) -> Payloads:
    try:
        with av.open(str(path), **FORGIVING) as container:
            streams = [stream for stream in container.streams if stream.type == "data" and _is_telemetry(stream)]
            packets = [packet for packet in container.demux(*streams) if packet.size] if streams else []
            timed = [(packet.pts, packet) for packet in packets if packet.pts is not None]
            return [(pts * _seconds(packet.time_base), triads(bytes(packet))) for pts, packet in timed]
    except (av.FFmpegError, BrokenPayloadError) as error:
        found = " ".join(str(error).split())[:200]
        raise BadInput(path, found=found, expected="a whole GoPro film", remedy="Copy it again.") from None


def bears_telemetry(path: Path) -> bool:
    """Whether a file is a film with GoPro's telemetry beside its pictures."""
    try:
        with av.open(str(path), **FORGIVING) as container:
            return any(stream.type == "data" and _is_telemetry(stream) for stream in container.streams)
    except (av.FFmpegError, OSError):
        return False


def _seconds(time_base: Any) -> float:
    """Seconds in one tick: a Fraction up to PyAV 18, an AVRational since."""
    return float(Fraction(time_base.numerator, time_base.denominator))


def _is_telemetry(stream: Any) -> bool:
    return "GoPro MET" in stream.metadata.get("handler_name", "") or getattr(stream, "codec_tag", "") == "gpmd"


def _joined(payloads: Payloads, *, key: str, path: Path) -> tuple[Float64[Array, "rows"], Float64[Array, "rows 3"]]:
    """Times and values of all samples of a sensor."""
    parts = [(start, signals[key]) for start, signals in payloads if key in signals and len(signals[key].values)]
    units = sorted({signal.unit for _, signal in parts})
    if len(parts) < 2 or not set(units) <= {UNITS[key], ""}:
        found = f"{len(parts)} payloads of {key}" + (f" in {', '.join(units)}" if any(units) else "")
        remedy = "Take a film as the camera wrote it: programs that cut or convert films drop the telemetry."
        raise BadInput(path, found=found, expected=f"telemetry with {key} in {UNITS[key]}", remedy=remedy)
    counts = np.array([len(signal.values) for _, signal in parts])
    seconds = _steady(np.array([start for start, _ in parts]), first=np.cumsum(counts) - counts, rows=int(counts.sum()))
    if np.abs(seconds[np.cumsum(counts) - counts] - [start for start, _ in parts]).max() > LATE_SECONDS:
        expected = "payloads that follow one another"
        raise BadInput(path, found=f"payloads of {key} missing", expected=expected, remedy="Copy the film again.")
    return seconds, np.concatenate([signal.values for _, signal in parts])


def _steady(
    starts: Float64[Array, "payloads"], *, first: Int64[Array, "payloads"], rows: int
) -> Float64[Array, "rows"]:
    """Times on the straight line through the payloads' times, by least squares: what they are off by is bounded."""
    centre = float(np.mean(first))
    period = float(np.sum((first - centre) * starts) / np.sum((first - centre) ** 2))
    return np.asarray(np.mean(starts) + period * (np.arange(rows) - centre))


def _common(
    force_seconds: Float64[Array, "forces"],
    force: Float64[Array, "forces 3"],
    rate_seconds: Float64[Array, "rates"],
    rate: Float64[Array, "rates 3"],
) -> tuple[Float64[Array, "rows"], Float64[Array, "rows 3"], Float64[Array, "rows 3"]]:
    """Both signals at the gyroscope's instants within the accelerometer's span."""
    inside = (rate_seconds >= force_seconds[0]) & (rate_seconds <= force_seconds[-1])
    seconds = rate_seconds[inside]
    from scipy.interpolate import CubicSpline  # late: a run in which nothing is new resamples nothing

    return seconds, np.asarray(CubicSpline(force_seconds, force)(seconds)), rate[inside]
