"""The choice of a decoder: measured once, kept, given up at the first failure, and never a recording's fault."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from av.video.frame import VideoFrame
from equigait.cache.status import read_statuses
from equigait.cache.store import open_store
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.recording import Video
from equigait.data.video.decode import needed_frames
from equigait.data.video.decoders import DecoderChoice, DecoderLost
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction import decoder_choice, video_embedding
from equigait.pipeline.extraction.decoder_choice import DecoderChooser
from equigait.pipeline.extraction.video_embedding import embed_video, frames_a_second, video_clips
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.runtime import device as runtime_device
from equigait.pipeline.teachers.refusal import TeacherRefused
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import load_teacher
from phase_one import IDS, run, segments

CUDA = DecoderChoice("cuda")


@pytest.fixture
def video(yard: Path) -> Video:
    return probe_film(next(yard.rglob("film.mp4")))


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine whose GPU takes every film; the user's folder is the test's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr(decoder_choice, "_missing_gpu", lambda _device: None)
    monkeypatch.setattr(runtime_device, "hold_gpu", lambda _number: None)
    monkeypatch.setattr(decoder_choice, "fault_of", lambda _choice, _path: None)


def rate_of(asked: list[str], **rates: float) -> Callable[[DecoderChoice], float]:
    def rate(choice: DecoderChoice) -> float:
        asked.append(choice.device)
        return rates[choice.device]

    return rate


def chooser(decode: str = "auto", **changes: object) -> DecoderChooser:
    return DecoderChooser(TeacherSettings.model_validate({"name": "videomae-demo", "decode": decode, **changes}))


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(("cpu", "cuda", "faster"), [(90.0, 400.0, "cuda"), (400.0, 90.0, "cpu")])
def test_auto_measures_both_once_and_remembers_the_faster(video: Video, cpu: float, cuda: float, faster: str) -> None:
    asked: list[str] = []
    for _ in range(2):  # the second reads what the first has kept
        fresh = chooser()
        for _ in range(2):
            choice = fresh.choose(video, rate=rate_of(asked, cpu=cpu, cuda=cuda))
            assert choice.device == faster
            assert f"{cpu:.0f} to {cuda:.0f} frames a second" in str(choice)
    assert asked == ["cpu", "cuda"]


@pytest.mark.usefixtures("gpu")
def test_other_numbers_of_films_at_once_are_measured_by_themselves(video: Video) -> None:
    asked: list[int] = []

    def rate(choice: DecoderChoice) -> float:
        asked.append(choice.films_at_once)
        return {("cpu", 1): 400.0, ("cpu", 8): 400.0, ("cuda", 1): 300.0, ("cuda", 8): 2000.0}[choice.device, asked[-1]]

    assert [chooser().choose(video, rate=rate, films_at_once=many).device for many in (1, 8, 1)] == [
        "cpu",
        "cuda",
        "cpu",
    ]
    assert asked == [1, 1, 8, 8]


@pytest.mark.usefixtures("gpu")
def test_what_was_kept_and_cannot_be_read_is_measured_anew(video: Video, tmp_path: Path) -> None:
    asked: list[str] = []
    kept = tmp_path / "user" / "equigait" / "decoders.json"
    kept.parent.mkdir(parents=True)
    for damaged in ("{", "[1]", '{"a": 1}'):
        kept.write_text(damaged)
        chooser().choose(video, rate=rate_of(asked, cpu=1.0, cuda=2.0))
    assert asked == ["cpu", "cuda"] * 3
    assert list(json.loads(kept.read_text()).values()) == [{"cpu": 1.0, "cuda": 2.0}]


@pytest.mark.usefixtures("gpu")
def test_settings_that_name_a_decoder_are_followed_without_a_trial(video: Video) -> None:
    never = partial(rate_of([]), None)
    assert str(chooser("cpu").choose(video, rate=never)) == "decode on cpu: as set"
    assert str(chooser("cuda", device="cuda:1").choose(video, rate=never)) == "decode on cuda: as set"
    assert chooser("cuda", device="cuda:1").choose(video, rate=never).gpu == 1
    assert chooser("cuda", crop="motion").choose(video, rate=never).device == "cpu"
    assert chooser("cuda", scaling="fast").choose(video, rate=never).device == "cpu"


@pytest.mark.usefixtures("gpu")
def test_a_decoder_that_fails_in_its_trial_is_not_taken_and_nothing_is_kept(video: Video, tmp_path: Path) -> None:
    def rate(choice: DecoderChoice) -> float:
        if choice.device == "cuda":
            raise DecoderLost("no memory (test)")
        return 100.0

    chosen = chooser()
    assert str(chosen.choose(video, rate=rate)) == "decode on cpu: NVDEC failed (no memory (test))"
    assert chosen.choose(video, rate=rate_of([])).device == "cpu"
    assert not (tmp_path / "user").exists()


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("decode", ["auto", "cuda"])
def test_a_kind_of_film_that_is_refused_is_tried_once(
    video: Video, decode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Path] = []

    def refused(_choice: DecoderChoice, path: Path) -> str:
        tried.append(path)
        return "no NVDEC here that takes it (test)"

    monkeypatch.setattr(decoder_choice, "fault_of", refused)
    chosen = chooser(decode)
    for _ in range(3):
        choice = chosen.choose(video, rate=rate_of([], cpu=1.0))
        assert str(choice) == "decode on cpu: no NVDEC here that takes it (test)"
    assert len(tried) == 1


def test_nothing_that_reads_or_embeds_is_loaded_before_there_is_work() -> None:
    code = "import sys; import equigait.pipeline.extract_teacher; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "scipy", "zarr"}.intersection(result.stdout.split())


def test_without_a_gpu_auto_says_nothing_and_a_demand_is_refused_by_the_setting(video: Video) -> None:
    assert str(chooser().choose(video, rate=rate_of([]))) == "decode on cpu"
    with pytest.raises(
        BadInput, match=r"teacher\.decode: found (no NVIDIA GPU|a GPU that torch).*teacher\.decode=auto"
    ):
        chooser("cuda").choose(video, rate=rate_of([]))


def test_a_demand_that_this_machine_cannot_meet_ends_the_run_and_marks_no_recording(data: Path, recipe: Recipe) -> None:
    demanding = recipe.model_copy(update={"teacher": recipe.teacher.model_copy(update={"decode": "cuda"})})
    with pytest.raises(TeacherRefused, match=r"teacher\.decode"):
        run(data, demanding)
    assert read_statuses(open_store(data / "cache")) == {}
    assert run(data, recipe).extracted == IDS


@pytest.mark.usefixtures("gpu")
def test_a_decoder_that_fails_in_mid_film_hands_it_over_and_no_recording_is_marked(
    data: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun: list[int] = []

    def failing(_video: Video, *, needed: np.ndarray, **_rest: object) -> Iterator[tuple[int, np.ndarray]]:
        begun.append(len(needed))
        yield int(needed[0]), np.zeros((3, 224, 224), np.uint8)
        raise DecoderLost("out of memory (test)")

    on_gpu, here = (
        recipe.model_copy(update={"teacher": recipe.teacher.model_copy(update={"decode": decode})})
        for decode in ("cuda", "cpu")
    )
    run(data, here)
    by_processor = {name: segment.clips for name, segment in segments(data).items()}
    monkeypatch.setattr(video_embedding, "_shown_on_gpu", failing)
    (data / "cache").rename(data.parent / "old")
    with caplog.at_level("INFO"):
        assert run(data, on_gpu).extracted == IDS
    assert "decode on cpu: NVDEC failed (out of memory (test))" in caplog.messages
    assert read_statuses(open_store(data / "cache")) == {}
    for name, segment in segments(data).items():
        np.testing.assert_array_equal(segment.clips, by_processor[name])
    assert 1 <= len(begun) <= 3  # none of this kind begins there once one has failed


def _decoded_here(video: Video, *, frame_index: np.ndarray, **_decoder: object) -> Iterator[tuple[int, VideoFrame]]:
    return needed_frames(video, frame_index=frame_index)


@pytest.fixture
def planes_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The GPU's way on the processor: its decoder gives planes in the computer's memory."""
    monkeypatch.setattr(runtime_device, "hold_gpu", lambda _number: None)
    monkeypatch.setattr(video_embedding, "needed_frames", _decoded_here)


