"""Gaits of unlabelled recordings: per window, per bout, and in minutes. Sensors suffice; films are not opened."""

import logging
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from ..data.errors import BadInput
from ..data.labels.writers import require_writable
from ..data.manifest.files import find_recordings, read_manifest
from ..data.manifest.growing import GrowingRecording
from ..data.manifest.load import read_film
from ..data.manifest.outputs import refuse_inputs
from ..data.recording import Video
from .datasets.recording_windows import RecordedWindows, map_windows
from .evaluation.scores import Scores, read_scores
from .inference.live import PAST_WINDOWS, Arriving, LiveSmoother, LiveWindow, LiveWindows, new_windows
from .inference.prediction import RecordingPrediction, predict_recording, with_strides
from .inference.settings import DEFAULTS, PredictionSettings
from .inference.shipped_models import is_shipped, is_simulated
from .inference.table_files import TableFormat
from .inference.tables import TABLES, append_windows, windows_written, write_labels, write_tables
from .inference.timeline import STAND
from .probing.linear import LinearClassifier
from .probing.probe_file import load_probe
from .probing.student_probe import network_of
from .recipe import Recipe, load_run_recipe
from .reporting.horse_page import write_pages
from .reporting.ride_facts import RideFacts, ride_facts
from .runtime.device import choose_device
from .training.checkpoint import load_student

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Predictor:
    """What a run predicts of a recording's windows."""

    recipe: Recipe
    """The run's, with windows as far apart as the settings say."""
    classifier: LinearClassifier
    """Its probe."""
    network: nn.Module
    """What gives the features that the probe reads."""
    settings: PredictionSettings
    """How windows become bouts."""
    simulated: bool = False
    """Whether the run has learned from simulated recordings alone."""

    @classmethod
    def load(cls, run: Path, *, settings: PredictionSettings = DEFAULTS) -> "Predictor":
        """That of a run's folder."""
        recipe, student, classifier = load_run_recipe(run), load_student(run), load_probe(run)
        student.to(choose_device(recipe.train.device, setting="train.device"))
        network = network_of(student, classifier=classifier, rate_hz=recipe.grid.rate_hz)
        return cls(_finer(recipe, settings=settings), classifier, network, settings, is_simulated(run))

    def __call__(self, windows: RecordedWindows) -> RecordingPrediction:
        """Timeline and bouts; rest is measured where the run's labels know it and its probe does not."""
        measure_rest = STAND in self.recipe.windows.labels and STAND not in self.classifier.classes
        found = predict_recording(
            windows,
            network=self.network,
            classifier=self.classifier,
            settings=self.settings,
            measure_rest=measure_rest,
        )
        return replace(found, simulated=self.simulated)


@dataclass(frozen=True)
class Prediction:
    """What `predict` wrote, and what it could not use."""

    predicted: tuple[RecordingPrediction, ...]
    """One a recording, and one at least."""
    files: tuple[Path, ...]
    """The tables `timeline`, `bouts`, `summary`, `reins` and `transitions`, then what was asked for beside them."""
    failed: Mapping[str, str]
    """Recordings that could not be used, and why."""
    pages: tuple[Path, ...] = ()
    """A page for each ride, and for each horse with several; empty unless they were asked for."""

    def __str__(self) -> str:
        lines = [*map(str, self.predicted), *(f"left out: {reason}" for reason in self.failed.values())]
        classes = ", ".join(self.predicted[0].timeline.classes)
        lines.append(f"classes: {classes}; what is unlike all that was learned is unknown")
        if any(each.simulated for each in self.predicted):
            lines.append("this model has learned from simulated horses alone: check it on recordings of your own")
        lines.append(f"tables: {', '.join(str(path) for path in self.files)}")
        lines += [f"page: {path}" for path in self.pages]
        return "\n".join(lines)


