"""Pages on which a person reviews what a run predicts, beside film, sensors and labels."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from ..data.files import write_atomically
from ..data.manifest.load import load_recording, map_recordings
from .datasets.recording_windows import recorded_windows
from .inference.film_timeline import film_timeline
from .inference.settings import DEFAULTS, PredictionSettings
from .predict import load_predictor
from .probing.film_probe import FilmProbes
from .probing.inputs import probe_inputs
from .probing.probe_file import load_probe
from .recipe import load_run_recipe
from .reporting.review import ReviewedRecording, film_files, review_page


def predict_for_review(
    dataset: Path,
    *,
    run: Path,
    cache: str | None = None,
    allow_missing: bool = False,
    settings: PredictionSettings = DEFAULTS,
) -> tuple[list[ReviewedRecording], dict[str, str]]:
    """Every recording below a folder with film, labels and what a run predicts of it; and why others cannot be used.

    With the cache of these recordings, what their films show is set beside what their sensors do.
    """
    recipe, predicted_of = load_predictor(run, settings=settings)
    place = cache or str((dataset if dataset.is_dir() else dataset.parent) / "cache")
    films = _film_probes(cache, run=run) if cache else None

    def of(path: Path) -> ReviewedRecording:
        recording = load_recording(path)
        windows = recorded_windows(recording, settings=recipe, allow_missing=allow_missing)
        by_film = film_timeline(films, recording=recording.id, window_seconds=recipe.window_seconds) if films else None
        return ReviewedRecording(
            recording, predicted_of(windows), recipe.windows.labels, run=run, cache=place, by_film=by_film
        )

    return map_recordings(dataset, of)


def write_review_pages(reviewed: Sequence[ReviewedRecording], *, out: Path) -> tuple[Path, ...]:
    """A page for each recording, `OUT/RECORDING.html`, which plays the film from where it lies."""
    pages: list[Path] = []
    for each in reviewed:
        name = f"{each.recording.id}.html"
        if out / name in pages:
            name = f"{each.recording.id}-{len(pages) + 1}.html"
        films = [quote(os.path.relpath(file, out)) for file in film_files(each.recording.video)]
        write_atomically(out / name, review_page(each, films=films))
        pages.append(out / name)
    return tuple(pages)


def _film_probes(cache: str, *, run: Path) -> FilmProbes:
    settings = load_run_recipe(run, overrides=load_probe(run).changed)
    return FilmProbes(probe_inputs(cache, run=run, settings=settings))
