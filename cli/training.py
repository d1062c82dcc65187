"""Commands of the two phases: teacher to cache, cache to student, student to probe."""

import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from .log import log_next_step
from .options import (
    CacheOption,
    ConfigOption,
    Dataset,
    FixedConfigOption,
    RunOption,
    SetOption,
    end_with_failures,
    refuse_renamed,
    repeated,
)

logger = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    """Add this file's commands to the command line."""
    example = "Example: equigait-cli "
    app.command("extract-teacher", epilog=example + "extract-teacher rides --config default")(extract_teacher)
    app.command("pretrain", epilog=example + "pretrain --cache rides/cache --run runs/mine --config default")(pretrain)
    app.command("probe", epilog=example + "probe --cache rides/cache --run runs/mine")(probe)


def extract_teacher(
    data: Dataset,
    config: ConfigOption = "default",
    cache: Annotated[str | None, typer.Option("--cache", help="Where to keep it; DATA/cache unless given.")] = None,
    decode: Annotated[str | None, typer.Option(help="Where films are decoded: auto, cpu or cuda.")] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what failed before, though nothing has changed.")
    ] = False,
    executor: Annotated[
        str, typer.Option(help="Who does the work: local (this process) or ray (a cluster).")
    ] = "local",
    engine: Annotated[str | None, typer.Option(hidden=True)] = None,
    address: Annotated[str | None, typer.Option(help="Ray: the cluster to join; one here unless given.")] = None,
    workers: Annotated[int | None, typer.Option(help="Ray: how many actors, each with a teacher.")] = None,
    gpus: Annotated[float | None, typer.Option(help="Ray: GPUs of each actor, such as 0.5.")] = None,
    overrides: SetOption = None,
) -> None:
    """Phase one: embed every film once with the frozen teacher.

    Features are cached beside the sensors; what is there already and unchanged is left alone. Exit code 3 when some
    recordings failed and all others are done."""
    from ..data.settings import parse_settings
    from ..pipeline.extract_teacher import extract_teacher as extract
    from ..pipeline.extraction.executors.settings import ExecutorSettings
    from ..pipeline.recipe import load_recipe

    refuse_renamed("--engine", value=engine, now="--executor")
    chosen = {"name": executor, "address": address, "workers": workers, "gpus": gpus}
    who = parse_settings(ExecutorSettings, chosen, where="--executor")
    recipe = load_recipe(config, overrides=[*(overrides or ()), *([f"teacher.decode={decode}"] if decode else ())])
    place = cache or data / "cache"
    summary = extract(data, cache=place, recipe=recipe, executor=who, retry_failed=retry_failed)
    print(summary)
    if summary.done:
        run = data.parent / f"{data.resolve().name}-run"
        log_next_step("pretrain", "--cache", place, "--run", run, "--config", config, *repeated("--set", overrides))
    end_with_failures(len(summary.failed), done=summary.done)


def pretrain(cache: CacheOption, run: RunOption, config: ConfigOption = "default", overrides: SetOption = None) -> None:
    """Phase two: train the wearable student against the cache.

    Killed at any moment it goes on where it was saved."""
    from ..pipeline.pretrain import pretrain as train
    from ..pipeline.recipe import load_recipe

    folder = train(cache, run=run, recipe=load_recipe(config, overrides=overrides or ()))
    if os.environ.get("RANK", "0") == "0":  # of the processes that torchrun started, one prints
        print(f"pretrained student: {folder}")
        log_next_step("probe", "--cache", cache, "--run", folder)


def probe(
    cache: CacheOption,
    run: RunOption,
    corrections: Annotated[
        list[Path] | None,
        typer.Option("--corrections", metavar="FILE", help="Labels corrected in a review, as CSV; repeatable."),
    ] = None,
    overrides: SetOption = None,
    _config: FixedConfigOption = None,
) -> None:
    """Fit the linear probe on the frozen student.

    It learns from the labelled windows of the training horses. Other classes, or any setting of the section probe, need
    no new pretraining: --set 'probe.classes=[stand, walk]'.

    With --corrections it learns from these labels in place of the cache's, this once, and prints the scores before and
    after of each test horse that was not corrected. Corrected horses are not scored, by evaluate either.
    """
    from ..pipeline.probe import probe as fit
    from ..pipeline.recipe import unfinished

    if warning := unfinished(run):
        logger.warning(warning)
    print(fit(cache, run=run, overrides=overrides or (), corrections=corrections or ()))
    log_next_step("evaluate", "--cache", cache, "--run", run)