def predict(
    dataset: Path,
    *,
    run: Path,
    out: Path,
    format: TableFormat = "csv",
    allow_missing: bool = False,
    settings: PredictionSettings = DEFAULTS,
) -> Prediction:
    """Predicts the gaits of every recording below a folder with a run's student and probe; writes tables to `out`.

    The classes are those of the probe; windows unlike all that it was fitted to are unknown. A recording without all of
    the run's sites is refused; `allow_missing` leaves blank those without a sensor, unless none has one.
    """
    require_writable(settings.label_formats)
    refuse_inputs([*(out / f"{name}.{format}" for name in TABLES), *(out / "labels").glob("*")], dataset=dataset)
    predictor = Predictor.load(run, settings=settings)
    scores = _scores(run) if settings.pages else None
    rides: list[RideFacts] = []

    def use(windows: RecordedWindows) -> RecordingPrediction:
        found = with_strides(predictor(windows), recording=windows.source, evenness=settings.pages)
        if settings.pages:
            rides.append(ride_facts(found, recording=windows.source))
        return found

    predicted, failed = map_windows(dataset, use, settings=predictor.recipe, allow_missing=allow_missing)
    files = write_tables(predicted, out=out, format=format) + write_labels(
        predicted, out=out, formats=settings.label_formats
    )
    return Prediction(tuple(predicted), files, failed, write_pages(rides, out, scores=scores))


def follow(
    dataset: Path,
    *,
    run: Path,
    out: Path,
    allow_missing: bool = False,
    settings: PredictionSettings = DEFAULTS,
    rows: Iterable[bytes] | None = None,
) -> Iterator[LiveWindow]:
    """Predicts each window of the one recording below a folder while its sensor files, text tables, are being written.

    Windows are yielded, and appended to `OUT/timeline.csv`, as their last samples arrive; those that are in it already,
    from a run that was stopped, are not predicted again. It ends when no file grew for `settings.idle_seconds`; with
    `rows`, lines of CSV that are appended to the recording's one sensor file, when these end. `predict` then writes the
    tables of the whole recording.
    """
    require_writable(settings.label_formats)
    predictor = Predictor.load(run, settings=replace(settings, dense_seconds=math.inf))  # however much is there already
    classifier = predictor.classifier
    growing = GrowingRecording(_only_recording(dataset))
    hop_seconds = predictor.recipe.windows.hop_steps / predictor.recipe.grid.rate_hz
    done = windows_written(out, recording=str(growing.manifest.id), classes=classifier.classes, hop_seconds=hop_seconds)
    live = LiveWindows(
        growing, settings=predictor.recipe, allow_missing=allow_missing, first=max(0, done - PAST_WINDOWS)
    )
    smoother, arriving = LiveSmoother(classifier.transitions), Arriving(growing, rows, settings.idle_seconds)
    for windows in new_windows(live, ended=arriving.ended):
        timeline = predictor(windows).timeline
        first = live.next - len(timeline.valid)
        for each in list(smoother.said(timeline))[max(0, done - first) :]:
            append_windows(each.timeline, out=out)
            yield each
    arriving.close()


def _only_recording(dataset: Path) -> Path:
    """The manifest of the one recording that is there."""
    found = find_recordings(dataset)
    if len(found) > 1:
        expected, remedy = "one recording", "Name the folder of one."
        raise BadInput(dataset, found=f"{len(found)} recordings", expected=expected, remedy=remedy)
    return found[0]


def film_of(dataset: Path) -> Video:
    """The film of the one recording that is there, whose clock must be known: what a prediction is drawn into."""
    path = _only_recording(dataset)
    manifest = read_manifest(path)
    video = read_film(manifest, path=path)
    if video is None:
        remedy = "Leave --film out, or name the film."
        raise BadInput(path, found="no `film:`", expected="a film to draw into", remedy=remedy)
    if manifest.clock is None:
        expected, remedy = "a clock from sensor time to film time", "Estimate it with `equigait-cli sync`."
        raise BadInput(path, found="no `clock:`", expected=expected, remedy=remedy)
    return video


def _scores(run: Path) -> Scores | None:
    """How the run did on horses never seen; None where it was not evaluated, or not in this state, or is shipped."""
    if is_shipped(run):
        return None
    try:
        return read_scores(run)
    except BadInput as fault:
        logger.warning("pages do not say how the run did on horses never seen: %s", fault)
        return None


def _finer(recipe: Recipe, *, settings: PredictionSettings) -> Recipe:
    """The recipe with windows as far apart as the settings say; farther apart than in training is refused."""
    steps, most = max(1, round(settings.hop_seconds * recipe.grid.rate_hz)), recipe.windows.hop_steps
    if steps > most and settings.hop_seconds != DEFAULTS.hop_seconds:
        expected = f"at most {most / recipe.grid.rate_hz:g} s, as in the run's training"
        raise BadInput("--hop", found=f"{settings.hop_seconds:g} s", expected=expected, remedy="Give less.")
    steps = min(most, steps)
    return recipe.model_copy(update={"windows": recipe.windows.model_copy(update={"hop_steps": steps})})