@pytest.mark.usefixtures("planes_here")
def test_frames_left_on_a_device_come_to_the_teacher_within_a_grey_level(video: Video, recipe: Recipe) -> None:
    teacher, clips = load_teacher(recipe.teacher), clip_grid(video.frame_seconds, spec=ClipSpec())
    shown = {
        choice.device: list(video_clips(video, clips=clips, teacher=teacher, decoder=choice))
        for choice in (CUDA, DecoderChoice("cpu"))
    }
    assert all(isinstance(clip, torch.Tensor) for clip in shown["cuda"])
    assert len(shown["cuda"]) == len(clips.frame_index)
    for there, here in zip(shown["cuda"], shown["cpu"], strict=True):
        assert np.abs(there.numpy().astype(int) - here).max() <= 1


@pytest.mark.usefixtures("planes_here")
@pytest.mark.parametrize("batch_clips", [1, 2, 64])
def test_features_of_a_device_are_the_processors_whatever_the_batch(
    video: Video, recipe: Recipe, batch_clips: int
) -> None:
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    teacher = load_teacher(recipe.teacher.model_copy(update={"batch_clips": batch_clips}))
    there, here = (
        embed_video(video, clips=clips, teacher=teacher, decoder=choice).astype(float)
        for choice in (CUDA, DecoderChoice("cpu"))
    )
    cosines = (there * here).sum(1) / np.linalg.norm(there, axis=1) / np.linalg.norm(here, axis=1)
    assert cosines.min() > 0.9999


