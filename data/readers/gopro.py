"""Reads the accelerometer and gyroscope that GoPro cameras write into their films: the camera's own motion, in PTS."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array
from scipy.interpolate import CubicSpline

from ..errors import BadInput
from .clock import repair_clock
from .gpmf import BrokenPayloadError, Signal, triads
from .sensor import Acceleration, AngularRate
from .table import Device, Table

ACCELERATION = Acceleration(columns=("ACCL.x", "ACCL.y", "ACCL.z"), unit="m/s^2")
ANGULAR_RATE = AngularRate(columns=("GYRO.x", "GYRO.y", "GYRO.z"), unit="rad/s")
UNITS = {"ACCL": "m/s²", "GYRO": "rad/s"}

Payloads = list[tuple[float, dict[str, Signal]]]
"""The presentation time of each payload in seconds, and the signals in it."""


class GoProReader:
    """IMU time is the film's presentation time: for this film the clock is known, offset 0.

    A payload a second bears a time, its samples none: they are spread by a robust fit of time against samples counted.
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
        with av.open(str(path)) as container:
            streams = [stream for stream in container.streams if stream.type == "data" and _is_telemetry(stream)]
            packets = [packet for packet in container.demux(*streams) if packet.size] if streams else []
            timed = [(packet.pts, packet) for packet in packets if packet.pts is not None]
            return [(pts * _seconds(packet.time_base), triads(bytes(packet))) for pts, packet in timed]
    except (av.FFmpegError, BrokenPayloadError) as error:
        found = " ".join(str(error).split())[:200]
        raise BadInput(path, found=found, expected="a whole GoPro film", remedy="Copy it again.") from None


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
    values = np.concatenate([signal.values for _, signal in parts])
    stamps = np.repeat([start for start, _ in parts], [len(signal.values) for _, signal in parts])
    return _spread(stamps), values


def _spread(stamps: Float64[Array, "rows"]) -> Float64[Array, "rows"]:
    """Sample times from payload times; a film of a few seconds has too few payloads to fit, and is spread evenly."""
    first = np.flatnonzero(np.concatenate([[True], np.diff(stamps) != 0]))
    if len(first) >= 8:
        return repair_clock(stamps)
    slopes = np.diff(stamps[first]) / np.diff(first)
    return np.asarray(stamps[0] + np.median(slopes) * np.arange(len(stamps)))


def _common(
    force_seconds: Float64[Array, "forces"],
    force: Float64[Array, "forces 3"],
    rate_seconds: Float64[Array, "rates"],
    rate: Float64[Array, "rates 3"],
) -> tuple[Float64[Array, "rows"], Float64[Array, "rows 3"], Float64[Array, "rows 3"]]:
    """Both signals at the gyroscope's instants within the accelerometer's span."""
    inside = (rate_seconds >= force_seconds[0]) & (rate_seconds <= force_seconds[-1])
    seconds = rate_seconds[inside]
    return seconds, np.asarray(CubicSpline(force_seconds, force)(seconds)), rate[inside]
