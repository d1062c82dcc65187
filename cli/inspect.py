"""The command that checks recordings before anything is learned from them."""

from pathlib import Path
from typing import Annotated

import typer

from .options import Dataset


def register(app: typer.Typer) -> None:
    """Add this file's command to the command line."""
    app.command("inspect", epilog="Example: equigait-cli inspect rides --json quality.json")(inspect)


def inspect(
    data: Dataset,
    json: Annotated[Path | None, typer.Option(help="Also write everything that was found to this file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Where the page goes; else DATA/inspect.html.")] = None,
) -> None:
    """Check what recordings are worth.

    Rates, loss, clipping, swapped channels, film, labels and clocks; exit code 1 if a recording is refused."""
    from ..data.quality.dataset import inspect_dataset
    from ..data.quality.facts import write_json
    from ..data.quality.text import text_report
    from ..pipeline.reporting.inspection import write_inspection

    reports = inspect_dataset(data)
    print(text_report(reports))
    page = html or (data if data.is_dir() else data.parent) / "inspect.html"
    write_inspection(reports, page, dataset=data)
    print(f"{page} shows them")
    if json is not None:
        write_json(reports, json)
    if any(report.refused for report in reports):
        raise typer.Exit(1)
