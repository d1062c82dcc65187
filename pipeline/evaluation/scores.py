"""What an evaluation found: the frozen `Scores` and its JSON form, `RUN/scores.json`."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ...data.errors import BadInput
from ...data.files import write_atomically
from ...data.words import WORDS, Words
from ..probing.probe_file import model_digest

VERSION = 2
"""Of the form of `scores.json`; another one is refused."""

AGAIN = "Run `equigait-cli evaluate` again."
"""What mends scores that are broken or of another version."""

MEASURES = ("accuracy", "macro_f1", "balanced_accuracy")
CUTS = ("R@1", "R@5", "R@10", "MRR")

Interval = tuple[float, float]


@dataclass(frozen=True)
class HorseScore:
    """One horse of the test."""

    accuracy: float
    """Share of its windows classified correctly."""
    accuracy_interval: Interval
    """From its blocks of neighbouring windows: says nothing about other horses."""
    macro_f1: float
    """Mean F1 over the classes that this horse shows or was said to show."""
    macro_f1_interval: Interval
    """Likewise."""
    n_windows: int
    """Windows scored."""
    n_blocks: int
    """Blocks of neighbouring windows: about the number of independent observations of the horse."""


@dataclass(frozen=True)
class Difference:
    """How far the pretrained student is ahead of another classifier on the same windows, in macro-F1."""

    value: float
    """The student's macro-F1 less the other's."""
    interval: Interval
    """Over the same horses, paired."""


@dataclass(frozen=True)
class MethodScores:
    """The scores of one classifier over the test horses."""

    accuracy: float
    """Share of windows classified correctly."""
    macro_f1: float
    """Mean of the classes' F1: the figure to compare by."""
    balanced_accuracy: float
    """Mean of the classes' recall."""
    ece: float
    """Expected calibration error, 0 is best."""
    confusion: tuple[tuple[int, ...], ...]
    """Windows of class i (row) classified as class j (column)."""
    per_horse: dict[str, HorseScore]
    """By horse, in order of name."""
    intervals: dict[str, Interval]
    """Of `accuracy`, `macro_f1` and `balanced_accuracy`."""
    note: str
    """What the classifier is and what it was fitted on, in a sentence."""
    difference: Difference | None = field(default=None, kw_only=True)
    """None for the pretrained student's own probe, and where no such student was scored on the same windows."""


@dataclass(frozen=True)
class FewShot:
    """The pretrained probe and its baselines on the same few labelled windows, draw by draw; figures are macro-F1."""

    shots: int
    """Labelled windows per class."""
    pretrained: tuple[float, ...]
    """The linear probe on the frozen pretrained student, per draw."""
    scratch: tuple[float, ...]
    """The student trained from scratch, per draw; empty where it was not trained."""
    mean_difference: float | None
    """Mean over draws of pretrained minus scratch."""
    difference_interval: Interval | None
    """Student-t interval of that mean over the draws: how sure for these horses, not for others."""
    note: str
    """How the windows were drawn and all sides trained."""
    baselines: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """Others, per draw: `random-init` and `spectral` by the same linear probe, `fine-tuned`."""
    mean_intervals: dict[str, Interval] = field(default_factory=dict)
    """Of `pretrained`, `scratch` and each baseline: Student-t interval of the mean over the draws."""

    @property
    def means(self) -> dict[str, float]:
        """Mean over the draws of every classifier compared."""
        figures = {"pretrained": self.pretrained, "scratch": self.scratch, **self.baselines}
        return {name: sum(values) / len(values) for name, values in figures.items() if values}


@dataclass(frozen=True)
class SiteScores:
    """Macro-F1 of the same student and probe when sensors are missing, each at its training mean."""

    without: float
    """Without this site."""
    without_interval: Interval
    """As for the run's own macro-F1."""
    alone: float
    """With this site alone."""
    alone_interval: Interval
    """As for the run's own macro-F1."""


@dataclass(frozen=True)
class EmbeddingMap:
    """Embeddings of the test windows on their first two principal axes."""

    x: tuple[float, ...]
    """First principal component, a window each."""
    y: tuple[float, ...]
    """Second principal component."""
    label: tuple[int, ...]
    """Index into the scores' classes."""
    horse: tuple[int, ...]
    """Index into the test horses in order of name."""
    variance_shares: tuple[float, float]
    """What part of all variance each axis shows."""


