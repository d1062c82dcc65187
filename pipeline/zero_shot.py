"""A cache without any label: gaits of its windows by prompts, and its moments most like a text, a film or a moment."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

from ..data.errors import BadInput
from ..data.files import write_atomically
from .datasets.loading import load_windows
from .datasets.window_dataset import WindowDataset
from .extraction.film_query import film_feature
from .inference.search import Moment, cosines, find_moments, moments_table, window_at
from .inference.table_files import TableFormat, write_table
from .inference.zero_shot import ZeroShot, by_film, by_sensors, placed_among_films, sensor_film_cosines, zero_shot_table
from .probing.film_probe import film_features
from .recipe import Recipe
from .runtime.device import choose_device
from .students.embedding import embed
from .teachers.table import teacher_identity
from .teachers.words import embed_words
from .training.checkpoint import load_model, load_student, read_facts
from .training.model import Model
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
    _check_weights(windows.teacher, recipe=recipe, where=cache)
    if run is None:
        probability = by_film(windows, vectors=words.vectors, scale=words.scale, first=words.first)
    else:
        model = _taught_model(run, recipe=recipe)
        probability = by_sensors(windows, model=model, vectors=words.vectors, first=words.first)
    found = zero_shot_table(windows, probability=probability, names=names, seconds=recipe.window_seconds)
    file = write_table(found.rows, out=out, name="zero_shot", format=format) if out is not None else None
    return PromptPrediction(found, "film" if run is None else "sensors", file)


@dataclass(frozen=True)
class Query:
    """What to search for: a text, or a place in a film."""

    text: str | None = None
    """A text, for teachers with a text tower."""
    against: str | None = None
    """By sensors, the text that `text` differs from; None is the recipe's subject, as in "a horse"."""
    like: str | None = None
    """RECORDING@SECONDS of the cache in film time, FILM or FILM@SECONDS of a film file."""
    other_recordings: bool = False
    """Whether the recording that `like` names is left out."""
    count: int = 10
    """Moments to find."""


@dataclass(frozen=True)
class Found:
    """What `search` found."""

    moments: tuple[Moment, ...]
    """Best first."""
    by: str
    """By what windows are compared: `film`, or `sensors` through a run's student."""
    searched: int
    """Windows that were compared."""

    def __str__(self) -> str:
        return "\n".join([f"{self.searched} windows by {self.by}", *map(str, self.moments)])

    def write(self, out: Path, *, format: TableFormat) -> Path:
        """The table `OUT/moments.FORMAT`, a row a moment."""
        return write_table(moments_table(self.moments), out=out, name="moments", format=format)

    def write_json(self, path: Path) -> None:
        """The moments as a list in a JSON file."""
        write_atomically(path, json.dumps([asdict(each) for each in self.moments], indent=1) + "\n")


def search(cache: str | Path, *, query: Query, recipe: Recipe, run: Path | None = None) -> Found:
    """The moments of a cache most like a text, a film file, or a moment of one of its recordings.

    Windows are compared by their film, or with `run` by their sensors: with moments by the student's embedding, with
    texts and films in the space that the run's heads share.
    """
    if (query.text is None) == (query.like is None):
        remedy = 'Write --text "a horse trotting", --like RECORDING@SECONDS or --like FILM@SECONDS.'
        found = "both --text and --like" if query.text is not None else "neither --text nor --like"
        raise BadInput("search", found=found, expected="one of --text and --like", remedy=remedy)
    windows = load_windows(cache, settings=recipe, memory_gib=recipe.train.memory_gib)
    archive = _Archive(windows if run else windows.filmed(), recipe, run, cache)
    if not len(archive.windows):
        remedy = "Extract films, or search by sensors with --run."
        raise BadInput(cache, found="no filmed window", expected="films", remedy=remedy)
    left_out = np.zeros(len(archive.windows), bool)
    if query.text is not None:
        scores = _like_text(archive, query)
    else:
        scores, left_out = _like_place(archive, query)
    lasts = recipe.window_seconds
    moments = find_moments(archive.windows, scores=scores, lasts=lasts, count=query.count, left_out=left_out)
    return Found(moments, "sensors" if run else "film", int((~left_out).sum()))


