"""Networks of transformers as teachers: the library's own features of the library's own pixels, from a folder."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.video.pixels import Picture
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.video_embedding import video_clips
from equigait.pipeline.teachers.image_families import IMAGE_FAMILIES
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import FrameTeacher, Teacher, load_teacher, teacher_identity
from equigait.pipeline.teachers.video_families import VIDEO_FAMILIES
from films import write_film
from safetensors.torch import load_file, save_file
from teacher_checkpoints import CLASSES, processor, write_teacher

NAMES = (*VIDEO_FAMILIES, *IMAGE_FAMILIES)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: write_teacher(name, tmp_path_factory.mktemp(name)) for name in NAMES}


def settings(name: str, folder: Path, **changes: object) -> TeacherSettings:
    return TeacherSettings(
        **{"name": name, "weights": str(folder), "device": "cpu", "precision": "float32", "threads": 1} | changes
    )


def frames(count: int = 8, *, height: int = 60, width: int = 90) -> np.ndarray:
    """A square that moves over a gradient: no two frames are equal."""
    film = np.zeros((count, height, width, 3), np.uint8)
    film[:] = np.linspace(0, 255, width).astype(np.uint8)[:, None]
    for number, frame in enumerate(film):
        frame[20:40, 20 + 5 * number : 40 + 5 * number] = (255, 20 * number, 60)
    return film


def library_pixels(name: str, film: np.ndarray) -> torch.Tensor:
    """`[1, frames, 3, size, size]` by the library's processor."""
    shown = processor(name)(list(film), return_tensors="pt")["pixel_values"]
    return shown.reshape(1, len(film), *shown.shape[-3:])


def library_features(name: str, folder: Path, pixels: torch.Tensor) -> torch.Tensor:
    """What the library's whole model says of a clip, by its documented outputs; of frames for networks of images."""
    model: Any = getattr(transformers, CLASSES[name]).from_pretrained(folder, attn_implementation="eager").eval()
    with torch.no_grad():
        match name:
            case "timesformer" | "vivit":
                return model.base_model(pixel_values=pixels).last_hidden_state[:, 0]
            case "vjepa2":
                return model.get_vision_features(pixels).mean(1)
            case "xclip":
                return model.get_video_features(pixels).pooler_output
            case "clip" | "siglip":
                return model.get_image_features(pixel_values=pixels[0]).pooler_output
            case "convnext":
                return model.base_model(pixels[0]).pooler_output
            case _:
                return model.base_model(pixels[0]).last_hidden_state[:, 0]


def shown(teacher: Teacher, film: np.ndarray) -> np.ndarray:
    return np.stack([teacher.preprocess(Picture.of_rgb(frame)) for frame in film])


@pytest.mark.parametrize("name", NAMES)
def test_frames_are_shown_as_the_library_processor_shows_them(name: str, folders: dict[str, Path]) -> None:
    teacher = load_teacher(settings(name, folders[name]))
    film, stated = frames(4), teacher.identity.preprocessing
    mean, std = (np.array(values)[:, None, None] for values in (stated.mean, stated.std))
    ours = (shown(teacher, film) / 255 - mean) / std
    difference = np.abs(ours - library_pixels(name, film)[0].numpy()) * std * 255  # in grey levels
    assert difference.max() <= 1.01
    assert difference.mean() < 0.3


@pytest.mark.parametrize("name", VIDEO_FAMILIES)
def test_features_of_a_clip_are_those_of_the_library_network(name: str, folders: dict[str, Path]) -> None:
    teacher, film = load_teacher(settings(name, folders[name])), frames(4)
    features = teacher.embed(shown(teacher, film)[None])
    expected = library_features(name, folders[name], normalised(teacher, shown(teacher, film))[None])
    assert features.shape == (1, teacher.identity.dim)
    np.testing.assert_allclose(features, expected.numpy(), atol=2e-5)


@pytest.mark.parametrize("name", IMAGE_FAMILIES)
def test_features_of_frames_are_the_library_network_s_and_are_pooled_over_time(
    name: str, folders: dict[str, Path]
) -> None:
    teacher, film = load_teacher(settings(name, folders[name])), frames(6)
    assert isinstance(teacher, FrameTeacher)
    clip = shown(teacher, film)
    expected = library_features(name, folders[name], normalised(teacher, clip)[None]).numpy()
    np.testing.assert_allclose(teacher.embed_frames(clip), expected, atol=2e-5)
    changes = np.mean([np.abs(expected[t + 1] - expected[t]) for t in range(5)], axis=0)
    by_hand = np.concatenate([expected.mean(axis=0), expected.std(axis=0), changes])
    found = teacher.embed(clip[None])
    assert found.shape == (1, teacher.identity.dim)
    np.testing.assert_allclose(found[0], by_hand, atol=3e-5)


