"""Windows classified by prompts: by their film, or by their sensors through a student that film has taught.

No label is learned from. By film, a window's probabilities are the softmax over prompts of scale times the cosine of
its film feature and the prompt's vector: Radford et al., "Learning Transferable Visual Models From Natural Language
Supervision", 2021. By sensors, the prompts are first placed among the films of training: vectors of words and of film
lie in different regions of their shared space, so it is only how prompts differ from each other that is carried over,
to the mean film feature, at its length. The run's film head projects them, its sensor head projects the student's
embedding, and cosines are compared as the run compares film with sensors.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray as Array

from ..datasets.window_dataset import WindowDataset
from ..students.embedding import embed
from ..training.model import Model
from .table_files import DECIMALS, SPAN_COLUMNS

SENSOR_SCALE = 10.0
"""Factor of cosines before the softmax over prompts, through a student: what its training begins with."""


@dataclass(frozen=True)
class ZeroShot:
    """Windows and how well each prompt fits them."""

    names: tuple[str, ...]
    """What each prompt is called."""
    probability: Float64[Array, "windows prompts"] = field(repr=False)
    """Sums to 1 over the prompts."""
    label: Int64[Array, "windows"] = field(repr=False)
    """Number of the prompt that bears the window's label as its name; -1 where none does."""
    rows: pa.Table = field(repr=False)
    """A row a window: recording, horse, start_s, stop_s, label, predicted, then a probability a prompt."""

    @property
    def predicted(self) -> Int64[Array, "windows"]:
        """Number of the prompt that fits best."""
        return np.asarray(self.probability.argmax(axis=1))


def by_film(
    windows: WindowDataset, *, vectors: Float32[Array, "prompts dim"], scale: float, first: int
) -> Float64[Array, "windows prompts"]:
    """Probabilities of the prompts, of filmed windows, whose features compare with prompts from number `first` on."""
    film = windows.film[:][:, first : first + vectors.shape[1]]
    unit = torch.nn.functional.normalize(film.double(), dim=1)
    return np.asarray(torch.softmax(scale * (unit @ torch.from_numpy(vectors).double().T), dim=1).numpy())


def by_sensors(
    windows: WindowDataset, *, model: Model, vectors: Float32[Array, "prompts dim"], first: int
) -> Float64[Array, "windows prompts"]:
    """Probabilities of the prompts, of windows by their sensors alone."""
    placed = placed_among_films(vectors, mean=model.heads.film_mean, first=first)
    cosine = sensor_film_cosines(windows, model=model, films=placed)
    return np.asarray(torch.softmax(SENSOR_SCALE * cosine, dim=1).numpy())


def sensor_film_cosines(
    windows: WindowDataset, *, model: Model, films: Float32[torch.Tensor, "films dim"]
) -> Float64[torch.Tensor, "windows films"]:
    """Cosine of each window's sensors with each of these film features, in the space that the run's heads share."""
    embedding, films = torch.from_numpy(embed(model.student, windows.imu)), films.to(model.heads.film_mean)
    with torch.inference_mode():
        shared = model.heads.project_film(films).double().cpu()
        return model.heads.project_imu(embedding.to(films)).double().cpu() @ shared.T


def placed_among_films(
    vectors: Float32[Array, "prompts dim"], *, mean: torch.Tensor, first: int
) -> Float32[torch.Tensor, "prompts film"]:
    """Prompts as film features: the mean film, moved by how each prompt differs from their mean, at the film's length.

    Numbers of the feature that words do not have (spread and change over frames) stay those of the mean film.
    """
    placed = mean.repeat(len(vectors), 1)
    part = slice(first, first + vectors.shape[1])
    moves = torch.from_numpy(vectors - vectors.mean(axis=0)).to(mean)
    placed[:, part] += moves * mean[part].norm()
    return placed


def zero_shot_table(
    windows: WindowDataset, *, probability: Float64[Array, "windows prompts"], names: tuple[str, ...], seconds: float
) -> ZeroShot:
    """The probabilities beside the windows they are of; `seconds` is how long a window lasts."""
    number_of = {windows.classes.index(name): n for n, name in enumerate(names) if name in windows.classes}
    label = np.array([number_of.get(int(each), -1) for each in windows.label], np.int64)
    start = windows.start_seconds.numpy()
    spans: dict[str, Any] = {
        "recording": list(windows.recording),
        "horse": list(windows.horse),
        "start_s": start.round(DECIMALS),
        "stop_s": (start + seconds).round(DECIMALS),
    }
    columns: dict[str, Any] = {name: pa.array(spans[name], type=kind) for name, kind in SPAN_COLUMNS.items()}
    columns["label"] = pa.array([windows.classes[each] if each >= 0 else "" for each in windows.label])
    columns["predicted"] = pa.array([names[each] for each in probability.argmax(axis=1)])
    columns |= {name: pa.array(probability[:, number].round(4)) for number, name in enumerate(names)}
    return ZeroShot(names, probability, label, pa.table(columns))
