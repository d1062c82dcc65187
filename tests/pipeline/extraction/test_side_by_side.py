"""Several recordings at a time against one after the other: the same cache, the same care for what is unfinished."""

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from equigait.cache.reader import committed
from equigait.cache.store import open_store
from equigait.pipeline.extract_teacher import ExtractionSummary, extract_teacher
from equigait.pipeline.extraction import recording as phase
from equigait.pipeline.extraction.executors.settings import ExecutorSettings
from equigait.pipeline.recipe import Recipe
from made_segments import content
from phase_one import IDS, edit_manifest


def extract(data: Path, recipe: Recipe, *, at_once: int, cache: str) -> ExtractionSummary:
    return extract_teacher(data, cache=data / cache, recipe=recipe, executor=ExecutorSettings(at_once=at_once))


def test_the_cache_is_byte_for_byte_that_of_one_after_the_other(data: Path, recipe: Recipe) -> None:
    one, three = (extract(data, recipe, at_once=n, cache=f"cache-{n}") for n in (1, 3))
    assert set(one.extracted) == set(three.extracted) == set(IDS)
    assert content(open_store(data / "cache-1")) == content(open_store(data / "cache-3"))


def test_recordings_of_one_film_have_it_embedded_once(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in IDS[1:]:
        (data / name / "film.mp4").write_bytes((data / IDS[0] / "film.mp4").read_bytes())
    embed, calls = phase.embed_video, []

    def counted(*args: object, **options: object) -> np.ndarray:
        calls.append(1)
        return embed(*args, **options)

    monkeypatch.setattr(phase, "embed_video", counted)
    summary = extract(data, recipe, at_once=3, cache="cache")
    assert len(calls) == len(summary.extracted) == 1
    assert len(summary.repooled) == 2


def test_one_that_fails_does_not_stop_those_beside_it(data: Path, recipe: Recipe) -> None:
    edit_manifest(data, IDS[1], film="none.mp4")
    summary = extract(data, recipe, at_once=3, cache="cache")
    assert set(summary.extracted) == {IDS[0], IDS[2]}
    assert [name for name, _ in summary.failed] == [IDS[1]]


def test_an_interruption_ends_all_that_is_under_way_and_leaves_no_thread(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, torch_threads = threading.active_count(), torch.get_num_threads()
    embed, calls = phase.embed_video, []

    def interrupted(*args: object, **options: object) -> np.ndarray:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return embed(*args, **options)

    monkeypatch.setattr(phase, "embed_video", interrupted)
    with pytest.raises(KeyboardInterrupt):
        extract(data, recipe, at_once=2, cache="cache")
    assert threading.active_count() <= threads + 1  # torch may have begun one of its own
    assert torch.get_num_threads() == torch_threads
    assert len(committed(open_store(data / "cache"))) < len(IDS)
    assert set(extract(data, recipe, at_once=2, cache="cache").extracted) >= set(IDS[2:])


@pytest.mark.parametrize(("tasks", "cores", "at_once"), [(5, 2, 2), (1, 16, 1), (0, 4, 1), (100, 64, 8)])
def test_as_many_recordings_at_a_time_as_cores_and_tasks_allow(tasks: int, cores: int, at_once: int) -> None:
    assert ExecutorSettings().recordings_at_once(tasks=tasks, cores=cores) == at_once
    assert ExecutorSettings(name="ray").recordings_at_once(tasks=tasks, cores=cores) == 1
