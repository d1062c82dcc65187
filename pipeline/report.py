"""Writes `RUN/report.html`: one file, nothing fetched, readable in light and dark, on screen and on paper."""

import datetime
import shlex
from collections.abc import Sequence
from html import escape
from pathlib import Path

from .. import __version__
from ..data.files import write_atomically
from ..data.page.html import page
from .evaluation.scores import read_scores
from .reporting.few_labels import few_shot_section
from .reporting.provenance import limits_section, sources_section, training_section
from .reporting.robustness import map_section, missing_sensors_section
from .reporting.sections import confusion_section, controls_section, headline, horses_section, retrieval_section
from .run_recipe import load_run_recipe
from .training.checkpoint import read_facts
from .training.run import Run, read_rows


def write_report(run: Path) -> Path:
    """The report of a run that has been evaluated: the path of its page."""
    files, scores, recipe = Run(run), read_scores(run), load_run_recipe(run)
    facts = read_facts(files.checkpoint)
    commands = [
        f"equigait-cli {step}"
        for step in (
            f"extract-teacher DATA --cache CACHE --config {files.recipe}",
            f"pretrain --cache CACHE --run {run} --config {files.recipe}",
            f"probe --cache CACHE --run {run}{_set(scores.probed)}",
            f"evaluate --cache CACHE --run {run}{_set(scores.changed)}",
            f"report --run {run}",
        )
    ]
    body = [
        _header(run),
        headline(scores, window_seconds=recipe.window_seconds),
        confusion_section(scores),
        horses_section(scores),
        controls_section(scores),
        few_shot_section(scores),
        missing_sensors_section(scores),
        map_section(scores),
        retrieval_section(scores),
        training_section(read_rows(files), kept=facts["step"]),
        sources_section(
            scores,
            facts=facts,
            recipe_text=files.recipe.read_text(encoding="utf-8"),
            commands=commands,
        ),
        limits_section(scores),
        f"<footer>equigait {escape(__version__)}</footer>",
    ]
    path = run / "report.html"
    write_atomically(path, page(f"equigait report: {run.name}", body=body))
    return path


def _set(changed: Sequence[str]) -> str:
    return "".join(f" --set {shlex.quote(each)}" for each in changed)


def _header(run: Path) -> str:
    written = datetime.datetime.fromtimestamp((run / "scores.json").stat().st_mtime).strftime("%d %B %Y, %H:%M")
    return (
        f'<header><span class="mark">equigait</span><h1>Telling gaits from wearables: {escape(run.resolve().name)}</h1>'
        f'<span class="quiet">evaluated {written}</span></header>'
    )
