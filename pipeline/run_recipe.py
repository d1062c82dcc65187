"""The recipe in a run's folder: saved when the run begins, compared when it resumes, read by every later command."""

from collections.abc import Sequence
from pathlib import Path

from ..data.errors import BadInput
from .recipe import Recipe, differences, load_recipe, save_recipe
from .training.run import Run, read_rows


def open_run(folder: Path, *, recipe: Recipe) -> Run:
    """The run in this folder, new or begun with the same recipe; another recipe is refused, with what differs."""
    run = Run(folder)
    if run.recipe.exists():
        changed = differences(load_recipe(run.recipe), recipe)
        if changed:
            raise BadInput(
                folder,
                found=f"a run of another recipe ({'; '.join(changed)})",
                expected="a new folder, or a run of the same recipe",
                remedy="Choose another run folder, or delete this one.",
            )
        return run
    if folder.exists() and not folder.is_dir():
        raise BadInput(folder, found="a file", expected="a folder", remedy="Choose another run folder.")
    folder.mkdir(parents=True, exist_ok=True)
    save_recipe(recipe, run.recipe)
    return run


def load_run_recipe(run: Path, *, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe that made this run, with overrides such as `evaluate.resamples=500` laid over it."""
    path = Run(run).recipe
    if not path.is_file():
        raise BadInput(run, found="no recipe.yaml", expected="a run's folder", remedy="Run `pretrain` into it first.")
    return load_recipe(path, overrides=overrides)


def unfinished(run: Path) -> str:
    """A message for a run whose pretraining was cut off; empty for a finished one."""
    rows, settings = read_rows(Run(run)), load_run_recipe(run).train
    done = rows[-1]["step"] if rows else 0
    if done >= settings.steps or settings.patience is not None:  # patience may have ended it early
        return ""
    return f"{run}: pretraining stopped at step {done} of {settings.steps}; `pretrain` resumes from there"
