"""Transfer: a run's student and probe on another data set, by the labels that both sets share.

Nothing is fitted there. Only sensors are used, so that it does not matter which teacher embedded that set's films, nor
how far apart its windows lie. Sites, rate and length of windows must be those of the run.
"""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter

from ..data.errors import BadInput, shortened
from ..data.files import write_atomically
from .datasets.dataset_split import windows_of_classes
from .datasets.loading import load_sensor_windows
from .datasets.window_dataset import WindowDataset
from .evaluation.classifiers.classifier import all_rows
from .evaluation.protocols.transfer import Transfer, narrow, score_transfer, shared_classes
from .probing.probe_file import load_probe
from .probing.student_probe import network_of
from .recipe import load_run_recipe
from .runtime.device import choose_device
from .runtime.formatting import counted
from .students.embedding import embed
from .training.checkpoint import load_student, read_facts
from .training.run import Run

logger = logging.getLogger(__name__)


def transfer(
    cache: str | Path,
    *,
    run: Path,
    namesakes: bool = False,
    out: Path | None = None,
) -> Transfer:
    """Scores a run's student and probe on every labelled window of another cache; `out` takes the result as JSON.

    Horses that the run has learned from are refused by name, unless `namesakes` says that they are others.
    """
    recipe, probe = load_run_recipe(run), load_probe(run)
    windows = load_sensor_windows(cache, settings=recipe, memory_gib=recipe.train.memory_gib)
    shared = shared_classes(probe.classes, there=windows.classes, cache=str(cache))
    test = windows_of_classes(windows, classes=shared, horses=windows.horses)
    _require_unseen(test, run=run, cache=cache, namesakes=namesakes, shared=shared)
    logger.info("scoring %d windows of %s", len(test), ", ".join(test.horses))
    student = load_student(run).to(choose_device(recipe.train.device, setting="train.device"))
    network = network_of(student, classifier=probe, rate_hz=recipe.grid.rate_hz)
    probability = narrow(probe, classes=shared).probabilities(embed(network, test.imu))
    output = all_rows(probability, note="linear probe on the frozen pretrained student, both from another data set")
    result = score_transfer(output, test=test, run=str(run), cache=str(cache), settings=recipe)
    if out is not None:
        write_atomically(out, json.dumps(TypeAdapter(Transfer).dump_python(result, mode="json"), indent=1) + "\n")
    return result


def _require_unseen(
    test: WindowDataset, *, run: Path, cache: str | Path, namesakes: bool, shared: Sequence[str]
) -> None:
    if not len(test):
        expected, remedy = f"windows of {', '.join(shared)}", "Label some recordings."
        raise BadInput(cache, found="no labelled window", expected=expected, remedy=remedy)
    facts = read_facts(Run(run).checkpoint)["horses"]
    seen = sorted({*facts["train"], *facts["validation"]} & set(test.horses))
    if seen and not namesakes:
        raise BadInput(
            cache,
            found=f"{counted(len(seen), 'horse')} under a name that the run has learned from: {shortened(seen)}",
            expected="horses that it has not seen",
            remedy="If they are others that bear the same names, say so with --namesakes.",
        )
