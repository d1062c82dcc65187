"""Gaits of cached windows by prompts, without any label, where the teacher has a text tower."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.errors import BadInput
from .datasets.loading import load_windows
from .inference.table_files import TableFormat, write_table
from .inference.zero_shot import ZeroShot, by_film, by_sensors, zero_shot_table
from .recipe import Recipe
from .runtime.device import choose_device
from .teachers.table import teacher_identity
from .teachers.words import embed_words
from .training.checkpoint import load_model, read_facts
from .training.run import Run


@dataclass(frozen=True)
class PromptPrediction:
    """What `zero_shot` found."""

    found: ZeroShot
    """Windows and how well each prompt fits them."""
    by: str
    """By what: `film`, or `sensors` through a run's student."""
    file: Path | None
    """The table, a row a window, where one was asked for."""

    def __str__(self) -> str:
        found = self.found
        share = np.bincount(found.predicted, minlength=len(found.names)) / max(1, len(found.predicted))
        lines = [f"{len(found.predicted)} windows by {self.by}"]
        lines += [f"  {100 * part:5.1f} %  {name}" for name, part in zip(found.names, share, strict=True)]
        named = found.label >= 0
        if named.any():
            right = float((found.predicted[named] == found.label[named]).mean())
            guessing = f"guessing: {100 / len(found.names):.1f} %"
            lines.append(f"labelled so: {int(named.sum())} windows, right: {100 * right:.1f} % ({guessing})")
        return "\n".join([*lines, *([f"table: {self.file}"] if self.file else [])])


def zero_shot(
    cache: str | Path,
    *,
    prompts: Sequence[str],
    recipe: Recipe,
    run: Path | None = None,
    out: Path | None = None,
    format: TableFormat = "csv",
) -> PromptPrediction:
    """Classifies the filmed windows of a cache by prompts: by their film, or with `run` by their sensors.

    A prompt is its own name, or `name=text`; windows whose label is a name are scored. The cache's teacher is the
    recipe's and has a text tower; a run has learned from that teacher. `OUT/zero_shot.FORMAT` has a row a window.
    """
    names, texts = zip(*(_named(prompt) for prompt in prompts), strict=True) if prompts else ((), ())
    words = embed_words(recipe.teacher, texts)
    windows = load_windows(cache, settings=recipe, memory_gib=recipe.train.memory_gib).filmed()
    weights = teacher_identity(recipe.teacher).weights_sha256
    _check_weights(windows.teacher, weights=weights, where=cache)
    if run is None:
        probability = by_film(windows, vectors=words.vectors, scale=words.scale, first=words.first)
    else:
        _check_weights(read_facts(Run(run).checkpoint)["teacher"], weights=weights, where=run)
        model = load_model(run).to(choose_device(recipe.train.device, setting="train.device"))
        probability = by_sensors(windows, model=model, vectors=words.vectors, first=words.first)
    found = zero_shot_table(windows, probability=probability, names=names, seconds=recipe.window_seconds)
    file = write_table(found.rows, out=out, name="zero_shot", format=format) if out is not None else None
    return PromptPrediction(found, "film" if run is None else "sensors", file)


def _named(prompt: str) -> tuple[str, str]:
    """Name and text of a prompt."""
    name, equals, text = prompt.partition("=")
    return (name.strip(), text.strip()) if equals else (prompt, prompt)


def _check_weights(teacher: Mapping[str, object], *, weights: str, where: str | Path) -> None:
    """Refuses features of another network than the one whose words are asked for."""
    if teacher.get("weights_sha256") != weights:
        found = f"features of {teacher.get('name', 'no teacher')} with other weights"
        remedy = "Name those weights with teacher.weights, or extract again."
        raise BadInput(where, found=found, expected="the recipe's teacher", remedy=remedy)
