"""Shards: training windows that stay in the cache, where there are more of them than memory shall hold.

One pass over the cache counts them, and keeps what training needs of all of them: each recording's mean film, a sample
by which both sides are scaled, and a digest. Then recordings are read in the order that `shuffle` plans, over and over.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from ...cache.schema import Entry
from ...data.sites import CHANNELS, resolve_sites
from ..recipe import Recipe
from ..runtime.seeds import seed_for
from .window_dataset import Corpus, Recordings, corpus_of, without_film

GIB = 1 << 30
SAMPLE_WINDOWS = 10_000
"""Windows of all recordings at most that stay in memory, to scale both sides by: 300 MB of five sites."""


@dataclass(frozen=True)
class Shard:
    """One recording, and what the pass over the cache kept of it."""

    entry: Entry
    """Where to read it."""
    usable: int
    """Its windows that can be trained on."""
    look: Float32[Tensor, "dim"] = field(repr=False)
    """Mean of their films."""
    sample: Corpus = field(repr=False)
    """A share of them, the same for every recording."""
    digest: str
    """SHA-256 of them all."""

    @property
    def horse(self) -> str:
        """Who was recorded."""
        return self.entry.horse


@dataclass(frozen=True)
class Shards:
    """The training windows of a run past memory."""

    recordings: Recordings
    """The cache."""
    shards: tuple[Shard, ...]
    """Those recordings that have windows to train on."""
    capacity: int
    """Windows that memory may hold."""

    def __len__(self) -> int:
        return sum(self.windows)

    @property
    def windows(self) -> tuple[int, ...]:
        """How many windows each recording has."""
        return tuple(shard.usable for shard in self.shards)

    @property
    def looks(self) -> Float32[Tensor, "recordings dim"]:
        """Each recording's mean film."""
        return torch.stack([shard.look for shard in self.shards])

    @property
    def sample(self) -> Corpus:
        """Windows of every recording, for the shapes and scales of both sides."""
        return joined([shard.sample for shard in self.shards])

    @property
    def digest(self) -> str:
        """SHA-256 of all windows."""
        return hashlib.sha256("".join(shard.digest for shard in self.shards).encode()).hexdigest()

    def read(self, number: int) -> Corpus:
        """The usable windows of recording number `number`."""
        return _usable(self.recordings, self.shards[number].entry)

    def of(self, horses: Collection[str]) -> "Shards":
        """Those of these horses."""
        return replace(self, shards=tuple(shard for shard in self.shards if shard.horse in horses))


def window_bytes(recipe: Recipe, *, dim: int) -> int:
    """Bytes of a window in memory: its sensors, with the margins for jitter, and its film."""
    steps = recipe.windows.steps + 2 * recipe.augment.jitter_steps
    return 4 * (len(CHANNELS) * len(resolve_sites(recipe.grid.sites)) * steps + dim)


def exceeds_memory(recordings: Recordings) -> bool:
    """Whether all windows of these recordings, valid or not, would take more than `train.memory_gib`."""
    windows = sum(entry.windows for entry in recordings.entries)
    return windows * window_bytes(recordings.recipe, dim=_dim(recordings)) > recordings.recipe.train.memory_gib * GIB


def survey(recordings: Recordings) -> tuple[Shards, tuple[str, ...]]:
    """Reads every recording once: what can be trained on, and every horse that has a valid window, sorted."""
    recipe = recordings.recipe
    capacity = int(recipe.train.memory_gib * GIB) // window_bytes(recipe, dim=_dim(recordings))
    every = sum(entry.windows for entry in recordings.entries)
    shards, horses = [], set()
    for entry in recordings.entries:
        windows = corpus_of([recordings.read(entry)])
        usable = _fit_to(windows, recordings=recordings)
        if len(windows):
            horses.add(entry.horse)
        if len(usable):
            share = min(capacity, SAMPLE_WINDOWS, every) / every
            shards.append(_shard(entry, usable, share=share, seed=recipe.seed))
    return Shards(recordings, shards=tuple(shards), capacity=capacity), tuple(sorted(horses))


def joined(parts: Iterable[Corpus]) -> Corpus:
    """Corpora of the same sites, labels and teacher, one after the other."""
    found = list(parts)
    return replace(
        found[0],
        imu=torch.cat([part.imu for part in found]),
        film=torch.cat([part.film for part in found]),
        has_film=torch.cat([part.has_film for part in found]),
        label=torch.cat([part.label for part in found]),
        horse=tuple(horse for part in found for horse in part.horse),
        recording=tuple(recording for part in found for recording in part.recording),
        start_seconds=torch.cat([part.start_seconds for part in found]),
        teacher=next((part.teacher for part in found if part.teacher), {}),
        film_seconds=torch.cat([part.film_seconds for part in found if part.film_seconds is not None]),
    )


def _shard(entry: Entry, usable: Corpus, *, share: float, seed: int) -> Shard:
    """A recording and its share of the sample: at least one window, drawn by the run's seed."""
    random = np.random.default_rng(seed_for(f"sample of {entry.recording_id}", seed))
    drawn = random.permutation(len(usable))[: max(1, int(share * len(usable)))]
    return Shard(
        entry,
        usable=len(usable),
        look=usable.film.mean(0),
        sample=usable.take(torch.from_numpy(np.sort(drawn))),
        digest=digest_of(usable),
    )


def digest_of(*corpora: Corpus) -> str:
    """SHA-256 of what is learned from these windows."""
    digest = hashlib.sha256()
    for corpus in corpora:
        digest.update("\n".join(corpus.recording).encode())
        for tensor in (corpus.imu, corpus.film, corpus.start_seconds):
            digest.update(tensor.contiguous().numpy().data)
    return digest.hexdigest()


def _usable(recordings: Recordings, entry: Entry) -> Corpus:
    return _fit_to(corpus_of([recordings.read(entry)]), recordings=recordings)


def _fit_to(windows: Corpus, *, recordings: Recordings) -> Corpus:
    """The windows that the objective can learn from, their films as long as everywhere in the cache."""
    if recordings.recipe.objective.needs_film:
        return windows.filmed()
    blind = without_film(windows)
    dim = max(_dim(recordings), 1)
    return blind if blind.film.shape[1] == dim else replace(blind, film=torch.zeros(len(blind), dim))


def _dim(recordings: Recordings) -> int:
    """Length of the teacher's features; 0 where nothing was filmed."""
    return max((int(entry.fingerprint.teacher.get("dim", 0)) for entry in recordings.entries), default=0)
