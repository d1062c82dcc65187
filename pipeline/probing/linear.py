"""The linear classifier of frozen features: fitted with scikit-learn, stored as weight and bias."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64
from numpy import ndarray as Array

from ...data.errors import BadInput
from .novelty_model import NoveltyModel
from .settings import ProbeSettings
from .transitions import TransitionModel

SMALLEST_DEVIATION = 1e-6
"""Standard deviation over the training windows below which a feature counts as constant."""


@dataclass(frozen=True)
class FeatureBlock:
    """Neighbouring columns of the features that come from one source."""

    name: str
    """What they are."""
    width: int
    """How many columns."""
    share: float = 1.0
    """Share of this block's own classifier in the logits; 0 where an older version left it out."""


@dataclass(frozen=True)
class LabelledFeatures:
    """Feature vectors with their labels and horses."""

    features: Float32[Array, "windows dim"]
    """One row a window."""
    label: Int64[Array, "windows"]
    """Index into the classes."""
    horse: tuple[str, ...]
    """The horse of each window."""
    weight: float = 1.0
    """Sample weight of each row, so that copies of windows do not outweigh the penalty."""
    blocks: tuple[FeatureBlock, ...] = ()
    """Where the columns come from, in order; empty where all are of one kind."""

    def where(self, chosen: Bool[Array, "windows"]) -> "LabelledFeatures":
        """The chosen windows alone."""
        horse = tuple(name for name, kept in zip(self.horse, chosen, strict=True) if kept)
        return replace(self, features=self.features[chosen], label=self.label[chosen], horse=horse)

    def block(self, number: int) -> "LabelledFeatures":
        """The columns of this block alone; all of them where they are of one kind."""
        if not self.blocks:
            return self
        first = sum(block.width for block in self.blocks[:number])
        columns = self.features[:, first : first + self.blocks[number].width]
        return replace(self, features=columns, blocks=())


