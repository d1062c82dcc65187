"""The first losses of a fixed seed, pinned: a change that should change nothing proves it here.

To renew them after a change that should: run this file's `first_losses` and say in the commit why they moved.
"""

import pytest
import torch
from equigait.pipeline.training.trainer import Trainer
from synthetic_corpus import small_recipe, synthetic_corpus

LOSSES = {
    "linear": [8.9405, 7.4224, 6.8148, 5.8864, 5.3042, 5.0625],
    "convolution": [7.0030, 6.0580, 5.7504, 5.3186, 5.2063, 5.0472],
}


def first_losses(stem: str) -> list[float]:
    corpus = synthetic_corpus(horses=4, windows=20)
    recipe = small_recipe("seed=11", f"student.stem={stem}", "student.dropout=0.1", "augment.site_dropout=0.1")
    trainer = Trainer(recipe, train=corpus, validation=corpus, device=torch.device("cpu"))
    return [trainer.step(step)["loss"] for step in range(6)]


@pytest.mark.parametrize("stem", list(LOSSES))
def test_the_first_losses_are_those_of_the_day_they_were_pinned(stem: str) -> None:
    assert first_losses(stem) == pytest.approx(LOSSES[stem], rel=2e-3)
