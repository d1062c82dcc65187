"""A teacher whose network is still being loaded: frames are prepared meanwhile, and a fault in loading ends the run."""

from pathlib import Path
from threading import Event
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.video.pixels import Picture
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.video_embedding import embed_video
from equigait.pipeline.teachers import videomae
from equigait.pipeline.teachers.refusal import TeacherRefused
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import Teacher, load_teacher, teacher_identity
from films import numbered_frames, write_film

DEMO = TeacherSettings(name="videomae-demo", device="cpu", threads=2)


def film(folder: Path) -> Path:
    frames = numbered_frames(90)
    return write_film(folder / "a.mp4", frames, seconds=[number / 15 for number in range(90)])


class Counting(videomae.VideoMae):
    """Counts the frames that were prepared."""

    prepared = 0

    def preprocess(self, picture: Picture) -> np.ndarray:
        Counting.prepared += 1
        return super().preprocess(picture)


def test_frames_are_prepared_while_the_network_is_loaded_and_features_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video, prepared, load_encoder = probe_film(film(tmp_path)), Event(), videomae.load_encoder
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())

    def load(folder: Path) -> torch.nn.Module:
        while Counting.prepared < 16:  # a first clip: waits for ever where decoding waits for the network
            prepared.wait(0.01)
        return load_encoder(folder)

    there = load_teacher(DEMO)
    expected = embed_video(video, clips=clips, teacher=there)
    monkeypatch.setattr(videomae, "load_encoder", load)
    coming = Counting(DEMO, identity=teacher_identity(DEMO))
    assert isinstance(coming, Teacher)
    np.testing.assert_array_equal(embed_video(video, clips=clips, teacher=coming), expected)


def test_weights_that_cannot_be_loaded_are_the_teachers_fault_not_the_films(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = probe_film(film(tmp_path))
    bad = BadInput("weights", found="2 missing", expected="all", remedy="Take others.")
    monkeypatch.setattr(videomae, "load_encoder", Mock(side_effect=bad))
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    with pytest.raises(TeacherRefused, match="2 missing"):
        embed_video(video, clips=clips, teacher=load_teacher(DEMO))
