"""Smooth random curves over a window: cubic splines through normal numbers at even knots, many at once."""

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float32
from scipy.interpolate import CubicSpline
from torch import Tensor


def random_curves(
    shape: tuple[int, ...], *, steps: int, knots: int, generator: torch.Generator, device: torch.device
) -> Float32[Tensor, "*shape {steps}"]:
    """Curves whose value at each knot is drawn from N(0, 1); the first and the last knot are the window's ends."""
    values = torch.randn((*shape, knots), generator=generator, device=device)
    return values @ _spline_basis(knots, steps, device)


@lru_cache(maxsize=32)
def _spline_basis(knots: int, steps: int, device: torch.device) -> Float32[Tensor, "knots steps"]:
    """The natural cubic spline through a 1 at one knot and 0 at all others, for each knot: splines are linear."""
    at = np.linspace(0.0, steps - 1.0, knots)
    basis = CubicSpline(at, np.eye(knots), bc_type="natural")(np.arange(steps))
    return torch.from_numpy(basis.T.astype(np.float32)).contiguous().to(device)
