"""`python -m tests.bench.sync_study [NAMES...] [--trials 20] [--first-seed 9000]`: how well clocks are found.

Each condition makes recordings whose clock is known, synchronises them, and puts medians, tails and what they are held
to into `runs/bench/sync-study.json`. Most take motion from the yard's poses, with noise like that of the film's;
`rendered*` render films and watch them (about half a minute each). Seeds below 9000 were used while developing.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))  # the tests' own modules, as under pytest

from equigait.data.recording import ImuStream
from equigait.data.simulate import YardSpec, imu_streams, make_ride, make_scene, render_frames
from equigait.data.simulate.ride import Ride
from equigait.data.sync import SyncResult, Verdict, synchronise
from equigait.data.video.motion import MotionSignals, film_motion
from equigait.data.video.probe import probe_film
from posed_motion import make_posed

from . import sync_faults as faults

OUT = Path("runs/bench")
RESULTS = OUT / "sync-study.json"
Change: TypeAlias = Callable[[Ride, list[ImuStream], MotionSignals], tuple[list[ImuStream], MotionSignals]]
LOCK_SECONDS = 0.1
"""An error below this is the right stride: the shortest step of any gait is three times as long."""


@dataclass(frozen=True)
class Trial:
    """One synchronisation against the truth. Errors are None where there is no truth."""

    verdict: str
    gap: float | None
    error_seconds: float | None
    drift_error_ppm: float | None
    reasons: tuple[str, ...]
    jump_seconds: float | None = None
    """Film time from the middle of what both recorded to where the clock was seen to jump, if it was."""

    @property
    def locked(self) -> bool:
        """Whether the offset is that of the right stride, accepted or not."""
        return self.error_seconds is not None and abs(self.error_seconds) < LOCK_SECONDS


def judged(ride: Ride | None, result: SyncResult, *, middle_seconds: float | None = None) -> Trial:
    """The trial of a result; the error is taken in the middle of the film, for refused offsets too.

    A jump's place is told from `middle_seconds` of film.
    """
    error = drift = None
    if ride is not None and result.offset_s is not None and result.reference_s is not None:
        there = result.reference_s + result.offset_s
        error = there - float(ride.clock.to_film(np.array([result.reference_s]))[0])
        drift = (result.drift_ppm or 0.0) - ride.clock.drift_ppm
    jump = result.clock_step.film_seconds - middle_seconds if middle_seconds is not None and result.clock_step else None
    return Trial(str(result.verdict), result.gap, error, drift, result.reasons, jump)


def posed(
    change: Change | None = None,
    **spec: Any,
) -> Callable[[int, int], Iterator[Trial]]:
    """Trials on motion from poses, each horse another, after `change` has spoiled them."""

    def trials(count: int, seed: int) -> Iterator[Trial]:
        for horse in range(count):
            ride, streams, motion = make_posed(seed, horse=horse, **spec)
            if change is not None:
                streams, motion = change(ride, streams, motion)
            result = synchronise(streams, motion=motion)
            result = _without_hours(result) if change is faults.hours_off else result
            yield judged(ride, result, middle_seconds=faults.shared_middle(ride, streams, motion))

    return trials


def _without_hours(result: SyncResult) -> SyncResult:
    if result.offset_s is None or result.reference_s is None:
        return result
    hours = faults.HOURS_SECONDS
    return replace(result, offset_s=result.offset_s + hours, reference_s=result.reference_s - hours)


def unrelated(count: int, seed: int) -> Iterator[Trial]:
    """Sensors of one ride with the film of another, every pairing of a herd until there are enough."""
    herd = [make_posed(seed, horse=horse, seconds=130.0, max_skew_seconds=10.0) for horse in range(16)]
    pairs = [(a, b) for step in range(1, 16) for a in range(16) for b in [(a + step) % 16]]
    for a, b in pairs[:count]:
        yield judged(None, synchronise(herd[a][1], motion=herd[b][2]))


def rendered(
    name: str, change: Change | None = None, *, uneven: bool = False, **spec: object
) -> Callable[[int, int], Iterator[Trial]]:
    """Trials on films that are rendered, encoded, decoded and watched, after `change` has spoiled the sensors."""

    def trials(count: int, seed: int) -> Iterator[Trial]:
        for horse in range(count):
            ride, streams, motion = make_rendered(name, seed, horse, uneven, tuple(spec.items()))
            if change is not None:
                streams, motion = change(ride, streams, motion)
            middle = faults.shared_middle(ride, streams, motion)
            yield judged(ride, synchronise(streams, motion=motion), middle_seconds=middle)

    return trials


def rendered_unrelated(count: int, seed: int) -> Iterator[Trial]:
    """Sensors of one ride with the rendered film of another, of the rides of `rendered`: a dozen make 132 pairs."""
    herd = [make_rendered("mixed", seed, horse, False, ()) for horse in range(12)]
    pairs = [(a, (a + step) % 12) for step in range(1, 12) for a in range(12)]
    for a, b in pairs[:count]:
        yield judged(None, synchronise(herd[a][1], motion=herd[b][2]))


@cache
def make_rendered(
    name: str, seed: int, horse: int, uneven: bool, spec: tuple[tuple[str, object], ...]
) -> tuple[Ride, list[ImuStream], MotionSignals]:
    """A ride, its sensors, and what watching its film tells; the film is kept in a folder of its own."""
    asked = {"seconds": 125.0, "max_skew_seconds": 60.0} | dict(spec)
    ride = make_ride(YardSpec(seed=seed, **asked), horse=horse)
    film = OUT / "sync-films" / f"{name}-{seed}-{horse}.mp4"
    film.parent.mkdir(parents=True, exist_ok=True)
    seconds = ride.spec.seconds
    times = faults.uneven_frames(ride, seconds=seconds) if uneven else np.arange(int(30 * seconds)) / 30
    if not film.is_file():
        encode(ride, film, times=times)
    return ride, list(imu_streams(ride)), film_motion(probe_film(film))


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
    "mounts": posed(faults.random_mounts, seconds=130.0, max_skew_seconds=20.0),
    "dead-sensor": posed(faults.dead_sensor, seconds=130.0, max_skew_seconds=20.0),
    "burst-loss": posed(faults.burst_loss, seconds=130.0, max_skew_seconds=20.0),
    "variable-rate": posed(faults.variable_rate, seconds=130.0, max_skew_seconds=20.0),
    "dropped-frames": posed(faults.dropped_frames, seconds=130.0, max_skew_seconds=20.0),
    "clock-jump": posed(faults.clock_jump, seconds=130.0, max_skew_seconds=10.0),
    "hours-off": posed(faults.hours_off, seconds=130.0, max_skew_seconds=10.0),
    "rendered": rendered("mixed"),
    "rendered-unrelated": rendered_unrelated,
    "rendered-pan": rendered("pan", camera_variety=3.0),
    "rendered-vfr": rendered("vfr", uneven=True),
    "rendered-jump": rendered("mixed", faults.clock_jump),
    "rendered-300": rendered("drift", seconds=300.0, max_skew_seconds=10.0),
}


def summary(name: str, trials: list[Trial], *, seed: int) -> dict[str, object]:
    """Medians and tails of a condition in milliseconds and ppm, of those at the right stride and of those accepted."""
    accepted = [t for t in trials if t.verdict == Verdict.ACCEPT]
    locked = [t for t in trials if t.locked]
    found = {
        "trials": len(trials),
        "accepted": len(accepted),
        "review": sum(t.verdict == Verdict.REVIEW for t in trials),
        "refused": sum(t.verdict == Verdict.REFUSE for t in trials),
        "locked": len(locked),
        "wrong_accepted": sum(not t.locked for t in accepted),
        "error_ms": tails([1000 * (t.error_seconds or 0.0) for t in locked]),
        "accepted_error_ms": tails([1000 * t.error_seconds for t in accepted if t.error_seconds is not None]),
        "drift_error_ppm": tails([t.drift_error_ppm for t in locked if t.drift_error_ppm is not None]),
        "jump_error_s": tails([t.jump_seconds for t in trials if t.jump_seconds is not None]),
    }
    held_to, holds = LIMITS.get(name, WRONG_NONE)
    command = f"python -m tests.bench.sync_study {name} --trials {len(trials)} --first-seed {seed}"
    each = [asdict(t) for t in trials]
    return {"command": command, **found, "held_to": held_to, "holds": holds(found), "each": each}


def tails(values: list[float]) -> dict[str, float] | None:
    """Median, 95th percentile and greatest of some values, whatever their sign."""
    if not values:
        return None
    size = np.abs(values)
    return {"median": float(np.median(size)), "p95": float(np.percentile(size, 95)), "max": float(np.max(size))}


def _mixed_holds(found: dict[str, Any]) -> bool:
    error = found["accepted_error_ms"]
    enough = found["accepted"] >= 0.8 * found["trials"] and found["wrong_accepted"] <= 0.01 * found["accepted"]
    return bool(enough and error["median"] <= 10.0 and error["p95"] <= 33.0)


MIXED = ("accepted >= 80 %, lock >= 99 % of them, median <= 10 ms, p95 <= 33 ms", _mixed_holds)
DRIFT = ("median |error| <= 10 ppm", lambda found: found["drift_error_ppm"]["median"] <= 10.0)
UNRELATED = ("accepted <= 1 %", lambda found: found["accepted"] <= 0.01 * found["trials"])
ONE_GAIT = (
    "wrong locks not accepted >= 95 %",
    lambda found: found["wrong_accepted"] <= 0.05 * (found["trials"] - found["locked"]),
)
JUMP = ("found within one window, or refused", lambda found: found["accepted"] == 0)
WRONG_NONE = ("no wrong accept", lambda found: found["wrong_accepted"] == 0)
LIMITS: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "mixed": MIXED,
    "rendered": MIXED,
    "drift-300": DRIFT,
    "rendered-300": DRIFT,
    "unrelated": UNRELATED,
    "rendered-unrelated": UNRELATED,
    "walk-60": ONE_GAIT,
    "trot-60": ONE_GAIT,
    "canter-60": ONE_GAIT,
    "clock-jump": JUMP,
    "rendered-jump": JUMP,
}
"""What each condition is held to; every other to WRONG_NONE."""


def main() -> None:
    """Runs the named conditions, all of them without names, prints a line of each and keeps the latest of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(STUDIES)}")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=9000)
    asked = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    for name in asked.names or STUDIES:
        result = summary(name, list(STUDIES[name](asked.trials, asked.first_seed)), seed=asked.first_seed)
        kept = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
        RESULTS.write_text(json.dumps(kept | {name: result}, indent=1) + "\n")
        print(name, {key: value for key, value in result.items() if key != "each"}, flush=True)


if __name__ == "__main__":
    main()
