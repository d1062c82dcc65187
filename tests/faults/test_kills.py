"""Phase one, killed at random instants or run twice at once, on a disk and on S3, leaves what one calm run leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from equigait.cache.reader import all_entries
from equigait.cache.store import CacheUnusable, open_store
from equigait.cache.verify import verify
from kills import Writers, kill_and_resume, s3_server
from made_segments import content
from phase_one import filmed_yard


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three recordings of 12 s with small films."""
    return filmed_yard(tmp_path_factory.mktemp("killed") / "yard")


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with s3_server() as location:
        yield location


@pytest.fixture(scope="module")
def writers(bucket: str) -> Iterator[Writers]:
    assert bucket  # the server comes first: its address is in the environment
    with Writers() as made:
        yield made


def test_extraction_killed_on_a_disk_loses_nothing(writers: Writers, yard: Path, tmp_path: Path) -> None:
    order = ("extract-teacher", str(yard), "--config", "demo", "--cache", "CACHE")
    tally = kill_and_resume(writers, *order, caches=str(tmp_path), kills=3)
    assert tally.kills == 3


def test_extraction_killed_on_s3_loses_nothing(writers: Writers, yard: Path, bucket: str) -> None:
    order = ("extract-teacher", str(yard), "--config", "demo", "--cache", "CACHE")
    tally = kill_and_resume(writers, *order, caches=f"{bucket}/extract", kills=2)
    assert tally.kills == 2


@pytest.mark.parametrize("place", ["disk", "s3"])
def test_commits_killed_are_whole_or_not_there(writers: Writers, bucket: str, tmp_path: Path, place: str) -> None:
    caches = str(tmp_path) if place == "disk" else f"{bucket}/commit"
    tallies = (  # of six kills at random instants now and then none strikes amid the writing
        kill_and_resume(writers, "commit", "CACHE", "3", caches=f"{caches}/{seed}", kills=6, seed=seed)
        for seed in range(5)
    )
    assert any(tally.in_writing for tally in tallies)


@pytest.mark.usefixtures("bucket")
def test_a_bucket_that_is_not_there_is_named_as_such_whether_read_or_written() -> None:
    store = open_store("s3://elsewhere/cache")
    for attempt in (lambda: store.list(""), lambda: store.put("a", b"1"), lambda: store.put_once("a", b"1")):
        with pytest.raises(CacheUnusable, match=r"^s3://elsewhere/cache: found NoSuchBucket: [^<>]*; expected a"):
            attempt()


@pytest.mark.parametrize("place", ["disk", "s3"])
def test_two_runs_at_once_on_one_cache_both_end_well(
    writers: Writers, yard: Path, bucket: str, tmp_path: Path, place: str
) -> None:
    caches = str(tmp_path) if place == "disk" else bucket
    for order, cache in ((("together",), f"{caches}/two"), ((), f"{caches}/one")):
        assert writers.run(*order, "extract-teacher", str(yard), "--config", "demo", "--cache", cache) == 0
    two = open_store(f"{caches}/two")
    assert content(two) == content(open_store(f"{caches}/one"))
    assert len(all_entries(two)) == 3
    assert verify(two) == ()  # the second of each has cleared up after itself
