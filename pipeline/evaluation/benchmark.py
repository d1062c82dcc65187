"""The contest: run, controls, chance, retrieval and label efficiency on the same unseen horses, as one `Scores`."""

from dataclasses import asdict

from ...data.progress import Tell
from ..datasets.labelled_windows import LabelledWindows, Partition
from ..probing.inputs import Material
from ..probing.linear import LinearClassifier
from ..recipe import Recipe
from ..students.embedding import embed
from ..students.student import Student
from ..training.retrieval import retrieval_chance, retrieve
from . import metrics
from .classifiers.baselines import CONTROLS, CannotAnswerError
from .classifiers.output import Answer
from .classifiers.pretrained import JUDGES
from .embedding_map import map_embeddings
from .protocols.few_shot import label_efficiency
from .protocols.missing_sensors import score_missing_sensors
from .scores import Outcome, Scores
from .scoring import Sampling, describe_intervals, predictions_of, sampling_of, score


def hold_contest(material: Material, *, classifier: LinearClassifier, tell: Tell) -> Scores:
    """Everything that `evaluate` finds, for a run's student with this probe behind it."""
    parts, recipe = material.parts, material.recipe
    sampling = sampling_of(recipe.evaluate, seed=recipe.seed)
    tell(f"scoring {len(parts.test)} windows of {', '.join(parts.test.horses)}")
    student, settings = material.model.student, recipe.evaluate
    embedding = embed(student, parts.test.imu)
    predictions = predictions_of(parts.test, probability=classifier.probabilities(embedding))
    note = f"linear probe on the frozen pretrained student, C = {classifier.inverse_penalty:g}"
    note += f", self-trained on {classifier.self_taught} unlabelled windows" * (classifier.self_taught > 0)
    retrieval, retrieval_by_chance = score_retrieval(material)
    controls, left_out = run_controls(parts, recipe=recipe, sampling=sampling, tell=tell)
    return Scores(
        **vars(score(predictions, note=note, sampling=sampling)),
        classes=parts.test.classes,
        n_windows=len(parts.test),
        split={name: tuple(horses) for name, horses in asdict(material.split).items()},
        chance=metrics.chance_levels(parts.test.label, classes=len(parts.test.classes)) | retrieval_by_chance,
        retrieval=retrieval,
        controls=controls,
        controls_left_out=left_out,
        label_efficiency=label_efficiency(parts, student=student, recipe=recipe, tell=tell),
        interval_method=describe_intervals(predictions, sampling=sampling),
        judges=run_judges(parts, student=student, recipe=recipe, sampling=sampling, tell=tell),
        missing_sensors=score_missing_sensors(
            parts.test,
            student=student,
            classifier=classifier,
            sites=material.corpus.sites if settings.missing_sensors else (),
            sampling=sampling,
        ),
        reliability=metrics.reliability(predictions.probability, truth=predictions.truth, bins=sampling.ece_bins),
        embedding_map=map_embeddings(embedding, windows=parts.test, most=settings.map_windows),
    )


def run_judges(
    parts: Partition, *, student: Student, recipe: Recipe, sampling: Sampling, tell: Tell
) -> dict[str, Outcome]:
    """The outcome of each judge of the recipe."""
    outcomes: dict[str, Outcome] = {}
    for name in recipe.evaluate.judges:
        tell(f"judge: {name}")
        answer = JUDGES[name](parts, student=student, recipe=recipe)
        outcomes[name] = score_answer(answer, test=parts.test, sampling=sampling)
    return outcomes


def run_controls(
    parts: Partition, *, recipe: Recipe, sampling: Sampling, tell: Tell
) -> tuple[dict[str, Outcome], dict[str, str]]:
    """The outcome of each control of the recipe, and of those that cannot answer, why."""
    outcomes: dict[str, Outcome] = {}
    left_out: dict[str, str] = {}
    for name in recipe.evaluate.controls:
        tell(f"control: {name}")
        try:
            answer = CONTROLS[name](parts, recipe=recipe)
        except CannotAnswerError as reason:
            left_out[name] = str(reason)
        else:
            outcomes[name] = score_answer(answer, test=parts.test, sampling=sampling)
    return outcomes, left_out


def score_answer(answer: Answer, *, test: LabelledWindows, sampling: Sampling) -> Outcome:
    """All figures of a contender, on the windows that it answered for."""
    predictions = predictions_of(test.take(answer.rows), probability=answer.probability)
    return score(predictions, note=answer.note, sampling=sampling)


def score_retrieval(material: Material) -> tuple[dict[str, dict[str, float]] | None, dict[str, dict[str, float]]]:
    """Retrieval over all filmed windows of the test horses, labelled or not, and its chance.

    None without film, and where the run never learned to put sensors to it.
    """
    test = material.corpus.of(material.split.test).filmed()
    if not (len(test) and material.recipe.objective.needs_film):
        return None, {}
    device = next(material.model.parameters()).device
    sensors, film = material.model.shared(test.imu.to(device), film=test.film.to(device))
    return retrieve(sensors.cpu(), film.cpu()), {"retrieval": retrieval_chance(len(test))}
