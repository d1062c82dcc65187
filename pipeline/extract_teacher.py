"""Phase one: the frozen teacher sees each film once, and what it saw is cached beside the sensors, cut into windows.

Running it again does only what is new: a recording whose content is in the cache is left alone, one of which only
sensors, clock, labels or windows changed is pooled anew without the teacher. Killed at any moment it loses at most the
recording it was at.
"""

import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..cache.fingerprint import file_digest, film_key, segment_key, sensor_key
from ..cache.reader import find_clips, is_committed
from ..cache.schema import FilmClips, Fingerprint, Segment
from ..cache.status import clear_status, write_status
from ..cache.store import CacheStore, open_store
from ..cache.writer import commit
from ..data.clips import clip_grid
from ..data.errors import BadInput, SkippedRecording
from ..data.manifest import find_recordings, load_recording, read_manifest
from ..data.recording import ClipGrid, Grid, Recording, Video, WindowIndex
from ..data.resample import to_grid
from ..data.video import choose_decoder
from ..data.windows import window_index
from .film import embed_film
from .recipe import Recipe
from .teachers.identity import TeacherIdentity
from .teachers.table import Teacher, load_teacher, teacher_identity


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


class TeacherRefused(BadInput):
    """The teacher itself cannot be had: no recording can be extracted, so the run ends."""


@dataclass
class _Classroom:
    """Recipe and store, and the teacher once it has been needed."""

    recipe: Recipe
    store: CacheStore
    _identity: TeacherIdentity | None = field(default=None, init=False)
    _teacher: Teacher | None = field(default=None, init=False)
    _told: set[str] = field(default_factory=set, init=False)

    def identity(self) -> TeacherIdentity:
        """Who the teacher is: read from its files when the first film is met."""
        if self._identity is None:
            with _refusal_of_teacher():
                self._identity = teacher_identity(self.recipe.teacher)
                self._check_clips(self._identity)
        return self._identity

    def teacher(self) -> Teacher:
        """The teacher: loaded when the first film has to be looked at."""
        if self._teacher is None:
            with _refusal_of_teacher():
                self._teacher = load_teacher(self.recipe.teacher)
            self.tell(f"teacher: {self._teacher}")
        return self._teacher

    def tell(self, line: str) -> None:
        """Says once how the work is done: a choice that stays the same is not told again for each film."""
        if line not in self._told:
            tqdm.write(line, file=sys.stderr)
            self._told.add(line)

    def _check_clips(self, identity: TeacherIdentity) -> None:
        if self.recipe.clips.frames != identity.clip_frames:
            found, expected = f"clips.frames {self.recipe.clips.frames}", f"{identity.clip_frames}"
            remedy = f"Set clips.frames={identity.clip_frames}, what {identity.name} takes."
            raise BadInput("recipe", found=found, expected=expected, remedy=remedy)


def extract_teacher(dataset: Path, *, cache: str | Path, recipe: Recipe) -> ExtractSummary:
    """Caches every recording of a data set, and says what became of each; one that fails does not stop the others."""
    manifests = find_recordings(dataset)
    classroom = _Classroom(recipe=recipe, store=open_store(cache))
    outcomes: list[_Outcome] = []
    with tqdm(manifests, unit="recording", disable=not sys.stderr.isatty()) as bar:
        for number, manifest in enumerate(bar, start=1):
            began = time.monotonic()
            outcomes.append(_attempt(manifest, classroom=classroom, earlier=outcomes))
            last = outcomes[-1]
            line = f"{last.kind} {last.recording_id} ({last.note or f'{time.monotonic() - began:.1f} s'})"
            bar.write(f"[{number}/{len(manifests)}] {line}", file=sys.stderr)
    return _summary(outcomes, cache=str(cache))


def _attempt(manifest: Path, *, classroom: _Classroom, earlier: Sequence[_Outcome]) -> _Outcome:
    """Extracts one recording, or notes in the cache why not."""
    name = _recording_id(manifest)
    try:
        if any(outcome.recording_id == name for outcome in earlier):
            remedy = "Give each recording an `id:` of its own."
            raise BadInput(manifest, found=f"id {name} a second time", expected="ids that differ", remedy=remedy)
        kind = _extract(load_recording(manifest, labels=classroom.recipe.windows.labels), classroom=classroom)
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
    write_status(classroom.store, name, reason=outcome.note)
    return outcome


def _extract(recording: Recording, *, classroom: _Classroom) -> str:
    """Caches one recording: `extracted` when the teacher looked, `repooled` when it had before, or `unchanged`."""
    recipe, store, video = classroom.recipe, classroom.store, recording.video
    grid = to_grid(recording, spec=recipe.grid)
    clips = clip_grid(video.frame_seconds, spec=recipe.clips) if video is not None else None
    windows = window_index(grid, clips=clips, bouts=recording.bouts, spec=recipe.windows)
    fingerprint = _fingerprint(recording, grid=grid, classroom=classroom)
    if is_committed(store, segment_key(recording.id, fingerprint=fingerprint)):
        return "unchanged"
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
    return kind


def _fingerprint(recording: Recording, *, grid: Grid, classroom: _Classroom) -> Fingerprint:
    """What goes into this recording's segment."""
    recipe, video = classroom.recipe, recording.video
    sensors = sensor_key(grid, clock=recording.clock, bouts=recording.bouts, spec=recipe.windows)
    if video is None:
        return Fingerprint(film_key="", sensor_key=sensors)
    teacher, clip_spec = classroom.identity().to_json(), recipe.clips.model_dump(mode="json")
    film = film_key(file_digest(video.path), teacher=teacher, clip_spec=clip_spec)
    return Fingerprint(film_key=film, sensor_key=sensors, teacher=teacher, clip_spec=clip_spec)


def _look(video: Video, *, clips: ClipGrid, name: str, classroom: _Classroom) -> FilmClips:
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


@contextmanager
def _refusal_of_teacher() -> Iterator[None]:
    """Bad input of the teacher's is no single recording's fault."""
    try:
        yield
    except BadInput as error:
        raise TeacherRefused(
            error.where, found=error.found, expected=error.expected, remedy=error.remedy
        ) from error.__cause__


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
