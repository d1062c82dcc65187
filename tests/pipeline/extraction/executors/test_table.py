"""Engines: each task comes back with its end; how many workers a cluster takes; refusals with a way out."""

import builtins

import pytest
from equigait.data.errors import BadInput
from equigait.data.settings import parse_settings
from equigait.pipeline.extraction.executors.ray_executor import pool_size
from equigait.pipeline.extraction.executors.settings import ExecutorSettings
from equigait.pipeline.extraction.executors.table import EXECUTORS


def test_every_task_comes_back_with_what_the_work_made_of_it() -> None:
    for at_once in (1, 2, 7):
        done = EXECUTORS["local"](lambda task: 2 * task, [1, 2, 3], settings=ExecutorSettings(at_once=at_once))
        assert sorted(done) == [(1, 2), (2, 4), (3, 6)]


def test_this_process_begins_a_task_only_when_the_last_one_has_ended_where_it_does_one_at_a_time() -> None:
    begun: list[int] = []
    ends = EXECUTORS["local"](begun.append, [1, 2], settings=ExecutorSettings(at_once=1))
    next(ends)
    assert begun == [1]


def test_names_of_settings_and_engines_are_the_same() -> None:
    assert {ExecutorSettings(name=name).name for name in EXECUTORS} == {"local", "ray"}


@pytest.mark.parametrize(
    ("settings", "there", "crew"),
    [
        ({}, {"CPU": 8.0}, (8, 0.0)),
        ({}, {"CPU": 8.0, "GPU": 2.0}, (2, 1.0)),
        ({"gpus": 0.25}, {"CPU": 64.0, "GPU": 4.0}, (16, 0.25)),
        ({"gpus": 0.0}, {"CPU": 4.0, "GPU": 4.0}, (4, 0.0)),
        ({"workers": 3, "gpus": 0.5}, {"CPU": 8.0, "GPU": 4.0}, (3, 0.5)),
    ],
)
def test_a_cluster_takes_a_worker_for_each_share_of_a_gpu_or_each_core(
    settings: dict[str, float], there: dict[str, float], crew: tuple[int, float]
) -> None:
    assert pool_size(ExecutorSettings(name="ray", **settings), resources=there) == crew


def test_gpus_that_no_node_has_are_refused() -> None:
    with pytest.raises(BadInput, match=r"found 0 GPUs in the cluster; expected 0\.5 for each worker"):
        pool_size(ExecutorSettings(name="ray", gpus=0.5), resources={"CPU": 8.0})


def test_without_ray_the_way_out_is_told_and_without_tasks_it_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_ray(name: str, *rest: object, **options: object) -> object:
        if name == "ray":
            raise ImportError(name)
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without_ray)
    settings = ExecutorSettings(name="ray")
    assert list(EXECUTORS["ray"](str, [], settings=settings)) == []
    with pytest.raises(BadInput, match=r"Install equigait\[ray\]"):
        list(EXECUTORS["ray"](str, [1], settings=settings))


def test_workers_of_no_cluster_are_refused() -> None:
    with pytest.raises(BadInput, match="workers, gpus without `ray`"):
        parse_settings(ExecutorSettings, {"workers": 2, "gpus": 0.5}, where="--executor")
