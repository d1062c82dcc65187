"""One recording to a committed segment: read, resample, embed its film unless that was done before, cut, commit."""

import sys
import time
import traceback
from dataclasses import replace
from functools import partial

import numpy as np
from jaxtyping import Float16
from numpy import ndarray as Array
from tqdm import tqdm

from ...cache.change_index import IndexEntry, Stamp, stamp
from ...cache.fingerprint import film_key, json_digest, segment_key, sensor_key
from ...cache.manifest_entry import entry_path
from ...cache.reader import find_clips, is_committed
from ...cache.schema import FilmClips, Fingerprint, Segment
from ...cache.status import clear_status
from ...cache.store import CacheUnusable
from ...cache.writer import commit
from ...data.clips import clip_grid
from ...data.errors import BadInput, SkippedRecording, refusal
from ...data.manifest.load import load_recording
from ...data.manifest.schema import Manifest
from ...data.recording import ClipGrid, Grid, Recording, Video, WindowIndex
from ...data.resample import to_grid
from ...data.video.decoders import DecoderChoice, DecoderLost
from ...data.windows import WindowSpec, window_index
from ..runtime.prefetch import check_wanted
from ..teachers.keypoints import NAME as KEYPOINTS
from ..teachers.keypoints import KeypointTeacher
from ..teachers.refusal import TeacherRefused, refusal_of_teacher
from ..teachers.table import Teacher
from .context import ExtractionContext
from .decoder_choice import TRIAL_SECONDS
from .keypoint_embedding import embed_keypoints, keypoints_of
from .results import ExtractionResult, note_failure
from .task import ExtractionTask
from .video_embedding import embed_video, frames_a_second


def attempt(task: ExtractionTask, *, context: ExtractionContext) -> ExtractionResult:
    """Extracts one recording, or notes in the cache why not. However often it is begun, it comes to one end."""
    began_ns = time.time_ns()
    try:
        kind = extract_recording(task, context=context)
    except TeacherRefused:
        raise
    except CacheUnusable as error:
        return note_failure(task, str(error), context=context)
    except BadInput as error:
        digest = context.changes.attempt_digest(task)
        kind = "skipped" if isinstance(error, SkippedRecording) else "failed"
        return note_failure(task, str(error), kind=kind, attempt_digest=digest, context=context)
    except PermissionError as error:
        return note_failure(task, str(refusal(error)), context=context)
    except Exception as error:  # a fault of ours: shown in full, and the other recordings go on
        traceback.print_exc()
        return note_failure(task, f"{type(error).__name__}: {error}", context=context)
    clear_status(context.store, task.recording_id)
    seconds = 1e-9 * (time.time_ns() - began_ns)
    return ExtractionResult(task.recording_id, kind, seconds=seconds, update=context.index.drain())


def extract_recording(task: ExtractionTask, *, context: ExtractionContext) -> str:
    """Caches a recording, and notes what it was read from: `extracted`, `repooled` or `unchanged`."""
    if task.manifest is None:
        raise task.fault or ValueError(f"{task.path}: neither a manifest nor a fault")
    if task.manifest.film_name is not None:
        context.teacher.request_identity()
    recording, film = _load(task, task.manifest, context=context)
    fingerprint, kind = _cache_segment(recording, before=film, context=context)
    key = segment_key(recording.id, horse=recording.horse, fingerprint=fingerprint)
    teacher = json_digest(dict(fingerprint.teacher)) if fingerprint.teacher else ""
    known = IndexEntry(recording.id, entry_path(recording.id, key), teacher, task.files)
    context.index.note(task.path, known, read_at_ns=task.read_at_ns)
    return kind


def _load(task: ExtractionTask, manifest: Manifest, *, context: ExtractionContext) -> tuple[Recording, Stamp | None]:
    """The recording, and its film's stamp from before it was read: once, to find its packets and to hash it."""
    path = task.path.parent / manifest.film if manifest.film is not None else None
    before, read_at_ns = stamp(path) if path else None, time.time_ns()
    unknown = path is not None and context.index.known_digest(path) is None
    labels = context.settings.windows.labels
    recording = load_recording(task.path, manifest=manifest, vocabulary=labels, hashed=unknown)
    video = recording.video
    if video is not None and video.sha256 is not None:
        context.index.note_digest(before, video.sha256, read_at_ns=read_at_ns)
    return recording, before or (stamp(video.path) if video is not None else None)


