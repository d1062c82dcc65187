"""Small segments of made-up numbers, and scripts that write them in processes of their own, to be killed or raced."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from equigait.cache.fingerprint import film_key, sensor_key
from equigait.cache.reader import committed
from equigait.cache.schema import Fingerprint, Segment
from equigait.cache.store import open_store
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from equigait.data.recording import Bout, ClipGrid, ClockMap, Grid
from equigait.data.windows import WindowSpec, window_index

TEACHER = {"name": "made-up", "dim": 16, "mean": [0.485, 0.456, 0.406]}
CLIP_SPEC = {"frames": 16, "rate_hz": 7.5, "hop_frames": 8}
SITES = ("poll", "withers")


def made_segment(
    recording_id="ride", *, seed=0, seconds=12.0, film=True, teacher=TEACHER, offset_seconds=0.0, spec=None
):
    """A segment of one horse: noise on the grid, a gap in it, clips every second; equal arguments, equal content."""
    spec = spec or WindowSpec()
    rng = np.random.default_rng([seed, *recording_id.encode()])
    rows = round(seconds * 50.0)
    grid = Grid(0.02, 50.0, SITES, rng.normal(size=(rows, 12)).astype(np.float32), np.ones((rows, 2), bool))
    grid.imu[10:20, 6:] = np.nan
    grid.imu_valid[10:20, 1] = False
    starts = np.arange(0.0, seconds - 2.2, 16 / 15) if film else np.empty(0)
    clips = ClipGrid(np.zeros((len(starts), 16), np.int64), starts + offset_seconds, starts + offset_seconds + 32 / 15)
    bouts = (Bout(0.0, seconds, "walk"),)
    return Segment(
        recording_id=recording_id,
        horse=f"horse of {recording_id}",
        grid=grid,
        clips=rng.normal(size=(len(starts), 16 if film else 0)).astype(np.float16),
        clip_start_s=clips.start_seconds,
        clip_stop_s=clips.stop_seconds,
        windows=window_index(grid, clips=clips if film else None, bouts=bouts, spec=spec),
        labels=spec.labels,
        window_steps=spec.steps,
        fingerprint=Fingerprint(
            film_key=film_key(f"{recording_id}{seed}", teacher=teacher, clip_spec=CLIP_SPEC) if film else "",
            sensor_key=sensor_key(grid, clock=ClockMap(offset_seconds), bouts=bouts, spec=spec),
            teacher=teacher if film else {},
            clip_spec=CLIP_SPEC if film else {},
        ),
        purity=spec.purity,
    )


def with_other_sync(segment, *, name="other"):
    """The same film and recording with other sensor content: what a corrected clock makes."""
    return replace(segment, fingerprint=replace(segment.fingerprint, sensor_key=name))


def assert_same_segment(one, other):
    """Every array and every word equal, NaN included."""
    for field in ("recording_id", "horse", "labels", "window_steps", "purity", "fingerprint"):
        assert getattr(one, field) == getattr(other, field)
    for field in ("start_seconds", "rate_hz", "sites"):
        assert getattr(one.grid, field) == getattr(other.grid, field)
    arrays = [(getattr(one, f), getattr(other, f)) for f in ("clips", "clip_start_s", "clip_stop_s")]
    arrays += [(getattr(one.grid, f), getattr(other.grid, f)) for f in ("imu", "imu_valid")]
    arrays += [(getattr(one.windows, f), getattr(other.windows, f)) for f in vars(one.windows)]
    for mine, theirs in arrays:
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)


def content(store):
    """What a store holds, whatever its attempts are called: hash of every object by recording and name."""
    return {
        entry.recording_id: {one.path.removeprefix(f"{entry.folder}/"): one.sha256 for one in entry.objects}
        for entry in committed(store)
    }


def write_rides(folder, *, rides=10, seconds=240.0, indexing=False):
    """Commits rides one after the other, as extraction does; with `indexing` the index of entries is offered each."""
    store = open_store(folder)
    for ride in range(rides):
        commit(store, made_segment(f"ride{ride}", seconds=seconds))
        if indexing:
            committed(open_store(folder), indexing=True)


def await_go():
    """Says that imports are done, and waits to be let go."""
    print("ready", flush=True)
    sys.stdin.readline()


def try_read_only(folder):
    """As a user without rights: reading works, writing is refused in one line. Prints what happened."""
    commit(open_store("memory://"), made_segment())  # imports that come late come now, while they may
    if os.geteuid() == 0:
        os.setuid(65534)
    store = open_store(Path(folder))
    print(len(committed(store)))
    try:
        commit(store, made_segment("second"))
    except BadInput as refused:
        print(refused)
