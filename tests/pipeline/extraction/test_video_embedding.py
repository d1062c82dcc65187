"""The teacher's look at a film: which frames make which clip, each preprocessed once, in bounded memory."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from threading import enumerate as enumerate_threads

import numpy as np
import pytest
import torch
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.video.pixels import Picture
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.video_embedding import BATCHES_AHEAD, decoder_threads, embed_video, video_clips
from equigait.pipeline.teachers.identity import TeacherIdentity
from equigait.pipeline.teachers.preprocess import Preprocessing
from equigait.pipeline.teachers.resize_center_crop import resize_center_crop
from films import number_of, numbered_frames, write_film

SPEC = ClipSpec(frames=4, rate_hz=10.0, hop_frames=2)


class Watcher:
    """A teacher whose feature of a clip is the numbers of its frames, and that remembers what it was shown."""

    def __init__(self, *, batch_clips: int = 8, concurrent_batches: int = 2) -> None:
        self.batch_clips, self.concurrent_batches = batch_clips, concurrent_batches
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

    def preprocess(self, picture: Picture) -> np.ndarray:
        self.shown.append(number_of(picture.upright()))
        return np.full((3, 8, 8), self.shown[-1], np.uint8)

    def embed(self, clips: np.ndarray) -> np.ndarray:
        self.batches.append(len(clips))
        return clips[:, :, 0, 0, 0].astype(np.float32)


def filmed(folder: Path, *, count: int = 90) -> Path:
    return write_film(folder / "a.mp4", numbered_frames(count), seconds=[0.5 + number / 30 for number in range(count)])


@pytest.mark.parametrize(("batch_clips", "concurrent_batches"), [(1, 1), (1, 3), (3, 2), (100, 2)])
def test_every_clip_holds_its_own_frames_whatever_the_batch_and_the_lanes(
    tmp_path: Path, batch_clips: int, concurrent_batches: int
) -> None:
    video, teacher = (
        probe_film(filmed(tmp_path)),
        Watcher(batch_clips=batch_clips, concurrent_batches=concurrent_batches),
    )
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    told: list[int] = []
    features = embed_video(video, clips=clips, teacher=teacher, progress=told.append)
    assert features.dtype == np.float16
    np.testing.assert_array_equal(features, clips.frame_index)
    assert max(teacher.batches) <= batch_clips
    assert sum(told) == len(clips.frame_index) > 5


def test_decoding_goes_on_while_the_teacher_embeds_but_only_a_bounded_way_ahead(tmp_path: Path) -> None:
    video, teacher = probe_film(filmed(tmp_path)), Watcher(batch_clips=1, concurrent_batches=1)
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    seen_before_first, go_on = [], Event()
    embed = teacher.embed

    def slow(batch: np.ndarray) -> np.ndarray:
        if not seen_before_first:
            for _ in range(200):  # until decoding has come to a stop: it waits for room
                before = len(teacher.shown)
                go_on.wait(0.03)
                if before == len(teacher.shown) > 4:
                    break
            seen_before_first.append(len(teacher.shown))
        return embed(batch)

    teacher.embed = slow  # type: ignore[method-assign]
    embed_video(video, clips=clips, teacher=teacher)
    # One clip embedded, one handed over, those ahead, one in the hand of the decoding thread: two new frames each.
    assert 4 < seen_before_first[0] <= 4 + 2 * (2 + BATCHES_AHEAD)
    assert len(teacher.shown) > seen_before_first[0]


def test_threads_of_torch_are_as_before_once_a_film_is_seen(tmp_path: Path) -> None:
    video, teacher, seen = probe_film(filmed(tmp_path)), Watcher(), list[int]()
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    embed, before = teacher.embed, torch.get_num_threads()

    def noting(batch: np.ndarray) -> np.ndarray:
        seen.append(torch.get_num_threads())
        return embed(batch)

    teacher.embed = noting  # type: ignore[method-assign]
    torch.set_num_threads(3)
    try:
        embed_video(video, clips=clips, teacher=teacher)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    assert set(seen) == {1}


def test_a_film_that_breaks_off_is_refused_and_no_thread_runs_on(tmp_path: Path) -> None:
    video, teacher = probe_film(filmed(tmp_path)), Watcher()
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    whole = video.path.read_bytes()
    video.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput):
        embed_video(video, clips=clips, teacher=teacher)
    assert [thread.name for thread in enumerate_threads() if thread.name.startswith(("ahead", "lane"))] == []


def test_an_interruption_leaves_no_thread_behind(tmp_path: Path) -> None:
    video, teacher = probe_film(filmed(tmp_path)), Watcher(batch_clips=1)
    clips = clip_grid(video.frame_seconds, spec=SPEC)

    def interrupt(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed_video(video, clips=clips, teacher=teacher, progress=interrupt)
    assert [thread.name for thread in enumerate_threads() if thread.name.startswith(("ahead", "lane"))] == []
    assert len(teacher.shown) < np.unique(clips.frame_index).size


@pytest.mark.parametrize(("concurrent_batches", "cores", "threads"), [(2, 2, 1), (1, 1, 1), (2, 16, 14), (16, 16, 4)])
def test_the_decoder_takes_the_cores_that_the_teacher_leaves(concurrent_batches: int, cores: int, threads: int) -> None:
    assert decoder_threads(concurrent_batches, cores=cores) == threads


def test_fast_scaling_gives_the_teacher_frames_of_its_size_within_three_grey_levels(tmp_path: Path) -> None:
    video = probe_film(filmed(tmp_path))
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    seen = {}
    for scaling in ("exact", "fast"):
        teacher = Watcher()
        preprocessing = replace(teacher.identity.preprocessing, short_side=32, crop=32, scaling=scaling)
        teacher.identity = replace(teacher.identity, preprocessing=preprocessing)
        teacher.preprocess = partial(resize_center_crop, preprocessing=preprocessing)  # type: ignore[method-assign]
        seen[scaling] = np.stack(list(video_clips(video, clips=clips, teacher=teacher)))
    assert seen["fast"].shape == seen["exact"].shape == (len(clips.frame_index), 4, 3, 32, 32)
    off = np.abs(seen["fast"].astype(int) - seen["exact"])
    assert off.mean() < 1.0
    assert np.percentile(off, 95) <= 3


def test_each_needed_frame_is_preprocessed_once_and_no_other_is(tmp_path: Path) -> None:
    video, teacher = probe_film(filmed(tmp_path)), Watcher()
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    list(video_clips(video, clips=clips, teacher=teacher))
    assert teacher.shown == np.unique(clips.frame_index).tolist()


def test_a_film_without_a_clip_is_not_even_opened(tmp_path: Path) -> None:
    video = probe_film(filmed(tmp_path, count=5))
    video.path.unlink()
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    assert embed_video(video, clips=clips, teacher=Watcher()).shape == (0, 4)


def test_features_that_do_not_fit_the_cache_are_refused(tmp_path: Path) -> None:
    video, teacher = probe_film(filmed(tmp_path)), Watcher()
    clips = clip_grid(video.frame_seconds, spec=SPEC)
    teacher.embed = lambda clips: np.full((len(clips), 4), 1e6, np.float32)  # type: ignore[method-assign]
    with pytest.raises(BadInput, match="not finite"):
        embed_video(video, clips=clips, teacher=teacher)
