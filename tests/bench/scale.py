"""What the size of a cache costs phase one: a commit, and a survey with nothing new."""

import atexit
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from itertools import count
from pathlib import Path

from equigait.cache.store import open_store
from equigait.cache.writer import commit
from equigait.data.manifest.files import find_recordings

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))  # the tests' own modules, as under pytest
from fleets import SETTINGS, know_dataset, write_dataset, write_entries
from kills import s3_server
from made_segments import made_segment, with_other_sync

from .measure import Bench, Found, Limit, Side
from .rerun import phase_one

FEW, MANY = 10, 100_000
MANY_ON_S3 = 10_000
COMMITS = 10
KEPT = ExitStack()
"""Folders and servers that have to stay while the sides of a bench are run: they end with the process."""
atexit.register(KEPT.close)


@contextmanager
def bucket() -> Iterator[str]:
    """A place on S3: in the bucket that EQUIGAIT_BENCH_S3 names, or on moto's server, whose lists are slow."""
    if named := os.environ.get("EQUIGAIT_BENCH_S3"):
        yield f"{named}/{os.getpid()}-{time.time_ns()}"
    else:
        with s3_server() as own:
            yield own


def commits(place: str, numbers: Iterator[int]) -> float:
    """Commits other content of one small recording again and again. Returns the commits."""
    store = open_store(place)
    for number in [next(numbers) for _ in range(COMMITS)]:
        commit(store, with_other_sync(made_segment(seconds=6.0), name=f"sync {number}"))
    return float(COMMITS)


@cache
def fleet(recordings: int) -> str:
    """A cache of so many recordings on a disk, which stays while the process does."""
    folder = KEPT.enter_context(tempfile.TemporaryDirectory(prefix="equigait-bench-"))
    write_entries(open_store(folder), range(recordings))
    return folder


def commits_into(place: str, *, recordings: int) -> Side:
    run = partial(commits, place, count())
    return Side(f"into a cache of {recordings} recordings", run, command="cache.writer.commit")


def on_disk() -> tuple[Side, Side]:
    many, few = (commits_into(fleet(number), recordings=number) for number in (MANY, FEW))
    return many, few


def on_s3() -> tuple[Side, Side]:
    root, sides = KEPT.enter_context(bucket()), []
    for number in (MANY_ON_S3, FEW):
        write_entries(open_store(f"{root}/{number}"), range(number))
        sides.append(commits_into(f"{root}/{number}", recordings=number))
    return sides[0], sides[1]


def survey(recordings: int, *, cache: str | None = None) -> tuple[float, float]:
    """The least of two `extract-teacher` with nothing new: its wall and CPU seconds, Python's start included."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        data, place = Path(folder), cache or f"{folder}/cache"
        manifests, store = write_dataset(data, recordings), open_store(place)
        write_entries(store, range(recordings), film=False)
        assert manifests == find_recordings(data)
        know_dataset(data, store, manifests=manifests)
        return min(_survey(data, place, recordings=recordings) for _ in range(2))


def _survey(data: Path, cache: str, *, recordings: int) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall, told = phase_one(data, *SETTINGS, cache=cache)
    assert f"{recordings} unchanged" in told, told
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def survey_growth() -> Found:
    """A survey of a hundred thousand recordings, and what one more costs."""
    return _growth({number: survey(number) for number in (FEW, MANY)}, allowed_seconds_a_recording=20e-6)


def survey_growth_s3() -> Found:
    """The same of a cache on S3."""
    with bucket() as root:
        found = {number: survey(number, cache=f"{root}/{number}") for number in (FEW, MANY_ON_S3)}
    return _growth(found, allowed_seconds_a_recording=1e-3)


def _growth(found: dict[int, tuple[float, float]], *, allowed_seconds_a_recording: float) -> Found:
    """The wall seconds of the larger of two surveys, held to two seconds and so much a recording."""
    few, many = sorted(found)
    facts: dict[str, object] = {f"{number} recordings": {"wall": a, "cpu": b} for number, (a, b) in found.items()}
    for place, name in enumerate(("wall", "cpu")):
        facts[f"microseconds_a_recording_{name}"] = 1e6 * (found[many][place] - found[few][place]) / (many - few)
    return Found(found[many][0], held_to=2.0 + allowed_seconds_a_recording * many, facts=facts)


BENCHES: dict[str, Bench | Limit] = {
    "commit-growth": Bench(
        figure="a commit into a cache of 100,000 recordings, against one into a cache of 10",
        unit="commit",
        at_most=1.15,
        sides=on_disk,
        rounds=7,
        note="Other content of one recording of 6 s each time, so that each commit retires the one before. The other "
        "recordings have entries of the usual size (38 objects) and no segments.",
    ),
    "commit-growth-s3": Bench(
        figure="the same on S3, of 10,000 recordings",
        unit="commit",
        at_most=1.15,
        sides=on_s3,
        by="wall_seconds",
        rounds=5,
        note="EQUIGAIT_BENCH_S3 names a bucket; without it moto's server is started, which looks through all of its "
        "objects for each list and so grows by itself.",
    ),
    "survey-growth": Limit(
        figure="wall seconds of extract-teacher on 100,000 recordings in which nothing is new",
        unit="s",
        value=survey_growth,
        note="Sensors alone, two files a recording; the whole command, Python's start included, the least of two.",
    ),
    "survey-growth-s3": Limit(
        figure="the same of 10,000 recordings, files on a disk and cache on S3",
        unit="s",
        value=survey_growth_s3,
    ),
}
