"""Projection heads: sensors' embeddings and film features, each projected onto the unit sphere of a shared space."""

import torch
from jaxtyping import Float32
from torch import Tensor, nn

from .settings import HeadSettings

SMALLEST_DEVIATION = 1e-6
"""Floor of a film feature's standard deviation: a dimension that never varies must not divide by zero."""
SMALLEST_RATIO = 0.1
"""Floor over the root mean square of all features' deviations: a feature that never varied in training and moves a
little on another horse would else stand thousands of deviations away."""


class Heads(nn.Module):
    """One head for each side. Film features share a large common mean, which would make all films similar: they are
    standardised by the statistics of the training windows, kept as buffers."""

    film_mean: Tensor
    film_std: Tensor

    def __init__(self, settings: HeadSettings, *, embedding: int, film_dim: int) -> None:
        super().__init__()
        self.imu = _head(settings, inputs=embedding)
        self.film = _head(settings, inputs=film_dim)
        self.register_buffer("film_mean", torch.zeros(film_dim))
        self.register_buffer("film_std", torch.ones(film_dim))

    @torch.no_grad()
    def fit_standardisation(self, film: Float32[Tensor, "windows dim"]) -> None:
        """Set mean and standard deviation of each film feature from these windows, of training horses only."""
        std, mean = torch.std_mean(film, dim=0, correction=0)
        if not bool(torch.isfinite(std).all()):
            raise ValueError(f"standardisation needs finite film features: {film.shape = }")
        self.film_mean.copy_(mean)
        usual = std.square().mean().sqrt()
        self.film_std.copy_(std.maximum(SMALLEST_RATIO * usual).clamp_min(SMALLEST_DEVIATION))

    def project_imu(self, embedding: Float32[Tensor, "batch embedding"]) -> Float32[Tensor, "batch shared"]:
        """Unit vectors of the sensors' side."""
        return nn.functional.normalize(self.imu(embedding), dim=1)

    def project_film(self, film: Float32[Tensor, "batch dim"]) -> Float32[Tensor, "batch shared"]:
        """Unit vectors of the film's side."""
        return nn.functional.normalize(self.film((film - self.film_mean) / self.film_std), dim=1)


def _head(settings: HeadSettings, *, inputs: int) -> nn.Module:
    if settings.kind == "linear":
        return nn.Sequential(nn.Dropout(settings.dropout), nn.Linear(inputs, settings.dim))
    return nn.Sequential(
        nn.Dropout(settings.dropout),
        nn.Linear(inputs, settings.hidden),
        nn.GELU(),
        nn.Dropout(settings.dropout),
        nn.Linear(settings.hidden, settings.dim),
    )
