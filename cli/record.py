"""Commands about recordings: simulate them, import public ones, look at their clocks."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Dataset, SetOption

if TYPE_CHECKING:
    from ..data.sync import SyncResult


def register(app: typer.Typer) -> None:
    """Add this file's commands to the command line."""
    app.command("simulate", epilog="Example: equigait-cli simulate runs/yard --horses 6 --seconds 120 --seed 1")(
        simulate
    )
    app.command("import", epilog="Example: equigait-cli import hugadb downloads/hugadb rides/hugadb")(import_recordings)
    app.command("sync", epilog="Example: equigait-cli sync rides/bella-monday --expect-offset 12.5")(sync)


def simulate(
    out: Annotated[Path, typer.Argument(help="Folder to write: ordinary recordings, and the truth apart from them.")],
    horses: Annotated[int, typer.Option(help="How many horses.")] = 6,
    seconds: Annotated[float, typer.Option(help="Length of each recording, in seconds.")] = 120.0,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 0,
    sites: Annotated[str, typer.Option(help="trunk-5 or limb-4-withers.")] = "trunk-5",
    workers: Annotated[int, typer.Option(help="Processes that render films side by side.")] = 2,
    overrides: SetOption = None,
) -> None:
    """Simulate a yard of horses: films, five sensors each, labels, and the truth about all of them."""
    from ..data.settings import parse_settings, with_override
    from ..data.simulate import YardSpec, simulate_yard

    values: dict[str, object] = {"horses": horses, "seconds": seconds, "seed": seed, "sites": sites, "workers": workers}
    for override in overrides or ():
        values = with_override(values, override)
    spec = parse_settings(YardSpec, values, where="simulate")
    manifests = simulate_yard(out, spec=spec)
    print(f"{len(manifests)} recordings in {out}; their truth in {out / 'truth'}")


def import_recordings(
    kind: Annotated[str, typer.Argument(help="utd-mhad, hugadb, horsing-around or movingreality.")],
    source: Annotated[Path, typer.Argument(help="Folder (or file) as the public set is published.")],
    out: Annotated[Path, typer.Argument(help="Folder to write recordings into.")],
) -> None:
    """Turn a public data set into recordings that every other command reads."""
    from ..data.public import import_dataset

    manifests = import_dataset(source, kind=kind, out=out)
    print(f"{len(manifests)} recordings in {out}")


def sync(
    data: Dataset,
    expect_offset: Annotated[
        float | None, typer.Option(help="Where film time minus sensor time should be, within 5 s.")
    ] = None,
    offset: Annotated[float | None, typer.Option(help="Set it by hand instead: film time minus sensor time.")] = None,
    max_drift: Annotated[float, typer.Option(help="Largest drift to consider, in parts per million.")] = 200.0,
    window: Annotated[float, typer.Option(help="Length of the windows that are compared, in seconds.")] = 20.0,
) -> None:
    """Find the clock of film and sensors from motion, or refuse: sync.json, sync.html, and the manifest if sure."""
    from ..data.manifest import find_recordings
    from ..data.sync import SyncSpec, Verdict
    from ..data.sync.recording import sync_recording

    spec = SyncSpec(expect_offset=expect_offset, offset=offset, max_drift_ppm=max_drift, window_seconds=window)
    refused = 0
    for manifest in find_recordings(data):
        result = sync_recording(manifest, spec=spec)
        refused += result.verdict is Verdict.REFUSE
        print(f"{manifest.parent.name}: {result.verdict} {describe(result)}")
    if refused:
        raise typer.Exit(1)


def describe(result: "SyncResult") -> str:
    """Offset, drift and what stands against them, in a line."""
    reasons = "; ".join(result.reasons)
    if result.offset_s is None:
        return reasons
    drift = 0.0 if result.drift_ppm is None else result.drift_ppm
    return f"offset {result.offset_s:+.3f} s, drift {drift:+.0f} ppm{'; ' if reasons else ''}{reasons}"
