"""The recording that a manifest describes, read and checked."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..errors import BadInput, refusal
from ..labels.bouts import read_bouts
from ..readers.streams import read_streams
from ..recording import Bout, ClockMap, ImuStream, Recording, Video
from ..video.chapters import join_chapters
from .files import find_recordings, manifest_file, read_manifest
from .schema import Manifest

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

ABSOLUTE_SECONDS = 1e8
"""Three years: no ride is that long, so that such times are dates."""
FAR_SECONDS = 60.0
"""Labels may begin before and end after what was recorded: by this..."""
FAR_SHARE = 0.5
"""...or by this part of it, whichever is more. Milliseconds and frame numbers taken for seconds reach farther."""


def load_recording(
    path: Path, *, manifest: Manifest | None = None, vocabulary: Sequence[str] | None = None, hashed: bool = False
) -> Recording:
    """The recording that a manifest describes: streams in SI units and body axes, the film's facts, bouts in film time.

    `manifest` is what lies at that path, where it was read already. `hashed` has the film hashed as it is read.
    With a `vocabulary`, a bout whose label (after the manifest's map) is none of it is refused. Everything that is read
    is checked: files, units against gravity, axes, sample times, and that sensors, film and labels share some time.
    """
    path = manifest_file(path)
    manifest = manifest or read_manifest(path)
    _clock_map(manifest, path=path)
    streams = read_streams(manifest.sensors, folder=path.parent)
    video = read_film(manifest, path=path, hashed=hashed)
    return join_recording(manifest, path=path, streams=streams, video=video, vocabulary=vocabulary)


def load_sensors(path: Path, *, manifest: Manifest | None = None) -> Recording:
    """A recording's sensors alone: neither film nor labels need be there.

    `manifest` is what lies at that path, where it was read already. Without a clock time is the sensors', from the
    first sample on where they count from 1970 or the like.
    """
    path = manifest_file(path)
    return since_start(read_sensors(manifest or read_manifest(path), path=path, folder=path.parent))


def read_sensors(manifest: Manifest, *, path: Path, folder: Path, clock: ClockMap | None = None) -> Recording:
    """The sensors of a manifest at `path`, from files in `folder`, alone: on this clock, else on the manifest's."""
    if clock is None:
        clock = ClockMap(offset_seconds=0.0) if manifest.clock is None else ClockMap(**manifest.clock.model_dump())
    streams = read_streams(manifest.sensors, folder=folder)
    about = manifest.conditions
    return Recording(manifest.id, manifest.horse, path, streams, video=None, bouts=(), clock=clock, conditions=about)


def since_start(recording: Recording) -> Recording:
    """The same in seconds since its first sample, where its sensors count from 1970 or the like and no film has a time.

    What it was counted from is logged.
    """
    start = min((_film_span(stream, clock=recording.clock)[0] for stream in recording.streams), default=0.0)
    if recording.video is not None or abs(start) < ABSOLUTE_SECONDS:
        return recording
    logger.info("%s: times count from its first sample, at %.3f s of its own clock", recording.id, start)
    clock = replace(recording.clock, offset_seconds=recording.clock.offset_seconds - start)
    moved = (Bout(bout.start_seconds - start, bout.stop_seconds - start, bout.label) for bout in recording.bouts)
    return replace(recording, clock=clock, bouts=tuple(moved))


def map_recordings(dataset: Path, use: Callable[[Path, Manifest], Result]) -> tuple[list[Result], dict[str, str]]:
    """The results of `use` for every manifest below a folder, its place and itself; and why others could not be used.

    Of two with one id the second is not used: tables name recordings by it. Where none could be used, the first reason
    is raised.
    """
    found: list[Result] = []
    failed: dict[str, str] = {}
    by_id: dict[str, Path] = {}
    first: Exception | None = None
    paths = find_recordings(dataset)
    for number, path in enumerate(paths, start=1):
        logger.info("[%d/%d] %s", number, len(paths), path)
        try:
            manifest = read_manifest(path)
            if (other := by_id.setdefault(manifest.id, path)) != path:
                line = f"the id of {other}, {manifest.id}, a second time"
                raise BadInput(path, found=line, expected="ids that differ", remedy="Give each its own `id:`.")
            found.append(use(path, manifest))
        except (BadInput, PermissionError) as fault:
            failed[str(path)], first = str(refusal(fault)), first or fault
    if first is not None and not found:
        raise first
    return found, failed


def read_film(manifest: Manifest, *, path: Path, hashed: bool = False) -> Video | None:
    """The facts of the film that a manifest at this path names; None where it names none.

    Of chapters, those of all together: a small file that joins them is written beside the manifest.
    """
    if manifest.chapters:
        return _probe(join_chapters(manifest.chapters, folder=path.parent))
    return _probe(path.parent / manifest.film, hashed=hashed) if manifest.film is not None else None


def join_recording(
    manifest: Manifest,
    *,
    path: Path,
    streams: tuple[ImuStream, ...],
    video: Video | None,
    vocabulary: Sequence[str] | None = None,
) -> Recording:
    """The recording of parts that were read: its clock, its labels, and whether they all share some time."""
    clock, folder = _clock_map(manifest, path=path), path.parent
    spans = {stream.site: _film_span(stream, clock=clock) for stream in streams}
    film_span = {"the film": (video.start_seconds, video.stop_seconds)} if video is not None else {}
    _shared_time(spans | film_span, path=path)
    start = None if video is None else player_zero(video)
    bouts: tuple[Bout, ...] = ()
    if manifest.labels is not None:
        bouts = read_bouts(manifest.labels, folder=folder, clock=clock, vocabulary=vocabulary, film_start_seconds=start)
        _shared_time(spans, path=path)
        file, time = folder / manifest.labels.path, manifest.labels.time
        refuse_misplaced_labels(bouts, sensors=spans.values(), film=film_span.values(), path=file, time=time)
    joints = path.parent / manifest.keypoints if manifest.keypoints is not None else None
    about = manifest.conditions
    return Recording(manifest.id, manifest.horse, path, streams, video, bouts, clock, joints, about)


def refuse_misplaced_labels(
    bouts: Sequence[Bout],
    *,
    sensors: Collection[tuple[float, float]],
    film: Collection[tuple[float, float]],
    path: Path,
    time: str,
) -> None:
    """Refuses labels that all lie outside the time that the sensors share, or reach far beyond all that was recorded.

    Spans are start and stop in film time; `path` and `time` are the label file's, for the message.
    """
    shared = max(span[0] for span in sensors), min(span[1] for span in sensors)
    _refuse_labels_elsewhere(bouts, shared=shared, path=path, time=time)
    _refuse_labels_far_off(bouts, spans=[*sensors, *film], path=path, time=time)


def player_zero(video: Video) -> float:
    """Film time at which players show 0: where the file begins, and its sound may begin before the first frame."""
    begins = video.player_start_seconds
    return video.start_seconds if begins is None else min(begins, video.start_seconds)


def _clock_map(manifest: Manifest, *, path: Path) -> ClockMap:
    """The declared clock. Without a film none is needed; with one, offset zero is never assumed."""
    if manifest.clock is not None:
        return ClockMap(**manifest.clock.model_dump())
    if manifest.film_name is None:
        return ClockMap(offset_seconds=0.0)
    raise BadInput(
        path,
        found=f"the film {manifest.film_name} and no `clock:`",
        expected="a clock from IMU time to film time",
        remedy="Estimate it with `equigait-cli sync`, or write one: `clock: {origin: by-hand, offset_seconds: ...}`.",
    )


def _probe(film: Path, *, hashed: bool = False) -> Video:
    from ..video.probe import probe_film

    return probe_film(film, hashed=hashed)


def _shared_time(spans: Mapping[str, tuple[float, float]], *, path: Path) -> tuple[float, float]:
    """From when to when, in film time, all of these run: refused where there is no such time."""
    last_start = max(spans, key=lambda name: spans[name][0])
    first_stop = min(spans, key=lambda name: spans[name][1])
    start, stop = spans[last_start][0], spans[first_stop][1]
    if start < stop:
        return start, stop
    raise BadInput(
        path,
        found=f"{first_stop} ending at {stop:.6g} s and {last_start} starting at {start:.6g} s of film time",
        expected="sensors and film that overlap",
        remedy="Check `clock:` and the time units, and that the files belong together.",
    )


def _film_span(stream: ImuStream, *, clock: ClockMap) -> tuple[float, float]:
    start, stop = clock.to_film(stream.time_seconds[[0, -1]])
    return float(start), float(stop)


def _refuse_labels_elsewhere(bouts: Sequence[Bout], *, shared: tuple[float, float], path: Path, time: str) -> None:
    """Labels that all lie outside the recording are on another clock than declared."""
    start, stop = shared
    if bouts and not any(bout.start_seconds < stop and bout.stop_seconds > start for bout in bouts):
        raise BadInput(
            path,
            found=f"labels from {bouts[0].start_seconds:.6g} to {bouts[-1].stop_seconds:.6g} s of film time",
            expected=f"labels within the recording, {start:.6g} to {stop:.6g} s",
            remedy=f"Correct `labels: time:` (it says {time}), or the clock; write times in seconds.",
        )


def _refuse_labels_far_off(
    bouts: Sequence[Bout], *, spans: Collection[tuple[float, float]], path: Path, time: str
) -> None:
    """Labels that reach far beyond all that was recorded count something else than seconds of this recording."""
    start, stop = min(span[0] for span in spans), max(span[1] for span in spans)
    far = max(FAR_SECONDS, FAR_SHARE * (stop - start))
    first = min((bout.start_seconds for bout in bouts), default=start)
    last = max((bout.stop_seconds for bout in bouts), default=stop)
    if start - far <= first and last <= stop + far:
        return
    raise BadInput(
        path,
        found=f"labels from {first:.6g} to {last:.6g} s, of a recording from {start:.6g} to {stop:.6g} s of film time",
        expected="labels in seconds of this recording",
        remedy=f"Write seconds, not milliseconds or frames, or correct `labels: time:` (it says {time}), or the clock.",
    )
