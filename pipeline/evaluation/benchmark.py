"""The benchmark: a run, its baselines, chance, retrieval and label efficiency on the same unseen horses."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import TypeVar

from ..datasets.dataset_split import DatasetSplit
from ..probing.inputs import ProbeInputs
from ..probing.linear import LinearClassifier
from ..probing.student_probe import network_of
from ..students.embedding import embed
from ..training.retrieval import retrieval_chance, retrieve
from . import metrics
from .classifiers.classifier import CannotPredictError, ClassifierOutput
from .classifiers.linear_probe import SavedProbe
from .classifiers.table import CLASSIFIERS, Setup
from .embedding_map import map_embeddings
from .protocols.few_shot import label_efficiency
from .protocols.missing_sensors import score_missing_sensors
from .scores import MethodScores, Scores
from .scoring import Sampling, describe_intervals, predictions_of, sampling_of, score_output
from .settings import EvaluationSettings

Settings = TypeVar("Settings", bound=EvaluationSettings)

logger = logging.getLogger(__name__)


def run_benchmark(inputs: ProbeInputs[Settings], *, probe: LinearClassifier) -> Scores:
    """All that `evaluate` reports, for a run's student with this probe behind it."""
    settings, split, student = inputs.settings, inputs.parts, inputs.model.student
    evaluate = settings.evaluate
    sampling = sampling_of(evaluate, seed=settings.seed, words=settings.words)
    logger.info("scoring %d windows of %s", len(split.test), ", ".join(split.test.horses))
    output = SavedProbe(student, probe).fit_predict(split, settings=settings)
    predictions = predictions_of(split.test, probability=output.probability)
    retrieval, retrieval_by_chance = score_retrieval(inputs)
    setup = Setup(split.train, settings, student)
    baselines, left_out = score_methods(
        evaluate.baselines, split=split, setup=setup, sampling=sampling, reference=output
    )
    classifiers, _ = score_methods(evaluate.classifiers, split=split, setup=setup, sampling=sampling, reference=output)
    return Scores(
        **vars(score_output(output, test=split.test, sampling=sampling)),
        classes=split.test.classes,
        n_windows=len(split.test),
        split={name: tuple(horses) for name, horses in asdict(inputs.split).items()},
        chance=metrics.chance_levels(split.test.label, classes=len(split.test.classes)) | retrieval_by_chance,
        retrieval=retrieval,
        baselines=baselines,
        baselines_left_out=left_out,
        label_efficiency=label_efficiency(split, student=student, settings=settings),
        interval_method=describe_intervals(predictions, sampling=sampling),
        words=settings.words,
        classifiers=classifiers,
        missing_sensors=score_missing_sensors(
            split.test,
            network=network_of(student, classifier=probe, rate_hz=settings.grid.rate_hz),
            classifier=probe,
            sites=inputs.windows.sites if evaluate.missing_sensors else (),
            sampling=sampling,
        ),
        reliability=metrics.reliability(predictions.probability, truth=predictions.truth, bins=sampling.ece_bins),
        embedding_map=map_embeddings(embed(student, split.test.imu), windows=split.test, most=evaluate.map_windows),
    )


def score_methods(
    names: Sequence[str],
    *,
    split: DatasetSplit,
    setup: Setup,
    sampling: Sampling,
    reference: ClassifierOutput | None = None,
) -> tuple[dict[str, MethodScores], dict[str, str]]:
    """The scores of these classifiers of the table; and, for those that cannot predict these windows, why.

    The reference is what each is compared with.
    """
    scores: dict[str, MethodScores] = {}
    left_out: dict[str, str] = {}
    for name in names:
        logger.info("classifier: %s", name)
        try:
            output = CLASSIFIERS[name](setup).fit_predict(split, settings=setup.settings)
        except CannotPredictError as reason:
            left_out[name] = str(reason)
        else:
            scores[name] = score_output(output, test=split.test, sampling=sampling, reference=reference)
    return scores, left_out


def score_retrieval(
    inputs: ProbeInputs[Settings],
) -> tuple[dict[str, dict[str, float]] | None, dict[str, dict[str, float]]]:
    """Retrieval over all filmed windows of the test horses, labelled or not, and its chance.

    None without film, and where the run's objective does not use film.
    """
    test = inputs.windows.of(inputs.split.test).filmed()
    if not (len(test) and inputs.settings.objective.needs_film):
        return None, {}
    sensors, film = inputs.model.shared(test.imu, film=test.film)
    return retrieve(sensors, film), {"retrieval": retrieval_chance(len(test))}
