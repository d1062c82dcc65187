"""Simulated horses whose strides, lead, rein and asymmetry are known, and the same horses in a mirror."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from equigait.data.recording import Bout, ImuStream
from equigait.data.simulate import Ride, YardSpec, ideal_motion, imu_streams, make_ride, pose, stride_phase
from equigait.data.simulate.rotations import body_to_world
from equigait.data.simulate.strides import make_strides
from equigait.pipeline.inference.stride_analysis import BoutStrides, analyse_bouts

SECONDS = 30.0
SIDES = {"left": "right", "right": "left"}
LATERAL = np.array([1.0, -1.0, 1.0])


def ride_of(gait: str, *, horse: int, rate_hz: float = 100.0, seconds: float = SECONDS, **settings: object) -> Ride:
    """A ride of one gait."""
    spec = YardSpec(gaits=(gait,), seconds=seconds, imu_rate_hz=(rate_hz, rate_hz), **settings)
    return make_ride(spec, horse=horse)


def bout_of(ride: Ride) -> Bout:
    """The part of it for which there are sensors."""
    start = max(0.0, ride.clock.offset_seconds) + 0.5
    return Bout(start, ride.spec.seconds - 0.5, ride.bouts[0].label)


def analysed(ride: Ride, streams: tuple[ImuStream, ...] | None = None) -> BoutStrides:
    """Its one bout."""
    streams = imu_streams(ride) if streams is None else streams
    return analyse_bouts(streams, clock=ride.clock, bouts=[bout_of(ride)])[0]


def with_asymmetry(ride: Ride, share: float) -> Ride:
    """The same horse with another asymmetry."""
    horse = replace(ride.horse, asymmetry=share)
    return replace(ride, horse=horse, strides=make_strides(horse, gaits={bout.gait for bout in ride.bouts}))


def mirrored(streams: tuple[ImuStream, ...]) -> tuple[ImuStream, ...]:
    """The same horse in a mirror: left and right exchanged."""
    out = []
    for stream in streams:
        base, _, side = stream.site.rpartition("_")
        site = f"{base}_{SIDES[side]}" if side in SIDES else stream.site
        force, rate = stream.specific_force * LATERAL, stream.angular_rate * -LATERAL
        out.append(replace(stream, site=site, specific_force=force, angular_rate=rate))
    return tuple(out)


def circling(ride: Ride, *, site: str, radius_m: float, speed_m_s: float) -> ImuStream:
    """A site of a horse on a circle (radius positive to the left): turn, pull outward, lean, and a biased sensor."""
    times = np.arange(int(ride.spec.seconds * ride.imu_rate_hz)) / ride.imu_rate_hz
    film = ride.clock.to_film(times)
    motion, body = ideal_motion(ride, sites=(site,), time_seconds=film)[site], pose(ride, time_seconds=film)
    angles = body.pelvis_angles if site == "sacrum" else body.head_angles if site == "poll" else body.withers_angles
    rotation = body_to_world(angles)
    rate_rad_s = speed_m_s / radius_m
    force = motion.specific_force + speed_m_s * rate_rad_s * rotation[:, 1, :]
    rate = motion.angular_rate + rate_rad_s * rotation[:, 2, :] + 0.005
    lean = 0.5 * np.arctan(speed_m_s * rate_rad_s / 9.81)
    c, s = np.cos(lean), np.sin(lean)
    turn = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
    return ImuStream(site, times, force @ turn.T, rate @ turn.T, Path(f"{site}.csv"))


def strides_found(ride: Ride, found: BoutStrides) -> tuple[float, float]:
    """Recall and precision of the strides, away from the ends: each begins at the phase at which most of them begin."""
    bout = found.bout
    phase = stride_phase(ride, time_seconds=found.strides.start_seconds)
    common = float(np.angle(np.mean(np.exp(2j * np.pi * phase))) / (2 * np.pi))
    right = np.abs((phase - common + 0.5) % 1.0 - 0.5) < 0.1
    after = stride_phase(ride, time_seconds=found.strides.stop_seconds)
    right &= np.abs(after - phase - 1.0) < 0.1
    ends = stride_phase(ride, time_seconds=np.array([bout.start_seconds, bout.stop_seconds])) - common
    truth = np.arange(np.ceil(ends[0]) + 1, np.floor(ends[1]) - 1)
    recall = np.isin(truth, np.rint(phase[right] - common)).mean()
    return float(recall), float(right.mean())


def true_differences(ride: Ride, found: BoutStrides, *, site: str) -> tuple[float, float]:
    """MinDiff and MaxDiff of the pose itself, mm: right minus left, fore limbs for poll and withers."""
    times = np.arange(found.strides.start_seconds[0], found.strides.stop_seconds[-1], 0.002)
    height = 1000.0 * getattr(pose(ride, time_seconds=times), site)[:, 2]
    phase = stride_phase(ride, time_seconds=times) + 0.07  # the left hind stands from 0 on; before that, the highest
    lowest, highest = [], []
    for stride in range(int(np.ceil(phase[0])) + 1, int(phase[-1]) - 1):
        left, right = ((phase >= stride + half) & (phase < stride + half + 0.5) for half in (0.0, 0.5))
        before = [(phase >= stride + half - 0.25) & (phase < stride + half + 0.25) for half in (0.0, 0.5)]
        lowest.append(height[right].min() - height[left].min())
        highest.append(height[before[1]].max() - height[before[0]].max())
    sign = 1.0 if site == "sacrum" else -1.0
    return sign * float(np.mean(lowest)), sign * float(np.mean(highest))
