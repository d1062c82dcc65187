"""A clock found from files: a recording's, written beside and into its manifest; or that of bare files and a film."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from ..errors import BadInput
from ..manifest.files import read_manifest
from ..manifest.load import read_film
from ..manifest.schema import Clock, Manifest
from ..manifest.update import update_manifest
from ..readers.streams import read_streams
from ..recording import ClockMap, ImuStream, Video
from ..video.motion import film_motion
from ..video.probe import probe_film
from .camera import sync_camera, with_camera_reasons
from .result import SyncResult, Verdict, write_sync
from .settings import SyncSpec
from .synchronise import synchronise


def sync_recording(path: Path, *, spec: SyncSpec, force: bool = False) -> SyncResult:
    """Finds the clock of the recording whose manifest this is; writes `sync.json` beside it.

    The manifest takes the clock when the verdict is ACCEPT, or when a person set it, and with it the shifts of sensors
    whose clock is not the others'; any other verdict leaves it alone. A clock there that a person set is kept unless
    `spec` brings an offset or known pairs; a `known` one unless motion accepts these; `force` keeps neither.
    """
    manifest = read_manifest(path)
    folder = path.parent
    video = read_film(manifest, path=path)
    if video is None:
        remedy = "Leave it: sensors alone need no clock."
        raise BadInput(path, found="no film", expected="a film to compare with the sensors", remedy=remedy)
    streams = read_streams(manifest.sensors, folder=folder)
    result = _sync(streams, video=video, out=folder, spec=spec)
    clock, kept = clock_entry(result), manifest.clock
    if clock is None or not (result.verdict is Verdict.ACCEPT or clock.origin == "by-hand"):
        return replace(result, manifest=_left(kept, result=result, spec=spec))
    if not (force or _gives_way(kept, result=result, spec=spec)):
        return replace(result, manifest=f"{_left(kept, result=result, spec=spec)}; --force replaces it")
    comments_stay = update_manifest(path, clock=clock, shifts=_shifts(manifest, result=result))
    anew = "" if comments_stay else "; written anew: its comments are lost"
    return replace(result, manifest=f"clock {_shown(kept)} -> {_shown(clock)}{anew}")


def sync_streams(streams: Sequence[ImuStream], *, film: Path, out: Path, spec: SyncSpec) -> SyncResult:
    """The clock between these sensors and this film; writes `sync.json` into the folder `out`."""
    if not film.is_file():
        raise BadInput(film, found="no such file", expected="a film", remedy="Check the path.")
    return _sync(streams, video=probe_film(film), out=out, spec=spec)


def _sync(streams: Sequence[ImuStream], *, video: Video, out: Path, spec: SyncSpec) -> SyncResult:
    result = replace(_by_camera_or_pictures(streams, video=video, spec=spec), film=video.path)
    write_sync(result, out / "sync.json")
    return result


def _by_camera_or_pictures(streams: Sequence[ImuStream], *, video: Video, spec: SyncSpec) -> SyncResult:
    """From the camera's own motion sensors where these move with a logger, else from the motion in its pictures."""
    by_hand = spec.offset is not None or spec.events
    camera = None if by_hand else sync_camera(streams, film=video.path, spec=spec)
    if isinstance(camera, SyncResult) and camera.verdict is Verdict.ACCEPT:
        return camera
    result = synchronise(streams, motion=film_motion(video), spec=spec)
    return result if camera is None else with_camera_reasons(result, camera=camera)


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
    moved = _moved(result).items()
    return lines + "".join(f"# below `site: {site}`:\nshift_seconds: {shift:.4f}\n" for site, shift in moved)


def _gives_way(kept: Clock | None, *, result: SyncResult, spec: SyncSpec) -> bool:
    """Whether the manifest's clock may be replaced: one of a person's only by what a person says, a known one only by
    what motion accepts as well."""
    if kept is None or kept.origin == "sync":
        return True
    asked = spec.offset is not None or bool(spec.events)
    return asked and (kept.origin == "by-hand" or result.verdict is Verdict.ACCEPT)


def _left(kept: Clock | None, *, result: SyncResult, spec: SyncSpec) -> str:
    """That the manifest stays as it is, and what was found beside its clock, both at one moment."""
    if kept is None:
        return "no clock written"
    if result.clock is None:
        return f"kept {_shown(kept)}"
    at = np.array([result.clock.reference_seconds])
    here = float((ClockMap(**kept.model_dump()).to_film(at) - at)[0])
    by_hand = "--offset" if spec.offset is not None else "--event"
    says = f"{by_hand} says" if result.clock.origin == "by-hand" else "motion says"
    return f"kept {kept.origin} {here:+.3f} s; {says} {result.clock.offset_seconds:+.3f} s"


def _shown(clock: Clock | None) -> str:
    return "none" if clock is None else f"{clock.origin} {clock.offset_seconds:+.3f} s"


def _shifts(manifest: Manifest, *, result: SyncResult) -> dict[str, float]:
    """`shift_seconds` of each moved sensor, on top of what it had."""
    had = {sensor.site: sensor.shift_seconds for sensor in manifest.sensors}
    return {site: round(had[site] + shift, 6) for site, shift in _moved(result).items()}


def _moved(result: SyncResult) -> dict[str, float]:
    """Sites whose clock is not the others', and by how many seconds it is off."""
    return {unit.site: unit.offset_seconds for unit in result.units if unit.used and unit.offset_seconds}
