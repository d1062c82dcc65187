"""`EQUIGAIT_REAL_DATA=DIR python -m tests.bench.sync_derived`: clocks planted between keypoint tracks of real horses.

Derived: clips are joined into recordings of 60 s and more; the film's motion is that of the tracked withers and croup,
the sensors' force the second derivative of the same tracks low-passed, on a clock of known offset and drift. Writes
`runs/bench/sync-derived.json`.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import butter, sosfiltfilt

sys.path.insert(0, str(Path(__file__).parents[1] / "real"))  # the tests' own modules, as under pytest

from derived_horses import GRAVITY, IMU_RATE_HZ, LOW_PASS_HZ, RATE_HZ, TRUNK_METRES, read_tracks
from equigait.data.recording import ClockMap, ImuStream
from equigait.data.sync import synchronise
from equigait.data.video.motion import MotionSignals

SITES = {"withers": "A8", "sacrum": "A10"}
LEAST_SECONDS = 60.0
ORDERS = 8
OUT = Path("runs/bench/sync-derived.json")


def clip_signals(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Velocities a frame (m/s up, for each of SITES), activity a frame, and accelerations at IMU_RATE_HZ."""
    tracks, names, _ = read_tracks(path)
    places = [names.index(joint) for joint in SITES.values()]
    trunk = np.linalg.norm(tracks[:, places[0]] - tracks[:, places[1]], axis=1)
    metres = tracks * (TRUNK_METRES / float(np.median(trunk)))
    height = -metres[:, places, 1]
    up = np.diff(height, axis=0) * RATE_HZ
    limbs = np.diff(metres - metres[:, places].mean(axis=1, keepdims=True), axis=0)
    activity = np.median(np.linalg.norm(limbs, axis=2), axis=1) * RATE_HZ
    smooth = sosfiltfilt(butter(4, LOW_PASS_HZ, fs=RATE_HZ, output="sos"), height, axis=0)
    spline = CubicSpline(np.arange(len(height)) / RATE_HZ, smooth)
    return up, activity, spline(np.arange(0, (len(height) - 1) / RATE_HZ, 1 / IMU_RATE_HZ), 2)


def joined(paths: list[Path], *, seed: int) -> tuple[list[ImuStream], MotionSignals, ClockMap]:
    """Clips one after the other, with a clock planted between film and sensors."""
    parts = [clip_signals(path) for path in paths]
    up, activity = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    rng = np.random.default_rng(seed)
    clock = ClockMap(float(rng.uniform(-60, 60)), float(rng.uniform(-100, 100)))
    streams = []
    starts = np.cumsum([0.0, *(len(p[0]) / RATE_HZ for p in parts)])
    film = np.concatenate([s + np.arange(len(p[2])) / IMU_RATE_HZ for s, p in zip(starts, parts, strict=False)])
    imu = clock.to_imu(film)
    for k, site in enumerate(SITES):
        force = np.zeros((len(film), 3))
        force[:, 2] = GRAVITY + np.concatenate([p[2][:, k] for p in parts])
        force += 0.05 * rng.standard_normal(force.shape)
        streams.append(ImuStream(site, imu, force, 0.01 * rng.standard_normal(force.shape), paths[0]))
    time = (np.arange(len(up)) + 0.5) / RATE_HZ
    seen = np.column_stack([up.mean(axis=1), up])
    motion = MotionSignals(time, seen, activity, np.ones(len(up), bool))
    return streams, motion, clock


def groups(clips: list[Path]) -> list[list[Path]]:
    """The clips in their order, cut where a recording is long enough; what is left over joins the last."""
    cut: list[list[Path]] = [[]]
    length = 0.0
    for clip in clips:
        if length >= LEAST_SECONDS:
            cut.append([])
            length = 0.0
        cut[-1].append(clip)
        length += len(clip_signals(clip)[0]) / RATE_HZ
    return cut if length >= LEAST_SECONDS or len(cut) < 2 else [*cut[:-2], cut[-2] + cut[-1]]


def planted(group: list[Path], *, seed: int) -> dict[str, object]:
    """One recording synchronised, against the clock that was planted."""
    streams, motion, clock = joined(group, seed=seed)
    result = synchronise(streams, motion=motion)
    row: dict[str, object] = {"clips": [p.stem for p in group], "seconds": float(motion.time_seconds[-1])}
    row |= {"verdict": str(result.verdict), "reasons": list(result.reasons), "gap": result.gap}
    if result.offset_s is not None and result.reference_s is not None and result.drift_ppm is not None:
        there = result.reference_s + result.offset_s
        row["error_ms"] = 1000 * (there - float(clock.to_film(np.array([result.reference_s]))[0]))
        row["drift_error_ppm"] = result.drift_ppm - clock.drift_ppm
    return row


def others(first: list[Path], second: list[Path], *, seed: int) -> str:
    """The verdict on the film of some clips with the sensors of others."""
    return str(synchronise(joined(first, seed=seed)[0], motion=joined(second, seed=seed)[1]).verdict)


def main() -> None:
    """All clips in their order, then in ORDERS at random, cut into recordings; each, and each with the other's film."""
    clips = sorted((Path(os.environ["EQUIGAIT_REAL_DATA"]) / "horse_keypoints").glob("*.json"))
    orders = [clips, *([clips[k] for k in np.random.default_rng(n).permutation(len(clips))] for n in range(ORDERS))]
    cut = [groups(order) for order in orders]
    rows = [planted(group, seed=100 * n + k) for n, each in enumerate(cut) for k, group in enumerate(each)]
    rows += [planted(order, seed=10_000 + n) for n, order in enumerate(orders)]
    wrong = [others(a, b, seed=n) for n, each in enumerate(cut) for a in each for b in each if a is not b]
    result = {"name": "derived", "others": wrong, "each": rows}
    for row in rows:
        facts = (f"{row[key]:+.1f}" if key in row else "-" for key in ("error_ms", "drift_error_ppm"))
        print(f"{row['seconds']:.0f} s", row["verdict"], *facts, *row["reasons"])  # type: ignore[misc]
    print("another's film:", {verdict: wrong.count(verdict) for verdict in set(wrong)})
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
