"""DLinear, Informer and TimesNet against the formulas of their papers, written out."""

import math

import numpy as np
import pytest
import torch
from equigait.pipeline.students.dlinear import moving_average
from equigait.pipeline.students.informer import ProbSparseAttention, drawn_keys, sinusoids
from equigait.pipeline.students.settings import DLinearSettings, InformerSettings, TimesNetSettings
from equigait.pipeline.students.table import build_student
from equigait.pipeline.students.timesnet import Inception, TimesBlock, TimesNet, amplitudes, fold, fourier_waves


def noise(*shape: int, seed: int = 5) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_a_moving_average_repeats_the_ends() -> None:
    signal = noise(1, 1, 9)
    values = signal[0, 0].tolist()
    padded = [values[0]] * 2 + values + [values[-1]] * 2
    by_hand = [sum(padded[n : n + 5]) / 5 for n in range(9)]
    np.testing.assert_allclose(moving_average(signal, kernel=5)[0, 0], by_hand, atol=1e-6)


def test_dlinear_maps_trend_and_remainder_of_each_channel_by_matrices_of_its_own() -> None:
    student = build_student(DLinearSettings(kernel=5), channels=3, steps=20, seed=0)
    signal = noise(2, 3, 20)
    trend = moving_average(signal, kernel=5)
    maps = [layer.weight.reshape(3, 20, 20) for layer in (student.trend, student.remainder)]
    biases = [layer.bias.reshape(3, 20) for layer in (student.trend, student.remainder)]
    for channel in range(3):
        parts = (trend[:, channel], (signal - trend)[:, channel])
        expected = sum(part @ m[channel].T + b[channel] for part, m, b in zip(parts, maps, biases, strict=True))
        torch.testing.assert_close(student.tokens(signal)[:, :, channel], expected)


def test_dlinear_is_affine_in_the_window() -> None:
    student, (first, second) = build_student(DLinearSettings(), channels=6, steps=60, seed=0), noise(2, 1, 6, 60)
    middle = (student(first) + student(second)) / 2
    torch.testing.assert_close(student((first + second) / 2), middle, atol=1e-5, rtol=1e-4)


def test_informers_positions_are_sines_and_cosines() -> None:
    found = sinusoids(50, width=8)
    assert float(found[7, 4]) == pytest.approx(math.sin(7 / 10_000 ** (4 / 8)), abs=1e-6)
    assert float(found[7, 5]) == pytest.approx(math.cos(7 / 10_000 ** (4 / 8)), abs=1e-6)


def parts_of(attention: ProbSparseAttention, tokens: torch.Tensor) -> list[torch.Tensor]:
    """Queries, keys and values `[heads, steps, width]` of one window."""
    each = attention.qkv(tokens).detach().chunk(3, dim=-1)
    return [part[0].unflatten(-1, (attention.heads, -1)).transpose(0, 1) for part in each]


def test_where_all_queries_are_active_attention_is_that_of_every_transformer() -> None:
    attention = ProbSparseAttention(InformerSettings(width=8, heads=2, factor=50), steps=12)
    tokens = noise(1, 12, 8)
    query, key, value = parts_of(attention, tokens)
    mixed = torch.nn.functional.scaled_dot_product_attention(query, key, value)
    torch.testing.assert_close(attention(tokens), attention.out(mixed.transpose(0, 1).flatten(1))[None])


def test_queries_that_single_out_no_key_take_the_mean_of_the_values() -> None:
    attention = ProbSparseAttention(InformerSettings(width=8, heads=1, factor=1), steps=20)
    attention.out = torch.nn.Identity()
    tokens = 3 * noise(1, 20, 8)
    (query,), (key,), (value,) = parts_of(attention, tokens)
    drawn = drawn_keys(20, count=3)
    scores = [[float(query[n] @ key[k]) for k in drawn[n]] for n in range(20)]
    sparsity = [max(row) - sum(row) / 20 for row in scores]
    active = sorted(range(20), key=lambda n: -sparsity[n])[: math.ceil(math.log(20))]
    found = attention(tokens)[0].detach()
    for n in range(20):
        weights = torch.softmax(key @ query[n] / math.sqrt(8), dim=0)
        expected = weights @ value if n in active else value.mean(0)
        torch.testing.assert_close(found[n], expected, atol=1e-5, rtol=1e-4)


def test_informer_draws_its_keys_once() -> None:
    student, imu = (
        build_student(InformerSettings(width=16, heads=2), channels=6, steps=60, seed=0).eval(),
        noise(3, 6, 60),
    )
    assert torch.equal(student(imu), student(imu))
    assert torch.equal(student.blocks[0].attention.keys, drawn_keys(60, count=25))
    assert student.tokens(imu).shape[1] == 30  # distilled once


def test_amplitudes_are_those_of_a_fourier_transform() -> None:
    maps = noise(4, 3, 31)
    expected = torch.fft.rfft(maps).abs().mean(1)[:, [1, 7, 15]]
    torch.testing.assert_close(
        amplitudes(maps, waves=fourier_waves(31), cycles=(1, 7, 15)), expected, atol=1e-4, rtol=0
    )


def test_a_row_is_a_period_and_the_last_is_filled_up() -> None:
    found = fold(torch.arange(10.0).reshape(1, 1, 10), period=4)[0, 0]
    assert found.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 0]]


def test_inception_is_the_mean_of_its_convolutions() -> None:
    layer, picture = Inception(2, 3, kernels=3), noise(2, 2, 6, 5)
    for each in layer.convolutions:
        torch.nn.init.normal_(each.bias)
    expected = torch.stack([each(picture) for each in layer.convolutions]).mean(0)
    torch.testing.assert_close(layer(picture), expected, atol=1e-5, rtol=1e-4)


def test_a_block_adds_what_it_makes_of_each_period_by_its_weight() -> None:
    block, maps, weights = TimesBlock(TimesNetSettings(width=4, hidden=4, kernels=2)), noise(2, 4, 22), noise(2, 2)
    expected = maps.clone()
    for number, (cycles, period) in enumerate(((2, 11), (5, 4))):
        assert period == 22 // cycles
        picture = block.narrow(torch.nn.functional.gelu(block.wide(fold(maps, period=period))))
        expected += weights[:, number, None, None] * picture.reshape(2, 4, -1)[:, :, :22]
    torch.testing.assert_close(block(maps, weights=weights, cycles=(2, 5)), expected)


def test_timesnet_folds_by_the_strongest_periods_of_the_training_windows() -> None:
    student = build_student(TimesNetSettings(width=4, hidden=4, periods=2, kernels=2), channels=6, steps=100, seed=0)
    assert isinstance(student, TimesNet)
    time = torch.arange(100) / 100
    waves = 2 * torch.sin(2 * math.pi * 9 * time) + torch.sin(2 * math.pi * 4 * time + 1)
    student.fit_standardisation(waves + 0.1 * noise(16, 6, 100))
    assert student.chosen == (9, 4)
    other = build_student(TimesNetSettings(width=4, hidden=4, periods=2, kernels=2), channels=6, steps=100, seed=1)
    other.load_state_dict(student.state_dict())
    assert other.chosen == (9, 4)
