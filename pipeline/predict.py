"""Gaits of unlabelled recordings: per window, per bout, and in minutes. Sensors suffice; films are not opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..data.labels.writers import require_writable
from .datasets.recording_windows import RecordedWindows, map_windows
from .inference.prediction import RecordingPrediction, predict_recording
from .inference.settings import DEFAULTS, PredictionSettings
from .inference.table_files import TableFormat
from .inference.tables import write_labels, write_tables
from .probing.probe_file import load_probe
from .probing.student_probe import network_of
from .recipe import load_run_recipe
from .runtime.device import choose_device
from .training.checkpoint import load_student


@dataclass(frozen=True)
class Prediction:
    """What `predict` wrote, and what it could not use."""

    predicted: tuple[RecordingPrediction, ...]
    """One a recording, and one at least."""
    files: tuple[Path, ...]
    """The tables: `timeline`, `bouts`, `summary`."""
    failed: Mapping[str, str]
    """Recordings that could not be used, and why."""

    def __str__(self) -> str:
        lines = [*map(str, self.predicted), *(f"left out: {reason}" for reason in self.failed.values())]
        classes = ", ".join(self.predicted[0].timeline.classes)
        lines.append(f"classes: {classes}; what is unlike all that was learned is unknown")
        return "\n".join([*lines, f"tables: {', '.join(str(path) for path in self.files)}"])


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
    recipe, student, classifier = load_run_recipe(run), load_student(run), load_probe(run)
    student.to(choose_device(recipe.train.device, setting="train.device"))
    network = network_of(student, classifier=classifier, rate_hz=recipe.grid.rate_hz)

    def use(windows: RecordedWindows) -> RecordingPrediction:
        return predict_recording(windows, network=network, classifier=classifier, settings=settings)

    predicted, failed = map_windows(dataset, use, settings=recipe, allow_missing=allow_missing)
    files = write_tables(predicted, out=out, format=format) + write_labels(
        predicted, out=out, formats=settings.label_formats
    )
    return Prediction(tuple(predicted), files, failed)
