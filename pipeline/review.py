"""Pages on which a person reviews what a run predicts, beside film, sensors and labels."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from ..data.files import write_atomically
from ..data.manifest.load import load_recording, map_recordings
from ..data.manifest.schema import Manifest
from .datasets.recording_windows import recorded_windows
from .inference.film_timeline import film_timeline
from .inference.settings import DEFAULTS, PredictionSettings
from .predict import Predictor
from .probing.film_probe import FilmProbes
from .probing.inputs import probe_inputs
from .recipe import load_run_recipe
from .reporting.review import ReviewedRecording, film_files, review_page

Result = TypeVar("Result")


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
    predictor = Predictor.load(run, settings=settings)
    recipe = predictor.recipe
    beside = (folder / "cache" for folder in (dataset, dataset.parent))
    place = cache or next((str(folder) for folder in beside if folder.is_dir()), "CACHE")
    films = _film_probes(cache, run=run, predictor=predictor) if cache else None

    def of(path: Path, manifest: Manifest) -> Result:
        recording = load_recording(path, manifest=manifest)
        windows = recorded_windows(recording, settings=recipe, allow_missing=allow_missing)
        by_film = film_timeline(films, recording=recording.id, window_seconds=recipe.window_seconds) if films else None
        predicted, labels = predictor(windows), recipe.windows.labels
        return use(
            ReviewedRecording(recording, predicted, labels, run=run, cache=place, by_film=by_film, words=manifest.words)
        )

    return map_recordings(dataset, of)


def page_writer(out: Path) -> Callable[[ReviewedRecording], Path]:
    """Writes `OUT/RECORDING.html` for each recording, which plays the film from where it lies."""

    def write(reviewed: ReviewedRecording) -> Path:
        page = out / f"{reviewed.recording.id}.html"
        films = [quote(os.path.relpath(file, out)) for file in film_files(reviewed.recording.video)]
        write_atomically(page, review_page(reviewed, films=films))
        return page

    return write


def _film_probes(cache: str, *, run: Path, predictor: Predictor) -> FilmProbes:
    settings = load_run_recipe(run, overrides=predictor.classifier.changed)
    return FilmProbes(probe_inputs(cache, run=run, settings=settings))
