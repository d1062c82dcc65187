"""The command with which a person reviews predictions and corrects labels."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..pipeline.inference.settings import DEFAULTS, PredictionSettings
from .inference import MinBoutOption, MissingOption, UnknownOption
from .options import (
    Dataset,
    FixedConfigOption,
    FixedSetOption,
    ModelOption,
    RunOrModelOption,
    chosen_run,
    end_with_failures,
)

if TYPE_CHECKING:
    from ..pipeline.reporting.review import ReviewedRecording

EXAMPLE = "Example: equigait-cli review rides --run runs/mine --out review, or with --serve in place of --out"


def register(app: typer.Typer) -> None:
    """Add this file's command to the command line."""
    app.command("review", epilog=EXAMPLE)(review)


def review(
    data: Dataset,
    run: RunOrModelOption = None,
    model: ModelOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the pages, one a recording.")] = None,
    cache: Annotated[
        str | None, typer.Option("--cache", help="Their cache: shows where film and sensors differ, too.")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve the pages to this machine's browser, and save labels in place.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --serve: the port; 0: one that is free.")] = 0,
    allow_missing: MissingOption = False,
    unknown_above: UnknownOption = DEFAULTS.unknown_above,
    min_bout: MinBoutOption = DEFAULTS.min_bout_seconds,
    _config: FixedConfigOption = None,
    _overrides: FixedSetOption = None,
) -> None:
    """Review predictions, and correct labels.

    A page for each recording shows film and sensors, what is most likely wrong first. Corrected labels are downloaded
    as CSV, or, with --serve, saved beside the recording; `probe --corrections` learns from them.
    """
    from ..data.errors import BadInput
    from ..pipeline.reporting.review import ReviewedRecording
    from ..pipeline.review import page_writer, predict_for_review

    if serve == (out is not None):
        found = "--serve and --out" if serve else "neither --serve nor --out"
        raise BadInput("review", found=found, expected="one of them", remedy="See equigait-cli review --help.")
    settings = PredictionSettings(unknown_above=unknown_above, min_bout_seconds=min_bout)
    folder = chosen_run(run, model=model)
    predict = partial(predict_for_review, data, run=folder, cache=cache, allow_missing=allow_missing, settings=settings)
    if out is None:
        reviewed, failed = predict(ReviewedRecording.without_samples)
        _print_failures(failed)
        _serve(reviewed, port=port)
        done = len(reviewed)
    else:
        pages, failed = predict(page_writer(out))
        print("\n".join(map(str, pages)))
        _print_failures(failed)
        done = len(pages)
    end_with_failures(len(failed), done=done)


def _print_failures(failed: Mapping[str, str]) -> None:
    for reason in failed.values():
        print(f"left out: {reason}")


def _serve(reviewed: "Sequence[ReviewedRecording]", *, port: int) -> None:
    """Serves until the person ends it."""
    from ..pipeline.reporting.review_server import ReviewServer

    with ReviewServer(reviewed, port=port) as server:
        print(f"open {server.address} in a browser of this machine; Ctrl+C ends", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("ended")