def normalised(teacher: Teacher, clip: np.ndarray) -> torch.Tensor:
    stated = teacher.identity.preprocessing
    mean, std = (np.array(values, np.float32)[:, None, None] for values in (stated.mean, stated.std))
    return torch.from_numpy((clip.astype(np.float32) / 255 - mean) / std)


@pytest.mark.parametrize("name", [name for name in NAMES if "Classification" in CLASSES[name]])
def test_a_checkpoint_without_its_classifier_gives_the_same_kind_of_features(name: str, tmp_path: Path) -> None:
    teacher = load_teacher(settings(name, write_teacher(name, tmp_path, bare=True)))
    assert teacher.embed(shown(teacher, frames(4))[None]).shape == (1, teacher.identity.dim)


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_that_lacks_weights_is_refused(name: str, folders: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(folders[name], tmp_path, dirs_exist_ok=True)
    tensors = load_file(tmp_path / "model.safetensors")
    vision = [key for key in tensors if "text" not in key and "classifier" not in key and "pooler" not in key]
    lost = next(key for key in vision if key.endswith(("layernorm.weight", "layer_norm1.weight", "norm1.weight")))
    save_file({k: v for k, v in tensors.items() if k != lost}, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(BadInput, match="missing"):
        load_teacher(settings(name, tmp_path)).network()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_of_another_kind_is_refused_with_the_kind_that_is_wanted(
    name: str, folders: dict[str, Path]
) -> None:
    other = "vit" if name != "vit" else "clip"
    with pytest.raises(BadInput, match=rf"model_type '{other}'"):
        teacher_identity(settings(name, folders[other]))


def test_identities_name_all_that_shapes_features(folders: dict[str, Path]) -> None:
    every = settings("dinov2", folders["dinov2"])
    mean = settings("dinov2", folders["dinov2"], temporal_pooling=("mean",))
    first, second = teacher_identity(every), teacher_identity(mean)
    assert (first.dim, second.dim) == (72, 24)
    assert first.pooling == "class token; mean + std + change over frames"
    assert first.to_json() != second.to_json()
    assert first.to_json()["preprocessing"]["filter"] == "bicubic"
    assert teacher_identity(settings("siglip", folders["siglip"])).to_json()["preprocessing"]["resize"] == "square"
    assert first.to_json() == json.loads(json.dumps(first.to_json()))


def test_temporal_pooling_of_a_video_network_is_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(BadInput, match=r"teacher\.temporal_pooling with vivit"):
        teacher_identity(settings("vivit", folders["vivit"], temporal_pooling=("mean",)))


def test_clips_that_a_network_does_not_take_are_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(BadInput, match=r"clips\.frames=4"):
        load_teacher(settings("vivit", folders["vivit"])).embed(np.zeros((1, 6, 3, 32, 32), np.uint8))
    with pytest.raises(BadInput, match="a multiple of 2"):
        load_teacher(settings("vjepa2", folders["vjepa2"])).embed(np.zeros((1, 5, 3, 32, 32), np.uint8))


def test_a_crop_to_what_moves_is_another_space_and_shows_the_horse_larger(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    ground = np.kron(rng.integers(60, 120, (24, 40)), np.ones((8, 8)))[..., None].repeat(3, axis=2).astype(np.uint8)
    film = ground[None].repeat(40, axis=0)
    for number, frame in enumerate(film):
        frame[60:100, 200 + number : 240 + number] = rng.integers(180, 256, (40, 40, 1))
    video = probe_film(write_film(tmp_path / "a.mp4", film, seconds=[number / 15 for number in range(40)]))
    clips = clip_grid(video.frame_seconds, spec=ClipSpec(frames=4, rate_hz=7.5, hop_frames=4))
    whole = settings("vit", folders["vit"])
    near = settings("vit", folders["vit"], crop="motion")
    assert "crop" not in teacher_identity(whole).to_json()
    assert teacher_identity(near).to_json() == teacher_identity(whole).to_json() | {"crop": "motion"}
    bright = [
        np.mean([(clip > 150).mean() for clip in video_clips(video, clips=clips, teacher=load_teacher(each))])
        for each in (whole, near)
    ]
    assert bright[1] > 1.5 * bright[0]
    with pytest.raises(BadInput, match=r"teacher\.scaling=fast"):
        teacher_identity(TeacherSettings(name="videomae-demo", crop="motion", scaling="fast"))
