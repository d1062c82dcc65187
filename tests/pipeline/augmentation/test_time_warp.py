"""A warp changes when things happen, and how fast and how strong they then are."""

import math

import pytest
import torch
from equigait.pipeline.augmentation.time_warp import at_speed, interpolated, warp_time
from equigait.pipeline.runtime.seeds import generator_for
from torch import Tensor

RATE_HZ, STEPS = 50.0, 250


def seconds() -> Tensor:
    return torch.arange(STEPS) / RATE_HZ


def stride(frequency_hz: float = 1.7) -> Tensor:
    """One site: gravity, and a turn to and fro about y, with a force of the same frequency upwards."""
    imu = torch.zeros(1, 1, 2, 3, STEPS)
    angle = 2 * math.pi * frequency_hz * seconds()
    imu[0, 0, 0, 2] = 9.81 + 4.0 * torch.sin(angle)
    imu[0, 0, 1, 1] = 2.0 * torch.sin(angle)
    return imu


def two_speeds(first: float, second: float) -> Tensor:
    half = torch.full((1, STEPS // 2), first)
    return torch.cat([half, torch.full_like(half, second)], dim=1)


def test_no_warp_is_no_change() -> None:
    imu = torch.randn(4, 5, 2, 3, STEPS)
    torch.testing.assert_close(at_speed(imu, speed=torch.ones(4, STEPS)), imu, rtol=1e-3, atol=1e-3)
    assert warp_time(imu, deviation=0.0, knots=6, generator=generator_for("test", 0)) is imu


def test_a_quicker_half_turns_faster_and_is_accelerated_more_with_the_square() -> None:
    out = at_speed(stride(), speed=two_speeds(1.25, 0.75))[0, 0]
    first, second = slice(5, 120), slice(130, 245)
    for half, factor in ((first, 1.25), (second, 0.75)):
        assert float(out[1, 1, half].max()) == pytest.approx(2.0 * factor, rel=0.02)
        assert float((out[0, 2, half] - 9.81).max()) == pytest.approx(4.0 * factor**2, rel=0.03)
        crossings = int((out[1, 1, half][1:] * out[1, 1, half][:-1] < 0).sum())
        assert crossings == pytest.approx(2 * 1.7 * factor * 115 / RATE_HZ, abs=1)


def test_what_is_turned_through_from_end_to_end_stays() -> None:
    """The integral of the angular rate is an angle, whatever the speed at which it is gone through."""
    imu = torch.zeros(64, 1, 2, 3, STEPS)
    imu[:, 0, 1, 0] = 1.0 + torch.sin(2 * math.pi * 1.1 * seconds())
    out = warp_time(imu, deviation=0.15, knots=6, generator=generator_for("test", 1))
    angle = torch.trapezoid(out[:, 0, 1, 0], dx=1 / RATE_HZ)
    torch.testing.assert_close(angle, torch.trapezoid(imu[:, 0, 1, 0], dx=1 / RATE_HZ), rtol=2e-3, atol=0)
    assert float((out - imu)[:, 0, 1, 0].abs().max()) > 0.2


def test_the_ends_stay_and_time_never_runs_back() -> None:
    ramp = torch.zeros(200, 2, 2, 3, STEPS)
    ramp[..., :] = torch.arange(float(STEPS))
    rate = torch.ones_like(ramp)
    moved = interpolated(ramp, at=torch.linspace(0, STEPS - 1, STEPS).expand(200, -1))
    torch.testing.assert_close(moved, ramp)
    speed = warp_time(rate, deviation=0.4, knots=5, generator=generator_for("test", 2))[:, :, 1]
    assert float(speed.min()) > 0.1
    torch.testing.assert_close(speed, speed[:, :1, :1].expand_as(speed))  # all sites and axes together
    torch.testing.assert_close(torch.trapezoid(speed, dim=-1), torch.full((200, 2, 3), STEPS - 1.0), rtol=1e-3, atol=0)


def test_a_horse_that_stands_stands() -> None:
    still = torch.zeros(8, 1, 2, 3, STEPS)
    still[:, :, 0, 2] = 9.81
    torch.testing.assert_close(warp_time(still, deviation=0.3, knots=6, generator=generator_for("test", 3)), still)


def test_values_between_samples_are_those_of_the_oscillation() -> None:
    wave = torch.sin(2 * math.pi * 0.05 * torch.arange(100.0)).expand(1, 1, 2, 3, 100)
    at = torch.linspace(3, 95, 77)[None]
    found = interpolated(wave, at=at)[0, 0, 0, 0]
    torch.testing.assert_close(found, torch.sin(2 * math.pi * 0.05 * at[0]), rtol=0, atol=2e-3)
    high = torch.cos(2 * math.pi * 0.2 * (torch.arange(101.0) - 50.5)).expand(1, 1, 2, 3, 101)
    assert float(interpolated(high, at=torch.tensor([[50.5]]))[0, 0, 0, 0, 0]) == pytest.approx(0.95, abs=0.005)
