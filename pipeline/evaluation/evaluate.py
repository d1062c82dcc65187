"""Scores on horses the model has not seen, with controls on the same windows beside them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ...data.errors import BadInput
from ..probing.material import run_material
from ..probing.probe_file import load_probe
from .contest import hold_contest
from .scores import Scores, write_scores

SECTION = "evaluate."
"""The settings that may be changed when a run is scored: all others have made it what it is."""


def evaluate(
    cache: str | Path, *, run: Path, overrides: Sequence[str] = (), tell: Callable[[str], None] = lambda _: None
) -> Scores:
    """Scores a run's frozen student and probe on the test horses, beside controls, and writes `RUN/scores.json`.

    `overrides` change settings of the recipe's section `evaluate`, for this once. `tell` takes a line on what is being
    done; scores come back and nothing is printed.
    """
    for override in overrides:
        if not override.startswith(SECTION):
            expected, remedy = f"a setting of the section {SECTION[:-1]}", "Others are fixed when a run is pretrained."
            raise BadInput(f"--set {override}", found=override.partition("=")[0], expected=expected, remedy=remedy)
    material = run_material(cache, run=run, overrides=overrides)
    scores = replace(hold_contest(material, classifier=load_probe(run), tell=tell), changed=tuple(overrides))
    write_scores(scores, run=run)
    return scores
