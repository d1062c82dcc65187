"""Novelty: the distance by its formula, calibrated so that unseen horses are ordinary and other behaviours are not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.pipeline.probing.linear import FeatureBlock, LabelledFeatures, LinearClassifier
from equigait.pipeline.probing.novelty import fit_novelty
from equigait.pipeline.probing.novelty_model import NoveltyModel
from equigait.pipeline.probing.probe_file import load_probe, save_probe
from equigait.pipeline.probing.transitions import fit_transitions

HORSES = 12


def stable(*, centres: np.ndarray, seed: int, horse_sd: float = 0.5) -> LabelledFeatures:
    """Twenty windows of each class and horse, around the class's centre and the horse's own deviation from it."""
    rng = np.random.default_rng(seed)
    rows, labels, horses = [], [], []
    for horse in range(HORSES):
        own = rng.normal(0, horse_sd, centres.shape)
        for label, centre in enumerate(centres):
            rows.append(rng.normal(centre + own[label], 1.0, (20, centres.shape[1])))
            labels += [label] * 20
            horses += [f"h{seed}-{horse}"] * 20
    return LabelledFeatures(np.concatenate(rows).astype(np.float32), np.array(labels), tuple(horses))


CENTRES = np.random.default_rng(9).normal(0, 3, (3, 16))


def test_distance_is_that_of_mahalanobis_to_the_nearest_mean() -> None:
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    values, vectors = np.linalg.eigh(np.linalg.inv(covariance))
    means = np.array([[0.0, 0.0], [10.0, 0.0]], np.float32)
    model = NoveltyModel(means, (vectors * np.sqrt(values)).astype(np.float32), np.zeros(201))
    offset = np.array([1.0, -2.0])
    expected = np.sqrt(offset @ np.linalg.inv(covariance) @ offset)
    found = model.distance(np.array([offset, means[1] + offset], np.float32))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    lacking = np.array([[1.0, np.nan], [np.nan, -2.0]], np.float32)  # counts as if it were at the mean
    np.testing.assert_allclose(model.distance(lacking), model.distance(np.nan_to_num(lacking)), rtol=1e-6)


def test_horses_never_seen_are_ordinary_and_another_behaviour_is_not() -> None:
    model = fit_novelty(stable(centres=CENTRES, seed=0), classes=3, folds=4)
    other = np.random.default_rng(10).normal(0, 3, (3, 16))
    ordinary = model.score(stable(centres=CENTRES, seed=1).features)
    assert np.mean(ordinary > 0.95) == pytest.approx(0.05, abs=0.04)
    assert np.mean(model.score(stable(centres=other, seed=2).features) > 0.95) > 0.95


def test_with_many_classes_what_lies_between_two_is_new_and_mounts_do_not_count() -> None:
    centres = np.zeros((7, 16))
    centres[:, :6] = np.random.default_rng(3).normal(0, 12, (7, 6))
    blocks = (FeatureBlock("student", 16), FeatureBlock("axes-spectra", 4))

    def mounted(windows: LabelledFeatures, *, mount: float) -> LabelledFeatures:
        features = np.concatenate([windows.features, np.full((len(windows.label), 4), mount, np.float32)], axis=1)
        return replace(windows, features=features, blocks=blocks)

    model = fit_novelty(mounted(stable(centres=centres, seed=0), mount=0.0), classes=7, folds=4)
    assert model.means.shape == (7, 16)
    ordinary = model.score(stable(centres=centres, seed=1).features)
    between = np.repeat((centres[:1] + centres[1:2]) / 2, 7, axis=0)
    assert np.mean(ordinary > 0.95) == pytest.approx(0.05, abs=0.04)
    assert np.mean(model.score(stable(centres=between, seed=2).features) > 0.95) > 0.95


def test_each_class_has_a_spread_of_its_own() -> None:
    narrow, wide = np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32) / 4
    means = np.array([[0.0, 0.0], [10.0, 0.0]], np.float32)
    model = NoveltyModel(means, np.eye(2, dtype=np.float32), np.zeros(201), np.stack([narrow, wide]))
    points = np.array([[3.0, 4.0], [10.0, 8.0]], np.float32)
    np.testing.assert_allclose(model.distance(points), [np.hypot(7, 4) / 4, 2.0], rtol=1e-6)


def without(windows: LabelledFeatures, columns: slice, *, rows: np.ndarray) -> LabelledFeatures:
    """The same with features missing in some windows."""
    features = windows.features.copy()
    features[np.flatnonzero(rows), columns] = np.nan
    return replace(windows, features=features)


@pytest.mark.parametrize("classes", [3, 7])
def test_what_a_lost_sensor_leaves_missing_is_not_unlike_anything(classes: int) -> None:
    centres = np.random.default_rng(3).normal(0, 6, (classes, 16))
    train, unseen = stable(centres=centres, seed=0), stable(centres=centres, seed=1)
    lost = slice(0, 5)
    model = fit_novelty(without(train, lost, rows=train.label == 2), classes=classes, folds=4)  # of a class it has none
    whole, partial = (model.score(each.features) for each in (unseen, without(unseen, lost, rows=unseen.label < 2)))
    assert np.mean(partial[unseen.label < 2] > 0.95) <= np.mean(whole[unseen.label < 2] > 0.95)
    other = stable(centres=np.random.default_rng(10).normal(0, 6, centres.shape), seed=2)
    assert np.mean(model.score(without(other, lost, rows=other.label >= 0).features) > 0.95) > 0.9


def test_scores_of_left_out_windows_are_spread_evenly() -> None:
    train = stable(centres=CENTRES, seed=0)
    scores = fit_novelty(train, classes=3, folds=HORSES).score(stable(centres=CENTRES, seed=5).features)
    assert np.mean(scores) == pytest.approx(0.5, abs=0.12)


def test_one_horse_alone_is_its_own_scale() -> None:
    train = stable(centres=CENTRES, seed=0)
    alone = train.where(np.array([name == "h0-0" for name in train.horse]))
    assert np.mean(fit_novelty(alone, classes=3, folds=4).score(alone.features)) == pytest.approx(0.5, abs=0.02)


def test_novelty_and_transitions_travel_with_the_probe(tmp_path: Path) -> None:
    train = stable(centres=CENTRES, seed=0)
    classes = ("walk", "trot", "canter")
    weight = np.zeros((3, 16), np.float32)
    saved = LinearClassifier(
        *(classes, weight, np.zeros(3, np.float32), 1.0, 1.0, ("h",)),
        novelty=fit_novelty(train, classes=3, folds=4),
        transitions=fit_transitions([[(0.0, 9.0, "walk"), (9.0, 12.0, "trot")]], classes=classes),
    )
    (tmp_path / "checkpoint.safetensors").write_bytes(b"weights")
    save_probe(saved, run=tmp_path)
    loaded = load_probe(tmp_path)
    assert loaded.novelty
    assert loaded.transitions
    np.testing.assert_array_equal(loaded.novelty.score(train.features), saved.novelty.score(train.features))  # type: ignore[union-attr]
    np.testing.assert_array_equal(loaded.transitions.rates, saved.transitions.rates)  # type: ignore[union-attr]
