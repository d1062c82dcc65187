"""A run per horse, each pretrained and probed without that horse: what leave-one-out needs to score pretraining."""

from pathlib import Path

from ....data.progress import Tell
from ....data.splits import SplitSpec
from ...datasets.dataset_split import labelled_windows
from ...datasets.loading import load_windows
from ...pretrain import pretrain
from ...probe import probe
from ...recipe import Recipe


def pretrain_folds(cache: str | Path, *, runs: Path, recipe: Recipe, tell: Tell = lambda _: None) -> dict[str, Path]:
    """Pretrains and probes a student in `runs/<horse>` for every labelled horse; finished ones are left as they are."""
    windows = load_windows(cache, settings=recipe, memory_gib=recipe.train.memory_gib)
    horses = labelled_windows(windows, classes=recipe.probe.classes, horses=windows.horses).horses
    made: dict[str, Path] = {}
    for number, horse in enumerate(horses, start=1):
        tell(f"[{number}/{len(horses)}] pretraining without {horse}")
        split = without(horse, split=recipe.split)
        made[horse] = runs / horse
        pretrain(cache, run=made[horse], recipe=recipe.model_copy(update={"split": split}))
        probe(cache, run=made[horse])
    return made


def without(horse: str, *, split: SplitSpec) -> SplitSpec:
    """The split in which this horse alone is tested, whatever part it was named in."""
    others = {
        name: None if part is None else tuple(each for each in part if each != horse)
        for name, part in (("train", split.train), ("validation", split.validation))
    }
    return split.model_copy(update={"test": (horse,), **others})
