"""Scores on horses the model has not seen, with baselines on the same windows beside them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..data.errors import BadInput
from .evaluation.benchmark import run_benchmark
from .evaluation.scores import Scores, write_scores
from .probing.inputs import Material, run_material
from .probing.probe_file import load_probe, model_digest
from .recipe import require_section


def evaluate(cache: str | Path, *, run: Path, overrides: Sequence[str] = ()) -> Scores:
    """Scores a run's frozen student and probe on the test horses, beside baselines, and writes `RUN/scores.json`.

    `overrides` change settings of the recipe's section `evaluate`, for this once; those that were changed for the probe
    hold for the baselines too.
    """
    require_section(overrides, section="evaluate")
    classifier = load_probe(run)
    material = run_material(cache, run=run, overrides=[*classifier.changed, *overrides])
    _require_labels(material)
    scores = run_benchmark(material, probe=classifier, settings=material.recipe)
    scores = replace(scores, changed=tuple(overrides), probed=classifier.changed, scored=model_digest(run))
    write_scores(scores, run=run)
    return scores


def _require_labels(material: Material) -> None:
    """Refuses test horses without a labelled window."""
    classes, horses = material.parts.test.classes, material.split.test
    if not len(material.parts.test):
        raise BadInput(
            "split",
            found=f"no labelled window of {', '.join(classes)} among the test horses {', '.join(horses) or '(none)'}",
            expected="labelled windows of horses the model has not seen",
            remedy="Label some recordings of these horses and run `extract-teacher` again, which does not ask the "
            "teacher; or pretrain into a new folder with others in split.test.",
        )
