"""Processes that share a batch train what one process would: the same gradients, the same run."""

import json
from pathlib import Path

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.team import Team, joined_team
from safetensors.torch import load_file
from team_members import as_a_team, gradient_differences, recipe_of, small_corpus, train


@pytest.mark.parametrize("size", [2, 4])
def test_every_gradient_is_that_of_one_process_on_the_same_batch(tmp_path: Path, size: int) -> None:
    for objective, differences in gradient_differences(size, folder=tmp_path).items():
        name, largest = max(differences.items(), key=lambda each: each[1])
        assert largest < 1e-5, f"{objective}, {name}: {largest:.1e}"


def test_a_run_in_a_team_is_the_run_of_one_and_is_written_once(tmp_path: Path) -> None:
    overrides = ["train.steps=6", "train.validate_every=3", "train.save_every=3"]
    as_a_team(2, train, overrides, folder=tmp_path)
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
    with joined_team() as team:
        assert team == Team(rank=0, size=1)
    rows = torch.randn(4, 3)
    assert team.gather(rows) is rows
    assert team.share(7) == slice(0, 7)
    team.average([rows])
    team.wait()


def test_each_member_takes_its_share_and_all_shares_are_the_batch() -> None:
    shares = [Team(rank=rank, size=4).share(12) for rank in range(4)]
    assert [row for share in shares for row in range(12)[share]] == list(range(12))


def test_a_batch_that_cannot_be_shared_evenly_is_refused() -> None:
    with pytest.raises(BadInput, match=r"batches of 10 windows among 4 processes.*multiple of 4"):
        Team(rank=0, size=4).share(10)
