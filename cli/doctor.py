"""The command that shows what is installed and what works here, as text for a bug report."""

from typing import Annotated

import typer

LicencesOption = Annotated[
    bool, typer.Option("--licences", help="Instead: every installed dependency with its version and licence.")
]
CacheOption = Annotated[str | None, typer.Option("--cache", help="Also open this cache and count its recordings.")]


def register(app: typer.Typer) -> None:
    """Add this file's command to the command line."""
    app.command("doctor", epilog="Example: equigait-cli doctor --cache rides/cache")(doctor)


def doctor(cache: CacheOption = None, licences: LicencesOption = False) -> None:
    """Tell what is installed here, and what is missing.

    Versions, device, film decoder, weights on disk: paste the output into a bug report. Exit code 1 when something
    needs mending.
    """
    from ..pipeline.runtime.environment import check_environment
    from ..pipeline.runtime.licences import dependency_licences

    if licences:
        for each in dependency_licences():
            print(f"{each.package:<32} {each.version:<20} {each.licence}")
        return

    checks = check_environment(cache=cache)
    for check in checks:
        print(check)
    faults = sum(bool(check.remedy) for check in checks)
    print(f"{faults} to mend (lines with ->)" if faults else "nothing to mend")
    if faults:
        raise typer.Exit(1)
