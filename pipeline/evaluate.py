"""Scores on horses the model has not seen, with baselines on the same windows beside them; and on another data set."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from ..data.errors import BadInput, shortened
from ..data.files import write_atomically
from .datasets.dataset_split import windows_of_classes
from .datasets.loading import load_sensor_windows
from .datasets.window_dataset import WindowDataset
from .evaluation.benchmark import run_benchmark
from .evaluation.classifiers.classifier import all_rows
from .evaluation.protocols.transfer import Transfer, narrow, score_transfer, shared_classes
from .evaluation.scores import Scores, write_scores
from .probing.inputs import ProbeInputs, probe_inputs, scored_without
from .probing.probe_file import load_probe, model_digest
from .recipe import Recipe, load_run_recipe, require_section
from .runtime.device import choose_device
from .runtime.formatting import counted
from .students.embedding import embed
from .training.checkpoint import load_student, read_facts
from .training.run import Run

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


def transfer(
    cache: str | Path,
    *,
    run: Path,
    namesakes: bool = False,
    out: Path | None = None,
) -> Transfer:
    """Scores a run's student and probe on every labelled window of another cache; `out` takes the result as JSON.

    Nothing is fitted there. Only sensors are used, so that it does not matter which teacher embedded that set's films,
    nor how far apart its windows lie. Sites, rate and length of windows must be those of the run.

    Horses that the run has learned from are refused by name, unless `namesakes` says that they are others.
    """
    recipe, probe = load_run_recipe(run), load_probe(run)
    windows = load_sensor_windows(cache, settings=recipe, memory_gib=recipe.train.memory_gib)
    shared = shared_classes(probe.classes, there=windows.classes, cache=str(cache))
    test = windows_of_classes(windows, classes=shared, horses=windows.horses)
    _require_unseen(test, run=run, cache=cache, namesakes=namesakes, shared=shared, probed=probe.horses)
    logger.info("scoring %d windows of %s", len(test), ", ".join(test.horses))
    student = load_student(run).to(choose_device(recipe.train.device, setting="train.device"))
    probability = narrow(probe, classes=shared).probabilities(embed(student, test.imu))
    output = all_rows(probability, note="linear probe on the frozen pretrained student, both from another data set")
    result = score_transfer(output, test=test, run=str(run), cache=str(cache), settings=recipe)
    if out is not None:
        write_atomically(out, json.dumps(TypeAdapter(Transfer).dump_python(result, mode="json"), indent=1) + "\n")
    return result


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


def _require_unseen(
    test: WindowDataset, *, run: Path, cache: str | Path, namesakes: bool, shared: Sequence[str], probed: Sequence[str]
) -> None:
    if not len(test):
        expected, remedy = f"windows of {', '.join(shared)}", "Label some recordings."
        raise BadInput(cache, found="no labelled window", expected=expected, remedy=remedy)
    facts = read_facts(Run(run).checkpoint)["horses"]
    seen = sorted({*facts["train"], *facts["validation"], *probed} & set(test.horses))
    if seen and not namesakes:
        raise BadInput(
            cache,
            found=f"{counted(len(seen), 'horse')} under a name that the run has learned from: {shortened(seen)}",
            expected="horses that it has not seen",
            remedy="If they are others that bear the same names, say so with --namesakes.",
        )
