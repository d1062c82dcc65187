"""The command that measures strides."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from .log import log_next_step
from .options import Dataset, end_with_failures


def register(app: typer.Typer) -> None:
    """Add this file's command to the command line."""
    app.command("strides", epilog="Example: equigait-cli strides rides --bouts predictions/bouts.csv --out strides")(
        strides
    )


def strides(
    data: Dataset,
    out: Annotated[Path, typer.Option("--out", help="Folder for the tables.")],
    bouts: Annotated[
        Path | None, typer.Option("--bouts", help="Gaits as `predict` wrote them; else the recordings' own labels.")
    ] = None,
    format: Annotated[Literal["csv", "parquet"], typer.Option("--format", help="What kind of tables.")] = "csv",
) -> None:
    """Measure every stride of recordings.

    Duration, frequency, regularity, rein, canter lead, and how evenly poll, withers and sacrum move in straight trot.
    Experimental and no diagnosis: a table gives published ranges and what a misplaced sensor does."""
    from ..pipeline.strides import find_strides

    result = find_strides(data, out=out, bouts=bouts, format=format)
    print(result)
    if result.recordings:  # symmetry rests on sensors that sit where they should
        log_next_step("inspect", data)
    end_with_failures(len(result.failed), done=len(result.recordings))
