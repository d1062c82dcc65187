"""A teacher on its way: frames are prepared before its network is there, and a fault in loading ends the run."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.video.pixels import Picture
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.video_embedding import embed_video
from equigait.pipeline.teachers.lazy_teacher import LazyTeacher, TeacherRefused
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import Teacher, load_teacher, teacher_identity
from films import numbered_frames, write_film

DEMO = TeacherSettings(name="videomae-demo", device="cpu", threads=2)


def film(folder: Path) -> Path:
    frames = numbered_frames(90)
    return write_film(folder / "a.mp4", frames, seconds=[number / 15 for number in range(90)])


class Counting(LazyTeacher):
    """Counts the frames that were prepared."""

    prepared = 0

    def preprocess(self, picture: Picture) -> np.ndarray:
        Counting.prepared += 1
        return super().preprocess(picture)


def test_frames_are_prepared_while_the_network_is_loaded_and_features_are_the_same(tmp_path: Path) -> None:
    video, prepared = probe_film(film(tmp_path)), Event()
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    seen_before: list[int] = []

    def load() -> Teacher:
        while Counting.prepared < 16:  # a first clip: waits for ever where decoding waits for the network
            prepared.wait(0.01)
        seen_before.append(Counting.prepared)
        return load_teacher(DEMO)

    coming = Counting(DEMO, identity=teacher_identity(DEMO), load=load)
    assert isinstance(coming, Teacher)
    features = embed_video(video, clips=clips, teacher=coming)
    assert seen_before[0] >= 16
    there = load_teacher(DEMO)
    np.testing.assert_array_equal(features, embed_video(video, clips=clips, teacher=there))
    for name in ("batch_clips", "concurrent_batches", "identity"):
        assert getattr(coming, name) == getattr(there, name)


def test_weights_that_cannot_be_loaded_are_the_teachers_fault_not_the_films(tmp_path: Path) -> None:
    video = probe_film(film(tmp_path))
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())

    def load() -> Teacher:
        raise BadInput("weights", found="2 missing", expected="all", remedy="Take others.")

    coming = LazyTeacher(DEMO, identity=teacher_identity(DEMO), load=load)
    with pytest.raises(TeacherRefused, match="2 missing"):
        embed_video(video, clips=clips, teacher=coming)
