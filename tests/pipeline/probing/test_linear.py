"""The linear classifier: its optimum, its choices, and that saving folds nothing away."""

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.pipeline.probing.linear import (
    LabelledFeatures,
    balanced_log_loss,
    fit_linear,
    fit_temperature,
    log_softmax,
)
from equigait.pipeline.probing.settings import ProbeSettings

GAITS = ("walk", "trot", "canter")


def herd(*, horses: int, per_gait: int = 10, spread: float = 1.0, seed: int = 0, own: float = 0.0) -> LabelledFeatures:
    """Gaits 3 apart along one axis each, on an offset of 100, with noise, and an own shift per horse."""
    rng = np.random.default_rng(seed)
    label = np.tile(np.repeat(np.arange(3), per_gait), horses)
    horse = np.repeat(np.arange(horses), 3 * per_gait)
    centre = 3.0 * np.eye(3, 6)[label] + own * rng.normal(size=(horses, 6))[horse]
    features = 100.0 + centre + spread * rng.normal(size=(len(label), 6))
    names = tuple(f"h{seed}-{number}" for number in horse)
    return LabelledFeatures(features.astype(np.float32), label.astype(np.int64), names)


def test_the_fit_is_the_optimum_of_the_penalised_class_balanced_likelihood() -> None:
    """At the optimum of |w|^2 / 2 + C * sum of weighted losses, over standardised features, the gradient is zero."""
    train = herd(horses=2, per_gait=20).where(np.arange(120) % 5 != 0)
    c = 0.3
    fit = fit_linear(train, classes=GAITS, settings=ProbeSettings(inverse_penalties=(c,)))
    scale = train.features.astype(np.float64).std(axis=0)
    standardised = (train.features - train.features.astype(np.float64).mean(axis=0)) / scale
    weight = fit.weight * scale
    surplus = fit.probabilities(train.features) - np.eye(3)[train.label]
    balance = len(train.label) / (3 * np.bincount(train.label))[train.label]
    gradient = weight + c * (surplus * balance[:, None]).T @ standardised
    assert np.abs(gradient).max() < 0.02 * np.abs(weight).max()
    assert np.abs((surplus * balance[:, None]).sum(axis=0)).max() < 0.05


def test_gaits_that_lie_apart_are_told_apart_on_horses_not_seen() -> None:
    fit = fit_linear(herd(horses=4, spread=0.3), classes=GAITS, settings=ProbeSettings())
    unseen = herd(horses=2, spread=0.3, seed=9)
    assert np.array_equal(fit.probabilities(unseen.features).argmax(axis=1), unseen.label)
    assert fit.horses == ("h0-0", "h0-1", "h0-2", "h0-3")


def test_two_classes_give_the_probability_of_the_logistic_function() -> None:
    train = herd(horses=3)
    pair = train.where(train.label < 2)
    fit = fit_linear(pair, classes=GAITS[:2], settings=ProbeSettings(inverse_penalties=(1.0,)))
    assert fit.weight.shape == (2, 6)
    margin = fit.logits(pair.features)[:, 1] - fit.logits(pair.features)[:, 0]
    assert fit.probabilities(pair.features)[:, 1] == pytest.approx(1 / (1 + np.exp(-margin)))


def test_one_window_of_each_of_many_actions_fits_without_a_warning() -> None:
    many = 27
    features = 3.0 * np.eye(many, dtype=np.float32)
    train = LabelledFeatures(features, np.arange(many), ("h0",) * many)
    fit = fit_linear(train, classes=tuple(f"action {number}" for number in range(many)), settings=ProbeSettings())
    assert np.array_equal(fit.probabilities(features).argmax(axis=1), train.label)


def test_a_feature_that_never_varies_has_no_say() -> None:
    train = herd(horses=2)
    constant = LabelledFeatures(
        np.hstack([train.features, np.full((60, 1), 7.0, np.float32)]), train.label, train.horse
    )
    fit = fit_linear(constant, classes=GAITS, settings=ProbeSettings())
    assert np.all(fit.weight[:, -1] == 0)


