"""Commands that evaluate runs: score them, transfer them to other data, compare them, report."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from .log import log_next_step
from .options import (
    CacheOption,
    ConfigOption,
    FixedConfigOption,
    FixedSetOption,
    RunOption,
    SetOption,
    UnusedCacheOption,
    refuse_renamed,
)

logger = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    """Add this file's commands to the command line."""
    example = "Example: equigait-cli "
    app.command("evaluate", epilog=example + "evaluate --cache rides/cache --run runs/mine")(evaluate)
    app.command(
        "leave-one-out", epilog=example + "leave-one-out --cache rides/cache --config hugadb --method spectral"
    )(leave_one_out)
    app.command("transfer", epilog=example + "transfer --run runs/mine --cache others/cache")(transfer)
    app.command("compare", epilog=example + "compare runs/mine runs/other --out compare.html")(compare)
    app.command("report", epilog=example + "report --run runs/mine")(report)


def evaluate(
    cache: CacheOption, run: RunOption, overrides: SetOption = None, _config: FixedConfigOption = None
) -> None:
    """Score horses never seen, beside baselines and chance.

    Writes RUN/scores.json."""
    from ..pipeline.evaluate import evaluate as score
    from ..pipeline.evaluation.score_table import format_table
    from ..pipeline.recipe import unfinished

    if warning := unfinished(run):
        logger.warning(warning)
    print(format_table(score(cache, run=run, overrides=overrides or ())))
    log_next_step("report", "--run", run)


def leave_one_out(
    cache: CacheOption,
    config: ConfigOption = "default",
    method: Annotated[
        list[str] | None,
        typer.Option(help="Repeatable: spectral, spectral-svm, minirocket, random-init, supervised, teacher."),
    ] = None,
    contender: Annotated[list[str] | None, typer.Option(hidden=True)] = None,
    runs: Annotated[
        Path | None, typer.Option(help="Pretrain a student per horse here, for knn, rbf-svm and fine-tuned as well.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the result here as JSON.")] = None,
    overrides: SetOption = None,
) -> None:
    """Score each horse by methods fitted on all the others.

    For sets with few horses: baselines, and with --runs pretrained students too."""
    from ..pipeline.evaluation.protocols.leave_one_out import require_known
    from ..pipeline.leave_one_out import DEFAULT_METHODS, pretrain_folds
    from ..pipeline.leave_one_out import leave_one_out as score
    from ..pipeline.recipe import load_recipe

    refuse_renamed("--contender", value=contender, now="--method")
    methods = method or DEFAULT_METHODS
    require_known(methods, pretrained=runs is not None)  # before hours of pretraining
    recipe = load_recipe(config, overrides=overrides or ())
    folds = pretrain_folds(cache, runs=runs, recipe=recipe) if runs else None
    print(score(cache, recipe=recipe, methods=methods, runs=folds, out=out))


def transfer(
    run: RunOption,
    cache: Annotated[str, typer.Option("--cache", help="The cache of another data set.")],
    _config: FixedConfigOption = None,
    _overrides: FixedSetOption = None,
    namesakes: Annotated[
        bool, typer.Option("--namesakes", help="Horses there that bear names of this run's are others.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write the result here as JSON.")] = None,
) -> None:
    """Score a run on another data set, by shared labels.

    Nothing is fitted there: it is the run's own student and probe."""
    from ..pipeline.evaluate import transfer as score

    print(score(cache, run=run, namesakes=namesakes, out=out))


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN...", help="Folders of runs.")],
    out: Annotated[Path | None, typer.Option(help="Write a page with plots here.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the figures here as JSON.")] = None,
    _cache: UnusedCacheOption = None,
    _config: FixedConfigOption = None,
    _overrides: FixedSetOption = None,
) -> None:
    """Put runs side by side.

    Settings that differ, validation retrieval, scores with intervals, few labels; --out writes a page of plots."""
    from ..pipeline.report import compare as read
    from ..pipeline.reporting.comparison import write_comparison, write_json

    comparison = read(runs)
    print(comparison)
    if json is not None:
        write_json(comparison, json)
    if out is not None:
        print(f"\npage: {write_comparison(comparison, out)}")


def report(
    run: RunOption,
    _cache: UnusedCacheOption = None,
    _config: FixedConfigOption = None,
    _overrides: FixedSetOption = None,
) -> None:
    """Write the run's page, RUN/report.html.

    The scores, their plots and how they came about, in one file."""
    from ..pipeline.report import write_report

    print(f"report: {write_report(run)}")
