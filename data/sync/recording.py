"""A clock found from files: a recording's, written beside and into its manifest; or that of bare files and a film."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from ..errors import BadInput
from ..manifest import Clock, Manifest, read_film, read_manifest, write_manifest
from ..motion import film_motion
from ..readers.streams import read_streams
from ..recording import ImuStream, Video
from ..video import probe_film
from .page import write_page
from .result import SyncResult, Verdict, write_sync
from .settings import SyncSpec
from .synchronise import synchronise


def sync_recording(path: Path, *, spec: SyncSpec) -> SyncResult:
    """Finds the clock of the recording whose manifest this is; writes `sync.json` and `sync.html` beside it.

    The manifest takes the clock when the verdict is ACCEPT, or when a person set it, and with it the shifts of sensors
    whose clock is not the others'; any other verdict leaves it alone.
    """
    manifest = read_manifest(path)
    folder = path.parent
    video = read_film(manifest, path=path)
    if video is None:
        remedy = "Leave it: sensors alone need no clock."
        raise BadInput(path, found="no film", expected="a film to compare with the sensors", remedy=remedy)
    streams = read_streams(manifest.sensors, folder=folder)
    result = _sync(streams, video=video, out=folder, spec=spec)
    clock = clock_entry(result)
    if clock is not None and (result.verdict is Verdict.ACCEPT or clock.origin == "by-hand"):
        write_manifest(_shifted(manifest, result=result).model_copy(update={"clock": clock}), path)
    return result


def sync_streams(streams: Sequence[ImuStream], *, film: Path, out: Path, spec: SyncSpec) -> SyncResult:
    """The clock between these sensors and this film; writes `sync.json` and `sync.html` into the folder `out`."""
    if not film.is_file():
        raise BadInput(film, found="no such file", expected="a film", remedy="Check the path.")
    return _sync(streams, video=probe_film(film), out=out, spec=spec)


def _sync(streams: Sequence[ImuStream], *, video: Video, out: Path, spec: SyncSpec) -> SyncResult:
    result = synchronise(streams, motion=film_motion(video), spec=spec)
    out.mkdir(parents=True, exist_ok=True)
    write_sync(result, out / "sync.json")
    write_page(result, film=video.path, path=out / "sync.html")
    return result


def clock_entry(result: SyncResult) -> Clock | None:
    """The clock as a manifest writes it; None where there is none."""
    if result.clock is None:
        return None
    return Clock(
        origin="by-hand" if result.clock.origin == "by-hand" else "sync",
        offset_seconds=round(result.clock.offset_seconds, 6),
        drift_ppm=round(result.clock.drift_ppm, 3),
        reference_seconds=round(result.clock.reference_seconds, 6),
    )


def manifest_lines(result: SyncResult) -> str:
    """What to paste into a `recording.yaml`: its `clock:`, and `shift_seconds:` of sensors with another clock."""
    clock = clock_entry(result)
    if clock is None:
        return ""
    lines = yaml.safe_dump({"clock": clock.model_dump()}, sort_keys=False)
    moved = [(unit.site, unit.offset_seconds) for unit in result.units if unit.used and unit.offset_seconds]
    return lines + "".join(f"# below `site: {site}`:\nshift_seconds: {shift:.4f}\n" for site, shift in moved)


def _shifted(manifest: Manifest, *, result: SyncResult) -> Manifest:
    """The manifest with each moved sensor's shift, on top of what it had."""
    moved = {unit.site: unit.offset_seconds for unit in result.units if unit.used and unit.offset_seconds}
    sensors = tuple(
        sensor.model_copy(update={"shift_seconds": round(sensor.shift_seconds + moved.get(sensor.site, 0.0), 6)})
        for sensor in manifest.sensors
    )
    return manifest.model_copy(update={"sensors": sensors})
