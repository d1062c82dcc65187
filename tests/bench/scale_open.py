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
def openings() -> dict[int, dict[str, float]]:
    """The quicker of two, of caches on a disk."""
    found = {}
    for recordings in (FEW, MANY):
        runs = [opening(fleet(recordings), recordings=recordings) for _ in range(2)]
        found[recordings] = min(runs, key=lambda run: run["wall_seconds"])
    return found


def open_seconds() -> Found:
    """How long opening a cache of a hundred thousand takes."""
    found = openings()
    return Found(found[MANY]["wall_seconds"], held_to=10.0, facts={f"{n} recordings": f for n, f in found.items()})


def open_bytes() -> Found:
    """What the process that has opened it holds at most, libraries included."""
    found, memory_gib = openings(), load_recipe("demo").train.memory_gib
    facts: dict[str, object] = {f"{number} recordings": one["peak_bytes"] for number, one in found.items()}
    return Found(found[MANY]["peak_bytes"], held_to=GIB, facts=facts | {"train.memory_gib, beside this": memory_gib})


def open_seconds_s3() -> Found:
    """The same on S3."""
    with bucket() as root:
        store, found, written = open_store(root), {}, 0
        for recordings in (FEW, MANY_ON_S3):
            write_entries(store, range(written, recordings))
            written = recordings
            found[recordings] = opening(root, recordings=recordings)
    wall = found[MANY_ON_S3]["wall_seconds"]
    return Found(wall, held_to=MANY_ON_S3 * 1e-3, facts={f"{n} recordings": one for n, one in found.items()})


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
        note="Every entry is read, checked, and held against the others: teacher, duplicates. A process of its own; "
        "imports are not counted. The quicker of two.",
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
