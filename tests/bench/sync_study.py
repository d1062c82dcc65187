"""`python -m tests.bench.sync_study [NAMES...] [--trials 40] [--first-seed 9000]`: how well clocks are found.

Each condition makes recordings whose clock is known, synchronises them and writes medians and tails to
`runs/bench/sync-<name>.json`. Most take motion from the yard's poses, with noise like that of the film's; `rendered*`
render films and watch them (about half a minute each). Seeds below 9000 were used while developing.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' own modules, as under pytest

from equigait.data.motion import MotionSignals, film_motion
from equigait.data.recording import ImuStream
from equigait.data.simulate import YardSpec, imu_streams, make_ride, make_scene, render_frames
from equigait.data.simulate.ride import Ride
from equigait.data.sync import SyncResult, Verdict, synchronise
from equigait.data.video import probe_film
from posed_motion import make_posed, posed_motion, turned
from scipy.spatial.transform import Rotation

OUT = Path("runs/bench")
LOCK_SECONDS = 0.1
"""An error below this is the right stride: the shortest step of any gait is three times as long."""
JUMP_SECONDS = 0.5


@dataclass(frozen=True)
class Trial:
    """One synchronisation against the truth. Errors are None where there is no truth."""

    verdict: str
    gap: float | None
    error_seconds: float | None
    drift_error_ppm: float | None
    reasons: tuple[str, ...]

    @property
    def locked(self) -> bool:
        """Whether the offset is that of the right stride, accepted or not."""
        return self.error_seconds is not None and abs(self.error_seconds) < LOCK_SECONDS


def judged(ride: Ride | None, result: SyncResult) -> Trial:
    """The trial of a result; the error is taken in the middle of the film, for refused offsets too."""
    error = drift = None
    if ride is not None and result.offset_s is not None and result.reference_s is not None:
        there = result.reference_s + result.offset_s
        error = there - float(ride.clock.to_film(np.array([result.reference_s]))[0])
        drift = (result.drift_ppm or 0.0) - ride.clock.drift_ppm
    return Trial(str(result.verdict), result.gap, error, drift, result.reasons)


def posed(
    change: Callable[[Ride, list[ImuStream], MotionSignals], tuple[list[ImuStream], MotionSignals]] | None = None,
    **spec: object,
) -> Callable[[int, int], Iterator[Trial]]:
    """Trials on motion from poses, each horse another, after `change` has spoiled them."""

    def trials(count: int, seed: int) -> Iterator[Trial]:
        for horse in range(count):
            ride, streams, motion = make_posed(seed, horse=horse, **spec)  # type: ignore[arg-type]
            if change is not None:
                streams, motion = change(ride, streams, motion)
            result = synchronise(streams, motion=motion)
            yield judged(ride, _without_hours(result) if change is hours_off else result)

    return trials


def _without_hours(result: SyncResult) -> SyncResult:
    if result.offset_s is None or result.reference_s is None:
        return result
    return replace(result, offset_s=result.offset_s + 7200.0, reference_s=result.reference_s - 7200.0)


def unrelated(count: int, seed: int) -> Iterator[Trial]:
    """Sensors of one ride with the film of another, every pairing of a herd until there are enough."""
    herd = [make_posed(seed, horse=horse, seconds=130.0, max_skew_seconds=10.0) for horse in range(16)]
    pairs = [(a, b) for step in range(1, 16) for a in range(16) for b in [(a + step) % 16]]
    for a, b in pairs[:count]:
        yield judged(None, synchronise(herd[a][1], motion=herd[b][2]))


def random_mounts(ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> tuple[list[ImuStream], MotionSignals]:
    """Every sensor turned at random, upside down as often as not."""
    rng = np.random.default_rng(ride.number)
    return [turned(s, rotation=Rotation.random(rng=rng).as_matrix()) for s in streams], motion


def dead_sensor(ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> tuple[list[ImuStream], MotionSignals]:
    """One sensor, another each time, that shows nothing but gravity."""
    place = ride.number[0] % len(streams)
    still = np.broadcast_to([0.0, 0.0, 9.81], streams[place].specific_force.shape).copy()
    dead = replace(streams[place], specific_force=still, angular_rate=np.zeros_like(still))
    return [*streams[:place], dead, *streams[place + 1 :]], motion


def burst_loss(ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> tuple[list[ImuStream], MotionSignals]:
    """A twentieth of each sensor's samples gone, half a second at a time."""
    rng = np.random.default_rng(ride.number)
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
    rng = np.random.default_rng(ride.number)
    frames = np.arange(int(ride.spec.seconds * 30)) / 30
    kept = np.ones(len(frames), bool)
    for start in rng.integers(0, len(frames) - 10, len(frames) // 100):
        kept[start : start + rng.integers(1, 10)] = False
    return streams, posed_motion(ride, frame_seconds=frames[kept])


def clock_jump(ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> tuple[list[ImuStream], MotionSignals]:
    """All sensors' stamps half a second late from the middle on."""
    middle = float(ride.clock.to_imu(np.array([ride.spec.seconds / 2]))[0])
    late = [replace(s, time_seconds=s.time_seconds + JUMP_SECONDS * (s.time_seconds > middle)) for s in streams]
    return late, motion


def hours_off(_ride: Ride, streams: list[ImuStream], motion: MotionSignals) -> tuple[list[ImuStream], MotionSignals]:
    """Sensor stamps two hours later than the film's: the error is reported after taking them off again."""
    return [replace(s, time_seconds=s.time_seconds + 7200.0) for s in streams], motion


def uneven_frames(ride: Ride, *, seconds: float) -> np.ndarray:
    """Frame times at least 17 and at most 50 ms apart."""
    steps = np.random.default_rng(ride.number).uniform(0.017, 0.050, int(seconds / 0.017))
    times = np.cumsum(steps)
    return times[times < seconds]


def rendered(name: str, *, uneven: bool = False, **spec: object) -> Callable[[int, int], Iterator[Trial]]:
    """Trials on films that are rendered, encoded, decoded and watched."""

    def trials(count: int, seed: int) -> Iterator[Trial]:
        folder = OUT / "sync-films"
        folder.mkdir(parents=True, exist_ok=True)
        for horse in range(count):
            asked = {"seconds": 125.0, "max_skew_seconds": 60.0} | spec
            ride = make_ride(YardSpec(seed=seed, **asked), horse=horse)  # type: ignore[arg-type]
            film = folder / f"{name}-{seed}-{horse}.mp4"
            seconds = ride.spec.seconds
            times = uneven_frames(ride, seconds=seconds) if uneven else np.arange(int(30 * seconds)) / 30
            if not film.is_file():
                encode(ride, film, times=times)
            yield judged(ride, synchronise(imu_streams(ride), motion=film_motion(probe_film(film))))

    return trials


def encode(ride: Ride, path: Path, *, times: np.ndarray) -> None:
    """The film of a ride with frames at any times, to a tenth of a millisecond."""
    scene = make_scene(ride)
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = ride.spec.frame_width, ride.spec.frame_height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 10000)
        for chunk in np.array_split(times, max(len(times) // 64, 1)):
            for time, image in zip(chunk, render_frames(ride, time_seconds=chunk, scene=scene), strict=True):
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.pts, frame.time_base = round(time * 10000), Fraction(1, 10000)
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    part.rename(path)


STUDIES: dict[str, Callable[[int, int], Iterator[Trial]]] = {
    "mixed": posed(seconds=130.0),
    "drift-300": posed(seconds=300.0, max_skew_seconds=10.0),
    "unrelated": unrelated,
    "walk-60": posed(seconds=60.0, gaits=("walk",), max_skew_seconds=8.0),
    "trot-60": posed(seconds=60.0, gaits=("trot",), max_skew_seconds=8.0),
    "canter-60": posed(seconds=60.0, gaits=("canter",), max_skew_seconds=8.0),
    "mounts": posed(random_mounts, seconds=130.0, max_skew_seconds=20.0),
    "dead-sensor": posed(dead_sensor, seconds=130.0, max_skew_seconds=20.0),
    "burst-loss": posed(burst_loss, seconds=130.0, max_skew_seconds=20.0),
    "variable-rate": posed(variable_rate, seconds=130.0, max_skew_seconds=20.0),
    "dropped-frames": posed(dropped_frames, seconds=130.0, max_skew_seconds=20.0),
    "clock-jump": posed(clock_jump, seconds=130.0, max_skew_seconds=10.0),
    "hours-off": posed(hours_off, seconds=130.0, max_skew_seconds=10.0),
    "rendered": rendered("mixed"),
    "rendered-pan": rendered("pan", camera_variety=3.0),
    "rendered-vfr": rendered("vfr", uneven=True),
}


def summary(name: str, trials: list[Trial], *, seed: int) -> dict[str, object]:
    """Medians and tails of a condition, in milliseconds and ppm, over the trials that found the right stride."""
    errors = np.abs([t.error_seconds for t in trials if t.locked]) * 1000
    drifts = np.abs([t.drift_error_ppm for t in trials if t.locked])
    accepted = [t for t in trials if t.verdict == Verdict.ACCEPT]
    known = [t for t in trials if t.error_seconds is not None]
    return {
        "name": name,
        "first_seed": seed,
        "trials": len(trials),
        "accepted": len(accepted),
        "review": sum(t.verdict == Verdict.REVIEW for t in trials),
        "refused": sum(t.verdict == Verdict.REFUSE for t in trials),
        "locked": sum(t.locked for t in trials),
        "wrong": sum(not t.locked for t in known),
        "wrong_accepted": sum(not t.locked for t in accepted),
        "error_ms": tails(errors),
        "accepted_error_ms": tails(np.abs([t.error_seconds for t in accepted if t.error_seconds is not None]) * 1000),
        "drift_error_ppm": tails(drifts),
        "each": [asdict(t) for t in trials],
    }


def tails(values: np.ndarray) -> dict[str, float] | None:
    """Median, 95th percentile and greatest of some values."""
    if len(values) == 0:
        return None
    return {"median": float(np.median(values)), "p95": float(np.percentile(values, 95)), "max": float(np.max(values))}


def main() -> None:
    """Runs the named conditions, all of them without names, and prints a line of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(STUDIES)}")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--first-seed", type=int, default=9000)
    asked = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    OUT.mkdir(parents=True, exist_ok=True)
    for name in asked.names or STUDIES:
        result = summary(name, list(STUDIES[name](asked.trials, asked.first_seed)), seed=asked.first_seed)
        (OUT / f"sync-{name}.json").write_text(json.dumps(result, indent=1) + "\n")
        print({key: value for key, value in result.items() if key != "each"}, flush=True)


if __name__ == "__main__":
    main()
