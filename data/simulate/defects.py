"""Sensors of the middle and the field yard that slip, come loose or fail in the middle of a ride."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfilt

from ..sites import GRAVITY_M_S2, resolve_sites
from .ride import Ride
from .schedule import smooth_step

SLIP_DEGREES = (15.0, 60.0)
SLIP_SECONDS = (0.3, 3.0)
RATTLE_HZ = (6.0, 18.0)
RATTLE_SHARE = 0.6
"""A loose sensor's own movement: specific force relative to that of the body under it."""
RATTLE_RAD_S_PER_M_S2 = 0.12
MIDDLE = (0.15, 0.85)
"""Defects come in this part of a ride."""
SHAKING_SECONDS = 0.4

Samples = Float64[Array, "time 3"]
Times = Float64[Array, "time"]


@dataclass(frozen=True)
class Defect:
    """What goes wrong with one sensor; film times, infinite for what does not happen."""

    site: str
    slip_seconds: float = math.inf
    """Its mount begins to turn."""
    slip_length_seconds: float = 1.0
    slip_axis: tuple[float, float, float] = (1.0, 0.0, 0.0)
    slip_radians: float = 0.0
    loose_seconds: float = math.inf
    """It rattles from here on."""
    stop_seconds: float = math.inf
    """Its file ends here."""
    flat_seconds: float = math.inf
    """It repeats its last sample from here on."""


def draw_defects(ride: Ride, *, sites: Sequence[str]) -> dict[str, Defect]:
    """The defects of a ride's sensors by site; none in the easy yard."""
    level = ride.spec.level
    if level is None:
        return {}
    found = {}
    dying = ride.random("defects")
    dead = str(dying.choice(sites)) if dying.random() < level.dead_share else None
    for number, site in enumerate(sites):
        rng = ride.random("defects", number=number + 1)
        slip, loose, dies = (float(ride.spec.seconds * rng.uniform(*MIDDLE)) for _ in range(3))
        axis = rng.standard_normal(3)
        axis /= np.linalg.norm(axis)
        chances = rng.random(2)
        ends = "stop_seconds" if rng.random() < 0.5 else "flat_seconds"
        found[site] = Defect(
            site=site,
            slip_seconds=slip if chances[0] < level.slip_share else math.inf,
            slip_length_seconds=float(rng.uniform(*SLIP_SECONDS)),
            slip_axis=(float(axis[0]), float(axis[1]), float(axis[2])),
            slip_radians=math.radians(rng.uniform(*SLIP_DEGREES)),
            loose_seconds=loose if chances[1] < level.loose_share else math.inf,
            **({ends: dies} if site == dead else {}),
        )
    return found


def defects(ride: Ride) -> list[dict[str, object]]:
    """The defects that occur in a ride, for its truth."""
    events = ("slip_seconds", "loose_seconds", "stop_seconds", "flat_seconds")
    rows = [asdict(defect) for defect in draw_defects(ride, sites=resolve_sites(ride.spec.sites)).values()]
    return [
        {"site": row["site"]} | {event: round(row[event], 3) for event in events if math.isfinite(row[event])}
        for row in rows
        if any(math.isfinite(row[event]) for event in events)
    ]


def slipped(defect: Defect, force: Samples, rate: Samples, *, times: Times) -> tuple[Samples, Samples]:
    """Specific force and angular rate as a sensor has them that turns about an axis of its own, and stays turned."""
    if not math.isfinite(defect.slip_seconds):
        return force, rate
    axis, length = np.array(defect.slip_axis), defect.slip_length_seconds
    done = (times - defect.slip_seconds) / length
    angle = defect.slip_radians * smooth_step(done)
    inside = np.clip(done, 0.0, 1.0)
    # The derivative of `smooth_step`: 140 x^3 (1 - x)^3.
    speed = defect.slip_radians / length * 140.0 * (inside * (1.0 - inside)) ** 3
    return _turned(force, axis, -angle), _turned(rate, axis, -angle) + speed[:, None] * axis


def rattled(
    defect: Defect, force: Samples, rate: Samples, *, times: Times, rng: np.random.Generator
) -> tuple[Samples, Samples]:
    """The same with the movement of a loose sensor: noise that grows with what shakes it."""
    if not math.isfinite(defect.loose_seconds):
        return force, rate
    rate_hz = 1.0 / float(times[1] - times[0])
    band = butter(2, RATTLE_HZ, btype="bandpass", fs=rate_hz, output="sos")
    noise = sosfilt(band, rng.standard_normal((times.size, 6)), axis=0)
    noise /= noise.std(axis=0)
    shaken = np.abs(np.linalg.norm(force, axis=1) - GRAVITY_M_S2)
    shaken = uniform_filter1d(shaken, max(1, int(SHAKING_SECONDS * rate_hz)))
    strength = (shaken * smooth_step((times - defect.loose_seconds) / 0.5))[:, None]
    return (
        force + RATTLE_SHARE * strength * noise[:, :3],
        rate + RATTLE_RAD_S_PER_M_S2 * strength * noise[:, 3:],
    )


def failed(
    defect: Defect, force: Samples, rate: Samples, *, times: Times
) -> tuple[Float64[Array, "kept 3"], Float64[Array, "kept 3"]]:
    """The samples that are recorded: cut off where the sensor stops, repeated where it hangs."""
    last = int(np.searchsorted(times, min(defect.flat_seconds, defect.stop_seconds)))
    last = max(last, 2)
    if last >= times.size:
        return force, rate
    if math.isfinite(defect.stop_seconds):
        return force[:last], rate[:last]
    force, rate = force.copy(), rate.copy()
    force[last:], rate[last:] = force[last - 1], rate[last - 1]
    return force, rate


def _turned(vectors: Samples, axis: Float64[Array, "3"], angle: Times) -> Samples:
    """Vectors turned about a unit axis by an angle each (Rodrigues)."""
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return np.asarray(vectors * c + np.cross(axis, vectors) * s + (vectors @ axis)[:, None] * axis * (1.0 - c))
