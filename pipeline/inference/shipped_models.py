"""Models that come with the package, and which runs have learned from simulated recordings alone."""

from os import PathLike
from pathlib import Path

from ...data.errors import BadInput
from ...data.settings import read_yaml
from ..training.run import Run

FIELD_STUDENT = "field-student"
SHIPPED = {FIELD_STUDENT: Path(__file__).with_name("field_student")}
"""Folders like those of runs, by the name of the model."""
SIMULATED_RECIPES = ("demo", "middle", "field", FIELD_STUDENT)
"""Recipes that are made for simulated yards."""


def shipped_run(name: str) -> Path:
    """The folder of a model that comes with the package."""
    if name not in SHIPPED:
        raise BadInput(
            "--model",
            found=name,
            expected=f"one of {', '.join(SHIPPED)}",
            remedy="A run of your own is named with --run.",
        )
    return SHIPPED[name]


def run_folder(source: str | PathLike[str]) -> Path:
    """A path, or the folder of the model that bears this name; a folder of the same name goes first."""
    path = Path(source)
    return path if path.exists() else SHIPPED.get(str(source), path)


def is_shipped(run: Path) -> bool:
    """Whether this is the folder of a model that comes with the package."""
    return run.resolve() in {folder.resolve() for folder in SHIPPED.values()}


def refuse_shipped(run: Path) -> None:
    """Raises BadInput for the folder of a model that comes with the package: nothing is written there."""
    if is_shipped(run):
        raise BadInput(
            run,
            found="a model that comes with the package",
            expected="a run of your own, to write a probe into",
            remedy="Copy the folder, and name the copy with --run.",
        )


def is_simulated(run: Path) -> bool:
    """Whether a run has learned from simulated recordings alone, as far as the name of its recipe says."""
    recipe = read_yaml(Run(run).recipe)
    return isinstance(recipe, dict) and recipe.get("name") in SIMULATED_RECIPES
