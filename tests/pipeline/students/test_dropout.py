"""Cheap dropout drops the share it should, keeps the mean, and is torch's own where nothing is gained."""

import pytest
import torch
from equigait.pipeline.students.dropout import Dropout


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_in_bfloat16_it_drops_its_share_and_keeps_the_mean(share: float) -> None:
    torch.manual_seed(0)
    values = torch.ones(1001, 101, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        left = Dropout(share)(values)
    dropped = left == 0
    assert float(dropped.float().mean()) == pytest.approx(share, abs=0.005)
    assert float(left.detach().mean()) == pytest.approx(1.0, abs=0.01)
    left.sum().backward()
    assert torch.equal(values.grad == 0, dropped)
    assert torch.equal(values.grad[~dropped], left[~dropped].detach())


def test_neighbours_and_columns_are_dropped_independently() -> None:
    torch.manual_seed(0)
    with torch.autocast("cpu", torch.bfloat16):
        dropped = (Dropout(0.5)(torch.ones(4000, 64)) == 0).float()
    likeness = torch.corrcoef(dropped.T) - torch.eye(64)
    assert float(likeness.abs().max()) < 0.08  # five standard deviations of independent columns


def test_the_seed_decides_what_is_dropped() -> None:
    left = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        with torch.autocast("cpu", torch.bfloat16):
            left.append(Dropout(0.3)(torch.ones(64, 64)))
    assert torch.equal(left[0], left[1])
    assert not torch.equal(left[0], left[2])


def test_in_float32_and_in_evaluation_it_is_torchs_own() -> None:
    values = torch.randn(32, 32)
    torch.manual_seed(0)
    ours = Dropout(0.2)(values)
    torch.manual_seed(0)
    assert torch.equal(ours, torch.nn.Dropout(0.2)(values))
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(Dropout(0.2).eval()(values), values)
        assert torch.equal(Dropout(0.0)(values), values)
