"""Looks: the film's side of a batch, freed from coat, light and scenery."""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor


def swap_looks(
    film: Float32[Tensor, "batch dim"],
    *,
    recording: Int64[Tensor, "batch"],
    looks: Float32[Tensor, "recordings dim"],
    share: float,
    generator: torch.Generator,
) -> Float32[Tensor, "batch dim"]:
    """Film features of which this share has lost its recording's mean feature and taken another recording's.

    A teacher's features tell coat, light and scenery before they tell movement. Those are the same all through a
    recording, so that with few horses pairs can be told apart by them alone, and nothing of that holds for others.
    """
    if share == 0:
        return film
    other = torch.randint(len(looks), (len(film),), generator=generator, device=film.device)
    chosen = torch.rand((len(film), 1), generator=generator, device=film.device) < share
    return torch.where(chosen, film - looks[recording] + looks[other], film)
