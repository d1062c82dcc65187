"""What a GPU computes against the processor: squares, films, features, training, memory that runs out, two ranks.

`make gpu` runs them; the suite, which hides GPUs, leaves them out.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from cut_off import cut_off_at
from equigait.cache.store import open_store
from equigait.cache.verify import verify
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.recording import Video
from equigait.data.video.decoders import DecoderChoice, fault_of
from equigait.data.video.planes import PlaneReader
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.video_embedding import embed_video, video_clips
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.recipe import Recipe, save_recipe
from equigait.pipeline.runtime.device import hold_gpu, tensor_float32
from equigait.pipeline.teachers import square_of_planes as squares
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import Teacher, load_teacher
from equigait.pipeline.teachers.videomae import VideoMae
from films import numbered_frames, saturated, write_film
from phase_one import IDS, run, segments
from rides import ride_cache, ride_recipe
from synthetic_corpus import small_recipe, synthetic_corpus

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]
GPU, PROCESSOR = DecoderChoice("cuda"), DecoderChoice("cpu")
NOTHING_RANDOM = "augment={noise_m_s2: 0, noise_rad_s: 0, scale: 0, rotation_degrees: 0, shift_steps: 0}"
"""Each device draws numbers of its own: those of augmentation alone move the first losses by up to 6 %."""


def teacher_on(device: str, **changes: object) -> Teacher:
    return load_teacher(TeacherSettings.model_validate({"name": "videomae-demo", "device": device, **changes}))


def lowest_cosine(first: np.ndarray, second: np.ndarray) -> float:
    first, second = first.astype(float), second.astype(float)
    return float(((first * second).sum(1) / np.linalg.norm(first, axis=1) / np.linalg.norm(second, axis=1)).min())


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Video:
    frames = numbered_frames(90, height=180, width=320)  # NVDEC takes no film of less than 144 pixels
    path = tmp_path_factory.mktemp("films") / "a.mp4"
    return probe_film(write_film(path, frames, seconds=[number / 30 for number in range(len(frames))]))


@pytest.fixture(scope="module")
def nvdec(video: Video) -> DecoderChoice:
    """The GPU's decoder, where it takes H.264."""
    hold_gpu(0)
    if (fault := fault_of(GPU, video.path)) is not None:
        pytest.skip(fault)
    return GPU


def clips_of(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 16, 3, 64, 64), dtype=np.uint8)


