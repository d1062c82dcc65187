"""Pretrainings that are cut off at a step, as by Ctrl-C, and what they must come to when they go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.training.run import Run
from equigait.pipeline.training.trainer import PendingMetrics, Trainer


@contextmanager
def cut_off_at(step: int) -> Iterator[None]:
    """Within, the step of that number is interrupted; that it was is asserted at the end."""
    step_async = Trainer.step_async

    def failing(self: Trainer, number: int) -> PendingMetrics:
        if number == step:
            raise KeyboardInterrupt
        return step_async(self, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "step_async", failing)
        with pytest.raises(KeyboardInterrupt):
            yield


def assert_it_goes_on_to_the_last_bit(corpus: WindowDataset, *, recipe: Recipe, step: int, folder: Path) -> None:
    """A run that is cut off at a step and goes on logs and ends as one that never was."""
    whole = Run(pretrain_corpus(corpus, run=folder / "whole", recipe=recipe))
    with cut_off_at(step):
        pretrain_corpus(corpus, run=folder / "cut", recipe=recipe)
    cut = Run(pretrain_corpus(corpus, run=folder / "cut", recipe=recipe))
    assert cut.log.read_bytes() == whole.log.read_bytes()
    assert cut.last.read_bytes() == whole.last.read_bytes()
