"""Whether declared units and axes can be true: gravity and the speed at which bodies turn tell.

Horses run through whole recordings, so nothing here rests on standing still. Over a second of steps the mean of the
specific force is gravity as the sensor sees it, since what accelerates a body one way must return it. The quietest
quarter of such stretches counts. Measured so: 0.70 g or more on horses' girths up to canter, 0.45 to 1.65 g on people's
legs and waving arms, 0.26 g at most where a device had subtracted gravity from a moving horse.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ..errors import BadInput
from ..large_arrays import finite_rows, kept_rows, lengths, row_blocks, stretch_blocks
from ..recording import ImuStream
from .sensor import METRES_PER_SECOND2_PER_UNIT, STANDARD_GRAVITY, Sensor

STRETCH_SECONDS = 1.0
GRAVITY_BAND = (0.3, 3.43)
"""Gravity as measured, in g, of a body that moves: a galloping leg's centripetal force adds, turning takes away. The
ends lie about 9.8 apart, as the nearest units do, so that one unit fits and no other."""
GRAVITY_AT_REST = (0.75, 1.3)
"""In g, of a sensor at rest: biases take less. It tells a scale that is wrong by 2 or 4, a range of counts, say."""
REST_STRETCHES = 3
"""So many stretches at rest show what the sensor reads of gravity alone; fewer may be the turning point of a swing."""
REST_LASTS = 5
"""Stretches at rest one after the other, from which a rest counts by itself."""
LEAST_SAMPLES = 50
BEYOND_GRAVITY = 1.2 * STANDARD_GRAVITY
STUCK = 0.5
"""Share of samples at one value, from which an axis is at the end of its range or frozen."""
SHARE_OF_GRAVITY = 0.4
"""Of the median |a|, below which gravity was subtracted: 0.42 or more was measured with it, 0.22 or less without."""
AT_REST = 0.1
"""Spread within a stretch, summed over axes and relative to its mean, below which a sensor rests."""
TURNS_AT_MOST = 35.0
"""rad/s that 99 % of samples stay below: 2005 deg/s, the range of the gyroscopes horses wear."""
TURNS_AT_LEAST = np.deg2rad(2.0)
"""rad/s that a moving body's 99th percentile exceeds: trunks turn at 40 deg/s in walk, and even standing sways at 5."""
SHAKING = 0.15 * STANDARD_GRAVITY
"""m/s^2 of spread in |a| that only movement brings: the walk's trunk shows 0.25 to 0.4 g."""
TURNS_BY_SHAKING = 0.06
"""rad/s of turning for each m/s^2 by which |a| moves, which bodies exceed: people's trunks and legs show 0.5 to 3.3,
a lunged horse 0.33, simulated horses 0.15 or more; rad/s declared as deg/s reads 0.05 or less of it."""
FORCE_AT_MOST = 400.0 * STANDARD_GRAVITY
"""m/s^2 beyond which no accelerometer reads: twice the range of those made for blows."""
RATE_AT_MOST = np.deg2rad(8000.0)
"""rad/s beyond which no gyroscope reads: twice the widest range."""
UPRIGHT_COSINE = 0.5
"""Gravity within 60 degrees of the declared z axis."""


def check_units(stream: ImuStream, *, sensor: Sensor, acceleration_unit: str, rate_unit: str) -> "Gravity | None":
    """Refuses units or axes that contradict gravity or the possible speed of turning; what the sensor shows of gravity.

    All-NaN streams show nothing.
    """
    force, rate = (kept_rows(each, finite_rows(each)) for each in (stream.specific_force, stream.angular_rate))
    where = f"{stream.source} ({stream.site})"
    gravity = measure_gravity(force, rate_hz=stream.rate_hz) if len(force) >= 2 else None
    if gravity is not None and stream.gravity_removed:
        _check_no_gravity(gravity, where=where)
    elif gravity is not None:
        _check_acceleration(gravity, force=force, unit=acceleration_unit, where=where)
        if sensor.axes is not None:
            _check_upright(gravity, axes=sensor.axes, where=where)
    if gravity is not None and len(rate) >= 2:
        _check_rate(force, rate, unit=rate_unit, where=where)
    _check_possible(force, most=FORCE_AT_MOST, unit="m/s^2", where=where)
    _check_possible(rate, most=RATE_AT_MOST, unit="rad/s", where=where)
    return gravity


