"""What the commands of phase two hold in memory at most, on a cache of twice `train.memory_gib`."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from equigait.cache.schema import Fingerprint, Segment
from equigait.cache.store import open_store
from equigait.cache.writer import commit
from equigait.data.recording import Bout, ClipGrid, Grid
from equigait.data.sites import resolve_sites
from equigait.data.windows import window_index
from equigait.pipeline.recipe import load_recipe

from .measure import Found, Limit
from .memory import peak_of

GIB = 1 << 30
MEMORY_GIB, RIDES, RIDE_SECONDS = 0.5, 50, 3_600
"""Fifty rides of an hour, five sites at 50 Hz: 1 GiB of samples."""
CHANGES = (
    "teacher.name=videomae-demo",
    f"train={{steps: 30, batch: 64, validate_every: 30, save_every: 30, memory_gib: {MEMORY_GIB}}}",
    "student={width: 64, layers: 1, heads: 2, stem: linear}",
    "evaluate={resamples: 100, supervised: {steps: 20, batch: 24}, few_shot: {shots: []}}",
)


def segment_of(number: int) -> Segment:
    """A ride of noise with clips of noise, a third of it each gait."""
    recipe, rng = load_recipe("default", overrides=CHANGES), np.random.default_rng(number)
    sites = resolve_sites(recipe.grid.sites)
    rows = RIDE_SECONDS * 50
    imu = rng.normal(size=(rows, 6 * len(sites))).astype(np.float32)
    start = np.arange(0.0, RIDE_SECONDS - 3.0, 16 / 15)
    clips = ClipGrid(np.zeros((len(start), 16), np.int64), start, start + 32 / 15)
    third = RIDE_SECONDS / 3
    bouts = tuple(Bout(n * third, (n + 1) * third, gait) for n, gait in enumerate(("walk", "trot", "canter")))
    grid = Grid(0.0, 50.0, sites, imu, np.ones((rows, len(sites)), bool))
    spec = recipe.windows
    return Segment(
        recording_id=f"ride{number:02d}",
        horse=f"horse{number:02d}",
        grid=grid,
        clips=rng.normal(size=(len(start), 384)).astype(np.float16),
        clip_start_s=clips.start_seconds,
        clip_stop_s=clips.stop_seconds,
        windows=window_index(grid, clips=clips, bouts=bouts, spec=spec),
        labels=spec.labels,
        window_steps=spec.steps,
        fingerprint=Fingerprint(
            film_key=f"film{number}",
            sensor_key=f"sensors{number}",
            teacher={"name": "videomae-demo", "weights_sha256": "ab" * 32, "dim": 384},
            clip_spec=recipe.clips.model_dump(mode="json"),
        ),
    )


def peaks() -> dict[str, float]:
    """The largest resident size of each command, in a process of its own, in bytes."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        cache, run, ride = (Path(folder) / name for name in ("cache", "run", "ride"))
        store = open_store(cache)
        for number in range(RIDES):
            commit(store, segment_of(number))
        _write_files(ride)
        sets = [word for change in CHANGES for word in ("--set", change)]
        calls = {
            "pretrain": ["pretrain", "--cache", str(cache), "--run", str(run), *sets],
            "probe": ["probe", "--cache", str(cache), "--run", str(run)],
            "evaluate": ["evaluate", "--cache", str(cache), "--run", str(run)],
            "embed": ["embed", str(ride), "--run", str(run), "--out", str(Path(folder) / "out")],
        }
        return {name: _peak(words) for name, words in calls.items()}


def _peak(words: Sequence[str]) -> float:
    peak_bytes = peak_of(words)
    print(f"{words[0]}: {peak_bytes / GIB:.2f} GiB", flush=True)
    return peak_bytes


def _write_files(folder: Path) -> None:
    """Recordings as files for `embed`: two of twenty minutes."""
    for number in range(2):
        ride = folder / f"ride{number}"
        ride.mkdir(parents=True)
        lines = [f"horse: h{number}", "sensors:"]
        for site in resolve_sites(load_recipe("default").grid.sites):
            _write_site(ride / f"{site}.csv", seconds=1200)
            lines += [
                f"  - site: {site}",
                f"    path: {site}.csv",
                "    time: {column: t, unit: s}",
                "    acceleration: {columns: [ax, ay, az], unit: m/s^2}",
                "    angular_rate: {columns: [gx, gy, gz], unit: rad/s}",
            ]
        (ride / "recording.yaml").write_text("\n".join(lines) + "\n")


def _write_site(path: Path, *, seconds: int) -> None:
    rng, time_seconds = np.random.default_rng(0), np.arange(seconds * 100) / 100.0
    noise, gravity = rng.normal(size=(len(time_seconds), 6)), np.array([0, 0, 9.81, 0, 0, 0])
    values = np.column_stack([time_seconds, noise + gravity])
    np.savetxt(path, values, delimiter=",", header="t,ax,ay,az,gx,gy,gz", comments="", fmt="%.4f")


def peak_over_limit() -> Found:
    """The largest of the four commands' resident sizes."""
    began = time.monotonic()
    found = peaks()
    facts: dict[str, object] = {f"{name}_bytes": value for name, value in found.items()}
    facts |= {"train.memory_gib": MEMORY_GIB, "wall_seconds": time.monotonic() - began}
    return Found(max(found.values()), held_to=(MEMORY_GIB + 1) * GIB, facts=facts)


BENCHES = {
    "memory-phase-two": Limit(
        figure="peak resident bytes of pretrain, probe, evaluate and embed on a cache of twice train.memory_gib",
        unit="bytes",
        value=peak_over_limit,
        note="Fifty rides of an hour, five sites, 1 GiB of samples and 0.2 GiB of film features, train.memory_gib=0.5; "
        "a small student for few steps. Libraries are included. Held to train.memory_gib + 1 GiB.",
    ),
}