@dataclass(frozen=True)
class _Archive:
    """What is searched, and by what."""

    windows: WindowDataset
    recipe: Recipe
    run: Path | None
    cache: str | Path = field(repr=False)

    def film(self) -> Float32[Array, "windows dim"]:
        """Film features, of the recipe's teacher."""
        _check_weights(self.windows.teacher, recipe=self.recipe, where=self.cache)
        return film_features(self.windows)

    def embeddings(self, run: Path) -> Float32[Array, "windows dim"]:
        """The run's student on the windows' sensors."""
        return embed(load_student(run).to(_device(self.recipe)), self.windows.imu)

    def model(self, run: Path) -> Model:
        """The run's model, refused where film has not taught it, or another teacher's."""
        if not self.recipe.objective.needs_film:
            found, expected = f"objective {self.recipe.objective.name}", "a run that film has taught"
            raise BadInput(run, found=found, expected=expected, remedy="Search with --like RECORDING@SECONDS.")
        return _taught_model(run, recipe=self.recipe)

    def like_film(self, feature: Float32[torch.Tensor, "1 dim"], model: Model) -> Float64[Array, "windows"]:
        """Cosine of windows' sensors with a film feature."""
        return np.asarray(sensor_film_cosines(self.windows, model=model, films=feature)[:, 0].numpy())


def _like_text(archive: _Archive, query: Query) -> Array:
    text, against = str(query.text), query.against or f"a {archive.recipe.words.subject}"
    if archive.run is None:
        words = embed_words(archive.recipe.teacher, (text,), options=["--text"])
        film = archive.film()[:, words.first : words.first + words.vectors.shape[1]]
        return cosines(film, words.vectors[0])
    words = embed_words(archive.recipe.teacher, (text, against), options=["--text", "--against"])
    model = archive.model(archive.run)
    placed = placed_among_films(words.vectors, mean=model.heads.film_mean, first=words.first)
    return archive.like_film(placed[:1], model)


def _like_place(archive: _Archive, query: Query) -> tuple[Array, Array]:
    """Scores, and the windows left out: those that share time with the query, or all of its recording."""
    windows, lasts = archive.windows, archive.recipe.window_seconds
    place, seconds = _parse_place(str(query.like))
    if Path(place).is_file():
        settings = archive.recipe
        feature = film_feature(
            Path(place), teacher=settings.teacher, clips=settings.clips, start_seconds=seconds, lasts=lasts
        )
        nothing = np.zeros(len(windows), bool)
        if archive.run is None:
            return cosines(archive.film(), feature, standardise=True), nothing
        return archive.like_film(torch.from_numpy(feature)[None], archive.model(archive.run)), nothing
    row = _row_of(archive, place, seconds)
    features = archive.film() if archive.run is None else archive.embeddings(archive.run)
    here = np.array([name == windows.recording[row] for name in windows.recording], dtype=bool)
    start = windows.start_seconds.numpy()
    near = here if query.other_recordings else here & (np.abs(start - start[row]) < lasts)
    return cosines(features, features[row], standardise=True), near


def _row_of(archive: _Archive, place: str, seconds: float | None) -> int:
    windows = archive.windows
    if place not in windows.recording:
        expected = f"a film file, or one of the cache's recordings: {', '.join(sorted(set(windows.recording)))}"
        raise BadInput("--like", found=place, expected=expected, remedy="Write --like RECORDING@SECONDS.")
    if seconds is None:
        remedy = "Write --like RECORDING@SECONDS."
        raise BadInput("--like", found=f"{place} without a time", expected="a film time", remedy=remedy)
    row = window_at(windows, recording=place, seconds=seconds, lasts=archive.recipe.window_seconds)
    if row is None:
        kind = "filmed" if archive.run is None else "valid"
        found, expected = f"no {kind} window of {place} at {seconds:g} s", "a time within one"
        raise BadInput("--like", found=found, expected=expected, remedy="Give another time.")
    return row


def _parse_place(like: str) -> tuple[str, float | None]:
    """Recording or film, and the time where one is given."""
    place, at, seconds = like.rpartition("@")
    if not at or Path(like).is_file():
        return like, None
    try:
        return place, float(seconds)
    except ValueError:
        remedy = "Write --like RECORDING@SECONDS."
        raise BadInput("--like", found=like, expected="seconds after the @", remedy=remedy) from None


def _named(prompt: str) -> tuple[str, str]:
    """Name and text of a prompt."""
    name, equals, text = prompt.partition("=")
    return (name.strip(), text.strip()) if equals else (prompt, prompt)


def _taught_model(run: Path, *, recipe: Recipe) -> Model:
    """The run's model, refused where it has learned from another teacher than the recipe's."""
    _check_weights(read_facts(Run(run).checkpoint)["teacher"], recipe=recipe, where=run)
    return load_model(run).to(_device(recipe))


def _device(recipe: Recipe) -> torch.device:
    return choose_device(recipe.train.device, setting="train.device")


def _check_weights(teacher: Mapping[str, object], *, recipe: Recipe, where: str | Path) -> None:
    """Refuses features of another network than the one whose words or films are asked for."""
    if teacher.get("weights_sha256") != teacher_identity(recipe.teacher).weights_sha256:
        found = f"features of {teacher.get('name', 'no teacher')} with other weights"
        remedy = "Name those weights with teacher.weights, or extract again."
        raise BadInput(where, found=found, expected="the recipe's teacher", remedy=remedy)
