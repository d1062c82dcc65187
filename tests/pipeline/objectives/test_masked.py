"""Masked patches against their formula by hand: what is hidden, what is told, and that only the hidden counts."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.training.checkpoint import load_student
from equigait.pipeline.training.run import Run, read_rows
from objective_parts import forward_of, objective_of
from synthetic_corpus import small_recipe, synthetic_corpus
from torch import Tensor

MASKED = {"name": "masked", "share": 0.5, "patch_steps": 10}


def test_the_loss_is_the_mean_squared_error_over_hidden_patches() -> None:
    objective = objective_of(MASKED)
    told, truth = torch.randn(3, 4, 120), torch.randn(3, 4, 120)
    hidden = torch.tensor([[1, 1, 0, 0], [0, 1, 0, 1], [0, 0, 1, 1]], dtype=torch.bool)
    errors = [
        (float(a) - float(b)) ** 2
        for row in range(3)
        for patch in range(4)
        if hidden[row, patch]
        for a, b in zip(told[row, patch].double(), truth[row, patch].double(), strict=True)
    ]
    assert float(objective(told, truth, hidden=hidden)) == pytest.approx(sum(errors) / len(errors), rel=1e-5)


def test_half_of_each_windows_patches_are_hidden_in_all_channels() -> None:
    forward, seen = forward_of(), []
    tokens = forward.tokens

    def watched(standardised: Tensor) -> Tensor:
        seen.append(standardised)
        return tokens(standardised)

    forward.tokens = watched
    objective_of(MASKED).compute_loss(forward)
    silent = (seen[0] == 0).unflatten(2, (4, 10))
    by_patch = silent.all(3).all(1)
    assert torch.equal(silent.any(3).any(1), by_patch)
    assert by_patch.sum(1).tolist() == [2] * 6
    assert len({tuple(row) for row in by_patch.tolist()}) > 1
    kept = ~by_patch.repeat_interleave(10, dim=1)[:, None].expand_as(seen[0])
    assert torch.equal(seen[0][kept], forward.standardised[kept])


@pytest.mark.parametrize(("share", "many"), [(0.01, 1), (0.4, 2), (0.99, 3)])
def test_at_least_one_patch_is_hidden_and_one_is_shown(share: float, many: int) -> None:
    assert objective_of(MASKED | {"share": share}).hide == many


def test_a_patch_is_cut_as_the_student_cuts_it() -> None:
    objective, forward = objective_of(MASKED), forward_of()
    assert torch.equal(objective.cut(forward.standardised), forward.encoders.student.cut(forward.standardised))


def test_students_whose_tokens_are_no_patches_will_do_unless_they_have_only_one() -> None:
    for tokens in (31, 2):
        forward = forward_of()
        forward.tokens = lambda shown, many=tokens: torch.ones(len(shown), many, 16)
        assert bool(torch.isfinite(objective_of(MASKED).compute_loss(forward)))
    forward.tokens = lambda shown: torch.ones(len(shown), 1, 16)
    with pytest.raises(BadInput, match="one token a window"):
        objective_of(MASKED).compute_loss(forward)


@pytest.mark.parametrize("film", ["some", "none"])
def test_a_run_on_sensors_alone_needs_no_film(tmp_path: Path, film: str) -> None:
    corpus = synthetic_corpus(horses=4, windows=10)
    gone = torch.arange(len(corpus)) % 2 == 0 if film == "some" else torch.ones(len(corpus), dtype=torch.bool)
    blind = torch.where(gone[:, None], torch.nan, corpus.film) if film == "some" else torch.zeros(len(corpus), 0)
    corpus = replace(corpus, film=blind, has_film=~gone)
    recipe = small_recipe("objective.name=masked", "student.pool=mean", "train.steps=40", "train.batch=30")
    run = pretrain_corpus(corpus, run=tmp_path, recipe=recipe)
    rows = read_rows(Run(run))
    assert rows[-1]["validation"] is None
    assert rows[-1]["loss"] < 0.8 * rows[0]["loss"]
    assert load_student(run)(corpus.imu[:2]).shape == (2, 256)
