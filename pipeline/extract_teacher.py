"""Phase one: the frozen teacher sees each film once, and what it saw is cached beside the sensors, cut into windows.

Running it again does only what is new: a recording whose content is in the cache is left alone (not even read when its
files lie untouched), one of which only sensors, clock, labels or windows changed is pooled anew without the teacher.
Killed at any moment it loses at most the recording it was at.
"""

import sys
import time
import traceback
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..cache.fingerprint import film_key, json_digest, segment_key, sensor_key
from ..cache.memo import Remembered
from ..cache.reader import find_clips, is_committed
from ..cache.schema import FilmClips, Fingerprint, Segment
from ..cache.status import clear_status, write_status
from ..cache.store import open_store
from ..cache.writer import commit
from ..data.clips import clip_grid
from ..data.errors import BadInput, SkippedRecording
from ..data.manifest import find_recordings, load_recording, read_manifest
from ..data.recording import ClipGrid, Grid, Recording, Video, WindowIndex
from ..data.resample import to_grid
from ..data.video import choose_decoder
from ..data.windows import window_index
from .classroom import Classroom, TeacherRefused, input_files
from .film import embed_film
from .recipe import Recipe


@dataclass(frozen=True)
class ExtractSummary:
    """What became of each recording of a data set: every one is named once."""

    cache: str
    """Where the features lie."""
    extracted: tuple[str, ...] = ()
    """Seen by the teacher now (sensor-only recordings: cached now)."""
    repooled: tuple[str, ...] = ()
    """Sensors, clock, labels or windows were new; what the teacher had seen was used again."""
    unchanged: tuple[str, ...] = ()
    """In the cache already."""
    skipped: tuple[tuple[str, str], ...] = ()
    """Sound, but of no use: recording and reason."""
    failed: tuple[tuple[str, str], ...] = ()
    """Recording and reason."""

    def __str__(self) -> str:
        kinds = ("extracted", "repooled", "unchanged", "skipped", "failed")
        counts = ", ".join(f"{len(getattr(self, kind))} {kind}" for kind in kinds if getattr(self, kind))
        reasons = [f"skipped {name}: {reason}" for name, reason in self.skipped]
        reasons += [f"failed {name}: {reason}" for name, reason in self.failed]
        return "\n".join([f"{self.cache}: {counts or 'no recordings'}", *reasons])


@dataclass(frozen=True)
class _Outcome:
    """What became of one recording."""

    recording_id: str
    kind: str
    note: str = ""


def extract_teacher(dataset: Path, *, cache: str | Path, recipe: Recipe) -> ExtractSummary:
    """Caches every recording of a data set, and says what became of each; one that fails does not stop the others."""
    manifests = find_recordings(dataset)
    classroom = Classroom(recipe, store=open_store(cache), dataset=dataset)
    outcomes: dict[Path, _Outcome] = {}
    names: set[str] = set()
    try:
        with tqdm(manifests, unit="recording", disable=not sys.stderr.isatty()) as bar:
            for number, manifest in enumerate(bar, start=1):
                began = time.monotonic()
                last = outcomes[manifest] = _attempt(manifest, classroom=classroom, names=names)
                names.add(last.recording_id)
                line = f"{last.kind} {last.recording_id} ({last.note or f'{time.monotonic() - began:.1f} s'})"
                bar.write(f"[{number}/{len(manifests)}] {line}", file=sys.stderr)
    finally:
        classroom.memo.save()
    return _summary(tuple(outcomes.values()), cache=str(cache))


def _attempt(manifest: Path, *, classroom: Classroom, names: Collection[str]) -> _Outcome:
    """Extracts one recording, or notes in the cache why not. `names` are the ids met before."""
    known = classroom.unchanged(manifest)
    if known is not None and known.recording_id not in names:
        return _Outcome(known.recording_id, "unchanged")
    name = _recording_id(manifest)
    try:
        if name in names:
            remedy = "Give each recording an `id:` of its own."
            raise BadInput(manifest, found=f"id {name} a second time", expected="ids that differ", remedy=remedy)
        kind = _read_and_extract(manifest, classroom=classroom)
    except TeacherRefused:
        raise
    except BadInput as error:
        outcome = _Outcome(name, "skipped" if isinstance(error, SkippedRecording) else "failed", str(error))
    except Exception as error:  # a fault of ours: told in full, and the other recordings go on
        traceback.print_exc()
        outcome = _Outcome(name, "failed", f"{type(error).__name__}: {error}")
    else:
        clear_status(classroom.store, name)
        return _Outcome(name, kind)
    classroom.memo.forget(manifest)
    write_status(classroom.store, name, reason=outcome.note)
    return outcome


