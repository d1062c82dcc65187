"""Heads put both sides on one unit sphere; film features lose their common mean first."""

import math

import pytest
import torch
from equigait.pipeline.objectives.heads import Heads
from equigait.pipeline.objectives.settings import HeadSettings

KINDS = [HeadSettings(kind="mlp", hidden=32, dim=16), HeadSettings(kind="linear", dim=16)]


@pytest.mark.parametrize("settings", KINDS, ids=lambda settings: settings.kind)
def test_both_sides_are_unit_vectors_of_the_shared_space(settings: HeadSettings) -> None:
    heads = Heads(settings, embedding=24, film_dim=48)
    imu, film = heads.project_imu(torch.randn(5, 24)), heads.project_film(torch.randn(5, 48))
    assert imu.shape == film.shape == (5, 16)
    torch.testing.assert_close(imu.norm(dim=1), torch.ones(5))
    torch.testing.assert_close(film.norm(dim=1), torch.ones(5))


@pytest.mark.parametrize("settings", KINDS, ids=lambda settings: settings.kind)
def test_gradients_reach_every_parameter(settings: HeadSettings) -> None:
    heads = Heads(settings, embedding=24, film_dim=48)
    (heads.project_imu(torch.randn(5, 24)) @ heads.project_film(torch.randn(5, 48)).T).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in heads.parameters())


def test_film_that_differs_little_around_a_large_mean_spreads_out() -> None:
    film = 50 + 0.1 * torch.randn(64, 48)
    heads = Heads(HeadSettings(kind="linear", dim=16), embedding=24, film_dim=48)
    before = heads.project_film(film)
    heads.fit_standardisation(film)
    after = heads.project_film(film)
    assert (before @ before.T).mean() > 0.99
    assert (after @ after.T).mean() < 0.2
    torch.testing.assert_close(heads.film_mean, film.mean(0))


def test_a_feature_that_never_varies_is_harmless() -> None:
    film = torch.randn(8, 48)
    film[:, 3] = 7.0
    heads = Heads(HeadSettings(), embedding=24, film_dim=48)
    heads.fit_standardisation(film)
    assert bool(torch.isfinite(heads.project_film(film)).all())


def test_a_feature_constant_in_training_that_moves_a_little_stays_within_a_deviation_of_the_others() -> None:
    film = torch.randn(64, 48, generator=torch.Generator().manual_seed(0))
    film[:, 3] = 0.5
    heads = Heads(HeadSettings(), embedding=24, film_dim=48)
    heads.fit_standardisation(film)
    usual = math.sqrt(float(film.std(0, correction=0).square().mean()))
    assert float(heads.film_std[3]) == pytest.approx(0.1 * usual)
    assert (0.51 - float(heads.film_mean[3])) / float(heads.film_std[3]) < 0.2
    torch.testing.assert_close(heads.film_std[0], film[:, 0].std(correction=0))


def test_windows_without_film_are_refused() -> None:
    film = torch.randn(8, 48)
    film[2] = torch.nan
    with pytest.raises(ValueError, match="finite"):
        Heads(HeadSettings(), embedding=24, film_dim=48).fit_standardisation(film)
