"""The command that finds the clock between film and sensors: of recordings, or of bare files."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .log import log_next_step
from .options import REFUSED, end_with_failures

if TYPE_CHECKING:
    from ..data.sync import SyncResult, SyncSpec

EXAMPLE = "Example: equigait-cli sync rides/bella-monday, or equigait-cli sync --imu withers.csv --video ride.mp4"


def register(app: typer.Typer) -> None:
    """Add this file's command to the command line."""
    app.command("sync", epilog=EXAMPLE)(sync)


def sync(
    data: Annotated[
        Path | None, typer.Argument(metavar="DATA", help="Folder of recordings, or one recording.yaml.")
    ] = None,
    imu: Annotated[
        list[str] | None,
        typer.Option(metavar="[SITE=]FILE", help="Instead of DATA: a sensor file, as withers=a.csv; repeatable."),
    ] = None,
    video: Annotated[Path | None, typer.Option(help="The film that goes with --imu.")] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            help="What plain --imu tables call time,ax,ay,az,gx,gy,gz, in this order; the last three may lack."
        ),
    ] = None,
    units: Annotated[
        str | None, typer.Option(help="Their units of time,acceleration,turning: ms,g,deg/s or the like.")
    ] = None,
    rate: Annotated[float | None, typer.Option(help="Their samples a second, where there is no time column.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="With --imu: folder for sync.json, sync.html; else the film's.")
    ] = None,
    expect_offset: Annotated[
        float | None, typer.Option(help="Seconds of film time minus sensor time: search only 5 s about it.")
    ] = None,
    offset: Annotated[float | None, typer.Option(help="The same, set by hand: nothing is searched.")] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(
            metavar="film:S,imu:S", help="Seconds at which both saw one event, as film:12.48,imu:407.2; repeatable."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a manifest's clock that is known or was set by hand, too.")
    ] = False,
    max_drift: Annotated[float, typer.Option(help="Largest drift to consider, in parts per million.")] = 200.0,
    window: Annotated[float, typer.Option(help="Length of the windows that are compared, in seconds.")] = 20.0,
) -> None:
    """Find the clock between film and sensors, from motion.

    Writes sync.json and sync.html, and the clock into the manifest when it is sure; exit code 1 if refused, 3
    if some of several recordings are.

    A clock that is known or was set by hand stays in the manifest, unless --offset, --event or --force replaces it."""
    from ..data.settings import parse_settings
    from ..data.sync import SyncSpec
    from ..data.sync.anchor_events import parse_pair

    values = {"expect_offset": expect_offset, "offset": offset, "max_drift_ppm": max_drift, "window_seconds": window}
    pairs = [parse_pair(text).model_dump() for text in event or ()]
    spec = parse_settings(SyncSpec, values | {"events": pairs}, where="sync")
    bare = {"--imu": imu, "--video": video, "--columns": columns, "--units": units, "--rate": rate, "--out": out}
    _refuse_two_forms(data, bare=bare, force=force)
    if data is not None:
        _sync_dataset(data, spec=spec, force=force)
    elif imu and video:
        _sync_bare(imu, video=video, out=out or video.parent, spec=spec, declared=(columns, units, rate))


def describe(result: "SyncResult") -> str:
    """Offset, drift and what stands against them, in a line."""
    reasons = "; ".join(result.reasons)
    if result.offset_s is None:
        return reasons
    drift = 0.0 if result.drift_ppm is None else result.drift_ppm
    return f"offset {result.offset_s:+.3f} s, drift {round(drift):+d} ppm{'; ' if reasons else ''}{reasons}"


def _refuse_two_forms(data: Path | None, *, bare: Mapping[str, object], force: bool) -> None:
    """Exactly one of the two: recordings, or sensor files with their film."""
    from ..data.errors import BadInput

    given = [name for name, value in bare.items() if value is not None and value != []]
    if (data is None) == bool(given) and (data or ({"--imu", "--video"} <= set(given) and not force)):
        return
    given += ["--force"] if force and data is None else []
    found = " and ".join([*([str(data)] if data else []), *given]) or "neither recordings nor files"
    expected = "either recordings (a folder or a recording.yaml), or --imu and --video"
    raise BadInput("sync", found=found, expected=expected, remedy="See equigait-cli sync --help.")


def _sync_dataset(data: Path, *, spec: "SyncSpec", force: bool) -> None:
    """Every recording; a bad one among several is printed and does not stop the others."""
    from ..data.errors import BadInput, refusal
    from ..data.manifest.files import find_recordings
    from ..data.sync import Verdict
    from ..data.sync.recording import sync_recording

    manifests, refused = find_recordings(data), 0
    for manifest in manifests:
        try:
            result = sync_recording(manifest, spec=spec, force=force)
            _write_page(result, manifest.parent, target=(str(manifest.resolve()),), spec=spec)
        except (BadInput, PermissionError) as error:
            if len(manifests) == 1:
                raise
            refused += 1
            print(f"{manifest.resolve().parent.name}: bad input: {' '.join(str(refusal(error)).split())}")
            continue
        refused += result.verdict is Verdict.REFUSE
        print(f"{manifest.resolve().parent.name}: {result.verdict} {describe(result)}")
        print(f"  {manifest.name}: {result.manifest}")
    if refused < len(manifests):
        log_next_step("extract-teacher", data if data.is_dir() else data.parent)
    end_with_failures(refused, done=len(manifests) - refused, otherwise=REFUSED)


def _sync_bare(
    imu: list[str],
    *,
    video: Path,
    out: Path,
    spec: "SyncSpec",
    declared: tuple[str | None, str | None, float | None],
) -> None:
    """Sensor files and a film without a manifest: the clock is printed as a manifest would hold it."""
    from ..data.sync import Verdict
    from ..data.sync.bare import read_bare
    from ..data.sync.recording import manifest_lines, sync_streams

    columns, units, rate_hz = declared
    streams = read_bare(imu, columns=columns, units=units, rate_hz=rate_hz)
    result = sync_streams(streams, film=video, out=out, spec=spec)
    given = {"--columns": columns, "--units": units, "--rate": rate_hz, "--out": out.resolve()}
    target = [word for each in imu for word in ("--imu", _absolute(each))] + ["--video", str(video.resolve())]
    target += [word for name, value in given.items() if value is not None for word in (name, str(value))]
    _write_page(result, out, target=tuple(target), spec=spec)
    print(f"{video.name}: {result.verdict} {describe(result)}")
    for unit in result.units:
        print(f"  {unit.site}: {unit.note}")
    print(f"{out / 'sync.html'} shows why; for a recording.yaml:\n\n{manifest_lines(result)}" if result.clock else "")
    if result.verdict is Verdict.REFUSE:
        raise typer.Exit(REFUSED)


def _write_page(result: "SyncResult", folder: Path, *, target: tuple[str, ...], spec: "SyncSpec") -> None:
    """`sync.html` of this result in the folder; `target` are the words that name what was synchronised."""
    from ..pipeline.reporting.synchronisation import write_synchronisation

    if result.film is not None:
        write_synchronisation(result, folder / "sync.html", film=result.film, target=target, spec=spec)


def _absolute(sensor: str) -> str:
    """`[SITE=]FILE` with the file's whole path."""
    site, equals, file = sensor.rpartition("=")
    return f"{site}{equals}{Path(file).resolve()}"
