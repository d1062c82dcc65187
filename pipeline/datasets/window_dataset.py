"""The corpus: every valid window of a cache in memory, sensors beside film features, ready for phase two."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float32, Float64, Int64
from numpy import ndarray as Array
from torch import Tensor

from ...cache.fingerprint import file_digest, teacher_key
from ...cache.reader import committed, read_segments, window_films, window_views
from ...cache.schema import Entry, Segment
from ...cache.store import CacheStore, open_store
from ...data.errors import BadInput
from ...data.sites import resolve_sites
from ..recipe import Recipe
from ..runtime.formatting import in_words
from ..teachers.snapshot import WEIGHTS_FILE
from .duplicates import refuse_twins


@dataclass(frozen=True)
class Corpus:
    """Valid windows of many recordings, one row each, in the order of recordings and then of time."""

    imu: Float32[Tensor, "windows channels steps"] = field(repr=False)
    """Site by site ax ay az (m/s^2) gx gy gz (rad/s)."""
    film: Float32[Tensor, "windows dim"] = field(repr=False)
    """Mean of the teacher's clips inside the window; NaN where there are none."""
    has_film: Bool[Tensor, "windows"] = field(repr=False)
    """Whether at least one clip lies inside the window."""
    label: Int64[Tensor, "windows"] = field(repr=False)
    """Index into `labels`, or UNLABELLED (-1), or TRANSITION (-2)."""
    horse: tuple[str, ...] = field(repr=False)
    """Who was recorded, per window."""
    recording: tuple[str, ...] = field(repr=False)
    """Id of the recording, per window."""
    start_seconds: Float64[Tensor, "windows"] = field(repr=False)
    """Film time at which the window starts."""
    labels: tuple[str, ...]
    """The label vocabulary."""
    sites: tuple[str, ...]
    """Sites in channel order."""
    teacher: dict[str, Any] = field(repr=False)
    """Identity of the teacher whose features these are; empty when nothing was filmed."""
    film_seconds: Float64[Tensor, "windows 2"] | None = field(default=None, repr=False)
    """Film time at which the first clip of each window starts and the last one stops; NaN where there are none."""

    def __post_init__(self) -> None:
        lengths = {len(self.horse), len(self.recording), len(self.imu)}
        if len(lengths) > 1:
            raise ValueError(f"every window needs a horse and a recording: {lengths = }")

    def __len__(self) -> int:
        return len(self.imu)

    @property
    def horses(self) -> tuple[str, ...]:
        """Every horse once, sorted."""
        return tuple(sorted(set(self.horse)))

    def take(self, index: Int64[Tensor, "chosen"] | Bool[Tensor, "windows"]) -> "Corpus":
        """The windows of these row numbers, or those marked true; the corpus itself when all are marked."""
        if index.dtype == torch.bool and bool(index.all()):
            return self
        rows = index.nonzero().squeeze(1) if index.dtype == torch.bool else index
        chosen = rows.tolist()
        return replace(
            self,
            imu=self.imu[rows],
            film=self.film[rows],
            has_film=self.has_film[rows],
            label=self.label[rows],
            horse=tuple(self.horse[row] for row in chosen),
            recording=tuple(self.recording[row] for row in chosen),
            start_seconds=self.start_seconds[rows],
            film_seconds=None if self.film_seconds is None else self.film_seconds[rows],
        )

    def of(self, horses: Collection[str]) -> "Corpus":
        """The windows of these horses."""
        wanted = frozenset(horses)
        return self.take(torch.tensor([horse in wanted for horse in self.horse], dtype=torch.bool))

    def filmed(self) -> "Corpus":
        """The windows that have film."""
        return self.take(self.has_film)


def load_corpus(cache: str | Path, *, recipe: Recipe) -> Corpus:
    """Every valid window of the committed recordings; a cache that does not fit the recipe is refused."""
    return corpus_of(open_recordings(cache, recipe=recipe).read_all())


@dataclass(frozen=True)
class Recordings:
    """What a cache holds for a recipe."""

    store: CacheStore
    """Where they lie."""
    entries: tuple[Entry, ...]
    """One a recording, by recording id."""
    recipe: Recipe
    """What they must fit."""

    def read(self, entry: Entry) -> Segment:
        """One of them; refused when it was made on another grid or cut into other windows."""
        (segment,) = self._fitting((entry,))
        return segment

    def read_all(self) -> tuple[Segment, ...]:
        """All of them, fetched side by side; refused in the same way."""
        return self._fitting(self.entries)

    def _fitting(self, entries: Sequence[Entry]) -> tuple[Segment, ...]:
        segments = read_segments(self.store, entries)
        for segment in segments:
            _check_fits(segment, recipe=self.recipe, cache=self.store.location)
        return segments


def open_recordings(cache: str | Path, *, recipe: Recipe) -> Recordings:
    """The committed recordings that the recipe's teacher saw, and those of sensors alone; nothing is read yet.

    Refused when two of them are one and the same under two names.
    """
    store = open_store(cache)
    entries = _chosen(committed(store), recipe=recipe, cache=cache)
    refuse_twins(entries, cache=cache)
    return Recordings(store, entries=tuple(entries), recipe=recipe)


def corpus_of(segments: Sequence[Segment]) -> Corpus:
    """The valid windows of these segments, which share sites, labels and teacher."""
    dim = max(segment.clips.shape[1] for segment in segments)
    parts = [_windows(segment, dim=dim) for segment in segments]
    columns = (torch.from_numpy(np.concatenate(column)) for column in zip(*parts, strict=True))
    imu, film, label, start_seconds, film_seconds = (column.contiguous() for column in columns)
    names = [(s.horse, s.recording_id) for s, part in zip(segments, parts, strict=True) for _ in part[0]]
    return Corpus(
        imu=imu,
        film=film,
        has_film=torch.isfinite(film).all(1) & (dim > 0),
        label=label,
        horse=tuple(horse for horse, _ in names),
        recording=tuple(recording for _, recording in names),
        start_seconds=start_seconds,
        labels=segments[0].labels,
        sites=segments[0].grid.sites,
        teacher=next((dict(s.fingerprint.teacher) for s in segments if s.fingerprint.teacher), {}),
        film_seconds=film_seconds,
    )


