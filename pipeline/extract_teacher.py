"""Phase one: the frozen teacher sees each film once, and what it saw is cached beside the sensors, cut into windows.

Running it again does only what is new: a recording whose content is in the cache is left alone (not even read when its
files lie untouched), one of which only horse, sensors, clock, labels or windows changed is pooled anew without the
teacher. Killed at any moment it loses at most the recording it was at.
"""

import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..cache.change_index import Remembered, Stamp, stamp
from ..cache.fingerprint import film_key, json_digest, segment_key, sensor_key
from ..cache.reader import find_clips, is_committed, orphaned_recordings
from ..cache.schema import FilmClips, Fingerprint, Segment
from ..cache.status import clear_status, read_statuses, write_status
from ..cache.store import CacheUnusable, open_store
from ..cache.writer import commit
from ..data.clips import clip_grid
from ..data.errors import BadInput, SkippedRecording
from ..data.manifest.files import find_recordings, read_manifest
from ..data.manifest.load import load_recording
from ..data.recording import ClipGrid, Grid, Recording, Video, WindowIndex
from ..data.resample import to_grid
from ..data.video.hardware import choose_decoder
from ..data.windows import window_index
from .extraction.context import Classroom, TeacherRefused, input_files
from .extraction.executors.settings import EngineSettings, Lost
from .extraction.executors.table import ENGINES
from .extraction.results import ExtractSummary, Outcome, summary
from .extraction.video_embedding import embed_film
from .recipe import Recipe

HERE = EngineSettings()
"""Who works unless told otherwise: this process."""


def extract_teacher(
    dataset: Path,
    *,
    cache: str | Path,
    recipe: Recipe,
    engine: EngineSettings = HERE,
    retry_failed: bool = False,
) -> ExtractSummary:
    """Caches every recording of a data set, and says what became of each; one that fails does not stop the others.

    What failed before and is still the same in every file and setting is not tried again unless `retry_failed`.
    """
    began_ns = time.time_ns()
    manifests = find_recordings(dataset.absolute())
    classroom = Classroom(_shared_out(recipe, engine=engine), store=open_store(cache), dataset=dataset)
    outcomes: dict[Path, Outcome] = {}
    try:
        with tqdm(total=len(manifests), unit="recording", disable=not sys.stderr.isatty()) as bar:
            names = _survey(manifests, classroom=classroom, retry_failed=retry_failed)
            todo = [manifest for manifest, known in names.items() if isinstance(known, str)]
            settled = ((manifest, known) for manifest, known in names.items() if isinstance(known, Outcome))
            done = ENGINES[engine.name](partial(attempt, classroom=classroom), todo, settings=engine)
            for number, (manifest, end) in enumerate(chain(settled, done), start=1):
                if isinstance(end, Lost):
                    end = _set_aside(manifest, name=str(names[manifest]), lost=end, classroom=classroom, at_ns=began_ns)
                outcomes[manifest] = end
                classroom.memo.take_over(end.learned)
                bar.update()
                line = f"{end.kind} {end.recording_id} ({end.note or f'{end.seconds:.1f} s'})"
                bar.write(f"[{number}/{len(manifests)}] {line}", file=sys.stderr)
    finally:
        classroom.memo.save()
    ends = {manifest: outcomes[manifest] for manifest in manifests}
    beside = () if dataset.is_file() else _beside(ends, classroom=classroom)
    return summary(list(ends.values()), cache=str(cache), beside=beside)


def attempt(manifest: Path, *, classroom: Classroom) -> Outcome:
    """Extracts one recording, or notes in the cache why not. However often it is begun, it comes to one end."""
    name, began_ns = _recording_id(manifest), time.time_ns()
    try:
        kind = _read_and_extract(manifest, classroom=classroom)
    except TeacherRefused:
        raise
    except CacheUnusable as error:
        return _failed(name, str(error), classroom=classroom)
    except BadInput as error:
        of = classroom.attempt_of(manifest, read_at_ns=began_ns)
        kind = "skipped" if isinstance(error, SkippedRecording) else "failed"
        return _failed(name, str(error), kind=kind, of=of, classroom=classroom)
    except Exception as error:  # a fault of ours: told in full, and the other recordings go on
        traceback.print_exc()
        return _failed(name, f"{type(error).__name__}: {error}", classroom=classroom)
    clear_status(classroom.store, name)
    seconds = 1e-9 * (time.time_ns() - began_ns)
    return Outcome(name, kind, seconds=seconds, learned=classroom.memo.hand_over())


def _failed(name: str, reason: str, *, classroom: Classroom, kind: str = "failed", of: str = "") -> Outcome:
    write_status(classroom.store, name, reason=reason, kind=kind, of=of)
    return Outcome(name, kind, reason)


