"""A recording's clock found from its own files: compared, written beside the manifest, and into it if accepted."""

from pathlib import Path

from ..errors import BadInput
from ..manifest import Clock, read_manifest, write_manifest
from ..motion import film_motion
from ..readers.streams import read_streams
from ..video import probe_film
from .page import write_page
from .result import SyncResult, Verdict, write_sync
from .settings import SyncSpec
from .synchronise import synchronise


def sync_recording(path: Path, *, spec: SyncSpec) -> SyncResult:
    """Finds the clock of the recording whose manifest this is; writes `sync.json` and `sync.html` beside it.

    The manifest takes the clock when the verdict is ACCEPT, or when a person set it; any other verdict leaves it alone.
    """
    manifest = read_manifest(path)
    folder = path.parent
    if manifest.film is None:
        remedy = "Leave it: sensors alone need no clock."
        raise BadInput(path, found="no film", expected="a film to compare with the sensors", remedy=remedy)
    video = probe_film(folder / manifest.film)
    result = synchronise(read_streams(manifest.sensors, folder=folder), motion=film_motion(video), spec=spec)
    write_sync(result, folder / "sync.json")
    write_page(result, film=video.path, path=folder / "sync.html")
    clock = result.clock
    if clock is not None and (result.verdict is Verdict.ACCEPT or clock.origin == "by-hand"):
        found = Clock(
            origin="by-hand" if clock.origin == "by-hand" else "sync",
            offset_seconds=clock.offset_seconds,
            drift_ppm=clock.drift_ppm,
            reference_seconds=clock.reference_seconds,
        )
        write_manifest(manifest.model_copy(update={"clock": found}), path)
    return result
