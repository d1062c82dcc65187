"""The recipe: every choice of both phases in one typed, frozen object, read from YAML and saved with each run."""

from collections.abc import Mapping, Sequence
from functools import reduce
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import model_validator

from ..data.errors import BadInput
from ..data.files import write_atomically
from ..data.settings import parse_settings, parse_yaml, read_yaml, with_override
from ..data.sites import resolve_sites
from .augmentation.sides import check_mirror, check_mount_free
from .evaluation.settings import EvaluationSettings
from .extraction.settings import ExtractionSettings
from .training.run import Run, read_rows

YAML_SUFFIXES = (".yaml", ".yml")
WITHOUT_GRAVITY = {"student.mount_free": "false", "probe.features": "[axes-spectra]"}
"""What suits `grid.signals: linear_acceleration`, in which nothing shows which way is up: unless they are asked for."""


class Recipe(EvaluationSettings, ExtractionSettings):
    """What a run is made from. Each section is described where its component lives."""

    name: str = "default"
    """For people: the configuration it began as."""

    @model_validator(mode="after")
    def _sections_agree(self) -> "Recipe":
        self.student.check_window(self.windows.steps)
        self.objective.check_window(self.windows.steps)
        strangers = [label for label in self.probe.classes if label not in self.windows.labels]
        if strangers:
            raise ValueError(f"probe.classes {strangers} are not among windows.labels {list(self.windows.labels)}")
        if self.student.mount_free:
            check_mount_free(self.windows.labels, signals=self.grid.signals)
        if self.augment.mirror:
            check_mirror(sites=resolve_sites(self.grid.sites), labels=self.windows.labels)
        return self


def named_configs() -> tuple[str, ...]:
    """Names of the configurations that come with the package."""
    return tuple(sorted(path.name.removesuffix(".yaml") for path in _config_folder() if path.name.endswith(".yaml")))


def load_recipe(config: str | Path, *, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe of a named configuration or a YAML file, with overrides such as `train.steps=500` laid over it.

    Windows without gravity have the settings of `WITHOUT_GRAVITY`, where neither the file nor an override names others.
    """
    values, where = _read_config(config)
    whole = reduce(with_override, overrides, values)
    if _at(whole, "grid.signals") == "linear_acceleration":
        given = reduce(with_override, overrides, {} if config in named_configs() else values)
        missing = [f"{path}={value}" for path, value in WITHOUT_GRAVITY.items() if _at(given, path) is None]
        whole = reduce(with_override, missing, whole)
    return parse_settings(Recipe, whole, where=" --set ".join([where, *overrides]))


def require_section(overrides: Sequence[str], *, section: str) -> None:
    """Refuses overrides of any other section, for a run that has been pretrained: those have made it what it is."""
    for override in overrides:
        if not override.startswith(f"{section}."):
            expected, remedy = f"a setting of the section {section}", "Others are fixed when a run is pretrained."
            raise BadInput(f"--set {override}", found=override.partition("=")[0], expected=expected, remedy=remedy)


def save_recipe(recipe: Recipe, path: Path) -> None:
    """Writes the recipe with every default spelled out, so that it reads back to the same recipe."""
    write_atomically(path, yaml.safe_dump(_values(recipe), sort_keys=False, allow_unicode=True))


def differences(first: Recipe, second: Recipe) -> tuple[str, ...]:
    """Where two recipes differ, as `train.steps: 500 against 600`."""
    left, right = flattened(first), flattened(second)
    keys = [key for key in left | right if left.get(key) != right.get(key)]
    return tuple(f"{key}: {left.get(key)} against {right.get(key)}" for key in keys)


def flattened(recipe: Recipe) -> dict[str, Any]:
    """Every setting by its path, such as `train.steps`."""
    return _flatten(_values(recipe))


def _at(values: Any, path: str) -> Any:
    """What stands at a path such as `grid.signals` in plain values; None for nothing."""
    for key in path.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _values(recipe: Recipe) -> dict[str, Any]:
    """The sections as plain values, the name in front."""
    return {"name": recipe.name} | recipe.model_dump(mode="json")


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


def _config_folder() -> list[Any]:
    return list(resources.files(f"{__package__}.configs").iterdir())


def _read_config(config: str | Path) -> tuple[dict[str, Any], str]:
    """The sections of a named configuration or a file, and what to call it in messages."""
    path = Path(config)
    if path.suffix in YAML_SUFFIXES or path.is_file():
        return _sections(read_yaml(path), where=str(path)), str(path)
    where = f"configuration {config}"
    for file in _config_folder():
        if file.name == f"{config}.yaml":
            return _sections(parse_yaml(file.read_text(), where=where), where=where), where
    raise BadInput(
        where,
        found="no configuration of that name",
        expected=f"one of {', '.join(named_configs())}, or a YAML file",
        remedy="Pass the path of your own recipe as a file that ends in .yaml.",
    )


def _sections(values: object, *, where: str) -> dict[str, Any]:
    if values is None:
        return {}
    if not isinstance(values, dict):
        found = f"a {type(values).__name__}"
        raise BadInput(where, found=found, expected="sections such as `train:`", remedy="See the README.")
    return values


def _flatten(values: Mapping[str, Any], *, prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flatten(value, prefix=f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return flat
