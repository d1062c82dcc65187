"""Swapped recording means: film features freed from what stays the same through a recording."""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor


def swap_recording_mean(
    film: Float32[Tensor, "batch dim"],
    *,
    recording: Int64[Tensor, "batch"],
    recording_means: Float32[Tensor, "recordings dim"],
    share: float,
    generator: torch.Generator,
) -> Float32[Tensor, "batch dim"]:
    """Film features of which this share has lost its recording's mean feature and taken another recording's.

    A teacher's features tell coat, light and scenery before they tell movement. Those are the same all through a
    recording, so that with few horses pairs can be distinguished by them alone, and nothing of that holds for others.
    """
    if share == 0:
        return film
    other = torch.randint(len(recording_means), (len(film),), generator=generator, device=film.device)
    chosen = torch.rand((len(film), 1), generator=generator, device=film.device) < share
    return torch.where(chosen, film - recording_means[recording] + recording_means[other], film)
