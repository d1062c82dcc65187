"""What the size of a cache costs phase two: opening it for training, and an epoch past memory."""

import subprocess
import sys
import tempfile
from functools import cache, partial
from pathlib import Path

import torch
from equigait.cache.store import open_store
from equigait.pipeline.datasets.batches import BatchSettings
from equigait.pipeline.datasets.loading import open_recordings
from equigait.pipeline.datasets.streaming import TrainingNeeds, index_recordings, window_bytes
from equigait.pipeline.datasets.streaming_batches import StreamingBatches
from equigait.pipeline.recipe import load_recipe

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))  # the tests' own modules, as under pytest
from fleets import SETTINGS, write_entries, write_segments

from .measure import Bench, Found, Limit, Side
from .scale import FEW, KEPT, MANY, MANY_ON_S3, bucket, fleet

GIB = 1 << 30
FIRST, AGAIN = (f"{MANY} recordings, {which}" for which in ("first", "again"))
WINDOWS_KEPT = 600
"""Windows that the shuffle buffer of an epoch holds, of some 15,000."""

OPEN = f"""
import resource, time
from pathlib import Path
from equigait.pipeline.datasets.loading import open_recordings
from equigait.pipeline.recipe import load_recipe
import torch
import sys
recipe = load_recipe("demo", overrides={SETTINGS!r})
wall, cpu = time.perf_counter(), time.process_time()
found = len(open_recordings(sys.argv[1], settings=recipe).entries)
print(found, time.perf_counter() - wall, time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def opening(cache: str, *, recordings: int) -> dict[str, float]:
    """Opens a cache for training in a process of its own: seconds, and the largest resident size in bytes."""
    done = subprocess.run([sys.executable, "-c", OPEN, cache], capture_output=True, text=True, check=True)
    number, wall, cpu, kilobytes = map(float, done.stdout.split())
    assert number == recordings
    return {"wall_seconds": wall, "cpu_seconds": cpu, "peak_bytes": 1024 * kilobytes}


@cache
def openings() -> dict[str, dict[str, float]]:
    """Of caches on a disk: the first opening, which reads each entry and writes the index, and the next one."""
    found = {}
    for recordings in (FEW, MANY):
        for which in ("first", "again"):
            found[f"{recordings} recordings, {which}"] = opening(fleet(recordings), recordings=recordings)
    return found


def open_seconds() -> Found:
    """How long opening a cache of a hundred thousand takes that was opened before."""
    return Found(openings()[AGAIN]["wall_seconds"], held_to=10.0, facts={**openings()})


def open_bytes() -> Found:
    """What the process that has opened it holds at most, libraries included; the first time or the next."""
    memory_gib = load_recipe("demo").train.memory_gib
    peaks: dict[str, object] = {which: one["peak_bytes"] for which, one in openings().items()}
    most = max(openings()[which]["peak_bytes"] for which in (AGAIN, FIRST))
    return Found(most, held_to=GIB, facts=peaks | {"train.memory_gib, beside this": memory_gib})


def open_seconds_s3() -> Found:
    """The same on S3."""
    with bucket() as root:
        store, found, written = open_store(root), {}, 0
        for recordings in (FEW, MANY_ON_S3):
            write_entries(store, range(written, recordings))
            written = recordings
            for which in ("first", "again"):
                found[f"{recordings} recordings, {which}"] = opening(root, recordings=recordings)
    wall = found[f"{MANY_ON_S3} recordings, again"]["wall_seconds"]
    return Found(wall, held_to=MANY_ON_S3 * 1e-3, facts={**found})


def epoch(cache: str, recordings: int) -> float:
    """Indexes a cache past memory and draws all batches of one epoch. Returns the recordings."""
    recipe = load_recipe("demo", overrides=SETTINGS)
    found = open_recordings(cache, settings=recipe)
    memory_gib = 2 * WINDOWS_KEPT * window_bytes(found, jitter_steps=0) / GIB
    indexed, _ = index_recordings(found, needs=TrainingNeeds(True, memory_gib=memory_gib))
    batches = StreamingBatches(indexed, settings=BatchSettings(64, 0, 5.0, torch.device("cpu")))
    for step in range(batches.steps_per_epoch):
        batches.rows(step)
    assert len(indexed.counts) == recordings
    return float(recordings)


def epochs() -> tuple[Side, Side]:
    folder = KEPT.enter_context(tempfile.TemporaryDirectory(prefix="equigait-bench-"))
    sides = []
    for recordings in (1_000, 100):
        place = f"{folder}/{recordings}"
        write_segments(open_store(place), range(recordings), seconds=12.0)
        sides.append(Side(f"of {recordings} recordings", partial(epoch, place, recordings)))
    return sides[0], sides[1]


BENCHES: dict[str, Bench | Limit] = {
    "open": Limit(
        figure="wall seconds in which a cache of 100,000 recordings is opened for training",
        unit="s",
        value=open_seconds,
        note="By its index, each entry held against the listing and the others: teacher, duplicates. A process of its "
        "own; imports are not counted. The opening before, which reads entries one by one, is among the facts.",
    ),
    "open-memory": Limit(
        figure="peak resident bytes of the process that has opened it, libraries included",
        unit="bytes",
        value=open_bytes,
        note="Windows come on top, up to train.memory_gib: the whole is within train.memory_gib + 1 GiB.",
    ),
    "open-s3": Limit(
        figure="the same seconds of 10,000 recordings on S3",
        unit="s",
        value=open_seconds_s3,
    ),
    "epoch-growth": Bench(
        figure="an epoch past memory over 1,000 recordings, per recording, against one over 100",
        unit="recording",
        at_most=1.15,
        sides=epochs,
        note="Indexing and one pass through a shuffle buffer of 600 windows; recordings of 12 s. Equal costs per "
        "recording mean that time is linear.",
    ),
}
