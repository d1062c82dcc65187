"""Transfer: a run's student and probe on another data set, by the labels that both sets share.

Nothing is fitted there. Only sensors are used, so that it does not matter which teacher embedded that set's films, nor
how far apart its windows lie. Sites, rate and length of windows must be those of the run.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from ..cache.reader import committed, read_segments
from ..cache.schema import Segment
from ..cache.store import open_store
from ..data.errors import BadInput, shortened
from ..data.files import write_atomically
from ..data.sites import resolve_sites
from .datasets.duplicates import refuse_twins
from .datasets.labelled_windows import LabelledWindows, labelled_windows
from .datasets.window_dataset import Corpus, corpus_of
from .evaluation.classifiers.classifier import all_rows
from .evaluation.protocols.transfer import Transfer, narrow, score_transfer, shared_classes
from .probing.probe_file import load_probe
from .recipe import Recipe
from .run_recipe import load_run_recipe
from .runtime.device import choose_device
from .runtime.formatting import counted, in_words
from .students.embedding import embed
from .training.checkpoint import read_facts
from .training.run import Run, load_student

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
    corpus = load_sensors(cache, recipe=recipe)
    shared = shared_classes(probe.classes, there=corpus.labels, cache=str(cache))
    test = labelled_windows(corpus, classes=shared, horses=corpus.horses)
    _require_unseen(test, run=run, cache=cache, namesakes=namesakes, shared=shared)
    logger.info("scoring %d windows of %s", len(test), ", ".join(test.horses))
    student = load_student(run).to(choose_device(recipe.train.device, setting="train.device"))
    probability = narrow(probe, classes=shared).probabilities(embed(student, test.imu))
    output = all_rows(probability, note="linear probe on the frozen pretrained student, both from another data set")
    result = score_transfer(output, test=test, run=str(run), cache=str(cache), settings=recipe)
    if out is not None:
        write_atomically(out, json.dumps(TypeAdapter(Transfer).dump_python(result, mode="json"), indent=1) + "\n")
    return result


def load_sensors(cache: str | Path, *, recipe: Recipe) -> Corpus:
    """Every valid window of a cache, whatever its teacher; sites, rate or windows of another kind are refused."""
    store = open_store(cache)
    entries = {entry.recording_id: entry for entry in committed(store)}
    if not entries:
        raise BadInput(cache, found="no committed recording", expected="a cache", remedy="Check the path.")
    chosen = [entries[name] for name in sorted(entries)]
    refuse_twins(chosen, cache=cache)
    segments = read_segments(store, chosen)
    for segment in segments:
        _require_same_kind(segment, first=segments[0], recipe=recipe, cache=cache)
    return corpus_of([replace(segment, clips=np.zeros((len(segment.clips), 0), np.float16)) for segment in segments])


def _require_same_kind(segment: Segment, *, first: Segment, recipe: Recipe, cache: str | Path) -> None:
    here = (resolve_sites(recipe.grid.sites), recipe.grid.rate_hz, recipe.windows.steps, first.labels)
    there = (segment.grid.sites, segment.grid.rate_hz, segment.window_steps, segment.labels)
    for name, expected, found in zip(("sites", "rate in Hz", "steps of a window", "labels"), here, there, strict=True):
        if found != expected:
            raise BadInput(
                f"{cache}, {segment.recording_id}",
                found=f"{name}: {in_words(found)}",
                expected=in_words(expected),
                remedy="Run `extract-teacher` on these recordings with the grid and windows of the run's recipe.",
            )


def _require_unseen(
    test: LabelledWindows, *, run: Path, cache: str | Path, namesakes: bool, shared: Sequence[str]
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
