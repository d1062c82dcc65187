"""Scores on horses the model has not seen, with baselines on the same windows beside them."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..data.errors import BadInput
from .evaluation.benchmark import run_benchmark
from .evaluation.scores import Scores, write_scores
from .probing.inputs import ProbeInputs, probe_inputs, scored_without
from .probing.probe_file import load_probe, model_digest
from .recipe import Recipe, load_run_recipe, require_section

logger = logging.getLogger(__name__)


def evaluate(cache: str | Path, *, run: Path, overrides: Sequence[str] = ()) -> Scores:
    """Scores a run's frozen student and probe on the test horses, beside baselines, and writes `RUN/scores.json`.

    `overrides` change settings of the recipe's section `evaluate`, for this once; those that were changed for the probe
    hold for the baselines too. Test horses whose corrected labels the probe has learned from are not scored.
    """
    require_section(overrides, section="evaluate")
    classifier = load_probe(run)
    recipe = load_run_recipe(run, overrides=[*classifier.changed, *overrides])
    inputs = probe_inputs(cache, run=run, settings=recipe)
    if learned := sorted(set(inputs.split.test) & set(classifier.horses)):
        logger.warning("not scored, since the probe has learned from their corrected labels: %s", ", ".join(learned))
        inputs = scored_without(inputs, horses=learned)
    _require_labels(inputs)
    scores = run_benchmark(inputs, probe=classifier)
    scores = replace(scores, changed=tuple(overrides), probed=classifier.changed, scored=model_digest(run))
    write_scores(scores, run=run)
    return scores


def _require_labels(inputs: ProbeInputs[Recipe]) -> None:
    """Refuses test horses without a labelled window."""
    classes, horses = inputs.parts.test.classes, inputs.split.test
    if not len(inputs.parts.test):
        raise BadInput(
            "split",
            found=f"no labelled window of {', '.join(classes)} among the test horses {', '.join(horses) or '(none)'}",
            expected="labelled windows of horses the model has not seen",
            remedy="Label some recordings of these horses and run `extract-teacher` again, which does not ask the "
            "teacher; or pretrain into a new folder with others in split.test.",
        )
