"""Mirror: the horse reflected in its median plane, the plane of x (forward) and z (up).

A reflection M = diag(1, -1, 1) carries a horse that leads with the left forelimb to one that leads with the right, and
the sensors on its left to its right. Specific force is a true vector and becomes M a: ay changes sign. Angular rate is
an axial vector and becomes det(M) M g = -M g: gx and gz change sign. Sites on the median plane stay where they are.

Mounts. A sensor that sits at a rotation R to its site's axes shows R a instead of a. Mirroring what it shows gives
M R a = (M R M)(M a): the mirrored horse with a mount rotated by M R M, which is a rotation again (its determinant
is 1), and the same one for the angular rate. So nothing has to be known about mounts. The mirrored ones are as likely
as the true ones where mounts err to both sides alike; an unusual frame that all sensors share (x to the left, say)
does not, and belongs into the manifest's `axes`.

Labels. The gait labels do not name leads by default: a mirrored canter is a canter. Labels that do (with a
word left or right in them) would have to be mirrored with the window, and the film with it: a recipe refuses both at
once.

Film. A mirrored window keeps the film of the window it came from, though its true partner would be the film mirrored
left to right, which the cache does not hold: the horse going the other way, seen from its other side. How sound that
is depends on the teacher. For `videomae-demo` on simulated clips (`python -m tests.bench mirror-film`) the mirror image
lies at 0.12 of the distance between any two clips, nearer than another clip of the same horse and gait (0.24), and a
probe recognises gaits in it as in the film (accuracy 1.00 in both). So gaits stay paired, what tells a clip from its
mirror image is lost to retrieval, and the student becomes invariant to left and right. Off by default.
"""

from collections.abc import Sequence
from functools import lru_cache

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from .sides import partners

SIGNS = ((1.0, -1.0, 1.0), (-1.0, 1.0, -1.0))
"""What a reflection does to x, y and z of a true vector, and of an axial one."""


def mirror(
    imu: Float32[Tensor, "batch sites 2 3 steps"],
    *,
    share: float,
    sites: Sequence[str],
    generator: torch.Generator,
) -> Float32[Tensor, "batch sites 2 3 steps"]:
    """Windows of which this share is reflected, all sites of a window or none."""
    if share == 0:
        return imu
    chosen = torch.rand((len(imu), 1, 1, 1, 1), generator=generator, device=imu.device) < share
    return torch.where(chosen, reflected(imu, sites=sites), imu)


def reflected(
    imu: Float32[Tensor, "batch sites 2 3 steps"], *, sites: Sequence[str]
) -> Float32[Tensor, "batch sites 2 3 steps"]:
    """The windows of the horse's mirror image."""
    if len(sites) != imu.shape[1]:
        raise ValueError(f"a mirror needs the name of each site: {len(sites) = }, {imu.shape = }")
    opposite, signs = _reflection(tuple(sites), imu.device)
    return imu[:, opposite] * signs


@lru_cache(maxsize=8)
def _reflection(
    sites: tuple[str, ...], device: torch.device
) -> tuple[Int64[Tensor, "sites"], Float32[Tensor, "2 3 1"]]:
    """Where each site's mirror image comes from, and its signs: copied to a device once, since a GPU waits for it."""
    return torch.tensor(partners(sites), device=device), torch.tensor(SIGNS, device=device)[:, :, None]