def test_validation_horses_choose_the_penalty() -> None:
    """A strong own shift of every horse misleads weak penalties on one set and not on the other."""
    train, easy = herd(horses=2, per_gait=4, spread=0.2), herd(horses=4, spread=0.2, seed=5)
    hard = herd(horses=6, spread=4.0, seed=6)
    settings = ProbeSettings(inverse_penalties=(0.001, 100.0), calibrate=False)
    assert fit_linear(train, classes=GAITS, settings=settings, validation=easy).inverse_penalty == 100.0
    assert fit_linear(train, classes=GAITS, settings=settings, validation=hard).inverse_penalty == 0.001


def test_without_validation_horses_folds_of_horses_choose_not_folds_of_windows() -> None:
    """Twelve windows of one horse are the same window: seen windows would ask for no penalty at all."""
    one_each = herd(horses=8, per_gait=1, spread=2.0)
    copies = np.repeat(np.arange(24), 12)
    horse = tuple(one_each.horse[row] for row in copies)
    repeated = LabelledFeatures(one_each.features[copies], one_each.label[copies], horse)
    settings = ProbeSettings(inverse_penalties=(0.001, 1000.0), folds=4)
    assert fit_linear(repeated, classes=GAITS, settings=settings).inverse_penalty == 0.001


def test_a_gait_without_a_labelled_window_is_refused_by_name() -> None:
    train = herd(horses=2)
    with pytest.raises(BadInput, match="no labelled window of canter"):
        fit_linear(train.where(train.label < 2), classes=GAITS, settings=ProbeSettings())


def test_where_one_gait_is_left_the_way_out_is_to_label_more_for_one_alone_cannot_be_learned() -> None:
    train = herd(horses=2)
    with pytest.raises(BadInput, match=r"no labelled window of trot, canter.*\. Label some\.$"):
        fit_linear(train.where(train.label < 1), classes=GAITS, settings=ProbeSettings())


def test_a_fit_that_does_not_converge_is_refused() -> None:
    with pytest.raises(BadInput, match="no convergence"):
        fit_linear(herd(horses=3), classes=GAITS, settings=ProbeSettings(max_iterations=1))


def test_the_temperature_undoes_a_known_overconfidence() -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(size=(20_000, 3))
    label = np.array([rng.choice(3, p=row) for row in np.exp(log_softmax(logits))])
    assert fit_temperature(2.5 * logits, label=label) == pytest.approx(2.5, rel=0.05)


def test_a_small_validation_set_without_errors_does_not_ask_for_certainty() -> None:
    """Six windows, all right: Platt's targets say 7/9 at the most."""
    logits = 3.0 * np.eye(3)[[0, 1, 2, 0, 1, 2]]
    temperature = fit_temperature(logits, label=np.array([0, 1, 2, 0, 1, 2]))
    assert np.exp(log_softmax(logits / temperature)).max() == pytest.approx(7 / 9, abs=1e-3)


def test_calibration_changes_no_decision_and_is_folded_into_the_weights() -> None:
    train, validation = herd(horses=3, own=1.0), herd(horses=3, own=1.0, seed=4)
    settings = ProbeSettings(inverse_penalties=(3.0,))
    plain = fit_linear(
        train, classes=GAITS, settings=settings.model_copy(update={"calibrate": False}), validation=validation
    )
    fit = fit_linear(train, classes=GAITS, settings=settings, validation=validation)
    assert fit.temperature > 1.2
    assert fit.logits(validation.features) * fit.temperature == pytest.approx(
        plain.logits(validation.features), abs=1e-3
    )
    losses = [
        balanced_log_loss(log_softmax(f.logits(validation.features)), label=validation.label) for f in (fit, plain)
    ]
    assert losses[0] < losses[1]


def test_the_balanced_loss_weighs_classes_not_windows() -> None:
    log_probability = np.log(np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.9, 0.1]]))
    by_hand = (-np.log(0.5) - np.log(0.1)) / 2
    assert balanced_log_loss(log_probability, label=np.array([0, 0, 0, 1])) == pytest.approx(by_hand)
