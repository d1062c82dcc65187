"""Pages of runs: `RUN/report.html` of an evaluated one, a file that fetches nothing; and several side by side."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ..data.errors import BadInput
from .evaluation.scores import read_scores
from .recipe import flattened, load_run_recipe
from .reporting.comparison import ComparedRun, Comparison
from .reporting.run_page import RunFiles, write_run_page
from .training.checkpoint import read_facts
from .training.run import Run, read_rows


def write_report(run: Path) -> Path:
    """The report of a run that has been evaluated: the path of its page."""
    files, scores, recipe = Run(run), read_scores(run), load_run_recipe(run)
    return write_run_page(
        RunFiles(
            folder=run,
            scores=scores,
            recipe_text=files.recipe.read_text(encoding="utf-8"),
            window_seconds=recipe.window_seconds,
            checkpoint=read_facts(files.checkpoint),
            rows=read_rows(files),
            evaluated=datetime.fromtimestamp((run / "scores.json").stat().st_mtime),
        )
    )


def compare(runs: Sequence[Path]) -> Comparison:
    """What the folders of these runs hold; runs that are not evaluated, or not even trained, show what they have.

    Raises BadInput for fewer than two runs, for one run named twice, and for a folder without a recipe.
    """
    twice = [str(run) for run in runs if [other.resolve() for other in runs].count(run.resolve()) > 1]
    if len(runs) < 2 or twice:
        found = f"{twice[0]} twice" if twice else f"{len(runs)} run"
        raise BadInput("compare", found=found, expected="two runs or more", remedy="Name the folders of several runs.")
    return Comparison(tuple(_read(run) for run in runs))


def _read(folder: Path) -> ComparedRun:
    rows, checkpoint = read_rows(Run(folder)), Run(folder).checkpoint
    scores = read_scores(folder) if (folder / "scores.json").is_file() else None
    recipe = load_run_recipe(folder, overrides=scores.probed if scores else ())
    return ComparedRun(
        name=str(folder),
        settings=flattened(recipe),
        steps=rows[-1]["step"] if rows else 0,
        kept=read_facts(checkpoint)["step"] if checkpoint.is_file() else None,
        losses=tuple((row["step"], row["loss"]) for row in rows),
        validations=tuple((row["step"], row["validation"]) for row in rows if row.get("validation")),
        scores=scores,
    )
