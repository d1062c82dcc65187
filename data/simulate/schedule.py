"""What a horse does when: bouts of gaits, the changes between them, and the smooth weight of each over time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .gaits import LABELS
from .spec import YardSpec

NEXT: dict[str, dict[str, float]] = {
    "stand": {"walk": 0.8, "trot": 0.2},
    "walk": {"stand": 0.25, "trot": 0.55, "canter": 0.2},
    "trot": {"walk": 0.4, "stand": 0.1, "canter": 0.5},
    "canter": {"trot": 0.65, "walk": 0.25, "stand": 0.1},
}
"""How often each gait follows another. A horse changes its lead through another gait."""
UNUSUAL = 0.02
"""How often any other change comes."""
VARIETY_SECONDS = 20.0


@dataclass(frozen=True)
class Style:
    """How one bout of the middle or the field yard is gone; factors multiply what the horse does in the easy yard."""

    label: str
    """What people call it."""
    behaviour: str
    """What it is: a name of `level.BEHAVIOURS`."""
    tempo: float = 1.0
    amplitude: float = 1.0
    stretch: float = 1.0
    """Stride length beyond what tempo gives."""
    curvature_per_m: float = 0.0
    """Of the track: positive on the left rein."""
    turn_rad_s: float = 0.0
    """Rate of turning on the spot: positive to the left."""
    carriage_m: float = 0.0
    """Height of the head above that at rest."""
    posting: float = 0.0
    """First harmonic that a rider's rising trot adds, as share of the second."""
    ridden: bool = False

    @property
    def speed(self) -> float:
        """Factor on speed: strides get shorter as they get quicker."""
        return self.stretch * math.sqrt(self.tempo)


@dataclass(frozen=True)
class GaitBout:
    """A stretch of one gait; the changes at its ends belong to nobody."""

    gait: str
    """`stand`, `walk`, `trot`, `canter_left` or `canter_right`."""
    start_seconds: float
    stop_seconds: float
    style: Style | None = None
    """None in the easy yard, where all bouts of a gait are alike."""

    @property
    def label(self) -> str:
        """What people call it: both leads are `canter` unless a style says otherwise."""
        return self.style.label if self.style else LABELS[self.gait]

    @property
    def series(self) -> str:
        """Name of its strides among those of the ride: its gait, and where a style makes it its own, its start."""
        return f"{self.gait} from {self.start_seconds!r} s" if self.style else self.gait


def draw_schedule(
    rng: np.random.Generator, *, spec: YardSpec, start_seconds: float, stop_seconds: float
) -> tuple[GaitBout, ...]:
    """Bouts that cover `start_seconds` to `stop_seconds`, with the changes between them left free."""
    gait: str = spec.gaits[int(rng.integers(len(spec.gaits)))]
    if len(spec.gaits) == 1:
        return (GaitBout(_with_lead(rng, gait), start_seconds, stop_seconds),)
    bouts: list[GaitBout] = []
    now = start_seconds
    shortened = rng.uniform(0.2, 1.0)  # the film begins in the middle of something
    while now < stop_seconds:
        low, high = spec.stand_seconds if gait == "stand" else spec.bout_seconds
        length = shortened * rng.uniform(low, high)
        bouts.append(GaitBout(_with_lead(rng, gait), now, now + length))
        now += length + rng.uniform(*spec.transition_seconds)
        gait = _next_gait(rng, spec, gait=gait, bouts=bouts)
        shortened = 1.0
    return tuple(bouts)


def _with_lead(rng: np.random.Generator, gait: str) -> str:
    return f"canter_{('left', 'right')[int(rng.integers(2))]}" if gait == "canter" else gait


def _next_gait(rng: np.random.Generator, spec: YardSpec, *, gait: str, bouts: Sequence[GaitBout]) -> str:
    """Where a horse goes on to; gaits that it has shown for long become less likely, so that rides hold all of them."""
    others = [other for other in spec.gaits if other != gait]
    shown = {other: sum(b.stop_seconds - b.start_seconds for b in bouts if b.label == other) for other in others}
    shares = np.array([NEXT[gait].get(other, UNUSUAL) * np.exp(-shown[other] / VARIETY_SECONDS) for other in others])
    return others[int(rng.choice(len(others), p=shares / shares.sum()))]


def smooth_step(x: Float64[Array, "..."]) -> Float64[Array, "..."]:
    """0 below 0, 1 above 1, between them a polynomial whose first three derivatives vanish at both ends."""
    x = np.clip(x, 0.0, 1.0)
    return x**4 * (35.0 - 84.0 * x + 70.0 * x**2 - 20.0 * x**3)


def bout_weights(bouts: tuple[GaitBout, ...], *, time_seconds: Float64[Array, "time"]) -> Float64[Array, "bouts time"]:
    """How much of each bout is in the movement at each time: 1 inside, sliding across the changes, summing to 1."""
    weights = np.zeros((len(bouts), time_seconds.size))
    rise = np.ones(time_seconds.size)
    for number, bout in enumerate(bouts):
        fall = np.zeros(time_seconds.size)
        if number + 1 < len(bouts):
            gap = bouts[number + 1].start_seconds - bout.stop_seconds
            fall = smooth_step((time_seconds - bout.stop_seconds) / gap)
        weights[number] = rise - fall
        rise = fall
    return weights
