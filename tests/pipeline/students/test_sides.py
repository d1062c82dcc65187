"""Sides: a mirrored horse has the opposite features, whatever its tempo; a site that lacks a sensor has none."""

import math

import pytest
import torch
from equigait.pipeline.students.joined_features import JoinedFeatures
from equigait.pipeline.students.settings import PatchTransformerSettings
from equigait.pipeline.students.sides import Sides
from equigait.pipeline.students.table import build_student
from torch import Tensor

STEPS, RATE_HZ, SITES = 250, 50.0, 2
MIRRORED = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0]).repeat(SITES)[:, None]
"""The lateral force and the rates about the two other axes have the other sign in the mirror."""
SIDES = Sides(channels=6 * SITES, steps=STEPS)


def leaning(ahead: float, *, hertz: float = 1.7, loud: float = 1.0) -> Tensor:
    """A window of sites that pitch once a stride and roll so much of a stride ahead of it."""
    window = torch.zeros(1, 6 * SITES, STEPS)
    stride = 2 * math.pi * hertz * torch.arange(STEPS) / RATE_HZ
    window[:, 2::6] = 9.8 + loud * torch.sin(2 * stride)  # without it the sensor would count as dead
    window[:, 4::6] = loud * torch.sin(stride)
    window[:, 3::6] = loud * torch.sin(stride + 2 * math.pi * ahead)
    return window


def roll_by_pitch(features: Tensor) -> complex:
    """Of the first site at the stride's rate: the second lateral signal by the third sagittal one."""
    each = features.reshape(2, SITES, 3, 3, 2)[0, 0, 1, 2]
    return complex(each[0], each[1])


def test_every_feature_of_a_mirrored_window_has_the_other_sign() -> None:
    window = torch.randn(4, 6 * SITES, STEPS, generator=torch.Generator().manual_seed(0))
    told, mirrored = SIDES(window), SIDES(window * MIRRORED)
    assert told.abs().max() > 0.1
    assert torch.allclose(told, -mirrored, atol=1e-6)


@pytest.mark.parametrize("other", [{}, {"hertz": 0.9}, {"hertz": 2.6}, {"loud": 5.0}])
def test_a_share_of_a_stride_between_roll_and_pitch_is_that_share_of_a_turn_at_any_tempo(
    other: dict[str, float],
) -> None:
    expected = 0.5 * complex(math.cos(2 * math.pi * 0.2), math.sin(2 * math.pi * 0.2))  # each has half of the power
    assert abs(roll_by_pitch(SIDES(leaning(0.2, **other))) - expected) < 0.03


def test_a_site_that_lacks_a_sensor_has_no_features_and_the_other_keeps_its_own() -> None:
    window = torch.randn(1, 6 * SITES, STEPS, generator=torch.Generator().manual_seed(1))
    window[:, 6:9] = torch.nan  # the second site's force
    told = SIDES(window).reshape(2, SITES, -1)
    assert told[:, 0].isfinite().all()
    assert told[:, 1].isnan().all()


def test_a_probe_reads_them_beside_the_student() -> None:
    settings = PatchTransformerSettings(width=16, layers=1, heads=2)
    student = build_student(settings, channels=6 * SITES, steps=STEPS, seed=0).eval()
    joined = JoinedFeatures(student, blocks=["sides"], rate_hz=RATE_HZ)
    window = leaning(0.1)
    assert joined.widths == {"student": 256, "sides": SIDES.width}
    assert torch.equal(joined(window)[:, 256:], SIDES(window))
