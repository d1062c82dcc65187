"""A mirror image is the same horse the other way round: leads change, mounts stay mounts."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.data.simulate import GaitBout, YardSpec, ideal_motion, make_ride
from equigait.data.simulate.strides import make_strides
from equigait.data.sites import LIMB_4_WITHERS, TRUNK_5
from equigait.pipeline.augmentation.mirror import mirror, reflected
from equigait.pipeline.augmentation.mounts import rotation_matrices
from equigait.pipeline.augmentation.sides import mirrored_name, partners
from equigait.pipeline.recipe import load_recipe
from equigait.pipeline.runtime.seeds import generator_for
from torch import Tensor

SENSITIVE = (1, 3, 5)
"""Sideways force, roll and yaw: what a lead turns round."""


def random_windows(sites: int = 5) -> Tensor:
    return torch.randn(6, sites, 2, 3, 20, generator=torch.Generator().manual_seed(1))


def cantering(lead: str, *, horse: int) -> Tensor:
    """A window of a simulated horse on this lead; whatever else it does is the same on both."""
    ride = make_ride(YardSpec(gaits=("canter",), seconds=20.0), horse=horse)
    gait = f"canter_{lead}"
    bouts = tuple(GaitBout(gait, bout.start_seconds, bout.stop_seconds) for bout in ride.bouts)
    ride = replace(ride, bouts=bouts, strides=make_strides(ride.horse, gaits={gait}))
    motion = ideal_motion(ride, sites=TRUNK_5, time_seconds=5 + np.arange(250) / 50)
    window = [[motion[site].specific_force.T, motion[site].angular_rate.T] for site in TRUNK_5]
    return torch.tensor(np.array(window), dtype=torch.float32)[None]


def correlation(left: Tensor, right: Tensor) -> Tensor:
    """Of each of the 6 channels of each site."""
    left, right = (each - each.mean(-1, keepdim=True) for each in (left, right))
    return ((left * right).sum(-1) / (left.norm(dim=-1) * right.norm(dim=-1)))[0].flatten(1)


@pytest.mark.parametrize("horse", [0, 1])
def test_the_mirror_image_of_a_left_canter_is_a_right_canter(horse: int) -> None:
    left, right = (cantering(lead, horse=horse) for lead in ("left", "right"))
    assert float(correlation(reflected(left, sites=TRUNK_5), right).min()) > 0.95
    assert float(correlation(left, right)[:, SENSITIVE].max()) < -0.9


def test_twice_is_the_window_itself_and_lengths_stay() -> None:
    imu = random_windows()
    once = reflected(imu, sites=TRUNK_5)
    assert torch.equal(reflected(once, sites=TRUNK_5), imu)
    assert torch.equal(once[:, 0].norm(dim=2), imu[:, 0].norm(dim=2))
    assert not torch.equal(once, imu)


def test_force_is_reflected_as_an_arrow_and_rate_as_a_turn() -> None:
    imu = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).reshape(1, 1, 2, 3, 1)
    assert reflected(imu, sites=["withers"]).flatten().tolist() == [1, -2, 3, -4, 5, -6]


def test_left_and_right_change_places() -> None:
    assert partners(TRUNK_5) == (0, 1, 2, 4, 3)
    assert partners(LIMB_4_WITHERS) == (1, 0, 3, 2, 4)
    assert [mirrored_name(name) for name in ("poll", "left_foot", "cannon-LF", "lf2", "bright")] == [
        *("poll", "right_foot", "cannon-RF", "rf2", "bright")
    ]


def test_a_mount_at_any_angle_becomes_a_mount_of_the_mirrored_horse() -> None:
    """What a sensor at R shows, mirrored, is what the mirrored horse shows to a sensor at M R M, for both kinds."""
    imu = random_windows(1)
    turn = rotation_matrices(torch.nn.functional.normalize(torch.randn(3), dim=0), angle_radians=torch.tensor(1.2))
    plane = torch.diag(torch.tensor([1.0, -1.0, 1.0]))
    other = plane @ turn @ plane
    assert float(torch.linalg.det(other)) == pytest.approx(1.0, abs=1e-5)
    torch.testing.assert_close(reflected(turn @ imu, sites=["poll"]), other @ reflected(imu, sites=["poll"]))


def test_the_share_of_windows_is_mirrored_and_each_of_them_whole() -> None:
    imu = torch.randn(2000, 5, 2, 3, 4)
    out = mirror(imu, share=0.3, sites=TRUNK_5, generator=generator_for("test", 0))
    kept, turned = ((out == each).flatten(1).all(1) for each in (imu, reflected(imu, sites=TRUNK_5)))
    assert bool((kept ^ turned).all())
    assert float(turned.float().mean()) == pytest.approx(0.3, abs=0.03)


def test_a_side_without_the_other_is_refused() -> None:
    with pytest.raises(BadInput, match=r"tuber_coxae_left without the sensor on the other side.*augment\.mirror=0"):
        partners(TRUNK_5[:4])
    with pytest.raises(ValueError, match="name of each site"):
        reflected(random_windows(), sites=())


def test_labels_that_tell_the_lead_are_refused_for_neither_they_nor_films_are_mirrored() -> None:
    assert load_recipe("default", overrides=["augment.mirror=0.5"]).augment.mirror == 0.5
    leads = "windows.labels=[stand, walk, trot, canter_left, canter_right]"
    classes, bound = "probe.classes=[walk, trot]", "student.mount_free=false"
    assert load_recipe("default", overrides=[leads, classes, bound])
    with pytest.raises(BadInput, match=r"distinguish left and right: canter_left, canter_right.*augment\.mirror=0"):
        load_recipe("default", overrides=[leads, classes, bound, "augment.mirror=0.5"])
    with pytest.raises(BadInput, match="cannon_fore_left without"):
        load_recipe("default", overrides=["grid.sites=[withers, cannon_fore_left]", "augment.mirror=0.5"])
