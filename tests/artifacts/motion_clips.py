"""Clips of a training step: drawn from all films, mirrored, moved, zoomed, lit, blurred and grained at random."""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Float32, Int64
from numpy import ndarray as Array
from torch import Tensor

from .motion_films import Films
from .motion_targets import MIRRORED, SAMPLES
from .stick_horses import PER_FRAME
from .train_demo import FRAMES, SIZE, TOKENS

MIRROR, INVERT, BLUR, MOVE = 0.5, 0.1, 0.2, 0.7
"""Probabilities."""
GAIN = 0.3
"""Colours and light are scaled by up to this share."""
ZOOM, SHIFT, TURN_DEGREES = (0.85, 1.2), 0.10, 4.0
NOISE = 0.03
"""Standard deviation of pixel noise is drawn up to this: what film compression leaves behind."""


@dataclass(frozen=True)
class Clips:
    """The clips of a step."""

    pixels: Float[Tensor, "batch 16 3 64 64"]
    """0 to 1."""
    kinds: tuple[str, ...]
    motion: tuple[Float32[Array, "64 18"], ...]
    order: Int64[Tensor, "batch tokens"]
    """In which tubes are shown."""


def draw_clips(films: list[Films], *, batch: int, seed: int, step: int) -> Clips:
    """A function of seed and step: horses may be mirrored, their left limbs becoming right ones."""
    rng = np.random.default_rng((seed, step))
    pixels = np.empty((batch, FRAMES, 3, SIZE, SIZE), np.uint8)
    kinds, motion = [], []
    for row, source in enumerate(_sources(films, batch=batch)):
        film = int(rng.integers(len(source.frames)))
        start = int(rng.integers(source.frames.shape[1] - FRAMES + 1))
        clip = source.frames[film, start : start + FRAMES]
        moves = source.motion[film, start * PER_FRAME : start * PER_FRAME + SAMPLES]
        if source.kind == "horse" and rng.random() < MIRROR:
            clip, moves = clip[..., ::-1], moves[:, MIRRORED]
        pixels[row] = clip
        kinds.append(source.kind)
        motion.append(moves)
    order = torch.from_numpy(rng.random((batch, TOKENS)).argsort(axis=1))
    return Clips(_changed(torch.from_numpy(pixels), rng), tuple(kinds), tuple(motion), order)


def _sources(films: list[Films], *, batch: int) -> list[Films]:
    """Of each row of a step: by their shares."""
    ends = np.cumsum([source.share for source in films])
    return [films[int(np.searchsorted(ends, (row + 0.5) / batch * ends[-1]))] for row in range(batch)]


def _changed(clips: Tensor, rng: np.random.Generator) -> Float[Tensor, "batch 16 3 64 64"]:
    """Clips in 0 to 1 as other cameras might have taken them, each in its own way."""
    batch = len(clips)

    def drawn(low: float, high: float, *more: int) -> Float32[Tensor, "batch ..."]:
        return torch.from_numpy(rng.uniform(low, high, (batch, *(more or (1, 1, 1, 1)))).astype(np.float32))

    lit = clips.float() * (drawn(1 - GAIN, 1 + GAIN) * drawn(1 - GAIN, 1 + GAIN, 1, 3, 1, 1) / 255)
    inverted = torch.from_numpy(rng.random(batch) < INVERT)
    lit[inverted] = 1.0 - lit[inverted]
    moved = torch.from_numpy(rng.random(batch) < MOVE)
    angle, zoom = drawn(-1, 1, 1) * math.radians(TURN_DEGREES), drawn(*ZOOM, 1)
    c, s, shift = torch.cos(angle) / zoom, torch.sin(angle) / zoom, drawn(-SHIFT, SHIFT, 2)
    affine = torch.stack([torch.cat([c, -s, shift[:, :1]], 1), torch.cat([s, c, shift[:, 1:]], 1)], 1)[moved]
    flat = lit.flatten(1, 2)
    grid = F.affine_grid(affine, [len(affine), 1, SIZE, SIZE], align_corners=False)
    flat[moved] = F.grid_sample(flat[moved], grid, padding_mode="border", align_corners=False)
    blurred = torch.from_numpy(rng.random(batch) < BLUR)
    flat[blurred] = F.avg_pool2d(flat[blurred], 3, stride=1, padding=1, count_include_pad=False)
    pattern = rng.standard_normal(clips.shape[1:], dtype=np.float32)  # one a step: drawing 12 M numbers takes longest
    lit = flat.view(clips.shape) + drawn(0, NOISE) * torch.from_numpy(pattern)
    return lit.clamp_(0, 1)
