"""One simulated recording before anything is filmed or measured: a horse, its bouts, its phase and its wandering."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.interpolate import CubicSpline, PPoly

from ..recording import ClockMap
from .extras import make_extras
from .gaits import GAITS
from .horse import HORSE_STREAM, RECORDING_STREAM, Horse, generator, make_horse
from .schedule import GaitBout, bout_weights, draw_schedule
from .spec import YardSpec
from .strides import Strides, make_strides, stride_series
from .style import as_it_goes, draw_behaviours, vary_horse
from .track import Track, make_track

MARGIN_SECONDS = 2.0
"""The horse moves for this long before the first sample of film and sensors, and after the last."""
KNOT_SECONDS = 1.5
"""Spacing of the random knots through which slow wandering runs: about 3 s for a swing to and fro."""
PURPOSES = ("movement", "sensor", "scene", "behaviour", "defects", "disturbance", "labels")
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
    extras: CubicSpline | None = field(default=None, repr=False)
    """What the horse does beside its strides, the columns of `extras`; None in the easy yard, like the next."""
    track: Track | None = field(default=None, repr=False)
    """The way over the ground."""

    @property
    def ridden(self) -> bool:
        """Whether a rider sits on the horse."""
        return any(bout.style is not None and bout.style.ridden for bout in self.bouts)

    def random(self, purpose: str, *, number: int = 0) -> np.random.Generator:
        """A generator of this recording for one purpose: what one draws never changes what another gets."""
        return generator(self.spec.seed, stream=RECORDING_STREAM, key=(*self.number, PURPOSES.index(purpose), number))


def make_ride(spec: YardSpec, *, horse: int, recording: int = 0) -> Ride:
    """The ride of one horse (its number, from `spec.first_horse` on in a yard) and one of its recordings."""
    who = _horse(spec, number=horse)
    rng = generator(spec.seed, stream=RECORDING_STREAM, key=(horse, recording, PURPOSES.index("movement"), 0))
    skew = rng.uniform(-1.0, 1.0) * spec.max_skew_seconds
    drift = rng.uniform(-1.0, 1.0) * spec.max_drift_ppm
    rate = float(np.round(rng.uniform(*spec.imu_rate_hz)))
    start = -spec.max_skew_seconds - MARGIN_SECONDS
    stop = spec.seconds + spec.max_skew_seconds + MARGIN_SECONDS
    bouts = _bouts(spec, rng, key=(horse, recording), span=(start, stop))
    knots = np.arange(start - KNOT_SECONDS, stop + 2 * KNOT_SECONDS, KNOT_SECONDS)
    wander = CubicSpline(knots, np.clip(rng.standard_normal((knots.size, len(WANDER))), -2.0, 2.0))
    phase, travel = _progress(who, bouts=bouts, wander=wander, start_seconds=start, stop_seconds=stop)
    ride = Ride(
        id=f"{who.name}-r{recording:02d}",
        number=(horse, recording),
        spec=spec,
        horse=who,
        bouts=bouts,
        clock=ClockMap(offset_seconds=float(np.round(skew, 6)), drift_ppm=float(np.round(drift, 3))),
        imu_rate_hz=rate,
        strides=_strides(who, bouts=bouts),
        phase=phase,
        travel_m=travel,
        wander=wander,
    )
    return _off_the_straight_line(ride, span=(start, stop)) if spec.level else ride


def _horse(spec: YardSpec, *, number: int) -> Horse:
    horse = make_horse(spec.seed, number=number, coats=spec.coats)
    if spec.level is not None:
        horse = vary_horse(horse, generator(spec.seed, stream=HORSE_STREAM, key=(number, 1)), level=spec.level)
    if spec.asymmetry is None:
        return horse
    return replace(horse, asymmetry=spec.asymmetry, asymmetry_shift=spec.asymmetry_shift)


def _bouts(
    spec: YardSpec, rng: np.random.Generator, *, key: tuple[int, int], span: tuple[float, float]
) -> tuple[GaitBout, ...]:
    if spec.level is None:
        return draw_schedule(rng, spec=spec, start_seconds=span[0], stop_seconds=span[1])
    own = generator(spec.seed, stream=RECORDING_STREAM, key=(*key, PURPOSES.index("behaviour"), 0))
    return draw_behaviours(own, spec=spec, level=spec.level, span=span)


def _strides(horse: Horse, *, bouts: Sequence[GaitBout]) -> Strides:
    """Strides by gait; by bout where bouts of a gait differ."""
    found = make_strides(horse, gaits={bout.gait for bout in bouts if bout.style is None})
    series = dict(found.series)
    for bout in bouts:
        if bout.style is not None and bout.gait in GAITS:
            series[bout.series] = stride_series(GAITS[bout.gait], as_it_goes(horse, bout.style))
    return replace(found, series=series)


def _off_the_straight_line(ride: Ride, *, span: tuple[float, float]) -> Ride:
    """The ride on a track, with all that its horse does beside its strides."""
    level, rng = ride.spec.level, ride.random("behaviour", number=1)
    assert level is not None
    extras = make_extras(rng, bouts=ride.bouts, toss_every_seconds=level.toss_every_seconds, span=span)
    track = make_track(rng, bouts=ride.bouts, travel_m=ride.travel_m, ground_m=level.ground_m, span=span)
    return replace(ride, extras=extras, track=track)


def _progress(
    horse: Horse, *, bouts: Sequence[GaitBout], wander: CubicSpline, start_seconds: float, stop_seconds: float
) -> tuple[PPoly, PPoly]:
    """Strides and metres over time: stride frequency and speed of the bouts' gaits, wandering, integrated."""
    times = np.arange(start_seconds, stop_seconds + 0.02, 0.02)
    slow = wander(times)
    weights = bout_weights(tuple(bouts), time_seconds=times)
    goes = [(GAITS.get(bout.gait), bout.style) for bout in bouts]
    stride_hz = np.array([gait.stride_hz * (style.tempo if style else 1.0) if gait else 0.0 for gait, style in goes])
    speed = np.array([gait.speed_m_s * (style.speed if style else 1.0) if gait else 0.0 for gait, style in goes])
    stride_hz, speed = stride_hz @ weights, speed @ weights
    # Stride length stays: a quicker stride is a faster horse.
    tempo = 1.0 + horse.tempo_cv * slow[:, WANDER.index("tempo")]
    stride_hz = stride_hz * horse.stride_factor * tempo
    speed = speed * horse.speed_factor * tempo * (1.0 + 0.01 * slow[:, WANDER.index("speed")])
    return CubicSpline(times, stride_hz).antiderivative(), CubicSpline(times, speed).antiderivative()
