"""What an evaluation found: the frozen `Scores` and its JSON form, `RUN/scores.json`."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ...data.errors import BadInput
from ...data.files import write_atomically
from ..probing.probe_file import model_digest

VERSION = 1
"""Of the form of `scores.json`; another one is refused."""

Interval = tuple[float, float]


@dataclass(frozen=True)
class HorseScore:
    """One horse of the test."""

    accuracy: float
    """Share of its windows told right."""
    accuracy_interval: Interval
    """Wilson's interval that counts each block of neighbouring windows as one trial."""
    macro_f1: float
    """Mean F1 over the classes that this horse shows or was said to show."""
    macro_f1_interval: Interval
    """Percentile bootstrap of its blocks; without an error the same as `accuracy_interval`."""
    n_windows: int
    """Windows scored."""
    n_blocks: int
    """Blocks of neighbouring windows: about the number of independent looks at the horse."""


@dataclass(frozen=True)
class Outcome:
    """One contender's scores over the test horses."""

    accuracy: float
    """Share of windows told right."""
    macro_f1: float
    """Mean of the classes' F1: the figure to compare by."""
    balanced_accuracy: float
    """Mean of the classes' recall."""
    ece: float
    """Expected calibration error, 0 is best."""
    confusion: tuple[tuple[int, ...], ...]
    """Windows of class i (row) taken for class j (column)."""
    per_horse: dict[str, HorseScore]
    """By horse, in order of name."""
    intervals: dict[str, Interval]
    """Of `accuracy`, `macro_f1` and `balanced_accuracy`."""
    note: str
    """What the contender is and what it was given, in a sentence."""


@dataclass(frozen=True)
class FewShot:
    """The pretrained probe and its rivals on the very same few labelled windows, draw by draw; figures are macro-F1."""

    shots: int
    """Labelled windows per class."""
    pretrained: tuple[float, ...]
    """The linear probe on the frozen pretrained student, per draw."""
    scratch: tuple[float, ...]
    """The student trained from scratch, per draw; empty where it was not trained."""
    scratch_best: tuple[float, ...]
    """The same training, stopped where labels of the validation horses say it was best: more than it may know."""
    mean_difference: float | None
    """Mean over draws of pretrained minus scratch."""
    difference_interval: Interval | None
    """Student-t interval of that mean over the draws: how sure for these horses, not for others."""
    note: str
    """How the windows were drawn and all sides trained."""
    rivals: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """Others, per draw: `random-init` and `spectral` by the same linear probe, `fine-tuned`."""
    mean_intervals: dict[str, Interval] = field(default_factory=dict)
    """Of `pretrained`, `scratch` and each rival: Student-t interval of the mean over the draws."""

    @property
    def means(self) -> dict[str, float]:
        """Mean over the draws of everyone who took part."""
        everyone = {"pretrained": self.pretrained, "scratch": self.scratch, **self.rivals}
        return {name: sum(values) / len(values) for name, values in everyone.items() if values}


@dataclass(frozen=True)
class SiteScores:
    """Macro-F1 of the same student and probe when sensors are missing, each at its training mean."""

    without: float
    """This site silent."""
    without_interval: Interval
    """As for the run's own macro-F1."""
    alone: float
    """All other sites silent."""
    alone_interval: Interval
    """As for the run's own macro-F1."""


@dataclass(frozen=True)
class EmbeddingMap:
    """The test windows as the student sees them, on the two axes along which they differ most."""

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
class Scores(Outcome):
    """All that `evaluate` found: the run's own outcome, and what to hold it against."""

    classes: tuple[str, ...]
    """The gaits told apart, in the order of the confusion matrix."""
    n_windows: int
    """Windows scored."""
    split: dict[str, tuple[str, ...]]
    """Horses of `train`, `validation` and `test`."""
    chance: dict[str, dict[str, float]]
    """Expected scores of guessing: `majority` and `uniform` for the gaits, `retrieval` (where there is film)."""
    retrieval: dict[str, dict[str, float]] | None
    """`imu_to_film` and `film_to_imu`, each R@1, R@5, R@10 and MRR over all test windows with film; None without."""
    controls: dict[str, Outcome]
    """Other contenders on the same windows."""
    controls_left_out: dict[str, str]
    """Controls that could not be run, and why."""
    label_efficiency: tuple[FewShot, ...]
    """One entry per number of shots."""
    interval_method: str
    """How the intervals were made, in a sentence."""
    judges: dict[str, Outcome] = field(default_factory=dict)
    """Other judges of the same pretrained student than the linear probe, on the same windows."""
    missing_sensors: dict[str, SiteScores] = field(default_factory=dict)
    """By site; empty where there is one site alone."""
    reliability: tuple[tuple[float, float, int], ...] = ()
    """Of the run itself, by range of confidence: mean confidence, accuracy, windows; empty in older files."""
    embedding_map: EmbeddingMap | None = None
    """None where it was not asked for."""
    changed: tuple[str, ...] = ()
    """Settings of the run's recipe that were changed for this evaluation, as `evaluate.resamples=500`."""
    probed: tuple[str, ...] = ()
    """Settings of the run's recipe that were changed for its probe, as `probe.classes=[stand, walk]`."""
    scored: str = ""
    """`model_digest` of the checkpoint and the probe that were scored; empty in older files."""
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
    if not path.is_file():
        raise BadInput(
            path, found="no scores", expected="the scores of this run", remedy="Run `equigait-cli evaluate` first."
        )
    try:
        scores = _ADAPTER.validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise BadInput(
            path,
            found=f"{fault['msg']} at `{place}`",
            expected=f"scores of version {VERSION}",
            remedy="Run `equigait-cli evaluate` again.",
        ) from error
    if scores.version != VERSION:
        raise BadInput(
            path,
            found=f"scores of version {scores.version}",
            expected=f"version {VERSION}",
            remedy="Run `equigait-cli evaluate` again.",
        )
    if scores.scored and _is_whole(run) and scores.scored != model_digest(run):
        raise BadInput(
            path,
            found="scores of another checkpoint or probe",
            expected="those of the ones that lie there now",
            remedy="Run `equigait-cli probe` and `equigait-cli evaluate` again.",
        )
    return scores


def _is_whole(run: Path) -> bool:
    return all((run / name).is_file() for name in ("checkpoint.safetensors", "probe.safetensors"))


_ADAPTER = TypeAdapter(Scores)
