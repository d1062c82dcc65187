"""What goes wrong in a recording: mounts, dead sensors, loss, uneven and dropped frames, clocks that jump or lie."""

from dataclasses import replace

import numpy as np
from equigait.data.recording import ImuStream
from equigait.data.simulate.ride import Ride
from equigait.data.video.motion import MotionSignals
from posed_motion import posed_motion, turned
from scipy.spatial.transform import Rotation

JUMP_SECONDS = 0.5
HOURS_SECONDS = 7200.0


def random_mounts(ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> tuple[list[ImuStream], MotionSignals]:
    """Every sensor turned at random, upside down as often as not."""
    rng = np.random.default_rng([ride.spec.seed, *ride.number])
    return [turned(s, rotation=Rotation.random(rng=rng).as_matrix()) for s in streams], motion


def dead_sensor(ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> tuple[list[ImuStream], MotionSignals]:
    """One sensor, another each time, that shows nothing but gravity."""
    place = ride.number[0] % len(streams)
    still = np.broadcast_to([0.0, 0.0, 9.81], streams[place].specific_force.shape).copy()
    dead = replace(streams[place], specific_force=still, angular_rate=np.zeros_like(still))
    return [*streams[:place], dead, *streams[place + 1 :]], motion


def burst_loss(ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> tuple[list[ImuStream], MotionSignals]:
    """A twentieth of each sensor's samples gone, half a second at a time."""
    rng = np.random.default_rng([ride.spec.seed, *ride.number])
    lossy = []
    for stream in streams:
        burst = round(0.5 * stream.rate_hz)
        kept = np.ones(len(stream.time_seconds), bool)
        for start in rng.integers(0, len(kept) - burst, round(0.05 * len(kept) / burst)):
            kept[start : start + burst] = False
        parts = (stream.time_seconds[kept], stream.specific_force[kept], stream.angular_rate[kept])
        lossy.append(replace(stream, time_seconds=parts[0], specific_force=parts[1], angular_rate=parts[2]))
    return lossy, motion


def variable_rate(
    ride: Ride, streams: list[ImuStream], _motion: MotionSignals
) -> tuple[list[ImuStream], MotionSignals]:
    """Frames 17 to 50 ms apart, wandering."""
    return streams, posed_motion(ride, frame_seconds=uneven_frames(ride, seconds=ride.spec.seconds))


def dropped_frames(
    ride: Ride, streams: list[ImuStream], _motion: MotionSignals
) -> tuple[list[ImuStream], MotionSignals]:
    """One frame in twenty missing, singly and in runs of up to ten."""
    rng = np.random.default_rng([ride.spec.seed, *ride.number])
    frames = np.arange(int(ride.spec.seconds * 30)) / 30
    kept = np.ones(len(frames), bool)
    for start in rng.integers(0, len(frames) - 10, len(frames) // 100):
        kept[start : start + rng.integers(1, 10)] = False
    return streams, posed_motion(ride, frame_seconds=frames[kept])


def clock_jump(ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> tuple[list[ImuStream], MotionSignals]:
    """All sensors' stamps half a second late from the middle on."""
    middle = float(ride.clock.to_imu(np.array([shared_middle(ride, streams, motion)]))[0])
    late = [replace(s, time_seconds=s.time_seconds + JUMP_SECONDS * (s.time_seconds > middle)) for s in streams]
    return late, motion


def shared_middle(ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> float:
    """Film time in the middle of what film and sensors both recorded: a clock's jump outside of it harms nothing."""
    spans = [ride.clock.to_film(s.time_seconds[[0, -1]]) for s in streams]
    start = max(float(motion.time_seconds[0]), *(float(span[0]) for span in spans))
    stop = min(float(motion.time_seconds[-1]), *(float(span[1]) for span in spans))
    return (start + stop) / 2


def hours_off(_ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> tuple[list[ImuStream], MotionSignals]:
    """Sensor stamps two hours later than the film's: the error is reported after taking them off again."""
    return [replace(s, time_seconds=s.time_seconds + HOURS_SECONDS) for s in streams], motion


def uneven_frames(ride: Ride, *, seconds: float) -> np.ndarray:
    """Frame times at least 17 and at most 50 ms apart."""
    steps = np.random.default_rng([ride.spec.seed, *ride.number]).uniform(0.017, 0.050, int(seconds / 0.017))
    times = np.cumsum(steps)
    return times[times < seconds]