@dataclass(frozen=True)
class LinearClassifier:
    """softmax(weight @ features + bias): the standardisation and the temperature are folded in.

    A feature that is missing (NaN) counts as its mean over the training windows.
    """

    classes: tuple[str, ...]
    """Names of the rows of `weight`."""
    weight: Float32[Array, "classes dim"]
    """Coefficients."""
    bias: Float32[Array, "classes"]
    """Intercepts."""
    inverse_penalty: float
    """The C that was chosen."""
    temperature: float
    """The divisor that weight and bias already contain; 1 without calibration."""
    horses: tuple[str, ...]
    """Horses whose windows it was fitted on."""
    self_taught: int = 0
    """Number of unlabelled windows that self-training added."""
    novelty: NoveltyModel | None = None
    """How unlike the training windows a window is; None in probes of older versions."""
    transitions: TransitionModel | None = None
    """How long bouts of each class last and what follows; None in probes of older versions."""
    changed: tuple[str, ...] = ()
    """Settings of its run's recipe that were changed for it, as `probe.classes=[stand, walk]`."""
    fill: Float32[Array, "dim"] | None = None
    """What a missing feature counts as; None in probes of older versions, whose features are never missing."""
    blocks: tuple[FeatureBlock, ...] = ()
    """Where the columns come from, and the share of each; empty for one kind of features alone."""

    def logits(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows classes"]:
        """Logarithms of the probabilities up to a constant per window."""
        logits: Array = self.filled(features).astype(np.float64) @ self.weight.T.astype(np.float64) + self.bias
        return logits

    def probabilities(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows classes"]:
        """Rows sum to one."""
        return softmax(self.logits(features))

    def novelty_scores(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows"]:
        """How unlike the training windows each is in the leading features; 0 where nothing is known."""
        if self.novelty is None:
            return np.zeros(len(features))
        return self.novelty.score(features[:, : self.novelty.means.shape[1]])

    def filled(self, features: Float32[Array, "windows dim"]) -> Float32[Array, "windows dim"]:
        """The features with `fill` in the place of those that are missing."""
        return features if self.fill is None else np.where(np.isnan(features), self.fill, features)

    @property
    def described(self) -> str:
        """Which features it reads, for people: `student 0.5, mount-free 0.5`; empty for one kind alone."""
        return ", ".join(f"{block.name} {block.share:.2g}" for block in self.blocks)


def fit_linear(
    train: LabelledFeatures,
    *,
    classes: tuple[str, ...],
    settings: ProbeSettings,
    validation: LabelledFeatures | None = None,
) -> LinearClassifier:
    """Multinomial logistic regression, classes weighted alike.

    C minimises the class-balanced log loss of the validation horses, or else of folds of training horses; the
    temperature is fitted on the validation horses alone.
    """
    require_all_classes(train.label, classes=classes)
    held_out = validation if validation is not None and len(validation.label) else None
    chosen = _choose_penalty(train, classes=classes, settings=settings, validation=held_out)
    classifier = fit_regression(train, classes=classes, inverse_penalty=chosen, iterations=settings.max_iterations)
    if held_out is None or not settings.calibrate:
        return classifier
    return with_temperature(classifier, held_out=held_out)


def with_temperature(classifier: LinearClassifier, *, held_out: LabelledFeatures) -> LinearClassifier:
    """The classifier with its logits divided by the temperature that fits these windows best."""
    temperature = fit_temperature(classifier.logits(held_out.features), label=held_out.label)
    return replace(divided(classifier, by=temperature), temperature=temperature)


def divided(classifier: LinearClassifier, *, by: float) -> LinearClassifier:
    """The classifier with its logits divided by this number."""
    weight, bias = ((values / by).astype(np.float32) for values in (classifier.weight, classifier.bias))
    return replace(classifier, weight=weight, bias=bias)


def fit_temperature(logits: Float64[Array, "windows classes"], *, label: Int64[Array, "windows"]) -> float:
    """The T that makes softmax(logits / T) fit the labels best (Guo et al. 2017, section 4.2).

    The labels are softened as Platt (1999, section 2.2) does, (n + 1) / (n + classes) for the right class, so that a
    small validation set without errors does not ask for certainty.
    """
    from scipy.optimize import minimize_scalar

    windows, classes = logits.shape
    target = np.full((windows, classes), 1.0 / (windows + classes))
    target[np.arange(windows), label] = (windows + 1.0) / (windows + classes)
    fit = minimize_scalar(
        lambda log_t: -float((target * log_softmax(logits / np.exp(log_t))).sum()),
        bounds=(-4.0, 4.0),
        method="bounded",
    )
    return float(np.exp(fit.x))


def balanced_log_loss(log_probability: Float64[Array, "windows classes"], *, label: Int64[Array, "windows"]) -> float:
    """Mean over the classes that occur of the mean negative log-likelihood of their windows."""
    own = -log_probability[np.arange(len(label)), label]
    return float(np.mean([own[label == each].mean() for each in np.unique(label)]))


def log_softmax(logits: Float64[Array, "windows classes"]) -> Float64[Array, "windows classes"]:
    """Logarithms of the probabilities, computed without overflow."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def folds_by_horse(train: LabelledFeatures, *, folds: int) -> Iterator[tuple[LabelledFeatures, LabelledFeatures]]:
    """Training and held-out windows of each fold of horses; a fold without every class in training is left out."""
    horses = sorted(set(train.horse))
    folds = min(folds, len(horses))
    fold_of = {horse: index % folds for index, horse in enumerate(horses)}
    fold = np.array([fold_of[horse] for horse in train.horse])
    every = set(np.unique(train.label))
    for index in range(folds):
        seen, unseen = train.where(fold != index), train.where(fold == index)
        if set(np.unique(seen.label)) == every:
            yield seen, unseen


def require_all_classes(label: Int64[Array, "windows"], *, classes: tuple[str, ...]) -> None:
    """Refuse training windows that lack a class."""
    missing = [name for index, name in enumerate(classes) if not np.any(label == index)]
    if missing:
        there = [name for name in classes if name not in missing]
        fewer = f", or learn the others alone: --set 'probe.classes=[{', '.join(there)}]'" if len(there) > 1 else ""
        raise BadInput(
            "training horses",
            found=f"no labelled window of {', '.join(missing)}",
            expected=f"labelled windows of each of {', '.join(classes)}",
            remedy=f"Label some{fewer}.",
        )


def trials_of(
    train: LabelledFeatures, *, settings: ProbeSettings, validation: LabelledFeatures | None
) -> list[tuple[LabelledFeatures, LabelledFeatures]]:
    """What is fitted and what is held out to choose by: the validation horses, else folds of training horses; none of a
    single horse."""
    return [(train, validation)] if validation is not None else list(folds_by_horse(train, folds=settings.folds))


def _choose_penalty(
    train: LabelledFeatures, *, classes: tuple[str, ...], settings: ProbeSettings, validation: LabelledFeatures | None
) -> float:
    candidates = sorted(settings.inverse_penalties)
    trials = trials_of(train, settings=settings, validation=validation)
    if len(candidates) == 1 or not trials:  # a single horse cannot be split into folds
        return candidates[len(candidates) // 2]
    losses = [
        np.mean([_held_out_loss(*trial, classes=classes, inverse_penalty=c, settings=settings) for trial in trials])
        for c in candidates
    ]
    return candidates[int(np.argmin(losses))]


def _held_out_loss(
    seen: LabelledFeatures,
    unseen: LabelledFeatures,
    *,
    classes: tuple[str, ...],
    inverse_penalty: float,
    settings: ProbeSettings,
) -> float:
    fit = fit_regression(seen, classes=classes, inverse_penalty=inverse_penalty, iterations=settings.max_iterations)
    return balanced_log_loss(log_softmax(fit.logits(unseen.features)), label=unseen.label)


def fit_regression(
    train: LabelledFeatures, *, classes: tuple[str, ...], inverse_penalty: float, iterations: int
) -> LinearClassifier:
    """The regression at this C, neither selected nor calibrated."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    features = train.features.astype(np.float64)
    mean = mean_of_present(features)
    np.copyto(features, mean, where=np.isnan(features))
    deviation = features.std(axis=0)
    scale = np.where(deviation > SMALLEST_DEVIATION, deviation, np.inf)  # a constant feature gets weight 0
    features -= mean  # in place: the features of a large cache are most of what is in memory
    features /= scale
    regression = LogisticRegression(C=inverse_penalty, class_weight="balanced", max_iter=iterations)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.filterwarnings("ignore", message="The number of unique classes is greater")  # one of each class
        try:
            regression.fit(features, train.label, np.full(len(features), train.weight))
        except ConvergenceWarning:
            raise BadInput(
                "probe.max_iterations",
                found=f"no convergence within {iterations} iterations at C = {inverse_penalty:g}",
                expected="a fit that converges",
                remedy="Raise probe.max_iterations, or leave large values out of probe.inverse_penalties.",
            ) from None
    weight, bias = _rows_per_class(regression.coef_, regression.intercept_)
    weight = weight / scale
    return LinearClassifier(
        classes=classes,
        weight=weight.astype(np.float32),
        bias=(bias - weight @ mean).astype(np.float32),
        inverse_penalty=inverse_penalty,
        temperature=1.0,
        horses=tuple(sorted(set(train.horse))),
        fill=mean.astype(np.float32),
    )


def mean_of_present(features: Float64[Array, "windows dim"], *, default: Array | float = 0.0) -> Float64[Array, "dim"]:
    """The mean of each feature over the windows in which it is not missing (NaN); `default` where it is in none."""
    count = (~np.isnan(features)).sum(axis=0)
    return np.asarray(np.where(count > 0, np.nansum(features, axis=0) / np.maximum(count, 1), default))


def _rows_per_class(
    coefficients: Float64[Array, "rows dim"], intercept: Float64[Array, "rows"]
) -> tuple[Float64[Array, "classes dim"], Float64[Array, "classes"]]:
    """For two classes scikit-learn stores one row; half of it for each class gives the same softmax."""
    if len(coefficients) > 1:
        return coefficients, intercept
    return np.concatenate([-coefficients, coefficients]) / 2, np.concatenate([-intercept, intercept]) / 2


def softmax(logits: Float64[Array, "windows classes"]) -> Float64[Array, "windows classes"]:
    """Rows that sum to one."""
    return np.asarray(np.exp(log_softmax(logits)))
