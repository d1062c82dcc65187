"""The methods of an evaluation under the names that readers see: the one place that knows the keys of `scores.json`."""

from collections.abc import Mapping

from ..evaluation.scores import FewShot, MethodScores, Scores

OURS = "Pretrained with film"
BASELINES = {
    "random-init": "Untrained network",
    "spectral": "Spectral features",
    "spectral-svm": "Spectral features, kernel",
    "minirocket": "MiniRocket features",
    "supervised": "Trained from scratch",
    "teacher": "Film itself (teacher)",
}
"""Methods that do without the pretraining."""
CLASSIFIERS = {
    "knn": "Pretrained, neighbours",
    "rbf-svm": "Pretrained, kernel",
    "fine-tuned": "Pretrained, fine-tuned",
}
"""Other classifiers on the pretrained student than the linear probe."""
FEW_SHOT = {
    "pretrained": OURS,
    "scratch": BASELINES["supervised"],
    "random-init": BASELINES["random-init"],
    "spectral": BASELINES["spectral"],
    "fine-tuned": CLASSIFIERS["fine-tuned"],
}
"""Methods that were trained on few labels."""


def classifier_outcomes(scores: Scores) -> Mapping[str, MethodScores]:
    """Other classifiers on the same student, by key."""
    return scores.classifiers


def baseline_outcomes(scores: Scores) -> Mapping[str, MethodScores]:
    """Methods without the pretraining on the same windows, by key."""
    return scores.baselines


def baselines_left_out(scores: Scores) -> dict[str, str]:
    """By readers' name, why a baseline was not scored."""
    return {BASELINES.get(key, key): reason for key, reason in scores.baselines_left_out.items()}


def pretrained_outcomes(scores: Scores) -> dict[str, MethodScores]:
    """By readers' name: the run's linear probe, then the other classifiers on its student."""
    named = {CLASSIFIERS.get(key, key): outcome for key, outcome in classifier_outcomes(scores).items()}
    return {OURS: scores, **named}


def best_baseline(scores: Scores) -> tuple[str, MethodScores] | None:
    """The best by macro-F1 of the baselines that use sensors alone, by readers' name; None without any."""
    found = {BASELINES.get(key, key): each for key, each in baseline_outcomes(scores).items() if key != "teacher"}
    return max(found.items(), key=lambda item: item[1].macro_f1, default=None)


def few_shot_names(entries: tuple[FewShot, ...]) -> dict[str, str]:
    """Readers' names of the methods that any entry has figures of, by key."""
    return {key: name for key, name in FEW_SHOT.items() if any(key in entry.means for entry in entries)}
