"""Processes that share a batch train what one process would: the same gradients, the same run."""

import json
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline import pretrain as phase_two
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.recipe import save_recipe
from equigait.pipeline.runtime.process_group import ProcessGroup, init_distributed, take_own_gpu
from process_group_workers import gradient_differences, in_processes, recipe_of, small_corpus, train
from rides import ride_cache, ride_recipe
from safetensors.torch import load_file


def test_every_gradient_is_that_of_one_process_on_the_same_batch(tmp_path: Path) -> None:
    for objective, differences in gradient_differences(2, folder=tmp_path).items():
        name, largest = max(differences.items(), key=lambda each: each[1])
        assert largest < 1e-5, f"{objective}, {name}: {largest:.1e}"


def test_a_run_of_several_processes_is_that_of_one_and_is_written_once(tmp_path: Path) -> None:
    overrides = ["train.steps=6", "train.validate_every=3", "train.save_every=3"]
    in_processes(2, train, overrides, folder=tmp_path)
    alone = pretrain_corpus(small_corpus(), run=tmp_path / "alone", recipe=recipe_of(*overrides))
    logs = [
        [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()]
        for folder in (tmp_path / "run", alone)
    ]
    assert [row["step"] for row in logs[0]] == [1, 2, 3, 4, 5, 6]
    assert [row["loss"] for row in logs[0]] == pytest.approx([row["loss"] for row in logs[1]], rel=1e-4)
    assert logs[0][-1]["validation"] == logs[1][-1]["validation"]
    assert {path.name for path in (tmp_path / "run").iterdir()} == {path.name for path in alone.iterdir()}
    ours, theirs = load_file(tmp_path / "run" / "last.safetensors"), load_file(alone / "last.safetensors")
    for name, weights in theirs.items():
        torch.testing.assert_close(ours[name], weights, rtol=2e-2, atol=2e-4)


def test_alone_nothing_is_exchanged() -> None:
    with init_distributed(torch.device("cpu")) as group:
        assert group == ProcessGroup(rank=0, size=1)
    rows = torch.randn(4, 3)
    assert group.gather(rows) is rows
    assert group.local_slice(7) == slice(0, 7)
    group.average([rows])
    group.barrier()


def test_each_rank_takes_its_slice_and_all_slices_are_the_batch() -> None:
    slices = [ProcessGroup(rank=rank, size=4).local_slice(12) for rank in range(4)]
    assert [row for each in slices for row in range(12)[each]] == list(range(12))


def test_a_batch_that_cannot_be_shared_evenly_is_refused() -> None:
    with pytest.raises(BadInput, match=r"batches of 10 windows among 4 processes.*multiple of 4"):
        ProcessGroup(rank=0, size=4).local_slice(10)


def test_more_processes_than_gpus_and_one_gpu_for_all_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "4", "RANK": "3", "LOCAL_RANK": "3"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for device in ("cuda", "cuda:0"):
        with pytest.raises(BadInput, match=rf"train\.device: found {device} for 4 processes .*2 GPUs"):
            take_own_gpu(device)


@pytest.mark.parametrize("name", ["cuda", "auto"])
def test_each_process_has_its_own_gpu_before_anything_is_put_on_one(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable, value in {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "RANK": "1", "LOCAL_RANK": "1"}.items():
        monkeypatch.setenv(variable, value)
    happened: list[object] = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "set_device", happened.append)
    monkeypatch.setattr(phase_two, "choose_device", lambda name, **_: happened.append(name))

    class Over(Exception):
        """Ends the run once the device is chosen."""

    def over(*_: object) -> None:
        raise Over

    monkeypatch.setattr(phase_two, "init_distributed", over)
    with pytest.raises(Over):
        pretrain_corpus(small_corpus(), run=tmp_path / "run", recipe=recipe_of(f"train.device={name}"))
    assert happened == [1, name]


def test_a_process_alone_and_processes_without_gpus_set_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "set_device", Mock(side_effect=AssertionError("a GPU was set")))
    take_own_gpu("cuda")
    monkeypatch.setenv("WORLD_SIZE", "2")
    take_own_gpu("cpu")


def test_processes_of_torchrun_train_one_run_and_print_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "--no-python", "--"]
    command += [str(Path(sys.executable).with_name("equigait-cli")), "pretrain", "--cache", str(ride_cache())]
    command += ["--run", str(tmp_path / "run"), "--config", str(tmp_path / "ride.yaml")]
    save_recipe(ride_recipe("train.steps=4", "train.batch=16"), tmp_path / "ride.yaml")
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"pretrained student: {tmp_path / 'run'}\n"
    steps = [json.loads(line)["step"] for line in (tmp_path / "run" / "train.jsonl").read_text().splitlines()]
    assert steps == [1, 2, 3, 4]
