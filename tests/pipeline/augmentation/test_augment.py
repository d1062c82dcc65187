"""Each disturbance does what its unit says, and nothing else."""

import math

import pytest
import torch
from equigait.data.sites import TRUNK_5
from equigait.pipeline.augmentation.augment import augment
from equigait.pipeline.augmentation.film_mean_swap import swap_recording_mean
from equigait.pipeline.augmentation.mounts import rotation_matrices
from equigait.pipeline.augmentation.settings import AugmentSettings
from equigait.pipeline.runtime.seeds import generator_for, seed_for
from scipy.spatial.transform import Rotation
from torch import Tensor

NOTHING = {"noise_m_s2": 0, "noise_rad_s": 0, "scale": 0, "rotation_degrees": 0, "shift_steps": 0, "site_dropout": 0}


def disturbed(imu: Tensor, seed: int = 0, **settings: float) -> Tensor:
    return augment(
        imu,
        settings=AugmentSettings.model_validate(NOTHING | settings),
        silence=torch.arange(float(imu.shape[1])),
        generator=generator_for("test", seed),
        sites=TRUNK_5[: imu.shape[1] // 6],
    )


@pytest.fixture
def imu() -> Tensor:
    return torch.randn(64, 30, 250, generator=torch.Generator().manual_seed(3))


def test_nothing_asked_nothing_done(imu: Tensor) -> None:
    assert torch.equal(disturbed(imu), imu)


def test_noise_has_its_deviation_on_each_kind_of_channel(imu: Tensor) -> None:
    noise = (disturbed(imu, noise_m_s2=0.5, noise_rad_s=0.05) - imu).unflatten(1, (5, 2, 3))
    assert float(noise[:, :, 0].std()) == pytest.approx(0.5, rel=0.02)
    assert float(noise[:, :, 1].std()) == pytest.approx(0.05, rel=0.02)


def test_scale_is_one_gain_for_each_site_and_kind(imu: Tensor) -> None:
    gain = (disturbed(imu, scale=0.1) / imu).unflatten(1, (5, 2, 3))
    torch.testing.assert_close(gain, gain[..., :1, :1].expand_as(gain), rtol=1e-3, atol=1e-4)
    assert float(gain[..., 0, 0].std()) == pytest.approx(0.1, rel=0.15)
    assert float(gain[..., 0, 0].mean()) == pytest.approx(1.0, abs=0.02)


def test_rotation_keeps_magnitudes_and_the_angle_between_force_and_rate(imu: Tensor) -> None:
    before, after = imu.unflatten(1, (5, 2, 3)), disturbed(imu, rotation_degrees=20).unflatten(1, (5, 2, 3))
    torch.testing.assert_close(after.norm(dim=3), before.norm(dim=3), rtol=1e-4, atol=1e-4)
    dot = (before[:, :, 0] * before[:, :, 1]).sum(2)
    torch.testing.assert_close((after[:, :, 0] * after[:, :, 1]).sum(2), dot, rtol=1e-3, atol=1e-3)


def test_rotation_angles_have_their_deviation() -> None:
    still = torch.zeros(400, 30, 10)
    still[:, 2::6] = 9.81
    after = disturbed(still, rotation_degrees=8.0).unflatten(1, (5, 2, 3))[:, :, 0, :, 0]
    tilt = torch.rad2deg(torch.acos((after[..., 2] / 9.81).clamp(-1, 1)))
    # Tilt of a vector turned by N(0, 8) about a random axis: rms is 8 * sqrt(2/3) for small angles.
    assert float(tilt.square().mean().sqrt()) == pytest.approx(8 * math.sqrt(2 / 3), rel=0.06)


def test_rotation_matrices_are_scipys() -> None:
    axis = torch.nn.functional.normalize(torch.randn(7, 3), dim=1)
    angle = torch.linspace(-3, 3, 7)
    expected = Rotation.from_rotvec((axis * angle[:, None]).numpy()).as_matrix()
    torch.testing.assert_close(
        rotation_matrices(axis, angle_radians=angle).double(), torch.tensor(expected), atol=1e-5, rtol=0
    )


def test_a_shift_moves_all_channels_of_a_window_together() -> None:
    ramp = torch.arange(250.0).expand(64, 30, 250).clone()
    shifted = disturbed(ramp, shift_steps=5)
    by = shifted[:, :, 100] - 100
    assert torch.equal(by, by[:, :1].expand_as(by))
    assert set(by[:, 0].tolist()) == set(range(-5, 6))
    assert (float(shifted.min()), float(shifted.max())) == (0, 249)


def test_an_only_site_never_falls_silent(imu: Tensor) -> None:
    assert torch.equal(disturbed(imu[:, :6], site_dropout=0.9), imu[:, :6])


def test_a_silent_site_shows_its_training_mean_in_all_six_channels(imu: Tensor) -> None:
    out = disturbed(imu, site_dropout=0.3)
    silent = (out == torch.arange(30.0)[:, None]).all(2).unflatten(1, (5, 6))
    assert torch.equal(silent.all(2), silent.any(2))
    assert float(silent.all(2).float().mean()) == pytest.approx(0.3, abs=0.08)
    kept = ~silent.flatten(1)
    assert torch.equal(out[kept], imu[kept])


def test_one_seed_one_disturbance_and_the_windows_stay_untouched(imu: Tensor) -> None:
    before = imu.clone()
    warps = {"mirror": 0.5, "time_warp": 0.1, "magnitude_warp": 0.1}
    settings = {
        "noise_m_s2": 0.1,
        "rotation_degrees": 8.0,
        "shift_steps": 5,
        "scale": 0.1,
        "site_dropout": 0.1,
        **warps,
    }
    first, again, other = (disturbed(imu, seed, **settings) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(imu, before)


def test_film_takes_the_look_of_other_recordings_and_keeps_what_moves() -> None:
    looks = torch.tensor([[100.0, 0.0], [0.0, 100.0], [50.0, 50.0]])
    recording = torch.arange(3).repeat(200)
    moving = torch.randn(600, 2)
    film = looks[recording] + moving
    swapped = swap_recording_mean(
        film, recording=recording, recording_means=looks, share=0.6, generator=generator_for("test", 0)
    )
    look = swapped - moving
    at = torch.cdist(look, looks).argmin(1)
    torch.testing.assert_close(look, looks[at], atol=1e-3, rtol=0)
    assert float((at != recording).float().mean()) == pytest.approx(0.6 * 2 / 3, abs=0.05)  # a third draws its own
    assert torch.equal(film, looks[recording] + moving)
    same = swap_recording_mean(
        film, recording=recording, recording_means=looks, share=0.0, generator=generator_for("test", 0)
    )
    assert torch.equal(same, film)


@pytest.mark.parametrize("kind", ["mirror", "time_warp", "magnitude_warp"])
def test_a_kind_that_is_off_changes_nothing_and_one_that_is_on_something(imu: Tensor, kind: str) -> None:
    assert torch.equal(disturbed(imu, scale=0.1, **{kind: 0.0}), disturbed(imu, scale=0.1))
    assert not torch.equal(disturbed(imu, scale=0.1, **{kind: 0.3}), disturbed(imu, scale=0.1))


def test_seeds_differ_by_purpose_and_by_number() -> None:
    seeds = {seed_for(purpose, run, step) for purpose in ("order", "augment") for run in range(5) for step in range(50)}
    assert len(seeds) == 500
    assert seed_for("order", 1, 2) == seed_for("order", 1, 2)
