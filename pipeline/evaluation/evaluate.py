"""Scores on horses the model has not seen, with controls on the same windows beside them."""

from collections.abc import Callable
from pathlib import Path

from ..probing.material import run_material
from ..probing.probe_file import load_probe
from .contest import hold_contest
from .scores import Scores, write_scores


def evaluate(cache: str | Path, *, run: Path, tell: Callable[[str], None] = lambda _: None) -> Scores:
    """Scores a run's frozen student and probe on the test horses, beside controls, and writes `RUN/scores.json`.

    `tell` takes a line on what is being done; scores come back and nothing is printed.
    """
    scores = hold_contest(run_material(cache, run=run), classifier=load_probe(run), tell=tell)
    write_scores(scores, run=run)
    return scores
