"""The teacher's look at a film: which frames make which clip, each preprocessed once, in bounded memory."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.video import probe_film
from equigait.pipeline.film import embed_film, film_clips
from equigait.pipeline.teachers.identity import TeacherIdentity
from equigait.pipeline.teachers.preprocess import Preprocessing
from films import number_of, numbered_frames, write_film

SPEC = ClipSpec(frames=4, rate_hz=10.0, hop_frames=2)


class Watcher:
    """A teacher whose feature of a clip is the numbers of its frames, and that remembers what it was shown."""

    def __init__(self) -> None:
        colours = (0.0, 0.0, 0.0)
        self.identity = TeacherIdentity(
            name="watcher",
            weights_sha256="",
            dim=4,
            clip_frames=4,
            image_size=8,
            pooling="mean",
            final_norm=True,
            preprocessing=Preprocessing(short_side=8, crop=8, mean=colours, std=colours),
            transformers_version="",
        )
        self.shown: list[int] = []
        self.batches: list[int] = []

    def preprocess(self, frame: np.ndarray) -> np.ndarray:
        self.shown.append(number_of(frame))
        return np.full((3, 8, 8), self.shown[-1], np.uint8)

    def embed(self, clips: np.ndarray) -> np.ndarray:
        self.batches.append(len(clips))
        return clips[:, :, 0, 0, 0].astype(np.float32)


def filmed(folder: Path, *, count: int = 90) -> Path:
    return write_film(folder / "a.mp4", numbered_frames(count), seconds=[0.5 + number / 30 for number in range(count)])


@pytest.mark.parametrize("batch_clips", [1, 3, 100])
def test_every_clip_holds_its_own_frames_whatever_the_batch(tmp_path: Path, batch_clips: int) -> None:
    video, teacher = probe_film(filmed(tmp_path)), Watcher()
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    told: list[int] = []
    features = embed_film(video, clips=clips, teacher=teacher, batch_clips=batch_clips, embedded=told.append)
    assert features.dtype == np.float16
    np.testing.assert_array_equal(features, clips.frame_index)
    assert max(teacher.batches) <= batch_clips
    assert sum(told) == len(clips.frame_index) > 5


def test_each_needed_frame_is_preprocessed_once_and_no_other_is(tmp_path: Path) -> None:
    video, teacher = probe_film(filmed(tmp_path)), Watcher()
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    list(film_clips(video, clips=clips, teacher=teacher))
    assert teacher.shown == np.unique(clips.frame_index).tolist()


def test_a_film_without_a_clip_is_not_even_opened(tmp_path: Path) -> None:
    video = probe_film(filmed(tmp_path, count=5))
    video.path.unlink()
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    assert embed_film(video, clips=clips, teacher=Watcher(), batch_clips=8).shape == (0, 4)


def test_features_that_do_not_fit_the_cache_are_refused(tmp_path: Path) -> None:
    video, teacher = probe_film(filmed(tmp_path)), Watcher()
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    teacher.embed = lambda clips: np.full((len(clips), 4), 1e6, np.float32)  # type: ignore[method-assign]
    with pytest.raises(BadInput, match="not finite"):
        embed_film(video, clips=clips, teacher=teacher, batch_clips=8)