def _read_and_extract(manifest: Path, *, classroom: Classroom) -> str:
    """Caches the recording of a manifest, and notes what it was read from: told by `_extract`'s word for it."""
    files, read_at_ns = input_files(manifest), time.time_ns()
    recording = load_recording(manifest, labels=classroom.recipe.windows.labels)
    fingerprint, kind = _extract(recording, classroom=classroom)
    key = segment_key(recording.id, fingerprint=fingerprint)
    teacher = json_digest(dict(fingerprint.teacher)) if fingerprint.teacher else ""
    classroom.memo.note(manifest, Remembered(recording.id, key, teacher, files), read_at_ns=read_at_ns)
    return kind


def _extract(recording: Recording, *, classroom: Classroom) -> tuple[Fingerprint, str]:
    """Caches one recording. What went in, and `extracted` when the teacher looked, `repooled` when it had before,
    or `unchanged`."""
    recipe, store, video = classroom.recipe, classroom.store, recording.video
    grid = to_grid(recording, spec=recipe.grid)
    clips = clip_grid(video.frame_seconds, spec=recipe.clips) if video is not None else None
    windows = window_index(grid, clips=clips, bouts=recording.bouts, spec=recipe.windows)
    fingerprint = _fingerprint(recording, grid=grid, classroom=classroom)
    if is_committed(store, segment_key(recording.id, fingerprint=fingerprint)):
        return fingerprint, "unchanged"
    seen = find_clips(store, fingerprint.film_key)
    if video is None or clips is None:
        features, kind = _no_film(), "extracted"
    elif seen is not None:
        features, kind = seen, "repooled"
    else:
        features, kind = _look(video, clips=clips, name=recording.id, classroom=classroom), "extracted"
    commit(
        store, _segment(recording, grid=grid, windows=windows, film=features, recipe=recipe, fingerprint=fingerprint)
    )
    return fingerprint, kind


def _fingerprint(recording: Recording, *, grid: Grid, classroom: Classroom) -> Fingerprint:
    """What goes into this recording's segment."""
    recipe, video = classroom.recipe, recording.video
    sensors = sensor_key(grid, clock=recording.clock, bouts=recording.bouts, spec=recipe.windows)
    if video is None:
        return Fingerprint(film_key="", sensor_key=sensors)
    teacher, clip_spec = classroom.identity().to_json(), recipe.clips.model_dump(mode="json")
    film = film_key(classroom.memo.digest(video.path), teacher=teacher, clip_spec=clip_spec)
    return Fingerprint(film_key=film, sensor_key=sensors, teacher=teacher, clip_spec=clip_spec)


def _look(video: Video, *, clips: ClipGrid, name: str, classroom: Classroom) -> FilmClips:
    """The teacher's look at one film."""
    teacher, hidden = classroom.teacher(), not sys.stderr.isatty()
    decoder = choose_decoder(video.path, wanted=classroom.recipe.teacher.decode)
    classroom.tell(str(decoder))
    with tqdm(total=len(clips.frame_index), desc=name, unit="clip", leave=False, disable=hidden) as bar:
        features = embed_film(video, clips=clips, teacher=teacher, decoder=decoder, embedded=bar.update)
    return FilmClips(clips=features, clip_start_s=clips.start_seconds, clip_stop_s=clips.stop_seconds)


def _no_film() -> FilmClips:
    nothing = np.zeros(0)
    return FilmClips(clips=np.zeros((0, 0), np.float16), clip_start_s=nothing, clip_stop_s=nothing)


def _segment(
    recording: Recording,
    *,
    grid: Grid,
    windows: WindowIndex,
    film: FilmClips,
    recipe: Recipe,
    fingerprint: Fingerprint,
) -> Segment:
    return Segment(
        recording_id=recording.id,
        horse=recording.horse,
        grid=grid,
        clips=film.clips,
        clip_start_s=film.clip_start_s,
        clip_stop_s=film.clip_stop_s,
        windows=windows,
        labels=recipe.windows.labels,
        window_steps=recipe.windows.steps,
        fingerprint=fingerprint,
    )


def _recording_id(manifest: Path) -> str:
    """The recording's id, or its folder's name where the manifest cannot be read."""
    try:
        return read_manifest(manifest).id or manifest.parent.name
    except BadInput:
        return manifest.resolve().parent.name


def _summary(outcomes: Sequence[_Outcome], *, cache: str) -> ExtractSummary:
    """The outcomes by kind."""

    def named(kind: str) -> tuple[str, ...]:
        return tuple(outcome.recording_id for outcome in outcomes if outcome.kind == kind)

    def reasoned(kind: str) -> tuple[tuple[str, str], ...]:
        return tuple((outcome.recording_id, outcome.note) for outcome in outcomes if outcome.kind == kind)

    return ExtractSummary(
        cache=cache,
        extracted=named("extracted"),
        repooled=named("repooled"),
        unchanged=named("unchanged"),
        skipped=reasoned("skipped"),
        failed=reasoned("failed"),
    )
