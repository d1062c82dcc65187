"""MiniRocket against outputs and shares computed by hand."""

import numpy as np
import pytest
import torch
from equigait.pipeline.evaluation.classifiers.classifier import CannotPredictError
from equigait.pipeline.evaluation.classifiers.minirocket import (
    KERNELS,
    Dilated,
    convolve,
    count_above,
    dilations,
    fit_minirocket,
    kernels,
)

STEPS = 40


def windows(count: int = 12, *, channels: int = 6, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(count, channels, STEPS)).astype(np.float32))


def impulse(steps: int, *, at: int) -> torch.Tensor:
    signal = torch.zeros(1, KERNELS, steps)
    signal[0, :, at] = 1.0
    return signal


def test_there_are_84_different_kernels_with_three_weights_of_two_that_add_up_to_zero() -> None:
    weights = kernels()
    assert weights.shape == (84, 9)
    assert len({tuple(row.tolist()) for row in weights}) == 84
    assert (weights == 2).sum(1).tolist() == [3] * 84
    assert weights.sum(1).tolist() == [0.0] * 84


def test_the_output_on_an_impulse_is_the_kernel_itself_spread_by_the_dilation() -> None:
    """The first kernel is 2 2 2 -1 -1 -1 -1 -1 -1; the output at step t is weight j where t + d (j - 4) = 10."""
    outputs = convolve(impulse(21, at=10), dilation=2)[0, 0].tolist()
    expected = [0.0] * 21
    for j, weight in enumerate([2, 2, 2, -1, -1, -1, -1, -1, -1]):
        expected[10 - 2 * (j - 4)] = weight
    assert outputs == expected


@pytest.mark.parametrize(
    ("padded", "bias", "share"), [(True, 0.0, 3 / 11), (True, -1.0, 5 / 11), (False, 0.0, 1 / 3), (False, -1.0, 1 / 3)]
)
def test_a_feature_is_the_share_of_outputs_above_the_bias_written_out_by_hand(
    padded: bool, bias: float, share: float
) -> None:
    """An impulse at step 4 of 11, dilation 1: the first kernel gives -1 at steps 0 to 5, 2 at 6 to 8, 0 at 9 and 10;
    without padding steps 4, 5 and 6 remain: -1, -1, 2."""
    signal = torch.zeros(1, 1, 11)
    signal[0, 0, 4] = 1.0
    part = Dilated(1, torch.ones(KERNELS, 1), torch.full((KERNELS,), padded), torch.full((KERNELS, 1), bias))
    assert part.outputs(signal)[0, 0].tolist() == [-1, -1, -1, -1, -1, -1, 2, 2, 2, 0, 0]
    assert part.shares(signal)[0, 0].item() == pytest.approx(share)


def test_a_value_equal_to_the_bias_is_not_above_it() -> None:
    outputs = torch.tensor([0.0, 1.0, 2.0, 3.0]).repeat(1, KERNELS, 1)
    assert count_above(outputs, bias=torch.ones(KERNELS)).unique().tolist() == [2]


def test_dilations_are_even_in_their_logarithm_and_share_out_every_feature() -> None:
    """41 steps: the largest is (41 - 1) / 8 = 5; floor(5^(i/3)) for i = 0..3 is 1, 1, 2, 5."""
    assert dilations(41, each=4) == {1: 2, 2: 1, 5: 1}
    assert dilations(9, each=3) == {1: 3}
    for each in (1, 7, 119):
        assert sum(dilations(250, each=each).values()) == each
        assert max(dilations(250, each=each)) * 8 < 250


def test_biases_are_taken_from_the_training_windows_so_that_shares_spread_over_zero_to_one() -> None:
    transform = fit_minirocket(windows(200), features=840, seed=0)
    features = transform(windows(300, seed=1))
    assert features.shape == (300, 840) == (300, transform.width)
    assert features.min() >= 0
    assert features.max() <= 1
    assert features.mean(0).mean() == pytest.approx(0.5, abs=0.03)  # quantiles are uniform, so is the mean share
    assert (features.mean(0) < 0.25).mean() == pytest.approx(0.25, abs=0.08)


def test_the_same_seed_gives_the_same_features_and_another_does_not() -> None:
    first, again, other = (fit_minirocket(windows(), features=168, seed=seed)(windows()) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_window_has_the_same_features_alone_and_among_many() -> None:
    transform = fit_minirocket(windows(), features=84, seed=0)
    many = windows(150)
    assert np.abs(transform(many)[140] - transform(many[140:141])[0]).max() <= 2 / STEPS  # ties by rounding
    assert transform(many[:0]).shape == (0, 84)


def test_units_of_a_channel_do_not_matter_and_a_missing_one_counts_as_its_mean() -> None:
    plain, scaled = windows(), windows() * torch.tensor([1, 10, 100, 0.1, 1, 1])[:, None] + 9.81
    close = fit_minirocket(plain, features=168, seed=0)(plain), fit_minirocket(scaled, features=168, seed=0)(scaled)
    assert np.abs(close[0] - close[1]).max() <= 2 / STEPS
    transform = fit_minirocket(plain, features=168, seed=0)
    missing, at_mean = plain.clone(), plain.clone()
    missing[:, 2], at_mean[:, 2] = torch.nan, transform.mean[2]
    assert np.array_equal(transform(missing), transform(at_mean))


def test_each_pairing_reads_one_to_nine_channels() -> None:
    counts = torch.cat([part.mix.sum(1) for part in fit_minirocket(windows(channels=30), features=840, seed=0).parts])
    assert (counts.min(), counts.max()) == (1, 9)


def test_windows_shorter_than_a_kernel_are_refused() -> None:
    with pytest.raises(CannotPredictError, match="8 steps are shorter than a kernel of 9"):
        fit_minirocket(windows()[:, :, :8], features=84, seed=0)
