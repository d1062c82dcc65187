"""Arguments and options that several commands share, each described once."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ..data.errors import BadInput

logger = logging.getLogger(__name__)

REFUSED, BAD_INPUT, SOME_FAILED = 1, 2, 3
"""Exit codes: what was checked is refused; nothing could be done; some recordings failed and all others are done."""

Dataset = Annotated[Path, typer.Argument(metavar="DATA", help="Folder of recordings, one recording.yaml in each.")]
CacheOption = Annotated[str, typer.Option("--cache", help="The cache: a folder, or an s3:// address.")]


def _not_read(value: str | None) -> str | None:
    if value:
        logger.info("the cache is not opened: this command reads none")
    return value


def _refuse_config(value: str | None) -> None:
    if value:
        expected = "the recipe that the run was pretrained with, RUN/recipe.yaml"
        remedy = "Leave --config out; `probe` and `evaluate` take other settings of theirs with --set."
        raise BadInput("command line", found=f"--config {value}", expected=expected, remedy=remedy)


def _refuse_set(value: list[str] | None) -> None:
    if value:
        expected = "the settings that the run has"
        remedy = "Leave --set out: `pretrain`, `probe` and `evaluate` take settings, and the run keeps them."
        raise BadInput("command line", found=f"--set {value[0]}", expected=expected, remedy=remedy)


UnusedCacheOption = Annotated[
    str | None,
    typer.Option("--cache", help="Taken as by the run's other commands, and not read.", callback=_not_read),
]
FixedConfigOption = Annotated[str | None, typer.Option("--config", hidden=True, callback=_refuse_config)]
"""Of commands that read a finished run: refused with the reason, where its neighbours take one."""
FixedSetOption = Annotated[list[str] | None, typer.Option("--set", hidden=True, callback=_refuse_set)]
"""Of commands that use a run as it is, likewise."""
RunOption = Annotated[Path, typer.Option("--run", help="Folder of the training run.")]
RunOrModelOption = Annotated[Path | None, typer.Option("--run", help="Folder of the training run, or --model.")]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", help="Instead of --run a model that comes with equigait: field-student (simulated horses)."
    ),
]
ConfigOption = Annotated[
    str, typer.Option("--config", help="A named recipe (default, demo, ...) or your own YAML file.")
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="A.B=VALUE", help="Change one setting; repeatable.")
]


def end_with_failures(failed: int, *, done: int, otherwise: int = BAD_INPUT) -> None:
    """Ends a command over several recordings: `SOME_FAILED` where others are done, `otherwise` where none is.

    Returns where none failed.
    """
    if failed:
        raise typer.Exit(SOME_FAILED if done else otherwise)


def chosen_run(run: Path | None, *, model: str | None) -> Path:
    """The run's folder, or that of the model which comes with the package; refused unless one of them is named."""
    from ..pipeline.inference.shipped_models import shipped_run

    if run is not None and model is None:
        return run
    if model is not None and run is None:
        return shipped_run(model)
    found = "neither --run nor --model" if run is None else "--run and --model"
    remedy = "Name a run of your own with --run, or a model that comes with equigait: --model field-student."
    raise BadInput("command line", found=found, expected="one of them", remedy=remedy)


def naming(run: Path, *, model: str | None) -> list[object]:
    """The words that name the same run or model to another command."""
    return ["--run", run] if model is None else ["--model", model]


def refuse_renamed(option: str, *, value: object, now: str) -> None:
    """Refuses an option by its former name, with the line that names the present one."""
    if value:
        remedy = f"`{option}` is now called `{now}`: rename the option."
        raise BadInput("command line", found=option, expected=now, remedy=remedy)


def repeated(option: str, values: Sequence[str] | None) -> list[str]:
    """The words that give a repeatable option these values."""
    return [word for value in values or () for word in (option, value)]