def _survey(manifests: Sequence[Path], *, classroom: Classroom, retry_failed: bool) -> dict[Path, str | Outcome]:
    """Of each recording what became of it, where nothing is to be done; else its id."""
    notes = {} if retry_failed else read_statuses(classroom.store)
    found: dict[Path, str | Outcome] = {}
    names: set[str] = set()
    for manifest in manifests:
        known = classroom.unchanged(manifest)
        name = known.recording_id if known is not None else _recording_id(manifest)
        note = notes.get(name)
        if name in names:
            remedy = "Give each recording an `id:` of its own."
            bad = BadInput(manifest, found=f"id {name} a second time", expected="ids that differ", remedy=remedy)
            classroom.memo.forget(manifest)
            found[manifest] = _failed(name, str(bad), classroom=classroom)
        elif known is not None:
            found[manifest] = Outcome(name, "unchanged")
        elif note and note.of and note.of == classroom.attempt_of(manifest, read_at_ns=time.time_ns()):
            found[manifest] = Outcome(name, note.kind, f"{note.reason} (as before; --retry-failed tries again)")
        else:
            classroom.memo.forget(manifest)
            found[manifest] = name
        names.add(name)
    return found


def _beside(ends: Mapping[Path, Outcome], *, classroom: Classroom) -> tuple[str, ...]:
    """Recordings that the cache holds and the data set does not; none while a manifest that cannot be read hides an id.

    Only manifest entries of segments that no manifest is remembered by are read: after a run without news none.
    """
    if any(end.kind == "failed" and not _stated_id(manifest) for manifest, end in ends.items()):
        return ()
    there = {end.recording_id for end in ends.values()}
    found = orphaned_recordings(classroom.store, {classroom.memo.key_of(manifest) for manifest in ends})
    return tuple(name for name in found if name not in there)


def _set_aside(manifest: Path, *, name: str, lost: Lost, classroom: Classroom, at_ns: int) -> Outcome:
    """A recording that killed its workers: it is not tried again until something about it changes."""
    of = classroom.attempt_of(manifest, read_at_ns=at_ns)
    return _failed(name, lost.reason, of=of, classroom=classroom)


def _shared_out(recipe: Recipe, *, engine: EngineSettings) -> Recipe:
    """The recipe as workers follow it: those that share a machine compute on one core each, unless told otherwise."""
    if engine.name == "embedded" or recipe.teacher.threads is not None:
        return recipe
    return recipe.model_copy(update={"teacher": recipe.teacher.model_copy(update={"threads": 1})})


def _read_and_extract(manifest: Path, *, classroom: Classroom) -> str:
    """Caches the recording of a manifest, and notes what it was read from: told by `_extract`'s word for it."""
    files, read_at_ns = input_files(manifest), time.time_ns()
    stated = read_manifest(manifest)
    if stated.film or stated.chapters:
        classroom.ask_for_teacher()
    recording = load_recording(manifest, labels=classroom.recipe.windows.labels)
    fingerprint, kind = _extract(recording, classroom=classroom)
    key = segment_key(recording.id, horse=recording.horse, fingerprint=fingerprint)
    teacher = json_digest(dict(fingerprint.teacher)) if fingerprint.teacher else ""
    classroom.memo.note(manifest, Remembered(recording.id, key, teacher, files), read_at_ns=read_at_ns)
    return kind


def _extract(recording: Recording, *, classroom: Classroom) -> tuple[Fingerprint, str]:
    """Caches one recording. What went in, and `extracted` when the teacher looked, `repooled` when it had before,
    or `unchanged`."""
    recipe, store, video = classroom.recipe, classroom.store, recording.video
    before = stamp(video.path) if video is not None else None
    grid = to_grid(recording, spec=recipe.grid)
    clips = clip_grid(video.frame_seconds, spec=recipe.clips) if video is not None else None
    windows = window_index(grid, clips=clips, bouts=recording.bouts, spec=recipe.windows)
    fingerprint = _fingerprint(recording, grid=grid, classroom=classroom)
    if is_committed(store, segment_key(recording.id, horse=recording.horse, fingerprint=fingerprint)):
        return fingerprint, "unchanged"
    seen = find_clips(store, fingerprint.film_key)
    if video is None or clips is None:
        features, kind = _no_film(), "extracted"
    elif seen is not None:
        features, kind = seen, "repooled"
    else:
        features, kind = _look(video, clips=clips, name=recording.id, classroom=classroom), "extracted"
        _check_same(video.path, before=before)
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
    decoder = choose_decoder(video.path, wanted=classroom.recipe.teacher.decode)
    classroom.tell(str(decoder))
    teacher, hidden = classroom.teacher(), not sys.stderr.isatty()
    with tqdm(total=len(clips.frame_index), desc=name, unit="clip", leave=False, disable=hidden) as bar:
        features = embed_film(video, clips=clips, teacher=teacher, decoder=decoder, embedded=bar.update)
    return FilmClips(clips=features, clip_start_s=clips.start_seconds, clip_stop_s=clips.stop_seconds)


def _check_same(film: Path, *, before: Stamp | None) -> None:
    """A film that was replaced while it was looked at would be cached under the name of the other one."""
    if stamp(film) != before:
        remedy = "Run again once whatever writes it is done."
        raise BadInput(film, found="a film that changed while it was read", expected="one that stays", remedy=remedy)


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
    return _stated_id(manifest) or manifest.resolve().parent.name


def _stated_id(manifest: Path) -> str:
    """The recording's id; empty where the manifest cannot be read."""
    try:
        return read_manifest(manifest).id
    except BadInput:
        return ""
