"""The command that checks recordings before anything is learned from them."""

from pathlib import Path
from typing import Annotated

import typer

from .options import REFUSED, Dataset, end_with_failures


def register(app: typer.Typer) -> None:
    """Add this file's command to the command line."""
    app.command("inspect", epilog="Example: equigait-cli inspect rides --json quality.json")(inspect)


def inspect(
    data: Dataset,
    json: Annotated[Path | None, typer.Option(help="Also write everything that was found to this file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Where the page goes; else DATA/inspect.html.")] = None,
) -> None:
    """Check what recordings are worth.

    Rates, loss, clipping, swapped channels, film, labels and clocks; exit code 1 if all recordings are
    refused, 3 if some are."""
    from ..data.files import refuse_link_away
    from ..data.manifest.outputs import refuse_inputs
    from ..data.quality.dataset import inspect_dataset
    from ..data.quality.facts import write_json
    from ..data.quality.text import text_report
    from ..pipeline.reporting.inspection import write_inspection

    page = html or (data if data.is_dir() else data.parent) / "inspect.html"
    if html is None:
        refuse_link_away(page)
    refuse_inputs([page, *([json] if json else [])], dataset=data)
    reports = inspect_dataset(data)
    print(text_report(reports))
    write_inspection(reports, page, dataset=data)
    print(f"{page} shows them")
    if json is not None:
        write_json(reports, json)
    refused = sum(report.refused for report in reports)
    end_with_failures(refused, done=len(reports) - refused, otherwise=REFUSED)
