"""Copies of few labelled windows: what they are, what they weigh, and what a probe learns from them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.datasets.dataset_split import DatasetSplit
from equigait.pipeline.datasets.sensor_windows import SensorWindows
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.probing.linear import LabelledFeatures, fit_linear
from equigait.pipeline.probing.oversampling import oversample, oversampling_rounds
from equigait.pipeline.probing.settings import ProbeSettings
from equigait.pipeline.probing.student_probe import Featurise, fit_features, fit_parts, joined_by
from equigait.pipeline.students.embedding import embed
from equigait.pipeline.students.table import build_student
from rides import ride_recipe
from scipy.spatial.transform import Rotation
from synthetic_corpus import synthetic_corpus

STEPS = 50


def swinging(count: int, *, mounts: np.ndarray, seed: int = 0) -> WindowDataset:
    """Two sites swinging along an axis, twice as strongly in a trot, each turned by its mount `[2 3 3]`."""
    rng = np.random.default_rng(seed)
    label = np.arange(count) % 2
    swing = (1 + label)[:, None] * np.sin(2 * np.pi * (np.arange(STEPS) / 20 + rng.uniform(size=(count, 1))))
    vector = np.zeros((count, 2, 2, 3, STEPS))
    vector[:, :, :, 0] = swing[:, None, None]
    vector[:, :, :, 1] = 0.5 * swing[:, None, None, ::-1]
    turned = np.einsum("sij,nskjt->nskit", mounts, vector) + 0.05 * rng.normal(size=vector.shape)
    return WindowDataset(
        classes=("walk", "trot"),
        imu=SensorWindows.of(torch.tensor(turned.reshape(count, 12, STEPS), dtype=torch.float32)),
        film=torch.full((count, 4), torch.nan),
        has_film=torch.zeros(count, dtype=torch.bool),
        label=label,
        horse=("h0",) * count,
        recording=("r0",) * count,
        start_seconds=torch.arange(count, dtype=torch.float64),
        sites=("withers", "sacrum"),
        teacher={},
    )


UPRIGHT = np.stack([np.eye(3)] * 2)
QUIET = "augment={noise_m_s2: 0, noise_rad_s: 0, scale: 0, rotation_degrees: 0, shift_steps: 0}"


def test_few_windows_stand_first_as_they_are_and_then_in_rounds_with_their_labels() -> None:
    windows = swinging(6, mounts=UPRIGHT)
    copied = oversample(windows, settings=ride_recipe("probe.oversample_to=20"))
    assert len(copied) == 18
    torch.testing.assert_close(copied.imu[:6], windows.imu[:], rtol=0, atol=0)
    assert copied.label.tolist() == 3 * windows.label.tolist()
    second, third = copied.imu[6:12], copied.imu[12:]
    assert not torch.equal(second, windows.imu[:])
    assert not torch.equal(second, third)
    assert torch.equal(oversample(windows, settings=ride_recipe("probe.oversample_to=20")).imu[:], copied.imu[:])


def test_the_former_name_of_the_setting_is_refused_with_the_new_one() -> None:
    with pytest.raises(BadInput, match="`fill_to` is now called `oversample_to`"):
        ride_recipe("probe.fill_to=20")


@pytest.mark.parametrize(
    ("windows", "oversample_to", "rounds"), [(30, 600, 20), (300, 600, 2), (301, 600, 1), (30, 0, 1)]
)
def test_windows_are_shown_as_often_as_there_is_room(windows: int, oversample_to: int, rounds: int) -> None:
    assert oversampling_rounds(windows, settings=ProbeSettings(oversample_to=oversample_to)) == rounds


def test_enough_windows_are_left_alone() -> None:
    windows = swinging(12, mounts=UPRIGHT)
    assert oversample(windows, settings=ride_recipe("probe.oversample_to=23")) is windows


def test_a_site_that_drops_out_shows_the_silence_given_or_the_mean_of_the_windows() -> None:
    windows, recipe = (
        swinging(4, mounts=UPRIGHT),
        ride_recipe("probe.oversample_to=80", QUIET, "augment.site_dropout=0.5"),
    )
    silence = torch.arange(12.0)
    for given, shown in ((silence, silence), (None, windows.imu[:].mean(dim=(0, 2)))):
        sites = oversample(windows, settings=recipe, fill_value=given).imu[4:].reshape(-1, 2, 6, STEPS)
        silent = (sites == shown.reshape(2, 6, 1)).all(3).all(2)
        assert 0.2 < silent.double().mean() < 0.8


def test_copies_weigh_together_what_their_windows_weigh_alone() -> None:
    rng = np.random.default_rng(0)
    label, features = np.arange(12) % 2, rng.normal(size=(12, 5)).astype(np.float32)
    alone = LabelledFeatures(features, label, ("h0",) * 12)
    fivefold = LabelledFeatures(np.tile(features, (5, 1)), np.tile(label, 5), ("h0",) * 60, weight=0.2)
    settings = ProbeSettings(inverse_penalties=(0.3,))
    one, other = (fit_linear(each, classes=("walk", "trot"), settings=settings) for each in (alone, fivefold))
    np.testing.assert_allclose(other.weight, one.weight, atol=1e-3)
    unweighted = fit_linear(replace(fivefold, weight=1.0), classes=("walk", "trot"), settings=settings)
    assert np.abs(unweighted.weight - one.weight).max() > 0.05


def test_a_probe_oversample_tells_gaits_under_mounts_that_its_one_horse_never_wore() -> None:
    known = swinging(16, mounts=UPRIGHT)
    turned = Rotation.from_euler("yz", [[80, 50], [-60, 70]], degrees=True).as_matrix()
    unknown, none = swinging(200, mounts=turned, seed=1), known.take(np.zeros(0, dtype=np.int64))

    def spread(windows: WindowDataset) -> np.ndarray:
        return windows.imu[:].std(dim=2).numpy()

    share = {}
    for oversample_to in (0, 600):
        recipe = ride_recipe(f"probe.oversample_to={oversample_to}", "augment.rotation_degrees=70")
        probe = fit_features(Featurise(spread), train=known, validation=none, settings=recipe)
        share[oversample_to] = np.mean(probe.logits(spread(unknown)).argmax(axis=1) == unknown.label)
    assert share[600] > 0.95
    assert share[600] > share[0] + 0.1


def test_the_student_itself_shows_its_training_mean_where_a_site_drops_out() -> None:
    windows = swinging(6, mounts=UPRIGHT)
    settings = (
        "probe.oversample_to=60",
        "probe.inverse_penalties=[0.3]",
        "probe.features=[]",
        "augment.site_dropout=0.5",
    )
    recipe = ride_recipe(*settings, QUIET)
    student = build_student(recipe.student, channels=12, steps=STEPS, seed=0).eval()
    student.fit_standardisation(windows.imu[:] + 3.0)  # another mean than these windows have
    none = windows.take(np.zeros(0, dtype=np.int64))
    parts = DatasetSplit(windows, none, none, pool=synthetic_corpus(horses=1, windows=2))
    probe = fit_parts(joined_by(student, settings=recipe), parts=parts, settings=recipe, fill_value=student.mean)
    copied = oversample(windows, settings=recipe, fill_value=student.mean)
    by_hand = fit_linear(
        LabelledFeatures(embed(student, copied.imu), copied.label, copied.horse, weight=0.1),
        classes=windows.classes,
        settings=recipe.probe,
    )
    np.testing.assert_allclose(probe.weight, by_hand.weight, rtol=1e-6)
