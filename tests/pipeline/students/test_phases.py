"""Phases between sites: quarter strides read as quarter turns, at any tempo and loudness; silent sites say nothing."""

import math

import pytest
import torch
from equigait.pipeline.students.phases import FLOOR, SitePhases
from equigait.pipeline.students.settings import PatchTransformerSettings
from equigait.pipeline.students.table import build_student
from torch import Tensor

STEPS, RATE_HZ = 250, 50.0


def phases_of(sites: int = 2) -> SitePhases:
    return SitePhases(channels=6 * sites, steps=STEPS, width=8)


def striding(ahead: float, *, hertz: float = 1.3, loud: float = 1.0, begin: float = 0.0) -> Tensor:
    """Windows of two sites that pitch once a stride, the second this share of a stride ahead of the first."""
    window = torch.zeros(1, 12, STEPS)
    stride = hertz * torch.arange(STEPS) / RATE_HZ + begin
    window[:, 4] = loud * torch.sin(2 * math.pi * stride)
    window[:, 10] = loud * torch.sin(2 * math.pi * (stride + ahead))
    return window


@pytest.mark.parametrize("ahead", [0.0, 0.25, -0.25, 0.1, 0.5])
def test_a_share_of_a_stride_is_that_share_of_a_turn(ahead: float) -> None:
    rate = phases_of().coherences(striding(ahead))[0, 0, 1, 0]
    expected = torch.polar(torch.tensor(1.0), torch.tensor(2 * math.pi * ahead))
    assert abs(complex(rate) - complex(expected)) < 0.03


@pytest.mark.parametrize("other", [{"hertz": 0.7}, {"hertz": 3.1}, {"loud": 4.0}, {"begin": 0.37}])
def test_tempo_loudness_and_where_the_window_begins_change_nothing(other: dict[str, float]) -> None:
    phases = phases_of()
    told, again = phases.coherences(striding(0.2))[0, 0, 1, 0], phases.coherences(striding(0.2, **other))[0, 0, 1, 0]
    assert abs(complex(told) - complex(again)) < 0.04


def test_coherences_are_the_transform_written_out() -> None:
    window = torch.randn(1, 18, STEPS, generator=torch.Generator().manual_seed(1))
    phases = phases_of(3)
    taper = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(STEPS) / (STEPS - 1))
    signal = (window - window.mean(2, keepdim=True)) * taper

    def at(bin_: int, site: int, kind: int) -> Tensor:
        turn = torch.exp(-2j * math.pi * bin_ * torch.arange(STEPS) / (2 * STEPS))
        return (signal[0, 6 * site + 3 * kind : 6 * site + 3 * kind + 3] * turn).sum(1)

    power = {b: sum(float(at(b, site, 1).abs().square().sum()) for site in range(3)) for b in range(5, 40)}
    stride = max(power, key=lambda b: power[b])
    told = phases.coherences(window)[0]
    for row, harmonic in enumerate((1, 2)):
        for kind in (0, 1):
            for column, (later, earlier) in enumerate([(1, 0), (2, 0), (2, 1)]):
                one, two = at(harmonic * stride, later, kind), at(harmonic * stride, earlier, kind)
                size = math.sqrt((one.abs().square().sum() + FLOOR) * (two.abs().square().sum() + FLOOR))
                by_hand = complex((one * two.conj()).sum()) / size
                assert complex(told[row, kind, column]) == pytest.approx(by_hand, abs=1e-4)


def test_where_nothing_turns_the_forces_tell_the_stride() -> None:
    window = striding(0.25).roll(-3, dims=1)  # what was about the lateral axis now pushes along it
    force = phases_of().coherences(window)[0, 0, 0, 0]
    assert abs(complex(force) - 1j) < 0.03


def test_a_silent_site_has_no_phase() -> None:
    window = striding(0.25)
    window[:, 6:] = 0.0
    assert not bool(phases_of().coherences(window).any())


def test_channels_that_are_no_whole_sites_are_refused() -> None:
    with pytest.raises(ValueError, match="6 channels a site"):
        SitePhases(channels=8, steps=STEPS, width=8)


def test_half_of_a_student_s_embedding_tells_the_phases_and_nothing_else() -> None:
    settings = PatchTransformerSettings(phases=True, width=16, layers=1, heads=2, embedding=12)
    student = build_student(settings, channels=12, steps=STEPS, seed=0).eval()
    with torch.no_grad():
        walk, hasty, trot = striding(0.25, hertz=1.4), striding(0.25, hertz=2.2), striding(0.5, hertz=1.4)
        slow, fast, trot = (student(window)[0] for window in (walk, hasty, trot))
    assert slow.shape == (12,)
    torch.testing.assert_close(slow[6:], fast[6:], atol=0.03, rtol=0)
    assert float((slow[:6] - fast[:6]).abs().max()) > 0.05
    assert float((slow[6:] - trot[6:]).abs().max()) > 0.2


def test_one_site_alone_is_told_by_its_patches_as_ever() -> None:
    settings = PatchTransformerSettings(phases=True, width=16, layers=1, heads=2, embedding=12)
    student = build_student(settings, channels=6, steps=STEPS, seed=0).eval()
    assert student.phases is None
    assert student(striding(0.25)[:, :6]).shape == (1, 12)
