"""Signals and features that no mount changes: any rotation, mirror and rein, known axes, missing sensors."""

import math

import numpy as np
import pytest
import torch
from equigait.pipeline.augmentation.mirror import reflected
from equigait.pipeline.students.fixed_features import FixedFeatures, Phases, Spectra
from equigait.pipeline.students.joined_features import JoinedFeatures
from equigait.pipeline.students.mount_free import body_axes, mount_free, without_dead
from equigait.pipeline.students.settings import PatchTransformerSettings
from equigait.pipeline.students.site_spectra import power_of, spectra_of
from equigait.pipeline.students.student import Student
from equigait.pipeline.students.table import build_student
from scipy.spatial.transform import Rotation
from torch import Tensor

STEPS, RATE_HZ, SITES = 250, 50.0, ("cannon_left", "cannon_right")
FEATURES = [Spectra(channels=12, steps=STEPS, rate_hz=RATE_HZ), Phases(channels=12, steps=STEPS)]
each_kind = pytest.mark.parametrize("features", FEATURES, ids=lambda each: type(each).__name__)


def striding(batch: int = 3, *, seed: int = 0) -> Tensor:
    """Two sites in body axes: gravity, force along and across the horse, and a pitch that is faster forwards."""
    generator = torch.Generator().manual_seed(seed)
    time = torch.arange(STEPS) / RATE_HZ
    windows = 0.2 * torch.randn(batch, 2, 2, 3, STEPS, generator=generator)
    for site, phase in enumerate((0.0, 2.0)):
        angle = 2 * math.pi * 1.4 * time + phase
        windows[:, site, 0, 0] += 3 * torch.sin(angle)
        windows[:, site, 0, 1] += torch.cos(2 * angle)
        windows[:, site, 0, 2] += 9.81 + 2 * torch.cos(angle)
        windows[:, site, 1, 1] += 4 * torch.exp(2 * torch.cos(angle)) / math.exp(2)
        windows[:, site, 1, 2] += 0.5 * torch.sin(angle)
    return windows.reshape(batch, 12, STEPS)


def turned(windows: Tensor, *, seed: int = 1) -> Tensor:
    """Each site under a rotation of its own, any of all."""
    turns = torch.from_numpy(Rotation.random(2, rng=np.random.default_rng(seed)).as_matrix()).float()
    return (turns[:, None] @ windows.reshape(-1, 2, 2, 3, STEPS)).reshape(windows.shape)


def mirrored(windows: Tensor) -> Tensor:
    """Each site in its own mirror image: the horse on the other rein."""
    vectors = windows.reshape(-1, 2, 2, 3, STEPS)
    return reflected(vectors, sites=("poll", "withers")).reshape(windows.shape)


