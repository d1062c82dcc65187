"""Gaits of recordings: per window, per bout, and in minutes, from sensors alone; and what a person reviews of them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from ..data.errors import BadInput
from ..data.files import write_atomically
from ..data.labels.writers import require_writable
from ..data.manifest.files import find_recordings, read_manifest
from ..data.manifest.load import load_recording, map_recordings, read_film
from ..data.recording import Video
from .datasets.recording_windows import RecordedWindows, map_windows, recorded_windows
from .inference.film_timeline import film_timeline
from .inference.prediction import RecordingPrediction, predict_recording
from .inference.settings import DEFAULTS, PredictionSettings
from .inference.table_files import TableFormat
from .inference.tables import write_labels, write_tables
from .probing.film_probe import FilmProbes
from .probing.inputs import probe_inputs
from .probing.probe_file import load_probe
from .recipe import Recipe, load_run_recipe
from .reporting.review import ReviewedRecording, film_files, review_page
from .runtime.device import choose_device
from .training.checkpoint import load_student

Result = TypeVar("Result")
Predict = Callable[[RecordedWindows], RecordingPrediction]


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
    recipe, use = _loaded(run, settings=settings)
    predicted, failed = map_windows(dataset, use, settings=recipe, allow_missing=allow_missing)
    files = write_tables(predicted, out=out, format=format) + write_labels(
        predicted, out=out, formats=settings.label_formats
    )
    return Prediction(tuple(predicted), files, failed)


def film_of(dataset: Path) -> Video:
    """The film of the one recording that is there, whose clock must be known: what a prediction is drawn into."""
    found = find_recordings(dataset)
    if len(found) > 1:
        expected, remedy = "one recording", "Name the folder of one."
        raise BadInput(dataset, found=f"{len(found)} recordings", expected=expected, remedy=remedy)
    manifest = read_manifest(found[0])
    video = read_film(manifest, path=found[0])
    if video is None:
        remedy = "Leave --film out, or name the film."
        raise BadInput(found[0], found="no `film:`", expected="a film to draw into", remedy=remedy)
    if manifest.clock is None:
        expected, remedy = "a clock from sensor time to film time", "Estimate it with `equigait-cli sync`."
        raise BadInput(found[0], found="no `clock:`", expected=expected, remedy=remedy)
    return video


def predict_for_review(
    dataset: Path,
    use: Callable[[ReviewedRecording], Result],
    *,
    run: Path,
    cache: str | None = None,
    allow_missing: bool = False,
    settings: PredictionSettings = DEFAULTS,
) -> tuple[list[Result], dict[str, str]]:
    """The results of `use` for every recording below a folder, with what a run predicts of it; and why others fail.

    One recording's samples are held at a time, unless `use` keeps them. With the cache of these recordings, what their
    films show is set beside what their sensors do.
    """
    recipe, predict_windows = _loaded(run, settings=settings)
    beside = (folder / "cache" for folder in (dataset, dataset.parent))
    place = cache or next((str(folder) for folder in beside if folder.is_dir()), "CACHE")
    films = _film_probes(cache, run=run) if cache else None

    def of(path: Path) -> Result:
        recording = load_recording(path)
        windows = recorded_windows(recording, settings=recipe, allow_missing=allow_missing)
        by_film = film_timeline(films, recording=recording.id, window_seconds=recipe.window_seconds) if films else None
        predicted, words = predict_windows(windows), recipe.windows.labels
        return use(ReviewedRecording(recording, predicted, words, run=run, cache=place, by_film=by_film))

    return map_recordings(dataset, of)


def page_writer(out: Path) -> Callable[[ReviewedRecording], Path]:
    """Writes `OUT/RECORDING.html` for each recording, which plays the film from where it lies; no page is written over
    by another's."""
    pages: list[Path] = []

    def write(reviewed: ReviewedRecording) -> Path:
        page = out / f"{reviewed.recording.id}.html"
        pages.append(page if page not in pages else page.with_stem(f"{page.stem}-{len(pages) + 1}"))
        films = [quote(os.path.relpath(file, out)) for file in film_files(reviewed.recording.video)]
        write_atomically(pages[-1], review_page(reviewed, films=films))
        return pages[-1]

    return write


def _film_probes(cache: str, *, run: Path) -> FilmProbes:
    settings = load_run_recipe(run, overrides=load_probe(run).changed)
    return FilmProbes(probe_inputs(cache, run=run, settings=settings))


def _loaded(run: Path, *, settings: PredictionSettings) -> tuple[Recipe, Predict]:
    """A run's recipe, and what its student and probe predict of a recording's windows."""
    recipe, student, classifier = load_run_recipe(run), load_student(run), load_probe(run)
    student.to(choose_device(recipe.train.device, setting="train.device"))
    return recipe, lambda windows: predict_recording(windows, student=student, classifier=classifier, settings=settings)
