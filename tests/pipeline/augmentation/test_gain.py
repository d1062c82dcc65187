"""A magnitude warp is a gain that changes smoothly within a window and leaves directions alone."""

import pytest
import torch
from equigait.pipeline.augmentation.curves import random_curves
from equigait.pipeline.augmentation.gain import warp_magnitude
from equigait.pipeline.runtime.seeds import generator_for
from scipy.interpolate import CubicSpline

CPU = torch.device("cpu")


def curves(many: int, *, knots: int = 6, steps: int = 251) -> torch.Tensor:
    return random_curves((many,), steps=steps, knots=knots, generator=generator_for("test", 0), device=CPU)


def test_curves_are_scipys_splines_through_normal_numbers() -> None:
    found = curves(3000)
    at_knots = found[:, ::50]
    assert at_knots.std(0).tolist() == pytest.approx([1.0] * 6, abs=0.05)
    expected = CubicSpline(range(0, 251, 50), at_knots[7].double().numpy(), bc_type="natural")(range(251))
    torch.testing.assert_close(found[7].double(), torch.tensor(expected), atol=1e-5, rtol=0)


def test_curves_are_smooth() -> None:
    bend = curves(500).diff(n=2).abs().max()
    assert float(bend) < 0.02  # of an SD, from one step to the next; white noise would have 8


def test_a_gain_is_one_curve_for_the_three_axes_of_a_kind_and_differs_between_sites_and_kinds() -> None:
    imu = torch.randn(50, 2, 2, 3, 250) + 5
    gain = warp_magnitude(imu, deviation=0.2, knots=6, generator=generator_for("test", 1)) / imu
    torch.testing.assert_close(gain, gain[:, :, :, :1].expand_as(gain), rtol=1e-3, atol=1e-3)
    assert float(gain.std()) == pytest.approx(0.2, rel=0.2)
    assert float(gain.mean()) == pytest.approx(1.0, abs=0.03)
    pairs = torch.corrcoef(gain[:, :, :, 0, 100].flatten(1).T) - torch.eye(4)
    assert float(pairs.abs().max()) < 0.4


def test_no_warp_is_no_change() -> None:
    imu = torch.randn(2, 1, 2, 3, 50)
    assert warp_magnitude(imu, deviation=0.0, knots=6, generator=generator_for("test", 0)) is imu
