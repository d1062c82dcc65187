"""A small pretrained run on the synthetic corpus, for tests of what comes after pretraining."""

from pathlib import Path

from equigait.pipeline.corpus import Corpus
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.recipe import Recipe
from synthetic_corpus import small_recipe, synthetic_corpus

OVERRIDES = (
    "split={test: [h06, h07], validation: [h05]}",
    "student={width: 32, layers: 1, heads: 2, dropout: 0.0, stem: linear}",
    "train={steps: 60, batch: 64, learning_rate: 0.003, warmup_steps: 10, validate_every: 30, save_every: 60}",
    "probe.classes=[walk, trot, canter]",
    "evaluate={resamples: 200, supervised: {steps: 60, batch: 32, learning_rate: 0.002, check_every: 20}, "
    "few_shot: {shots: [4], draws: 2, supervised: {steps: 30, batch: 12, learning_rate: 0.002, patience: null}}}",
)


def small_run_recipe(*overrides: str) -> Recipe:
    """Horses h00 to h04 train, h05 validates, h06 and h07 are scored; everything takes seconds."""
    return small_recipe(*OVERRIDES, *overrides)


def small_corpus() -> Corpus:
    """Eight horses of 40 windows."""
    return synthetic_corpus(horses=8, windows=40)


def pretrain_small_run(folder: Path) -> Path:
    """A run of that recipe on that corpus."""
    return pretrain_corpus(small_corpus(), run=folder, recipe=small_run_recipe())
