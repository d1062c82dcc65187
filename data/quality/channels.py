"""What can be wrong with a sensor's channels although its file reads well: flat, doubled, swapped, upside down."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median_low

import numpy as np

from ..errors import BadInput
from ..readers.sensor import (
    METRES_PER_SECOND2_PER_UNIT,
    RADIANS_PER_SECOND_PER_UNIT,
    AngularRate,
    Sensor,
)
from ..readers.streams import read_streams
from ..recording import ImuStream
from ..sites import CHANNELS
from .facts import SensorFacts
from .filled import filled_remarks
from .signals import unchanged_runs

MOSTLY = 0.99
"""Share of equal samples from which an axis is flat."""
ONE_SIGNAL = 0.999
"""Correlation beyond which two axes are one: 0.987 was the most of 308 real and simulated sensors."""
REPEATED = 0.1
"""Share of samples that repeat the one before, from which it is worth a word."""
LEAST_ZERO_ROWS = 2
"""So many samples of six exact zeros are no accident."""
STUCK_SECONDS = 2.0
"""Three axes that do not change by their last digit for so long are no measurement, even at rest."""
CLIPPED = 0.001
LOST = 0.05
SHORT = 0.8
"""Of the time that the other sensors ran: what any of them lacks is lost, as a window needs all sites."""
UPRIGHT = 0.5
"""Cosine: gravity within 60 degrees of body z."""
OFF_STATED = 0.005
"""Half a per cent between stated and true rate is beyond what quartz does: a minute would be off by 0.3 s."""


def channel_remarks(stream: ImuStream, *, facts: SensorFacts) -> tuple[str, ...]:
    """What is suspect in one sensor, in words that say what to do where that is clear."""
    values = np.concatenate([stream.specific_force, stream.angular_rate], axis=1)
    if np.isnan(stream.specific_force).all():
        if any(remark.startswith("absent: ") for remark in stream.remarks):
            return stream.remarks
        what = "holds no numbers" if np.isnan(values).all() else "has no acceleration"
        return (f"{what}: none of its {len(values)} samples is of use; dead, or its columns are empty",)
    flat = _flat(values)
    stuck = () if flat else _stuck(values, time_seconds=stream.time_seconds)
    zero = _zero_rows(values, gravity=not stream.gravity_removed)
    filled = () if flat or stuck or zero else filled_remarks(values, time_seconds=stream.time_seconds)
    remarks = [*stream.remarks, *flat, *stuck, *_doubled(values), *zero, *filled]
    remarks += _lacking(stream)
    if facts.repeated_share > REPEATED and not flat:
        remarks.append(
            f"{100 * facts.repeated_share:.0f} % of the samples repeat the one before: read faster than measured"
        )
    if max(facts.force_clipped_share, facts.turning_clipped_share) > CLIPPED:
        remarks.append("clips: choose a wider range on the device")
    if facts.lost_share > LOST:
        remarks.append(f"{100 * facts.lost_share:.1f} % of the samples are missing")
    stated = facts.stated_rate_hz
    if stated and abs(facts.rate_hz / stated - 1) > OFF_STATED:
        remarks.append(f"runs at {facts.rate_hz:.2f} Hz, stated {stated:g} Hz")
    return (*remarks, *(() if stream.gravity_removed else _tilt(facts)))


def _lacking(stream: ImuStream) -> Iterator[str]:
    """What a sensor without gyroscope, or without gravity, is good for."""
    if stream.gravity_removed:
        lacks = "no gyroscope and no gravity" if np.isnan(stream.angular_rate).all() else "no gravity"
        clock = "does not synchronise (beside a film write `clock:` by hand)"
        yield f"{lacks}: {clock}; is learned from with --set grid.signals=linear_acceleration alone"
    elif np.isnan(stream.angular_rate).all():
        yield "no gyroscope: synchronises; is learned from with --set grid.signals=specific_force alone"


def short_sensors(streams: Sequence[ImuStream]) -> tuple[str, ...]:
    """Sites that were recorded for much less time than the others: a file was cut off, or a battery was empty."""
    seconds = {stream.site: float(np.ptp(stream.time_seconds)) for stream in streams}
    remarks = []
    for site, own in seconds.items():
        usual = median_low([other for name, other in seconds.items() if name != site] or [own])
        if own < SHORT * usual:
            remarks.append(f"{site} holds {own:.1f} s, the other sensors {usual:.1f} s: was its file cut off?")
    return tuple(remarks)


def swapped_triads(sensor: Sensor, *, folder: Path) -> str | None:
    """That accelerometer and gyroscope are declared the wrong way round, if exchanging them satisfies gravity.

    Asked for sensors that were refused: with the columns exchanged, and in some unit, the file must read without fault.
    """
    if sensor.acceleration is None or not isinstance(sensor.angular_rate, AngularRate):
        return None
    force, rate = sensor.angular_rate.columns, sensor.acceleration.columns
    for unit in METRES_PER_SECOND2_PER_UNIT:
        for turning in RADIANS_PER_SECOND_PER_UNIT:
            triads = {
                "acceleration": {"columns": force, "unit": unit},
                "angular_rate": {"columns": rate, "unit": turning},
            }
            exchanged = Sensor.model_validate(sensor.model_dump() | triads)
            try:
                read_streams([exchanged], folder=folder)
            except BadInput:
                continue
            return f"accelerometer and gyroscope seem swapped: {', '.join(force)} read as acceleration in {unit}"
    return None


def _flat(values: np.ndarray) -> list[str]:
    """Axes that hold one value nearly throughout."""
    flat = []
    for name, axis in zip(CHANNELS, values.T, strict=True):
        known = axis[np.isfinite(axis)]
        if len(known) >= 2 and float((known == np.median(known)).mean()) > MOSTLY:
            flat.append(name)
    return [f"{_names(flat)} never change{'s' if len(flat) == 1 else ''}: dead, or not recorded"] if flat else []


def _stuck(values: np.ndarray, *, time_seconds: np.ndarray) -> list[str]:
    """The longest stretch in which no axis of the accelerometer, or of the gyroscope, changes."""
    remarks = []
    for name, triad in (("accelerometer", values[:, :3]), ("gyroscope", values[:, 3:])):
        first, last = unchanged_runs(triad)
        lasted = time_seconds[last] - time_seconds[first]
        if lasted.size and lasted.max() >= STUCK_SECONDS:
            start = float(time_seconds[first[lasted.argmax()]] - time_seconds[0])
            remarks.append(f"{name} does not change for {lasted.max():.1f} s, from {start:.1f} s on: dead for a while")
    return remarks


def _zero_rows(values: np.ndarray, *, gravity: bool) -> list[str]:
    """Samples that are zero in every channel at once, as some receivers write where a packet was lost; of the
    accelerometer alone where `gravity` is in, since nothing falls so freely."""
    triads = [("every channel", values, "declare `missing: [0]` for this sensor")]
    if gravity:
        triads.append(("acceleration", values[:, :3], "empty these fields in the file"))
    for name, channels, remedy in triads:
        zero = int((channels == 0).all(axis=1).sum())
        if LEAST_ZERO_ROWS <= zero < MOSTLY * len(values):
            return [f"{zero} of {len(values)} samples are zero in {name}: lost packets? Then {remedy}"]
    return []


def _doubled(values: np.ndarray) -> list[str]:
    """Two axes of one kind with the same numbers, or the same but for sign, factor and rounding."""
    doubled = []
    for first, second in ((0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)):
        both = np.isfinite(values[:, first]) & np.isfinite(values[:, second])
        one, other = values[both, first], values[both, second]
        if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
            continue
        if float((one == other).mean()) > MOSTLY or abs(float(np.corrcoef(one, other)[0, 1])) > ONE_SIGNAL:
            doubled.append(f"{CHANNELS[first]} and {CHANNELS[second]} are the same: a column was given twice")
    return doubled


def _tilt(facts: SensorFacts) -> Sequence[str]:
    if facts.up is None or facts.up[2] >= UPRIGHT:
        return ()
    index = int(np.argmax(np.abs(facts.up)))
    axis = f"{'-' if facts.up[index] < 0 else ''}{'xyz'[index]}"
    phone = ", or `gravity: negated` for an iPhone's sign" if facts.up[index] < 0 else ""
    return (f"gravity says that {axis} points up, not z: declare `axes`{phone}",)


def _names(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