def without_film(corpus: Corpus) -> Corpus:
    """All windows, for objectives that look at sensors alone: where there is no film, zeros stand for it."""
    film = torch.nan_to_num(corpus.film) if corpus.film.shape[1] else torch.zeros(len(corpus), 1)
    return replace(corpus, film=film, has_film=torch.ones(len(corpus), dtype=torch.bool))


def _windows(
    segment: Segment, *, dim: int
) -> tuple[
    Float32[Array, "windows channels steps"],
    Float32[Array, "windows {dim}"],
    Int64[Array, "windows"],
    Float64[Array, "windows"],
    Float64[Array, "windows 2"],
]:
    """Sensors, film, label, start, and start and stop of the film of a segment's valid windows."""
    windows, grid = segment.windows, segment.grid
    valid = windows.valid
    film = window_films(segment)[valid]
    if not segment.fingerprint.teacher:
        film = np.full((len(film), dim), np.nan, np.float32)
    start_seconds = grid.start_seconds + windows.start_row[valid] / grid.rate_hz
    label, film_seconds = windows.label[valid].astype(np.int64), _film_seconds(segment)[valid]
    return window_views(segment)[valid], film, label, start_seconds, film_seconds


def _film_seconds(segment: Segment) -> Float64[Array, "windows 2"]:
    """When the first clip inside each window starts and the last one stops; NaN where there are none."""
    first, count = segment.windows.clip_first, segment.windows.clip_count
    seconds = np.full((len(first), 2), np.nan)
    has = count > 0
    seconds[has, 0] = segment.clip_start_s[first[has]]
    seconds[has, 1] = segment.clip_stop_s[first[has] + count[has] - 1]
    return seconds


def _chosen(entries: Sequence[Entry], *, recipe: Recipe, cache: str | Path) -> list[Entry]:
    """One entry a recording: those of the recipe's teacher and clips, and recordings of sensors alone."""
    if not entries:
        remedy = "Run `extract-teacher` into it first, or check the path."
        raise BadInput(cache, found="no committed recording", expected="a cache", remedy=remedy)
    filmed = [entry for entry in entries if entry.fingerprint.teacher]
    fitting = [entry for entry in filmed if _same_eyes(entry, recipe=recipe)]
    if filmed and not fitting:
        there = sorted({_describe(entry) for entry in filmed})
        raise BadInput(
            cache,
            found=f"a cache of another teacher: {'; '.join(there)}",
            expected=f"{recipe.teacher.name}, {_clips(recipe.clips.model_dump(mode='json'))}",
            remedy="Set teacher.name and clips to what the cache holds, or run `extract-teacher` with this recipe.",
        )
    kinds = {teacher_key(e.fingerprint.teacher, clip_spec=e.fingerprint.clip_spec) for e in fitting}
    if len(kinds) > 1:
        raise BadInput(
            cache,
            found=f"{len(kinds)} versions of {recipe.teacher.name} (weights, libraries or settings differ)",
            expected="one: features of two versions never mix",
            remedy="Run `extract-teacher` again, into a new cache.",
        )
    seen = {entry.recording_id for entry in fitting}
    alone = [e for e in entries if not e.fingerprint.teacher and e.recording_id not in seen]
    return sorted([*fitting, *alone], key=lambda entry: entry.recording_id)


def _same_eyes(entry: Entry, *, recipe: Recipe) -> bool:
    """Whether the recipe's teacher saw these clips: by name, clip spec, and weights where the recipe gives a folder."""
    teacher, settings = entry.fingerprint.teacher, recipe.teacher
    if teacher.get("name") != settings.name:
        return False
    if dict(entry.fingerprint.clip_spec) != recipe.clips.model_dump(mode="json"):
        return False
    weights = Path(settings.weights or "") / WEIGHTS_FILE
    return not (settings.weights and weights.is_file()) or file_digest(weights) == teacher.get("weights_sha256")


def _describe(entry: Entry) -> str:
    return f"{entry.fingerprint.teacher.get('name')}, {_clips(entry.fingerprint.clip_spec)}"


def _clips(spec: Mapping[str, Any]) -> str:
    return "clips of " + " ".join(f"{key}={value}" for key, value in spec.items())


def _check_fits(segment: Segment, *, recipe: Recipe, cache: str | Path) -> None:
    """Refuses a segment whose sensors were put on another grid or cut into other windows than the recipe says."""
    starts = segment.windows.start_row
    hop = int(starts[1] - starts[0]) if len(starts) > 1 else recipe.windows.hop_steps
    found = (segment.grid.sites, segment.grid.rate_hz, segment.window_steps, hop, segment.labels)
    spec, grid = recipe.windows, recipe.grid
    wanted = (resolve_sites(grid.sites), grid.rate_hz, spec.steps, spec.hop_steps, spec.labels)
    names = ("grid.sites", "grid.rate_hz", "windows.steps", "windows.hop_steps", "windows.labels")
    for name, there, expected in zip(names, found, wanted, strict=True):
        if there != expected:
            raise BadInput(
                f"{cache}, {segment.recording_id}",
                found=f"{name} {in_words(there)}",
                expected=f"{in_words(expected)} as in the recipe",
                remedy=f"Set {name} to what the cache holds, or run `extract-teacher` with this recipe.",
            )
