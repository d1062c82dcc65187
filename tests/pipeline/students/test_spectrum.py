"""The part that a window's spectrum tells: the right frequency, no mount, no silent site, sometimes not in training."""

import math

import pytest
import torch
from equigait.pipeline.students.patch_transformer import PatchTransformer
from equigait.pipeline.students.settings import PatchTransformerSettings
from equigait.pipeline.students.spectrum import POWER_FLOOR, SiteSpectrum
from equigait.pipeline.students.table import build_student
from scipy.spatial.transform import Rotation
from torch import Tensor

STEPS = 250


def spectrum_of(sites: int = 2, drop: float = 0.0, steps: int = STEPS) -> SiteSpectrum:
    torch.manual_seed(0)
    return SiteSpectrum(channels=6 * sites, steps=steps, hidden=16, width=8, drop=drop, dropout=0.0)


def swinging(cycles: float, batch: int = 1, sites: int = 2) -> Tensor:
    """Windows whose first site's vertical force swings so often in a window; all else rests."""
    window = torch.zeros(batch, 6 * sites, STEPS)
    window[:, 2] = torch.sin(2 * math.pi * cycles * torch.arange(STEPS) / STEPS)
    return window


@pytest.mark.parametrize("cycles", [5, 9, 31])
def test_a_swing_shows_at_its_own_frequency_and_site(cycles: int) -> None:
    power = spectrum_of().log_power(swinging(cycles))[0]
    assert int(power[0, :60].argmax()) == cycles - 1  # the first bin is one cycle a window
    assert torch.allclose(power[1], torch.tensor(math.log(POWER_FLOOR)), atol=1e-3)


def test_power_is_the_tapered_transform_written_out() -> None:
    window = torch.randn(1, 6, STEPS, generator=torch.Generator().manual_seed(1))
    taper = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(STEPS) / (STEPS - 1))
    force = (window[0, :3] - window[0, :3].mean(1, keepdim=True)) * taper
    turn = torch.exp(-2j * math.pi * 7 * torch.arange(STEPS) / STEPS)
    by_hand = math.log(float((force * turn).sum(1).abs().square().sum()) + POWER_FLOOR)
    assert float(spectrum_of(1).log_power(window)[0, 0, 6]) == pytest.approx(by_hand, rel=1e-4)


def test_a_turned_mount_changes_nothing() -> None:
    window = torch.randn(3, 6, STEPS, generator=torch.Generator().manual_seed(2))
    turn = torch.from_numpy(Rotation.from_rotvec([0.4, -1.0, 0.2]).as_matrix()).float()
    turned = (turn @ window.unflatten(1, (2, 3))).flatten(1, 2)
    torch.testing.assert_close(spectrum_of(1).log_power(turned), spectrum_of(1).log_power(window), rtol=1e-3, atol=1e-3)


def test_statistics_of_training_windows_make_each_bin_standard() -> None:
    windows = torch.randn(200, 12, STEPS, generator=torch.Generator().manual_seed(3))
    spectrum = spectrum_of()
    spectrum.fit([windows])
    scaled = (spectrum.log_power(windows) - spectrum.mean) / spectrum.std
    assert float(scaled.mean(0).abs().max()) < 1e-4
    assert float((scaled.std(0, correction=0) - 1).abs().max()) < 1e-3


def test_a_silent_site_counts_as_one_of_the_training_windows_mean_power() -> None:
    spectrum = spectrum_of().eval()
    spectrum.fit([torch.randn(50, 12, STEPS, generator=torch.Generator().manual_seed(4))])
    window = swinging(5)
    power = (spectrum.log_power(window) - spectrum.mean) / spectrum.std
    power[:, 1] = 0.0
    torch.testing.assert_close(spectrum(window), spectrum.tell(spectrum.project(power).flatten(1)))


def test_training_goes_without_for_its_share_of_windows_and_evaluation_never_does() -> None:
    spectrum = spectrum_of(drop=0.3)
    windows = swinging(5, batch=4000)
    torch.manual_seed(5)
    absent = (spectrum.train()(windows) == 0).all(1)
    assert float(absent.float().mean()) == pytest.approx(0.3, abs=0.03)
    assert not bool((spectrum.eval()(windows) == 0).any())


def test_channels_that_are_no_whole_sites_are_refused() -> None:
    with pytest.raises(ValueError, match="6 channels a site"):
        SiteSpectrum(channels=8, steps=STEPS, hidden=16, width=8, drop=0.0, dropout=0.0)


def student_with_spectra(**settings: object) -> PatchTransformer:
    sizes = PatchTransformerSettings(width=16, layers=1, heads=2, spectrum=True, **settings)
    student = build_student(sizes, channels=12, steps=STEPS, seed=0)
    assert isinstance(student, PatchTransformer)
    student.fit_standardisation(torch.randn(20, 12, STEPS, generator=torch.Generator().manual_seed(6)))
    return student


def test_an_eighth_of_the_embedding_tells_the_spectrum_and_the_rest_cannot_see_it() -> None:
    student = student_with_spectra().eval()
    assert student.spectrum is not None
    with torch.no_grad():
        told, part = student(swinging(5)), student.spectrum(student.standardise(swinging(5)))
        assert torch.equal(told[:, -32:], part)
        student.spectrum.project.weight.zero_()
        without, faster = student(swinging(5)), student(swinging(9))
    assert torch.equal(without[:, :-32], told[:, :-32])
    assert not torch.equal(without[:, -32:], part)
    assert not torch.equal(faster, without)  # patches look for themselves


def test_patches_phases_and_spectrum_share_the_embedding_and_each_patch_keeps_its_token() -> None:
    student = student_with_spectra(phases=True, embedding=64).eval()
    assert student.phases is not None
    assert student.spectrum is not None
    assert (student.embed.out_features, student.phases.width, student.spectrum.width) == (24, 32, 8)
    assert student(swinging(5)).shape == (1, 64)
    assert student.tokens(swinging(5)).shape == (1, 25, 16)