@pytest.mark.parametrize("wanted", [False, True], ids=["float32", "tensor-float32"])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12", "p010le"])
def test_squares_are_the_processors_to_the_last_bit(
    pixel_format: str, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    preprocessing = teacher_on("cpu").identity.preprocessing
    planes = PlaneReader().planes(saturated(640, 362, "yuv420p").reformat(format=pixel_format))
    assert planes is not None
    here, given = squares.square_of_planes(planes, preprocessing=preprocessing), squares.from_dlpack
    monkeypatch.setattr(squares, "from_dlpack", lambda capsule: given(capsule).to("cuda"))
    with tensor_float32(torch.device("cuda"), wanted=wanted):
        there = squares.square_of_planes(planes, preprocessing=preprocessing)
    assert there.is_cuda
    assert torch.equal(there.cpu(), here)


def test_frames_of_the_gpus_decoder_stay_there_and_are_the_processors_within_a_grey_level(
    video: Video, nvdec: DecoderChoice
) -> None:
    teacher, clips = teacher_on("cuda"), clip_grid(video.frame_seconds, spec=ClipSpec())
    there = list(video_clips(video, clips=clips, teacher=teacher, decoder=nvdec))
    here = list(video_clips(video, clips=clips, teacher=teacher_on("cpu"), decoder=PROCESSOR))
    assert len(there) == len(here) > 0
    for ours, theirs in zip(there, here, strict=True):
        assert ours.is_cuda
        assert np.abs(ours.cpu().numpy().astype(int) - theirs).max() <= 1


@pytest.mark.parametrize("batch_clips", [1, 64])
def test_features_of_a_film_are_the_processors_whatever_decodes_it(
    video: Video, nvdec: DecoderChoice, batch_clips: int
) -> None:
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    exact = teacher_on("cpu", precision="float32")
    reference = embed_video(video, clips=clips, teacher=exact, decoder=PROCESSOR)
    teacher = teacher_on("cuda", batch_clips=batch_clips)
    for choice in (nvdec, PROCESSOR):
        features = embed_video(video, clips=clips, teacher=teacher, decoder=choice)
        assert lowest_cosine(features, reference) >= 0.9999


def test_the_first_phase_caches_what_it_caches_on_the_processor(data: Path, recipe: Recipe) -> None:
    assert run(data, recipe).extracted == IDS
    here = {name: segment.clips for name, segment in segments(data).items()}
    (data / "cache").rename(data.parent / "by-processor")
    on_gpu = recipe.model_copy(update={"teacher": recipe.teacher.model_copy(update={"device": "cuda"})})
    assert run(data, on_gpu).extracted == IDS
    assert verify(open_store(data / "cache")) == ()
    for name, segment in segments(data).items():
        assert lowest_cosine(segment.clips, here[name]) >= 0.9999


def test_a_batch_that_does_not_fit_is_halved_and_every_clip_is_embedded() -> None:
    clips = clips_of(64)
    reference = teacher_on("cuda", batch_clips=1).embed(clips[:8])
    teacher = teacher_on("cuda", batch_clips=64)
    teacher.embed(clips[:1])
    torch.cuda.empty_cache()
    room = (
        1.5 * clips.size * torch.float32.itemsize
    )  # for the clips as numbers, and for half of what they are scaled to
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + room) / torch.cuda.mem_get_info()[1])
    try:
        features = teacher.embed(clips)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert isinstance(teacher, VideoMae)
    assert teacher._fitting.most < 64
    assert features.shape[0] == 64
    assert lowest_cosine(features[:8], reference) >= 0.9999


def losses(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "train.jsonl").read_text().splitlines()]


def test_training_goes_as_on_the_processor_in_either_arithmetic(tmp_path: Path) -> None:
    corpus, same = synthetic_corpus(horses=4, windows=20), ("train.steps=20", NOTHING_RANDOM)
    here = pretrain_corpus(corpus, run=tmp_path / "here", recipe=small_recipe(*same, "train.device=cpu"))
    for precision, within in (("float32", 0.01), ("auto", 0.05)):
        recipe = small_recipe(*same, "train.device=cuda", f"train.precision={precision}")
        there = pretrain_corpus(corpus, run=tmp_path / precision, recipe=recipe)
        assert losses(there)[:5] == pytest.approx(losses(here)[:5], rel=within)


def test_a_run_that_was_cut_off_goes_on_where_it_was_saved(tmp_path: Path) -> None:
    corpus = synthetic_corpus(horses=4, windows=20)
    recipe = small_recipe("train.steps=20", "train.save_every=10", "train.device=cuda", "train.precision=float32")
    whole = pretrain_corpus(corpus, run=tmp_path / "whole", recipe=recipe)
    with cut_off_at(15):
        pretrain_corpus(corpus, run=tmp_path / "cut", recipe=recipe)
    cut = pretrain_corpus(corpus, run=tmp_path / "cut", recipe=recipe)
    assert losses(cut) == pytest.approx(losses(whole), rel=0.01)  # kernels of a GPU add in an order of their own


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two GPUs")
def test_two_ranks_train_one_run_on_a_gpu_each(tmp_path: Path) -> None:
    save_recipe(ride_recipe("train.steps=4", "train.batch=16", "train.device=cuda"), tmp_path / "ride.yaml")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "--no-python", "--"]
    command += [str(Path(sys.executable).with_name("equigait-cli")), "pretrain", "--cache", str(ride_cache())]
    command += ["--run", str(tmp_path / "run"), "--config", str(tmp_path / "ride.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert len(losses(tmp_path / "run")) == 4
