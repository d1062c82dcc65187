"""Motion signals and sensor streams straight from the yard's poses: what a film would show, without rendering one."""

from dataclasses import replace

import numpy as np
from equigait.data.recording import ClockMap, ImuStream
from equigait.data.simulate import YardSpec, imu_streams, make_ride, pose
from equigait.data.simulate.ride import Ride
from equigait.data.video.motion import MotionSignals


def make_posed(
    seed: int, *, horse: int = 0, seconds: float = 140.0, fps: float = 30.0, **spec: object
) -> tuple[Ride, list[ImuStream], MotionSignals]:
    """A ride, its sensors' streams on their own clock, and what its film's motion would be."""
    asked = YardSpec(seed=seed, seconds=seconds, fps=fps, **{"max_skew_seconds": 60.0, "clock_known": False} | spec)
    ride = make_ride(asked, horse=horse)
    frames = np.arange(int(seconds * fps)) / fps
    return ride, list(imu_streams(ride)), posed_motion(ride, frame_seconds=frames)


def posed_motion(ride: Ride, *, frame_seconds: np.ndarray, noise: float = 0.2) -> MotionSignals:
    """Velocities of poll, withers and sacrum between frames (m/s) with noise, and the hooves' as energy."""
    body = pose(ride, time_seconds=frame_seconds)
    interval = np.diff(frame_seconds)
    rng = np.random.default_rng([ride.spec.seed, *ride.number])
    heights = np.stack([body.poll[:, 2], body.withers[:, 2], body.sacrum[:, 2]], axis=1)
    up = np.diff(heights, axis=0) / interval[:, None]
    hooves = body.limb_points[:, :, -1] - body.withers[:, None]
    speed = np.linalg.norm(np.diff(hooves, axis=0), axis=2).mean(axis=1) / interval
    energy = speed + 0.1 * np.abs(rng.standard_normal(len(speed)))
    return MotionSignals(
        time_seconds=(frame_seconds[1:] + frame_seconds[:-1]) / 2,
        up=up + noise * rng.standard_normal(up.shape),
        energy=energy,
        valid=interval <= 0.25,
    )


def error_seconds(ride: Ride, clock: ClockMap, *, film_seconds: float) -> float:
    """How far a clock is off the ride's true one, at a film time."""
    imu_seconds = ride.clock.to_imu(np.array([film_seconds]))
    return float(clock.to_film(imu_seconds)[0]) - film_seconds


def turned(stream: ImuStream, *, rotation: np.ndarray) -> ImuStream:
    """The same sensor mounted otherwise: all its vectors rotated."""
    force, rate = stream.specific_force @ rotation.T, stream.angular_rate @ rotation.T
    return replace(stream, specific_force=force, angular_rate=rate)