def test_a_decoders_rate_is_of_frames_as_the_teacher_is_shown_them(
    video: Video, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips, teacher = clip_grid(video.frame_seconds, spec=ClipSpec()), load_teacher(recipe.teacher)
    clock = iter(np.arange(0.0, 1000.0, 0.5))
    monkeypatch.setattr(video_embedding.time, "perf_counter", lambda: float(next(clock)))
    rate = frames_a_second(DecoderChoice("cpu"), video=video, clips=clips, teacher=teacher, seconds=2.2)
    # Looked at after 0.5, 1, 1.5 and 2 s, then over: four frames within 3 s.
    assert rate == pytest.approx(4 / 3.0)


def test_a_rate_is_that_of_all_films_side_by_side(
    video: Video, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(3, timeout=20.0)

    def shown(_video: Video, *, decoder: DecoderChoice, **_rest: object) -> Iterator[tuple[int, np.ndarray]]:
        assert decoder.films_at_once == 3
        yield 0, np.zeros(0)
        together.wait()
        yield from ((number, np.zeros(0)) for number in range(1, 7))

    clocks = threading.local()

    def half_a_second_later() -> float:
        clocks.now = getattr(clocks, "now", 0.0) + 0.5
        return float(clocks.now)

    monkeypatch.setattr(video_embedding, "shown_frames", shown)
    monkeypatch.setattr(video_embedding.time, "perf_counter", half_a_second_later)
    clips, teacher = clip_grid(video.frame_seconds, spec=ClipSpec()), load_teacher(recipe.teacher)
    choice = DecoderChoice("cpu", films_at_once=3)
    rate = frames_a_second(choice, video=video, clips=clips, teacher=teacher, seconds=900.0)
    assert rate == pytest.approx(3 * 6 / 4.0)


def test_frames_of_another_size_than_the_films_are_the_decoders_loss(
    video: Video, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_device, "hold_gpu", lambda _number: None)
    monkeypatch.setattr(video_embedding, "needed_frames", _decoded_here)
    teacher, clips = load_teacher(recipe.teacher), clip_grid(video.frame_seconds, spec=ClipSpec())
    narrower = replace(video, width=video.width - 2)
    with pytest.raises(DecoderLost, match=f"frames of {video.width}x{video.height} pixels"):
        list(video_clips(narrower, clips=clips, teacher=teacher, decoder=CUDA))


def test_what_torch_raises_while_it_converts_is_the_decoders_loss(
    video: Video, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(_number: int) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory (test)")

    monkeypatch.setattr(runtime_device, "hold_gpu", no_memory)
    clips, teacher = clip_grid(video.frame_seconds, spec=ClipSpec()), load_teacher(recipe.teacher)
    with pytest.raises(DecoderLost, match="out of memory"):
        embed_video(video, clips=clips, teacher=teacher, decoder=CUDA)
