"""The command that shows what is installed and what works here, as text for a bug report."""

from typing import Annotated

import typer

CacheOption = Annotated[str | None, typer.Option("--cache", help="Also open this cache and count its recordings.")]


def register(app: typer.Typer) -> None:
    """Add this file's command to the command line."""
    app.command("doctor", epilog="Example: equigait-cli doctor --cache rides/cache")(doctor)


def doctor(cache: CacheOption = None) -> None:
    """Tell what is installed here, and what is missing.

    Versions, device, film decoder, weights on disk: paste the output into a bug report. Exit code 1 when something
    needs mending.
    """
    from ..pipeline.runtime.environment import check_environment

    checks = check_environment(cache=cache)
    for check in checks:
        print(check)
    faults = sum(bool(check.remedy) for check in checks)
    print(f"{faults} to mend (lines with ->)" if faults else "nothing to mend")
    if faults:
        raise typer.Exit(1)
