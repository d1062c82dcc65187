"""Hoof impacts: when each hoof meets the ground, and the short bursts that reach each sensor."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array
from scipy.signal import resample_poly

from ..sites import GRAVITY_M_S2
from .extras import AIRBORNE
from .gaits import GAITS, LIMBS
from .pose import stride_phase
from .ride import Ride
from .schedule import bout_weights

OVERSAMPLING = 4
BURST_SECONDS = 0.08
DIRECTION = np.array([-0.35, 0.15, 0.92])
"""Mostly up, some braking, little to the side."""


@dataclass(frozen=True)
class Contact:
    """One hoof meets the ground."""

    time_seconds: float
    limb: int
    """0 to 3: LH, LF, RH, RF."""
    gait: str
    weight: float
    """How far the gait is in: below 1 in transitions."""


def hoof_contacts(ride: Ride, *, start_seconds: float, stop_seconds: float) -> tuple[Contact, ...]:
    """All hoof contacts in a stretch of film time, by time: from the stride phase and the gait's footfalls."""
    times = np.arange(start_seconds, stop_seconds, 0.005)
    phase = stride_phase(ride, time_seconds=times)
    weights = bout_weights(ride.bouts, time_seconds=times)
    contacts = []
    for bout, weight in zip(ride.bouts, weights, strict=True):
        at = np.flatnonzero(weight > 0.5)
        if bout.gait not in GAITS or at.size < 2:
            continue
        for limb in range(len(LIMBS)):
            shift = GAITS[bout.gait].footfall[limb] + float(ride.horse.footfall_shift[limb])
            strides = phase[at] - shift
            whole = np.arange(np.ceil(strides[0]), np.ceil(strides[-1]))
            when = np.interp(whole, strides, times[at])
            weight_then = np.interp(when, times[at], weight[at])
            if ride.extras is not None and when.size:
                grounded = ride.extras(when)[:, AIRBORNE] < 0.5
                when, weight_then = when[grounded], weight_then[grounded]
            contacts += [Contact(float(t), limb, bout.gait, float(w)) for t, w in zip(when, weight_then, strict=True)]
    return tuple(sorted(contacts, key=lambda contact: contact.time_seconds))


def transmission(ride: Ride, *, site: str, limb: int) -> float:
    """Share of a limb's impact that reaches a site: all at its own cannon, little at the trunk, least at the poll."""
    if site.startswith("cannon_"):
        return 1.0 if site == f"cannon_{LIMBS[limb]}" else 0.0
    fore, reach = limb % 2 == 1, ride.horse.transmission
    if site == "poll":
        return 0.4 * reach if fore else 0.15 * reach
    if site in ("withers", "sternum"):
        return reach if fore else 0.3 * reach
    same_side = site.endswith(LIMBS[limb].split("_")[1])
    share = 1.0 if site == "sacrum" or same_side else 0.6
    return reach * share * (0.3 if fore else 1.0)


def impact_force(
    ride: Ride, rng: np.random.Generator, *, site: str, time_seconds: Float64[Array, "time"]
) -> Float64[Array, "time 3"]:
    """Specific force of the impacts at a site in m/s^2, sampled evenly: bursts of 30-80 Hz that decay in 10-25 ms.

    Bursts are laid at `OVERSAMPLING` times the rate and low-passed before decimation, as a sensor's own filter does.
    """
    start, step = float(time_seconds[0]), float(time_seconds[1] - time_seconds[0]) / OVERSAMPLING
    fine = np.zeros((time_seconds.size * OVERSAMPLING, 3))
    length = int(np.ceil(BURST_SECONDS / step))
    contacts = hoof_contacts(ride, start_seconds=start, stop_seconds=float(time_seconds[-1]))
    draws = rng.random((len(contacts), 3))
    lean = 0.15 * rng.standard_normal((len(contacts), 3))
    for contact, draw, tilt in zip(contacts, draws, lean, strict=True):
        share = transmission(ride, site=site, limb=contact.limb) * contact.weight
        low, high = GAITS[contact.gait].impact_g
        peak = (low + (high - low) * draw[0]) * ride.horse.impact * share * ride.spec.impact_scale * GRAVITY_M_S2
        first = int(np.ceil((contact.time_seconds - start) / step))
        stop = min(first + length, len(fine))
        if peak == 0.0 or first >= stop:
            continue
        since = start + step * np.arange(first, stop) - contact.time_seconds
        decay, frequency = 0.010 + 0.015 * draw[1], 30.0 + 50.0 * draw[2]
        burst = np.exp(-since / decay) * np.sin(2 * np.pi * frequency * since)
        fine[first:stop] += peak * burst[:, None] * (DIRECTION + tilt)
    if not fine.any():
        return fine[::OVERSAMPLING]
    return np.asarray(resample_poly(fine, 1, OVERSAMPLING, axis=0))
