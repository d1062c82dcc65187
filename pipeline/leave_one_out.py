"""Leave-one-horse-out from a cache: a run per horse, pretrained and probed without it, and every horse scored once."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from ..data.errors import BadInput
from ..data.files import write_atomically
from ..data.splits import SplitSpec
from .datasets.dataset_split import windows_of_classes
from .datasets.loading import load_windows
from .evaluation.classifiers.linear_probe import SavedProbe
from .evaluation.protocols.leave_one_out import LeaveOneOut, require_known, score_each_left_out
from .pretrain import pretrain
from .probe import probe
from .probing.probe_file import load_probe
from .recipe import Recipe
from .runtime.device import choose_device
from .training.checkpoint import load_student, read_facts
from .training.run import Run

logger = logging.getLogger(__name__)

DEFAULT_METHODS = ("spectral", "random-init", "supervised")
"""The methods scored unless others are named."""


def leave_one_out(
    cache: str | Path,
    *,
    recipe: Recipe,
    methods: Sequence[str] = DEFAULT_METHODS,
    runs: Mapping[str, Path] | None = None,
    out: Path | None = None,
) -> LeaveOneOut:
    """Scores methods (names of `evaluate.baselines`) on each horse in turn; `out` takes the result as JSON.

    `runs` names, for every horse, a run that was pretrained without it: then `pretrained` is scored too, and names of
    `evaluate.classifiers` may be given.
    """
    require_known(methods, pretrained=runs is not None)
    windows = load_windows(cache, settings=recipe, memory_gib=recipe.train.memory_gib)
    fold_run = None if runs is None else lambda horse: load_fold_run(runs, horse=horse, device=recipe.train.device)
    found = score_each_left_out(windows, settings=recipe, methods=methods, fold_run=fold_run)
    if out is not None:
        write_atomically(out, json.dumps(TypeAdapter(LeaveOneOut).dump_python(found, mode="json"), indent=1) + "\n")
    return found


def load_fold_run(runs: Mapping[str, Path], *, horse: str, device: str) -> SavedProbe:
    """Student and probe of the run that was made without this horse, on this device; one made with it is refused."""
    if horse not in runs:
        raise BadInput(
            "leave-one-out", found=f"no run without {horse}", expected="a run per horse", remedy="Pretrain it."
        )
    run, saved = runs[horse], load_probe(runs[horse])
    facts = read_facts(Run(run).checkpoint)["horses"]
    if horse in {*facts["train"], *facts["validation"], *saved.horses}:
        raise BadInput(
            run,
            found=f"a run that has seen {horse}",
            expected=f"a run pretrained and probed without {horse}",
            remedy="Name it in split.test of that run's recipe.",
        )
    student = load_student(run).to(choose_device(device, setting="train.device"))
    return SavedProbe(student, saved, note="linear probe on the student pretrained without the horse")


def pretrain_folds(cache: str | Path, *, runs: Path, recipe: Recipe) -> dict[str, Path]:
    """Pretrains and probes a student in `runs/<horse>` for every labelled horse; finished ones are left as they are."""
    windows = load_windows(cache, settings=recipe, memory_gib=recipe.train.memory_gib)
    horses = windows_of_classes(windows, classes=recipe.probe.classes, horses=windows.horses).horses
    made: dict[str, Path] = {}
    for number, horse in enumerate(horses, start=1):
        logger.info("[%d/%d] pretraining without %s", number, len(horses), horse)
        split = split_without(horse, split=recipe.split)
        made[horse] = runs / horse
        pretrain(cache, run=made[horse], recipe=recipe.model_copy(update={"split": split}))
        probe(cache, run=made[horse])
    return made


def split_without(horse: str, *, split: SplitSpec) -> SplitSpec:
    """The split in which this horse alone is tested, whatever part it was named in."""
    others = {
        name: None if part is None else tuple(each for each in part if each != horse)
        for name, part in (("train", split.train), ("validation", split.validation))
    }
    return split.model_copy(update={"test": (horse,), **others})
