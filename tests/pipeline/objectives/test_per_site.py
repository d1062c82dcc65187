"""Per-site alignment against its formula: each sensor alone, the others missing, put to the same films."""

import pytest
import torch
from equigait.pipeline.objectives.per_site import alone
from objective_parts import SITES, forward_of, objective_of


@pytest.mark.parametrize("pair", ["siglip", "infonce"])
def test_the_loss_is_the_mean_of_the_sites_alone(pair: str) -> None:
    forward, objective = forward_of(), objective_of({"name": "per-site", "pair": {"name": pair}})
    losses = []
    for site in range(SITES):
        windows = torch.full_like(forward.batch.imu, torch.nan)
        windows[:, 6 * site : 6 * site + 6] = forward.batch.imu[:, 6 * site : 6 * site + 6]
        losses.append(objective.pair(forward.encode(windows), forward.film))
    assert float(objective.compute_loss(forward).detach()) == pytest.approx(
        float(sum(losses).detach()) / SITES, rel=1e-6
    )


def test_a_site_that_fell_silent_is_still_shown_alone_as_it_was_worn() -> None:
    objective = objective_of({"name": "per-site"})
    assert torch.equal(objective.compute_loss(forward_of(dropped=0)), objective.compute_loss(forward_of()))


def test_a_lone_site_leaves_all_others_missing() -> None:
    windows = torch.randn(2, 18, 5)
    shown = alone(windows, site=1)
    assert torch.equal(shown[:, 6:12], windows[:, 6:12])
    assert bool(shown[:, :6].isnan().all())
    assert bool(shown[:, 12:].isnan().all())


def test_overlapping_windows_are_no_opposites_here_either() -> None:
    overlap = torch.zeros(6, 6, dtype=torch.bool)
    overlap[0, 1] = overlap[1, 0] = True
    objective = objective_of({"name": "per-site"})
    assert objective.compute_loss(forward_of(overlap=overlap)) < objective.compute_loss(forward_of())


def test_fewer_sites_can_be_drawn_each_step() -> None:
    seen = []
    for seed in range(12):
        forward = forward_of(seed=seed)
        see = forward.encode
        forward.encode = lambda windows, see=see: (seen.append(bool(windows[0, 0, 0].isnan())), see(windows))[1]
        objective_of({"name": "per-site", "sites": 1}).compute_loss(forward)
    assert len(seen) == 12
    assert set(seen) == {True, False}