@dataclass(frozen=True)
class Scores(MethodScores):
    """All that `evaluate` found: the run's own scores, and what to compare them with."""

    classes: tuple[str, ...]
    """The gaits, in the order of the confusion matrix."""
    n_windows: int
    """Windows scored."""
    split: dict[str, tuple[str, ...]]
    """Horses of `train`, `validation` and `test`."""
    chance: dict[str, dict[str, float]]
    """Expected scores of guessing: `majority` and `uniform` for the gaits, `retrieval` (where there is film)."""
    retrieval: dict[str, dict[str, float]] | None
    """`imu_to_film` and `film_to_imu`, each R@1, R@5, R@10 and MRR over all test windows with film; None without."""
    baselines: dict[str, MethodScores]
    """Classifiers without the pretrained student on the same windows."""
    baselines_left_out: dict[str, str]
    """Baselines that could not be scored, and why."""
    label_efficiency: tuple[FewShot, ...]
    """One entry per number of shots."""
    interval_method: str
    """How the intervals were made, in a sentence."""
    classifiers: dict[str, MethodScores] = field(default_factory=dict)
    """Other classifiers than the linear probe on the same pretrained student and the same windows."""
    missing_sensors: dict[str, SiteScores] = field(default_factory=dict)
    """By site; empty where there is one site alone."""
    reliability: tuple[tuple[float, float, int], ...] = ()
    """Of the run itself, by range of confidence: mean confidence, accuracy, windows; empty in older files."""
    embedding_map: EmbeddingMap | None = None
    """None where it is switched off."""
    changed: tuple[str, ...] = ()
    """Settings of the run's recipe that were changed for this evaluation, as `evaluate.resamples=500`."""
    probed: tuple[str, ...] = ()
    """Settings of the run's recipe that were changed for its probe, as `probe.classes=[stand, walk]`."""
    scored: str = ""
    """`model_digest` of the checkpoint and the probe that were scored; empty in scores made by hand."""
    words: Words = WORDS
    """What reports call the test's subjects and behaviours."""
    version: int = VERSION
    """Of this form."""


def write_scores(scores: Scores, *, run: Path) -> Path:
    """Writes `RUN/scores.json` whole or not at all, and says where."""
    path = run / "scores.json"
    write_atomically(path, json.dumps(_ADAPTER.dump_python(scores, mode="json"), indent=1) + "\n")
    return path


def read_scores(run: Path) -> Scores:
    """The scores of a run; refuses a file of another form, and one of a model that has been trained on since."""
    path = run / "scores.json"
    if not path.is_file() and not (run / "recipe.yaml").is_file():
        remedy = "Check the path, or run `pretrain` into it first."
        raise BadInput(run, found="no recipe.yaml", expected="a run's folder", remedy=remedy)
    if not path.is_file():
        raise BadInput(
            path, found="no scores", expected="the scores of this run", remedy="Run `equigait-cli evaluate` first."
        )
    content = path.read_bytes()
    try:
        _refuse_other_version(path, content=json.loads(content))
        scores = _ADAPTER.validate_json(content)
    except (ValidationError, ValueError) as error:
        raise BadInput(path, found=_fault(error), expected=f"scores of version {VERSION}", remedy=AGAIN) from error
    if missing := _missing_keys(scores):
        raise BadInput(path, found=f"no `{missing[0]}`", expected=f"scores of version {VERSION}", remedy=AGAIN)
    if scores.scored and _is_whole(run) and scores.scored != model_digest(run):
        raise BadInput(
            path,
            found="scores of another checkpoint or probe",
            expected="those of the ones that lie there now",
            remedy="Run `equigait-cli probe` and `equigait-cli evaluate` again.",
        )
    return scores


def belong_to(scores: Scores, *, run: Path) -> bool:
    """Whether these are scores of the very checkpoint and probe that lie in the run's folder now."""
    return _is_whole(run) and scores.scored == model_digest(run)


def _missing_keys(scores: Scores) -> list[str]:
    """What is missing in tables whose keys the types do not name."""
    tables: list[tuple[str, Collection[str], tuple[str, ...]]] = [
        ("intervals", scores.intervals, MEASURES),
        ("split", scores.split, ("train", "validation", "test")),
        *((f"chance.{guess}", scores.chance.get(guess, {}), MEASURES) for guess in ("majority", "uniform")),
    ]
    if scores.retrieval is not None:
        ways = [(f"retrieval.{way}", scores.retrieval.get(way, {})) for way in ("imu_to_film", "film_to_imu")]
        tables += [(name, row, CUTS) for name, row in (*ways, ("chance.retrieval", scores.chance.get("retrieval", {})))]
    return [f"{name}.{key}" for name, table, keys in tables for key in keys if key not in table]


def _refuse_other_version(path: Path, *, content: object) -> None:
    """Before anything else is read: files of other versions have other keys."""
    version = content.get("version") if isinstance(content, dict) else None
    if version is not None and version != VERSION:
        found, expected = f"scores of version {version}", f"version {VERSION}"
        raise BadInput(path, found=found, expected=expected, remedy=AGAIN)


def _fault(error: ValueError) -> str:
    """The first fault of a file, and where it lies."""
    if not isinstance(error, ValidationError):
        return str(error)
    fault = error.errors()[0]
    return f"{fault['msg']} at `{'.'.join(str(part) for part in fault['loc'])}`"


def _is_whole(run: Path) -> bool:
    return all((run / name).is_file() for name in ("checkpoint.safetensors", "probe.safetensors"))


_ADAPTER = TypeAdapter(Scores)
