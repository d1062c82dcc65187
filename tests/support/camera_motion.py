"""A camera's own motion, and what a logger on the same body would have written: turned, resampled, drifted, noisy."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from equigait.data.recording import ImuStream
from scipy.signal import butter, sosfiltfilt
from scipy.spatial.transform import Rotation


@dataclass(frozen=True)
class Logger:
    """A logger's stream with the truth about its clock."""

    stream: ImuStream
    offset_seconds: float
    """Film time minus its time at `reference_seconds`."""
    drift_ppm: float
    reference_seconds: float

    def film_seconds(self, imu_seconds: float) -> float:
        """Film time of an instant of its own clock."""
        return imu_seconds + self.offset_seconds + 1e-6 * self.drift_ppm * (imu_seconds - self.reference_seconds)


def random_motion(seconds: float, *, seed: int, rate_hz: float = 200.0, highest_hz: float = 5.0) -> ImuStream:
    """A body that turns and bounces at random, below 5 Hz."""
    rng = np.random.default_rng(seed)
    white = rng.normal(0.0, 1.0, (round(seconds * rate_hz), 6))
    smooth = sosfiltfilt(butter(2, highest_hz, fs=rate_hz, output="sos"), white, axis=0)
    smooth /= smooth.std(axis=0)
    times = np.arange(len(smooth)) / rate_hz
    force = 2.0 * smooth[:, :3] + np.array([0.0, 0.0, 9.81])
    return ImuStream("camera", times, force, 0.5 * smooth[:, 3:], Path("film.mp4"))


def shaken(camera: ImuStream, *, seed: int, share: float) -> ImuStream:
    """The camera on an engine: above 6 Hz it shakes by this share of its motion."""
    rng = np.random.default_rng(seed)
    band = butter(2, (6.0, 60.0), "bandpass", fs=camera.rate_hz, output="sos")
    shaking = sosfiltfilt(band, rng.normal(0.0, 1.0, (len(camera.time_seconds), 6)), axis=0)
    shaking *= share / shaking.std(axis=0)
    force, rate = camera.specific_force + 2.0 * shaking[:, :3], camera.angular_rate + 0.5 * shaking[:, 3:]
    return replace(camera, specific_force=force, angular_rate=rate)


def logged(
    camera: ImuStream,
    *,
    seed: int,
    rate_hz: float = 100.0,
    noise: float = 1.0,
    part: tuple[float, float] = (0.0, 1.0),
    backwards: bool = False,
) -> Logger:
    """What a logger on the camera's body writes of a part of the film, or of a motion that never was (backwards)."""
    rng = np.random.default_rng(seed)
    time = camera.time_seconds
    start, stop = (time[0] + share * (time[-1] - time[0]) for share in part)
    film = np.arange(start + rng.uniform(0.0, 1.0 / rate_hz), stop, 1.0 / rate_hz)
    offset, drift, middle = rng.uniform(-500.0, 500.0), rng.uniform(-150.0, 150.0), (start + stop) / 2.0
    turn = Rotation.random(random_state=int(rng.integers(2**31))).as_matrix()
    low = butter(4, min(0.4 * rate_hz, 0.45 * camera.rate_hz), fs=camera.rate_hz, output="sos")

    def written(values: np.ndarray, *, sigma: float) -> np.ndarray:
        smooth = sosfiltfilt(low, values[::-1] if backwards else values, axis=0)
        there = np.stack([np.interp(film, time, axis) for axis in smooth.T], axis=1)
        return np.asarray(there @ turn.T + rng.normal(0.0, noise * sigma, there.shape))

    imu = middle - offset + (film - middle) / (1.0 + 1e-6 * drift)
    force, rate = written(camera.specific_force, sigma=0.1), written(camera.angular_rate, sigma=0.01)
    return Logger(ImuStream("logger", imu, force, rate, Path("logger.csv")), offset, drift, middle - offset)
