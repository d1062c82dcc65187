"""What sensors on the horse measure: the pose differentiated, gravity, hoof impacts, and a real sensor's faults."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..recording import ImuStream
from ..sites import GRAVITY_M_S2, resolve_sites
from .defects import draw_defects, failed, rattled, slipped
from .gaits import LIMBS
from .impacts import impact_force
from .pose import Pose, pose
from .ride import Ride
from .rotations import angular_rate, body_to_world, from_vector

STEP_SECONDS = 0.001
"""Step of the central differences: at 15 Hz, the pose's highest harmonic, their error is below 0.1 %."""
TUBER_COXAE_M = (0.10, 0.24, -0.10)
"""Left tuber coxae from the sacrum: forward, left, up."""
ACCELERATION_NOISE_M_S2 = 0.03
ACCELERATION_BIAS_M_S2 = 0.05
ANGULAR_NOISE_RAD_S = 0.004
ANGULAR_BIAS_RAD_S = 0.005
"""White noise a sample and bias of ordinary MEMS units at 100-200 Hz."""
SCALE_ERROR = 0.003
ACCELERATION_RANGE_M_S2 = 16 * GRAVITY_M_S2
ANGULAR_RANGE_RAD_S = float(np.radians(2000.0))
STERNUM_M = (0.06, 0.0, -0.68)
"""Sternum from the withers."""
HORSE_SITES = (
    "poll",
    "withers",
    "sternum",
    "sacrum",
    "tuber_coxae_left",
    "tuber_coxae_right",
    "cannon_fore_left",
    "cannon_fore_right",
    "cannon_hind_left",
    "cannon_hind_right",
)
"""Where sensors can be mounted."""
TAIL_SECONDS = 1.0
"""Sensors go on for this long after the film."""


@dataclass(frozen=True)
class Motion:
    """What an ideal sensor in the body axes of its site would measure."""

    specific_force: Float64[Array, "time 3"]
    """m/s^2."""
    angular_rate: Float64[Array, "time 3"]
    """rad/s."""


def imu_sites(ride: Ride) -> tuple[str, ...]:
    """The sites that a ride's yard asks for; sites that no horse has are refused."""
    sites = resolve_sites(ride.spec.sites)
    for site in sites:
        if site not in HORSE_SITES:
            remedy = f"Sites of the simulated horse are {', '.join(HORSE_SITES)}."
            raise BadInput("sites", found=site, expected="sites of a horse", remedy=remedy)
    return sites


def ideal_motion(ride: Ride, *, sites: tuple[str, ...], time_seconds: Float64[Array, "time"]) -> dict[str, Motion]:
    """Specific force and angular rate at sites: central differences of the pose, no impacts, no sensor faults."""
    limbs = any(site.startswith("cannon_") for site in sites)
    before, now, after = (
        {site: _frame(ride, body, site) for site in sites}
        for body in (
            pose(ride, time_seconds=time_seconds + step, limbs=limbs) for step in (-STEP_SECONDS, 0.0, STEP_SECONDS)
        )
    )
    motions = {}
    for site in sites:
        (p0, r0), (p1, r1), (p2, r2) = before[site], now[site], after[site]
        acceleration = (p2 - 2.0 * p1 + p0) / STEP_SECONDS**2 + np.array([0.0, 0.0, GRAVITY_M_S2])
        force = np.einsum("tji,tj->ti", r1, acceleration)
        motions[site] = Motion(force, angular_rate(r0, r1, r2, step_seconds=STEP_SECONDS))
    return motions


def imu_streams(ride: Ride) -> tuple[ImuStream, ...]:
    """What the sensors of a ride record, on their own clock: from 0 until a moment after the film ends."""
    stop = float(ride.clock.to_imu(np.array([ride.spec.seconds + TAIL_SECONDS]))[0])
    count = int(np.floor(stop * ride.imu_rate_hz))
    imu_seconds = np.arange(count) / ride.imu_rate_hz
    film_seconds = ride.clock.to_film(imu_seconds)
    sites = imu_sites(ride)
    motions = ideal_motion(ride, sites=sites, time_seconds=film_seconds)
    streams, faults = [], draw_defects(ride, sites=sites)
    for number, site in enumerate(sites):
        rng = ride.random("sensor", number=HORSE_SITES.index(site))
        impacts = impact_force(ride, rng, site=site, time_seconds=film_seconds)
        force, rate = motions[site].specific_force + impacts, motions[site].angular_rate
        if site in faults:
            shaking = ride.random("defects", number=len(HORSE_SITES) + 1 + number)
            force, rate = slipped(faults[site], force, rate, times=film_seconds)
            force, rate = rattled(faults[site], force, rate, times=film_seconds, rng=shaking)
        motion = Motion(force, rate)
        force, rate = _measured(rng, motion, ride)
        if site in faults:
            force, rate = failed(faults[site], force, rate, times=film_seconds)
        streams.append(ImuStream(site, imu_seconds[: len(force)], force, rate, Path(f"{site}.csv")))
    return tuple(streams)


def _frame(ride: Ride, body: Pose, site: str) -> tuple[Float64[Array, "time 3"], Float64[Array, "time 3 3"]]:
    """Position and rotation of a site."""
    if site == "poll":
        return body.poll, body_to_world(body.head_angles)
    if site in ("withers", "sternum"):
        rotation = body_to_world(body.withers_angles)
        arm = ride.horse.scale * np.array(STERNUM_M if site == "sternum" else (0.0, 0.0, 0.0))
        return body.withers + rotation @ arm, rotation
    if site.startswith("cannon_"):
        limb = LIMBS.index("_".join(site.split("_")[1:]))
        middle = body.limb_points[:, limb, 2:4].mean(axis=1)
        return middle, body_to_world(body.cannon_angles[:, limb])
    rotation = body_to_world(body.pelvis_angles)
    if site == "sacrum":
        return body.sacrum, rotation
    side = 1.0 if site.endswith("left") else -1.0
    arm = ride.horse.scale * np.array([TUBER_COXAE_M[0], side * TUBER_COXAE_M[1], TUBER_COXAE_M[2]])
    return body.sacrum + rotation @ arm, rotation


def _measured(
    rng: np.random.Generator, motion: Motion, ride: Ride
) -> tuple[Float64[Array, "time 3"], Float64[Array, "time 3"]]:
    """The same as a real sensor gives it: mounted askew, scaled, biased, noisy, clipped."""
    spec = ride.spec
    spread = spec.mount_sd_degrees
    if spec.level:
        spread = float(np.hypot(spread, spec.level.mount_degrees))
    mount = from_vector(np.radians(spread) * rng.standard_normal(3))
    measured = []
    for values, bias, noise, limit in (
        (motion.specific_force, ACCELERATION_BIAS_M_S2, ACCELERATION_NOISE_M_S2, ACCELERATION_RANGE_M_S2),
        (motion.angular_rate, ANGULAR_BIAS_RAD_S, ANGULAR_NOISE_RAD_S, ANGULAR_RANGE_RAD_S),
    ):
        scale = 1.0 + spec.noise_scale * SCALE_ERROR * rng.standard_normal(3)
        offset = spec.noise_scale * bias * rng.standard_normal(3)
        white = spec.noise_scale * noise * rng.standard_normal(values.shape)
        measured.append(np.clip((values @ mount) * scale + offset + white, -limit, limit))
    return measured[0], measured[1]
