"""A run per horse, each pretrained and probed without that horse: what leave-one-out needs to score pretraining."""

from collections.abc import Callable
from pathlib import Path

from ..corpus import load_corpus
from ..pretrain import pretrain
from ..probing.labelled import labelled_windows
from ..probing.probe import probe
from ..recipe import Recipe


def pretrain_folds(
    cache: str | Path, *, runs: Path, recipe: Recipe, tell: Callable[[str], None] = lambda _: None
) -> dict[str, Path]:
    """Pretrains and probes a student in `runs/<horse>` for every labelled horse; finished ones are left as they are."""
    corpus = load_corpus(cache, recipe=recipe)
    horses = labelled_windows(corpus, classes=recipe.probe.classes, horses=corpus.horses).horses
    made: dict[str, Path] = {}
    for number, horse in enumerate(horses, start=1):
        tell(f"[{number}/{len(horses)}] pretraining without {horse}")
        split = recipe.split.model_copy(update={"test": (horse,)})
        made[horse] = runs / horse
        pretrain(cache, run=made[horse], recipe=recipe.model_copy(update={"split": split}))
        probe(cache, run=made[horse])
    return made
