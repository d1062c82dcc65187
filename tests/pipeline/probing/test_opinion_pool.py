"""The pool of classifiers of several blocks: what it computes, which blocks it leaves out, what may be missing."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.pipeline.probing.linear import FeatureBlock, LabelledFeatures, softmax
from equigait.pipeline.probing.opinion_pool import fit_pool, shares_of
from equigait.pipeline.probing.settings import ProbeSettings

CLASSES = ("walk", "trot", "canter")
SETTINGS = ProbeSettings(inverse_penalties=(0.3,))
BLOCKS = (FeatureBlock("student", 4), FeatureBlock("spectra", 3))


def features(horses: int, *, seed: int, noise: tuple[float, float] = (0.5, 0.5), each: int = 12) -> LabelledFeatures:
    """Two blocks that show the class in one column each, under so much noise."""
    rng = np.random.default_rng(seed)
    label = np.tile(np.arange(3), horses * each // 3)
    columns = [
        np.concatenate([np.eye(3)[label], np.zeros((len(label), block.width - 3))], axis=1)
        + spread * rng.normal(size=(len(label), block.width))
        for block, spread in zip(BLOCKS, noise, strict=True)
    ]
    horse = tuple(f"h{number // each}" for number in range(len(label)))
    return LabelledFeatures(np.concatenate(columns, axis=1).astype(np.float32), label, horse, blocks=BLOCKS)


def test_the_pool_is_the_normalised_geometric_mean_of_its_classifiers() -> None:
    train, test = features(1, seed=0), features(1, seed=1)  # a single horse: nothing chooses, nothing calibrates
    pooled = fit_pool(train, classes=CLASSES, settings=SETTINGS)
    alone = [fit_pool(train.block(number), classes=CLASSES, settings=SETTINGS) for number in (0, 1)]
    product = np.prod([each.probabilities(test.block(n).features) for n, each in enumerate(alone)], axis=0)
    by_hand = np.sqrt(product) / np.sqrt(product).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(pooled.probabilities(test.features), by_hand, atol=1e-5)
    assert [block.share for block in pooled.blocks] == [0.5, 0.5]


def test_a_block_that_fails_on_horses_held_out_has_little_part_in_the_answer() -> None:
    train = features(6, seed=0, noise=(30.0, 0.3))  # the student has learned nothing
    pooled = fit_pool(train, classes=CLASSES, settings=SETTINGS)
    student, spectra = (block.share for block in pooled.blocks)
    assert student + spectra == pytest.approx(1)
    assert student < 0.2
    test = features(4, seed=9, noise=(30.0, 0.3))
    assert np.mean(pooled.logits(test.features).argmax(axis=1) == test.label) > 0.9


def test_shares_are_inverse_losses_on_the_horses_held_out() -> None:
    train, held_out = features(3, seed=0), features(4, seed=2, noise=(0.2, 0.8))
    pooled = fit_pool(train, classes=CLASSES, settings=SETTINGS, validation=held_out)
    losses = []
    for number in (0, 1):  # each block alone is calibrated on the same horses
        alone = fit_pool(train.block(number), classes=CLASSES, settings=SETTINGS, validation=held_out.block(number))
        own = alone.probabilities(held_out.block(number).features)[np.arange(len(held_out.label)), held_out.label]
        losses.append(np.mean([-np.log(own[held_out.label == each]).mean() for each in range(3)]))
    expected = [losses[1] / sum(losses), losses[0] / sum(losses)]
    assert [block.share for block in pooled.blocks] == pytest.approx(expected, rel=1e-4)
    assert expected[0] > expected[1]


def test_shares_sum_to_one_and_a_block_without_error_leaves_the_others_a_part() -> None:
    assert shares_of([0.1, 0.3, 0.6]) == pytest.approx([2 / 3, 2 / 9, 1 / 9])
    assert shares_of([1.0, 1.0]) == [0.5, 0.5]
    assert shares_of([0.0, 1.0]) == pytest.approx([1000 / 1001, 1 / 1001])


def test_a_missing_feature_counts_as_its_mean_over_the_training_windows() -> None:
    train = features(3, seed=0)
    holes = train.features.copy()
    holes[::5, 5] = np.nan
    pooled = fit_pool(replace(train, features=holes), classes=CLASSES, settings=SETTINGS)
    assert pooled.fill is not None
    assert pooled.fill[5] == pytest.approx(np.nanmean(holes[:, 5]), abs=1e-6)
    test, missing = features(1, seed=3).features, features(1, seed=3).features
    test[:, 4:], missing[:, 4:] = pooled.fill[4:], np.nan
    np.testing.assert_allclose(pooled.probabilities(missing), pooled.probabilities(test), atol=1e-6)
    assert np.allclose(softmax(pooled.logits(missing)).sum(axis=1), 1.0)