def _cache_segment(
    recording: Recording, *, before: Stamp | None, context: ExtractionContext
) -> tuple[Fingerprint, str]:
    """Commits the segment of a recording. What went in, and `extracted` when the teacher saw the film now,
    `repooled` when it had before, or `unchanged`."""
    settings, store, video = context.settings, context.store, recording.video
    grid = to_grid(recording, spec=settings.grid)
    clips = clip_grid(video.frame_seconds, spec=settings.clips) if video is not None else None
    windows = window_index(grid, clips=clips, bouts=recording.bouts, spec=settings.windows)
    fingerprint = _fingerprint(recording, grid=grid, context=context)
    key = segment_key(recording.id, horse=recording.horse, fingerprint=fingerprint)
    if is_committed(store, recording.id, key):
        return fingerprint, "unchanged"
    with context.alone_with(fingerprint.film_key):
        check_wanted()
        pooled = find_clips(store, fingerprint.film_key)
        if video is None or clips is None:
            film, kind = _no_clips(), "extracted"
        elif pooled is not None:
            film, kind = pooled, "repooled"
        else:
            film, kind = _embed(recording, video, clips=clips, context=context), "extracted"
            _check_same(video, before=before)
        spec = settings.windows
        commit(store, _segment(recording, grid=grid, windows=windows, film=film, spec=spec, fingerprint=fingerprint))
    return fingerprint, kind


def _fingerprint(recording: Recording, *, grid: Grid, context: ExtractionContext) -> Fingerprint:
    """What goes into this recording's segment."""
    settings, video = context.settings, recording.video
    sensors = sensor_key(grid, clock=recording.clock, bouts=recording.bouts, spec=settings.windows)
    if video is None:
        return Fingerprint(film_key="", sensor_key=sensors)
    teacher, clip_spec = context.teacher.identity().to_json(), settings.clips.model_dump(mode="json")
    digest = video.sha256 or context.index.digest(video.path)
    if teacher["name"] == KEYPOINTS:  # the film gives the times of its frames
        digest = json_digest([digest, context.index.digest(keypoints_of(recording))])
    film = film_key(digest, teacher=teacher, clip_spec=clip_spec)
    return Fingerprint(film_key=film, sensor_key=sensors, teacher=teacher, clip_spec=clip_spec)


def _embed(recording: Recording, video: Video, *, clips: ClipGrid, context: ExtractionContext) -> FilmClips:
    """The teacher's features of one film's clips."""
    teacher = context.teacher.teacher()
    if isinstance(teacher, KeypointTeacher):
        features = embed_keypoints(recording, clips=clips, teacher=teacher)
    else:
        features = _embed_film(recording, video, clips=clips, teacher=teacher, context=context)
    return FilmClips(clips=features, clip_start_s=clips.start_seconds, clip_stop_s=clips.stop_seconds)


def _embed_film(
    recording: Recording, video: Video, *, clips: ClipGrid, teacher: Teacher, context: ExtractionContext
) -> Float16[Array, "clips dim"]:
    """The same of a teacher that is a network: by the processor, where the GPU's decoder fails in the film."""
    with refusal_of_teacher():
        rate = partial(frames_a_second, video=video, clips=clips, teacher=teacher, seconds=TRIAL_SECONDS)
        decoder = context.decoders.choose(video, rate=rate, films_at_once=context.recordings_at_once)

    def embed(decoder: DecoderChoice) -> Float16[Array, "clips dim"]:
        context.log_once(str(decoder))
        decoder, hidden = replace(decoder, films_at_once=context.recordings_at_once), not sys.stderr.isatty()
        with tqdm(total=len(clips.frame_index), desc=recording.id, unit="clip", leave=False, disable=hidden) as bar:
            return embed_video(video, clips=clips, teacher=teacher, decoder=decoder, progress=bar.update)

    try:
        return embed(decoder)
    except DecoderLost as lost:
        return embed(context.decoders.lost(video, str(lost)))


def _check_same(video: Video, *, before: Stamp | None) -> None:
    """A film that was replaced while it was decoded would be cached under the name of the other one."""
    if stamp(video.path) != before:
        found, expected = "a film that changed while it was read", "one that stays"
        raise BadInput(video.path, found=found, expected=expected, remedy="Run again once whatever writes it is done.")


def _no_clips() -> FilmClips:
    nothing = np.zeros(0)
    return FilmClips(clips=np.zeros((0, 0), np.float16), clip_start_s=nothing, clip_stop_s=nothing)


def _segment(
    recording: Recording,
    *,
    grid: Grid,
    windows: WindowIndex,
    film: FilmClips,
    spec: WindowSpec,
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
        labels=spec.labels,
        window_steps=spec.steps,
        fingerprint=fingerprint,
        purity=spec.purity,
    )
