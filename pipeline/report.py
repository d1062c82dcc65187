"""Writes `RUN/report.html`: the page of an evaluated run, one file that fetches nothing."""

from datetime import datetime
from pathlib import Path

from .evaluation.scores import read_scores
from .reporting.run_page import RunFiles, write_run_page
from .training.checkpoint import read_facts
from .training.run import Run, read_rows


def write_report(run: Path) -> Path:
    """The report of a run that has been evaluated: the path of its page."""
    files, scores = Run(run), read_scores(run)
    return write_run_page(
        RunFiles(
            folder=run,
            scores=scores,
            recipe_text=files.recipe.read_text(encoding="utf-8"),
            checkpoint=read_facts(files.checkpoint),
            rows=read_rows(files),
            evaluated=datetime.fromtimestamp((run / "scores.json").stat().st_mtime),
        )
    )
