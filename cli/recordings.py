"""Commands that make recordings: simulate them, import public ones."""

from pathlib import Path
from typing import Annotated

import typer

from .log import log_next_step
from .options import SetOption, end_with_failures

IMPORTED_WITH_RECIPE = ("utd-mhad", "hugadb")
"""Public sets that have a recipe of the same name."""


def register(app: typer.Typer) -> None:
    """Add this file's commands to the command line."""
    app.command("simulate", epilog="Example: equigait-cli simulate runs/yard --horses 6 --seconds 120 --seed 1")(
        simulate
    )
    app.command("import", epilog="Example: equigait-cli import hugadb downloads/hugadb rides/hugadb")(import_recordings)


def simulate(
    out: Annotated[Path, typer.Argument(help="Folder to write: ordinary recordings, and the truth apart from them.")],
    horses: Annotated[int, typer.Option(help="How many horses.")] = 6,
    seconds: Annotated[float, typer.Option(help="Length of each recording, in seconds.")] = 120.0,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 0,
    difficulty: Annotated[
        str, typer.Option(help="easy; middle: gaits that overlap; field: thirteen behaviours, failing sensors.")
    ] = "easy",
    film: Annotated[bool, typer.Option("--film/--no-film", help="With films, or sensors and labels alone.")] = True,
    sites: Annotated[str, typer.Option(help="trunk-5 or limb-4-withers.")] = "trunk-5",
    workers: Annotated[int, typer.Option(help="Processes that render films side by side.")] = 2,
    overrides: SetOption = None,
) -> None:
    """Simulate a yard: horses with film, sensors and labels.

    Five sensors each, and beside them the truth about all of them."""
    from ..data.settings import parse_settings, with_override
    from ..data.simulate import YardSpec, simulate_yard

    values: dict[str, object] = {"horses": horses, "seconds": seconds, "seed": seed, "difficulty": difficulty}
    values |= {"film": film, "sites": sites, "workers": workers}
    for override in overrides or ():
        values = with_override(values, override)
    spec = parse_settings(YardSpec, values, where="simulate")
    manifests = simulate_yard(out, spec=spec)
    print(f"{len(manifests)} recordings in {out}; their truth in {out / 'truth'}")
    if spec.film:
        config = "demo" if spec.difficulty == "easy" else spec.difficulty
        placed = () if spec.sites == "trunk-5" else ("--set", f"grid.sites={spec.sites}")
        log_next_step("extract-teacher", out, "--config", config, *placed)
    else:
        log_next_step("inspect", out)


def import_recordings(
    kind: Annotated[str, typer.Argument(help="utd-mhad, hugadb, horsing-around or movingreality.")],
    source: Annotated[Path, typer.Argument(help="Folder (or file) as the public set is published.")],
    out: Annotated[Path, typer.Argument(help="Folder to write recordings into.")],
) -> None:
    """Turn a public data set into recordings.

    Every other command reads them. A recording that cannot be used is named and left out; exit code 3 then."""
    from ..data.errors import BadInput
    from ..data.importers import import_dataset

    refused: list[BadInput] = []
    manifests = import_dataset(source, kind=kind, out=out, refused=refused)
    print(f"{len(manifests)} recordings in {out}")
    if manifests and kind in IMPORTED_WITH_RECIPE:
        log_next_step("extract-teacher", out, "--config", kind)
    elif manifests:
        log_next_step("inspect", out)
    end_with_failures(len(refused), done=len(manifests))