def test_the_axes_of_the_body_are_found_whatever_the_mount() -> None:
    windows = striding()
    vectors = windows.reshape(3, 2, 2, 3, STEPS)
    torch.testing.assert_close(
        body_axes(vectors[:, :, 0], rate=vectors[:, :, 1]), torch.eye(3).expand(3, 2, 3, 3), atol=0.05, rtol=0
    )
    again = turned(windows).reshape(3, 2, 2, 3, STEPS)
    axes = body_axes(again[:, :, 0], rate=again[:, :, 1])
    torch.testing.assert_close(axes @ axes.mT, torch.eye(3).expand(3, 2, 3, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(axes), torch.ones(3, 2))
    torch.testing.assert_close(axes @ again[:, :, 0], vectors[:, :, 0], atol=1.0, rtol=0)


def test_signals_in_body_axes_are_the_channels_the_unpaired_ones_without_sign() -> None:
    windows = striding()
    found, vectors = mount_free(windows).reshape(3, 2, 2, 3, STEPS), windows.reshape(3, 2, 2, 3, STEPS)
    for kind, axis, signed in ((0, 0, True), (0, 1, False), (0, 2, True), (1, 0, False), (1, 1, True), (1, 2, False)):
        channel = vectors[:, :, kind, axis]
        expected = channel if signed else channel.abs()
        assert float((found[:, :, kind, axis] - expected).abs().mean()) < 0.15


@pytest.mark.parametrize("seed", range(4))
def test_no_rotation_and_no_mirror_changes_a_signal(seed: int) -> None:
    signals = mount_free(striding())
    torch.testing.assert_close(mount_free(turned(striding(), seed=seed)), signals, atol=1e-3, rtol=0)
    torch.testing.assert_close(mount_free(turned(mirrored(striding()), seed=seed)), signals, atol=1e-3, rtol=0)


@pytest.mark.parametrize("up", [(0.0, 0.0, -1.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, -1e-9)])
def test_gravity_along_any_axis_gives_axes_at_right_angles(up: tuple[float, float, float]) -> None:
    force = 9.81 * torch.tensor(up).reshape(1, 1, 3, 1).expand(1, 1, 3, STEPS)
    axes = body_axes(force, rate=torch.randn(1, 1, 3, STEPS))
    torch.testing.assert_close(axes[0, 0] @ axes[0, 0].T, torch.eye(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(axes[0, 0, 2], torch.tensor(up), atol=1e-5, rtol=0)


@each_kind
def test_features_are_those_of_any_other_mount_and_of_the_mirror_image(features: FixedFeatures) -> None:
    there = features(striding())
    assert there.shape == (3, features.width)
    torch.testing.assert_close(features(turned(striding())), there, atol=1e-2, rtol=1e-3)
    torch.testing.assert_close(features(mirrored(striding())), there, atol=1e-2, rtol=1e-3)
    assert not torch.allclose(features(striding() * torch.linspace(0.5, 2, STEPS)), there, atol=1e-2)


@each_kind
def test_features_of_a_dead_or_missing_sensor_are_missing_and_no_others(features: FixedFeatures) -> None:
    windows = striding()
    windows[0, 9:] = 0.0  # the second site's gyroscope is dead
    windows[1, 6:] = torch.nan  # the second site is not there
    dead, missing, whole = features(windows)
    own = features.width // 2 if isinstance(features, Spectra) else 0  # of the first site alone; a pair needs both
    assert bool(torch.isfinite(whole).all())
    for lost, number in ((dead, 0), (missing, 1)):
        assert bool(lost[own:].isnan().all())
        torch.testing.assert_close(lost[:own], features(striding())[number, :own])


def test_without_a_gyroscope_the_vertical_force_is_left() -> None:
    windows = striding(1)
    windows[:, 3:6] = torch.nan
    signals = mount_free(windows)
    assert signals.isnan().all(2)[0].tolist() == [True, True, False, True, True, True, *[False] * 6]
    torch.testing.assert_close(signals[:, 2], mount_free(striding(1))[:, 2])


def test_a_sensor_that_never_moves_is_dead_and_one_axis_at_rest_is_not() -> None:
    windows = striding(1)
    windows[:, 1], windows[:, 6:9] = 0.0, 2.0  # motion in a plane; a dead accelerometer
    found = without_dead(windows)
    assert found.isnan().any(2)[0].tolist() == [False] * 6 + [True] * 3 + [False] * 3


@pytest.mark.parametrize("phases", [False, True])
def test_a_mount_free_student_gives_the_same_embedding_under_any_mount_and_on_the_other_rein(phases: bool) -> None:
    settings = PatchTransformerSettings(width=16, layers=1, heads=2, mount_free=True, phases=phases, spectrum=True)
    student = build_student(settings, channels=12, steps=STEPS, seed=0).eval()
    student.fit_standardisation(striding(8, seed=5))
    embedding = student(striding())
    torch.testing.assert_close(student(turned(mirrored(striding()))), embedding, atol=1e-2, rtol=1e-2)
    bound = build_student(settings.model_copy(update={"mount_free": False}), channels=12, steps=STEPS, seed=0).eval()
    bound.fit_standardisation(striding(8, seed=5))
    assert not torch.allclose(bound(mirrored(striding())), bound(striding()), atol=0.1)


def test_joined_features_are_the_embedding_and_each_block_in_order() -> None:
    student: Student = build_student(
        PatchTransformerSettings(width=16, layers=1, heads=2), channels=12, steps=STEPS, seed=0
    ).eval()
    network, windows = JoinedFeatures(student, blocks=["spectra", "phases"], rate_hz=RATE_HZ), striding()
    assert list(network.widths) == ["student", "spectra", "phases"]
    by_hand = torch.cat([student(windows), *(features(windows) for features in FEATURES)], dim=1)
    torch.testing.assert_close(network(windows), by_hand)
    windows[1, 7, 100] = torch.inf  # whichever way: what is no number is no number of another size
    by_hand = torch.cat([student(windows), *(features(windows) for features in FEATURES)], dim=1)
    torch.testing.assert_close(network(windows), by_hand, equal_nan=True)
    assert network(windows).shape[1] == sum(network.widths.values())


def test_of_a_single_site_there_are_no_phases_to_join() -> None:
    student = build_student(PatchTransformerSettings(width=16, layers=1, heads=2), channels=6, steps=STEPS, seed=0)
    assert list(JoinedFeatures(student, blocks=["spectra", "phases"], rate_hz=RATE_HZ).widths) == ["student", "spectra"]


def test_power_is_the_squared_size_of_the_spectrum() -> None:
    signals = striding()
    parts = spectra_of(signals, points=STEPS, bins=80)
    assert torch.equal(power_of(signals, points=STEPS, bins=80), parts.square().sum(-2))
    assert power_of(signals[:0], points=STEPS, bins=80).shape == (0, 12, 80)