@dataclass(frozen=True)
class Gravity:
    """What a sensor shows of gravity."""

    magnitude: float
    """m/s^2: median |mean of a stretch| over the stretches at rest, or without these over the quietest quarter."""
    share: float
    """Of the median |a|: near 1 where gravity is in, well below where it was subtracted."""
    at_rest: bool
    """Whether those stretches are at rest."""
    direction: Float64[Array, "3"]
    """Mean specific force over all stretches, scaled to length 1 (0 for a dead sensor)."""
    rests: tuple[float, ...] = ()
    """m/s^2: median |mean of a stretch| of each rest of `REST_LASTS` stretches or more, in order."""


def measure_gravity(force: Float64[Array, "samples 3"], *, rate_hz: float) -> Gravity:
    """Gravity in finite specific forces, two or more."""
    rows = max(2, round(STRETCH_SECONDS * rate_hz))
    means, spread, moves = _stretches(force, rows=min(rows, len(force)))
    moving = np.flatnonzero(moves) if moves.any() else np.arange(len(means))
    resting = np.flatnonzero(moves & (spread < AT_REST * np.linalg.norm(means, axis=1)))
    rests = len(resting) >= REST_STRETCHES
    quiet = resting if rests else moving[np.argsort(spread[moving], kind="stable")[: max(1, len(moving) // 4)]]
    magnitude = float(np.median(np.linalg.norm(means[quiet], axis=1)))
    typical = float(np.median(lengths(force), overwrite_input=True))
    sizes, mean = np.linalg.norm(means, axis=1), means.mean(axis=0)
    length = float(np.linalg.norm(mean))
    return Gravity(
        magnitude=magnitude,
        share=magnitude / typical if typical > 0 else 0.0,
        at_rest=rests,
        direction=mean / length if length > 0 else mean,
        rests=tuple(float(np.median(sizes[rest])) for rest in _rests(resting) if len(rest) >= REST_LASTS),
    )


def _rests(resting: Int64[Array, "stretches"]) -> list[Int64[Array, "_"]]:
    """Stretches at rest by the rests that they make up, long ones in parts."""
    whole = np.split(resting, np.flatnonzero(np.diff(resting) > 1) + 1)
    return [part for rest in whole for part in np.array_split(rest, max(1, len(rest) // (2 * REST_LASTS)))]


def _stretches(force: Float64[Array, "samples 3"], *, rows: int) -> tuple[Array, Array, Array]:
    """Of each stretch of so many rows its mean, the spread within it summed over axes, and whether anything moves: a
    unit that froze midway is not at rest from there on."""
    count = len(force) // rows
    means, spread, moves = np.empty((count, 3)), np.empty(count), np.empty(count, bool)
    for some, by_axis in stretch_blocks(force, rows=rows):
        means[some] = by_axis.mean(axis=2)
        spread[some] = by_axis.std(axis=2).sum(axis=1)
        moves[some] = (by_axis.max(axis=2) > by_axis.min(axis=2)).any(axis=1)
    return means, spread, moves


def stuck_axes(force: Float64[Array, "samples 3"]) -> str:
    """The axes that hold one value well beyond gravity in most samples, in words; empty for none.

    Noise makes every sensor's readings change: such an axis is at the end of its range, or the unit is frozen.
    """
    stuck = []
    for name, axis in zip("xyz", force.T, strict=True):
        beyond = sum(np.count_nonzero(np.abs(axis[rows]) > BEYOND_GRAVITY) for rows in row_blocks(axis))
        if beyond <= STUCK * len(axis) or len(axis) < LEAST_SAMPLES:
            continue
        value = float(np.median(axis))  # what more than half of the samples are is their median
        share = float(np.mean(axis == value))
        if abs(value) > BEYOND_GRAVITY and share > STUCK:
            stuck.append(f"a{name} stays at {value:.2f} m/s^2 in {100 * share:.0f} % of the samples")
    return ", ".join(stuck)


def _check_acceleration(gravity: Gravity, *, force: Float64[Array, "samples 3"], unit: str, where: str) -> None:
    band = GRAVITY_AT_REST if gravity.at_rest else GRAVITY_BAND
    low, high = (bound * STANDARD_GRAVITY for bound in band)
    if low <= gravity.magnitude <= high:
        return
    expected = "about 9.8 m/s^2"
    if stuck := stuck_axes(force):
        remedy = "Leave this sensor out: it stood at the end of its range, or was frozen; no unit mends that."
        raise BadInput(where, found=stuck, expected="readings that move", remedy=remedy)
    factor = METRES_PER_SECOND2_PER_UNIT.get(unit)
    found = f"{gravity.magnitude:.3g} m/s^2 of gravity in the acceleration declared in {unit}"
    if factor is None:
        raise BadInput(where, found=found, expected=expected, remedy="Correct `per_unit`, the counts per g.")
    raw = gravity.magnitude / factor
    fitting = [name for name, other in METRES_PER_SECOND2_PER_UNIT.items() if low <= raw * other <= high]
    if fitting and gravity.share > SHARE_OF_GRAVITY:
        found += f" (the numbers read {raw:.3g})"
        raise BadInput(where, found=found, expected=expected, remedy=f"Declare `unit: {fitting[0]}`.")
    if gravity.magnitude < low:
        remedy = "Gravity was subtracted, or the sensor is dead. Export the raw acceleration, gravity included."
        remedy += f" If it is, declare `unit: {fitting[0]}`." if fitting else ""
        raise BadInput(where, found=found, expected=expected, remedy=remedy)
    raise BadInput(where, found=found, expected=expected, remedy="Correct the unit (for raw numbers: `unit: counts`).")


def _check_possible(values: Float64[Array, "samples 3"], *, most: float, unit: str, where: str) -> None:
    """Refuses single samples that no sensor reads: numbers for what is missing, or bytes that got lost on the way."""
    beyond, farthest = 0, 0.0
    for rows in row_blocks(values):
        part = values[rows]
        reached = max(float(part.max(initial=0.0)), -float(part.min(initial=0.0)))
        beyond += int((np.abs(part).max(axis=1) > most).sum()) if reached > most else 0
        farthest = max(farthest, reached)
    if beyond:
        raise BadInput(
            where,
            found=f"up to {farthest:.3g} {unit} in {beyond} of {len(values)} samples",
            expected=f"at most {most:.0f} {unit}",
            remedy="Empty those fields in the file, or declare a number that marks missing samples: `missing: [...]`.",
        )


def _check_no_gravity(gravity: Gravity, *, where: str) -> None:
    if gravity.share > SHARE_OF_GRAVITY and gravity.magnitude > GRAVITY_BAND[0] * STANDARD_GRAVITY:
        found = f"{gravity.magnitude:.3g} m/s^2 of gravity in an acceleration declared without"
        raise BadInput(where, found=found, expected="about 0", remedy="Leave `gravity: removed` out.")


def _check_upright(gravity: Gravity, *, axes: tuple[str, str, str], where: str) -> None:
    if gravity.direction[2] >= UPRIGHT_COSINE:
        return
    index = int(np.argmax(np.abs(gravity.direction)))
    sensor_axis = axes[index] if gravity.direction[index] > 0 else f"-{axes[index]}".replace("--", "")
    raise BadInput(
        where,
        found=f"axes [{', '.join(axes)}], yet it is the sensor's {sensor_axis} that points up by gravity",
        expected=f"{axes[2]} to point up",
        remedy=f"Correct `axes`: its third entry is likely {sensor_axis}. Or, if the device shows -1 g on the axis "
        "that points up (iPhones do), keep `axes` and declare `gravity: negated` in `acceleration`.",
    )


def _check_rate(
    force: Float64[Array, "samples 3"], rate: Float64[Array, "readings 3"], *, unit: str, where: str
) -> None:
    fast = float(np.percentile(lengths(rate), 99, overwrite_input=True))
    other = {"rad/s": "Declare `unit: deg/s`", "deg/s": "Declare `unit: rad/s`"}.get(unit, "Correct `per_unit`")
    expected = f"angular rates of a body in motion, declared in {unit}"
    if fast > TURNS_AT_MOST:
        found = f"more than {fast:.3g} rad/s in 1 % of the samples"
        raise BadInput(where, found=found, expected=expected, remedy=f"{other} for the angular rate.")
    size = lengths(force)
    low, high = np.percentile(size, (5, 95), overwrite_input=True)
    shaking = float(high - low) / (2.0 * 1.645)  # the standard deviation of a normal one, a few spikes left out
    if fast < max(TURNS_AT_LEAST, TURNS_BY_SHAKING * shaking) and float(np.std(size)) > SHAKING:
        found = f"less than {fast:.2g} rad/s in 99 % of the samples, although the acceleration moves"
        remedy = f"{other} for the angular rate, or leave a dead sensor out."
        raise BadInput(where, found=found, expected=expected, remedy=remedy)
