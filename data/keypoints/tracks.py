"""Tracks of joints: what every format is read into."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array


@dataclass(frozen=True)
class JointTracks:
    """Where the joints of one horse are in each frame of a film."""

    joints: tuple[str, ...]
    """Names, as the file has them."""
    position: Float64[Array, "frames joints 2"] = field(repr=False)
    """Right and down, in pixels; NaN where a joint was not found. Row i is frame i of the film, from 0."""
    likelihood: Float64[Array, "frames joints"] = field(repr=False)
    """How sure the file is of each, 0 to 1; 1 where it does not say, 0 where there is no position."""

    def __post_init__(self) -> None:
        frames, joints = len(self.position), len(self.joints)
        if self.position.shape != (frames, joints, 2) or self.likelihood.shape != (frames, joints):
            raise ValueError(f"tracks of {joints} joints: {self.position.shape = }, {self.likelihood.shape = }")

    @classmethod
    def of(
        cls,
        joints: tuple[str, ...],
        position: Float64[Array, "frames joints 2"],
        likelihood: Float64[Array, "frames joints"] | None = None,
    ) -> "JointTracks":
        """Tracks of positions, with likelihoods where the file has them."""
        found = np.isfinite(position).all(axis=2)
        sure = np.ones(found.shape) if likelihood is None else np.nan_to_num(likelihood)
        return cls(joints, np.where(found[..., None], position, np.nan), np.where(found, sure, 0.0))


def most_seen(individuals: Sequence[JointTracks]) -> JointTracks:
    """The individual found in most frames, each counted by how sure the file is."""
    return max(individuals, key=lambda tracks: float(tracks.likelihood.sum()))
