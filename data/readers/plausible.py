"""What a sensor's readings say against physics without being impossible: remarks by name, for people to weigh.

A body that stays on the ground has no mean acceleration over a stride, so that the mean specific force of a second is
gravity, and its mean over a minute is gravity to within what turning takes away and centripetal force adds. A body
that turns on the spot or on a circle comes round a few times a minute, not more.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from ..large_arrays import finite_rows, kept_rows, row_blocks, stretch_blocks
from ..recording import ImuStream
from .physics import SHAKING, STRETCH_SECONDS, Gravity, measure_gravity, stuck_axes
from .sensor import STANDARD_GRAVITY

REST_ERROR = 0.5
"""m/s^2 by which |a| at rest may be off gravity: the zero offset of usual MEMS accelerometers, 50 mg."""
MINUTE_BAND = (9.0, 10.6)
"""m/s^2 of mean specific force over a minute of a body whose sensor turns little."""
LIMB_TURNS = 1.2
"""rad/s of root mean square turning, from which a sensor is on a limb: centripetal force adds to gravity there (11 to
16 m/s^2 on walking people's shanks and feet), and the band of a minute's mean does not hold."""
BETWEEN = 10
"""Seconds after which minutes begin that are looked at where no whole minute is out of bounds."""
LEAST_SECONDS = 20.0
"""A shorter recording has no such mean."""
TURNS_A_MINUTE = 15.0
"""Mean turning about the vertical that no animal keeps up for a minute: 90 deg/s. The tightest circle in canter, of 6 m
at 5 m/s, is 48 deg/s; a gyroscope whose scale is wrong by eight makes 117 deg/s of a walk on a lunge line. On a
straight line a scale does not show: by how far gravity's mean direction turns from second to second, trunks with a
right one (people's, simulated horses') seem to have scales of -0.6 to 0.6: their acceleration hides what is sought."""

TEMPO_HZ = (0.6, 8.0)
"""Where the size of a moving body's acceleration swings most. Of 285 units that shook (people's legs and trunks, those
and heads of simulated horses) each did from 0.87 to 5.25 Hz: a rate many times off shows so, one two times off does
not."""
SLOW_RATE_HZ = 25.0
"""Samples a second up to which a slow tempo makes them suspect; people who do squats move at 0.1 Hz, too."""
TEMPO_SECONDS, TEMPO_ROWS, TEMPO_LEAST_ROWS = 8.0, 2**18, 1000
"""Stretches whose spectra are averaged, over so many rows at most and at least. A recording that is shorter than
`LEAST_SECONDS` by its own stamps may be one whose stamps count too fast: it is asked for a fast tempo alone."""


def physics_remarks(stream: ImuStream, *, gravity: Gravity | None = None) -> tuple[str, ...]:
    """What is suspect, in words that name figure, bound and likely causes; nothing for a sound stream.

    `gravity` is what the stream shows of it, where that was measured already.
    """
    usable = finite_rows(stream.specific_force)
    if stream.gravity_removed or usable.sum() < 2:
        return ()
    force = kept_rows(stream.specific_force, usable)
    stuck = stuck_axes(force)
    if stuck:
        return (f"{stuck}: at the end of its range, or frozen; gravity cannot be checked",)
    gravity = gravity or measure_gravity(force, rate_hz=stream.rate_hz)
    turned = finite_rows(stream.angular_rate)
    return (
        *_rest(gravity, seconds=len(force) / stream.rate_hz),
        *_minutes(force, turning=kept_rows(stream.angular_rate, turned), rate_hz=stream.rate_hz),
        *_yaw(stream, both=usable & turned),
    )


def tempo_remarks(stream: ImuStream) -> tuple[str, ...]:
    """That a body moves at a tempo which no animal has: where a manifest states the rate, or what stamps count."""
    usable = finite_rows(stream.specific_force)
    size = np.linalg.norm(kept_rows(stream.specific_force, usable)[:TEMPO_ROWS], axis=1)
    short = len(size) < LEAST_SECONDS * stream.rate_hz
    rows = len(size) // 2 if short else round(TEMPO_SECONDS * stream.rate_hz)
    if len(size) < TEMPO_LEAST_ROWS or float(size.std()) < SHAKING:
        return ()
    parts = size[: len(size) // rows * rows].reshape(-1, rows)
    swings = np.fft.rfft((parts - parts.mean(axis=1, keepdims=True)) * np.hanning(rows))
    tempo = float(np.fft.rfftfreq(rows, d=1.0 / stream.rate_hz)[(np.abs(swings) ** 2).mean(axis=0).argmax()])
    slowest, fastest = TEMPO_HZ
    if slowest <= tempo <= fastest or (tempo < slowest and (short or stream.rate_hz > SLOW_RATE_HZ)):
        return ()
    found = f"its acceleration swings most at {tempo:.2g} Hz, where bodies move at {slowest:g} to {fastest:g}"
    if stream.stated_rate_hz:
        return (f"{found}: is `rate_hz: {stream.stated_rate_hz:g}` right?",)
    return (f"{found}: is the unit of its stamps right, which makes {stream.rate_hz:.4g} samples a second?",)


def _rest(gravity: Gravity, *, seconds: float) -> Iterator[str]:
    error = gravity.magnitude - STANDARD_GRAVITY
    if gravity.at_rest and abs(error) > REST_ERROR:
        found = f"at rest |a| is {gravity.magnitude:.2f} m/s^2, {error:+.2f} off gravity, where {REST_ERROR:g} is usual"
        yield f"{found}: bias or gain, which one position cannot tell apart; record it lying still on several sides"
    else:
        off = [rest for rest in gravity.rests if abs(rest - STANDARD_GRAVITY) > REST_ERROR]
        if off:
            worst = max(off, key=lambda rest: abs(rest - STANDARD_GRAVITY))
            yield (
                f"at rest |a| is {worst:.2f} m/s^2 in {len(off)} of {len(gravity.rests)} rests, where it is "
                f"{gravity.magnitude:.2f} mostly: its range or scale changed, or something pulls at it"
            )
    low, high = MINUTE_BAND
    if not gravity.at_rest and seconds < LEAST_SECONDS and not low <= gravity.magnitude <= high:
        yield (
            f"in motion throughout its {seconds:.1f} s: gravity shows as {gravity.magnitude:.2f} m/s^2, which so short "
            "a recording cannot tell from a wrong scale"
        )


def _minutes(
    force: Float64[Array, "samples 3"], *, turning: Float64[Array, "readings 3"], rate_hz: float
) -> Iterator[str]:
    """Of the minutes whose mean is out of bounds, the worst."""
    squares = sum(float(np.square(turning[rows]).sum()) for rows in row_blocks(turning))
    if len(turning) and np.sqrt(squares / len(turning)) > LIMB_TURNS:
        return
    seconds = np.linalg.norm(_seconds(force, rate_hz=rate_hz), axis=1)
    means = _mean_by_minute(seconds)
    low, high = MINUTE_BAND
    out = [value for value in means if not low <= value <= high]
    out = out or [value for value in _mean_by_minute(seconds, every=BETWEEN) if not low <= value <= high][:1]
    if out:
        worst = max(out, key=lambda value: abs(value - STANDARD_GRAVITY))
        yield (
            f"mean specific force is {worst:.2f} m/s^2 over a minute, where a body shows {low:g} to {high:g} "
            f"({len(out)} of {len(means)} minutes): a wrong scale, a bias, or clipping"
        )


def _yaw(stream: ImuStream, *, both: Bool[Array, "samples"]) -> Iterator[str]:
    """Mean turning about where gravity says up is, the fastest minute; `both` tells where force and rate are known."""
    if both.sum() < 2:
        return
    up = _seconds(kept_rows(stream.specific_force, both), rate_hz=stream.rate_hz)
    turning = _seconds(kept_rows(stream.angular_rate, both), rate_hz=stream.rate_hz)
    up = up / np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-9)
    yaw = max(map(abs, _mean_by_minute((turning * up).sum(axis=1))), default=0.0)
    if (turns := yaw * 60.0 / (2.0 * np.pi)) > TURNS_A_MINUTE:
        yield (
            f"turns about the vertical at {np.rad2deg(yaw):.0f} deg/s for a minute, {turns:.0f} circles, where no "
            f"animal keeps up {TURNS_A_MINUTE:g}: the gyroscope's scale (`unit`, `per_unit`) or its bias"
        )


def _seconds(values: Float64[Array, "samples 3"], *, rate_hz: float) -> Float64[Array, "seconds 3"]:
    """Means over stretches of a second; too short a recording has none."""
    rows = max(2, round(STRETCH_SECONDS * rate_hz))
    means = np.empty((len(values) // rows, 3))
    for some, by_axis in stretch_blocks(values, rows=rows):
        means[some] = by_axis.mean(axis=2)
    return means


def _mean_by_minute(seconds: Float64[Array, "seconds"], *, every: int = 60) -> list[float]:
    """Of minutes that begin after `every` so many seconds, and of the last one; of a shorter recording all of it, from
    `LEAST_SECONDS` on."""
    if len(seconds) < LEAST_SECONDS:
        return []
    length = min(60, len(seconds))
    starts = range(0, len(seconds) - length + 1, min(every, length))
    last = () if every == 60 or (len(seconds) - length) % every == 0 else (len(seconds) - length,)
    return [float(seconds[start : start + length].mean()) for start in (*starts, *last)]
