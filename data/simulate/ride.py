"""One simulated recording before anything is filmed or measured: a horse, its bouts, its phase and its wandering."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.interpolate import CubicSpline, PPoly

from ..recording import ClockMap
from .gaits import GAITS
from .horse import RECORDING_STREAM, Horse, generator, make_horse
from .schedule import GaitBout, bout_weights, draw_schedule
from .spec import YardSpec
from .strides import Strides, make_strides

MARGIN_SECONDS = 2.0
"""The horse moves for this long before the first sample of film and sensors, and after the last."""
KNOT_SECONDS = 1.5
"""Spacing of the random knots through which slow wandering runs: about 3 s for a swing to and fro."""
PURPOSES = ("movement", "sensor", "scene")
"""What a recording draws at random, each from a generator of its own."""
WANDER = ("tempo", "speed", "amplitude", "carriage", "head_pitch", "head_free", "x", "y", "z", "lean", "yaw", "rest")
"""What wanders, each of unit variance at its knots."""


@dataclass(frozen=True)
class Ride:
    """One stretch of one horse's movement. Times are film time; the film runs from 0 to `spec.seconds`."""

    id: str
    """Name of the recording."""
    number: tuple[int, int]
    """Number of the horse and of its recording: they seed everything that is random here."""
    spec: YardSpec
    horse: Horse
    bouts: tuple[GaitBout, ...]
    """What the horse does, beyond the ends of the film too."""
    clock: ClockMap
    """From the sensors' time to film time."""
    imu_rate_hz: float
    strides: Strides = field(repr=False)
    phase: PPoly = field(repr=False)
    """Strides done at a time."""
    travel_m: PPoly = field(repr=False)
    """Metres gone at a time."""
    wander: CubicSpline = field(repr=False)
    """The slow random changes of `WANDER` at a time."""

    def random(self, purpose: str, *, number: int = 0) -> np.random.Generator:
        """A generator of this recording for one purpose: what one draws never changes what another gets."""
        return generator(self.spec.seed, stream=RECORDING_STREAM, key=(*self.number, PURPOSES.index(purpose), number))


def make_ride(spec: YardSpec, *, horse: int, recording: int = 0) -> Ride:
    """The ride of one horse (its number, from `spec.first_horse` on in a yard) and one of its recordings."""
    who = make_horse(spec.seed, number=horse, coats=spec.coats)
    rng = generator(spec.seed, stream=RECORDING_STREAM, key=(horse, recording, PURPOSES.index("movement"), 0))
    skew = rng.uniform(-1.0, 1.0) * spec.max_skew_seconds
    drift = rng.uniform(-1.0, 1.0) * spec.max_drift_ppm
    rate = float(np.round(rng.uniform(*spec.imu_rate_hz)))
    start = -spec.max_skew_seconds - MARGIN_SECONDS
    stop = spec.seconds + spec.max_skew_seconds + MARGIN_SECONDS
    bouts = draw_schedule(rng, spec=spec, start_seconds=start, stop_seconds=stop)
    knots = np.arange(start - KNOT_SECONDS, stop + 2 * KNOT_SECONDS, KNOT_SECONDS)
    wander = CubicSpline(knots, np.clip(rng.standard_normal((knots.size, len(WANDER))), -2.0, 2.0))
    phase, travel = _progress(who, bouts=bouts, wander=wander, start_seconds=start, stop_seconds=stop)
    return Ride(
        id=f"{who.name}-r{recording:02d}",
        number=(horse, recording),
        spec=spec,
        horse=who,
        bouts=bouts,
        clock=ClockMap(offset_seconds=float(np.round(skew, 6)), drift_ppm=float(np.round(drift, 3))),
        imu_rate_hz=rate,
        strides=make_strides(who, gaits={bout.gait for bout in bouts}),
        phase=phase,
        travel_m=travel,
        wander=wander,
    )


def _progress(
    horse: Horse, *, bouts: Sequence[GaitBout], wander: CubicSpline, start_seconds: float, stop_seconds: float
) -> tuple[PPoly, PPoly]:
    """Strides and metres over time: stride frequency and speed of the bouts' gaits, wandering, integrated."""
    times = np.arange(start_seconds, stop_seconds + 0.02, 0.02)
    slow = wander(times)
    weights = bout_weights(tuple(bouts), time_seconds=times)
    gaits = [GAITS.get(bout.gait) for bout in bouts]
    stride_hz = np.array([gait.stride_hz if gait else 0.0 for gait in gaits]) @ weights
    speed = np.array([gait.speed_m_s if gait else 0.0 for gait in gaits]) @ weights
    # Stride length stays: a quicker stride is a faster horse.
    tempo = 1.0 + horse.tempo_cv * slow[:, WANDER.index("tempo")]
    stride_hz = stride_hz * horse.stride_factor * tempo
    speed = speed * horse.speed_factor * tempo * (1.0 + 0.01 * slow[:, WANDER.index("speed")])
    return CubicSpline(times, stride_hz).antiderivative(), CubicSpline(times, speed).antiderivative()
