"""Preprocessing against Pillow's antialiased bilinear filter and centre crop, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
from checkpoints import write_preprocessor
from equigait.data.errors import BadInput
from equigait.pipeline.teachers.preprocess import Preprocessing, preprocess_frame, resized
from PIL import Image

VIDEOMAE = Preprocessing(short_side=224, crop=224, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


def picture(height: int, width: int) -> np.ndarray:
    """Noise, edges and a gradient: what antialiasing has to get right."""
    rng = np.random.default_rng(height * width)
    pixels = rng.integers(0, 256, (height, width, 3))
    pixels[:, : width // 3] = np.linspace(0, 255, height)[:, None, None]
    pixels[height // 4 : height // 2, width // 2 :: 7] = 255
    return pixels.astype(np.uint8)


def by_pillow(frame: np.ndarray, *, short_side: int, crop: int) -> np.ndarray:
    height, width = resized(*frame.shape[:2], short_side=short_side)
    small = np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.BILINEAR))
    top, left = (height - crop) // 2, (width - crop) // 2
    return small[top : top + crop, left : left + crop].transpose(2, 0, 1)


@pytest.mark.parametrize(
    ("height", "width"), [(1080, 1920), (480, 854), (404, 720), (720, 404), (224, 224), (162, 288), (225, 1001)]
)
def test_a_frame_comes_out_within_one_grey_level_of_pillow(height: int, width: int) -> None:
    frame = picture(height, width)
    ours = preprocess_frame(frame, preprocessing=VIDEOMAE)
    reference = by_pillow(frame, short_side=224, crop=224)
    assert ours.dtype == np.uint8
    assert ours.shape == (3, 224, 224)
    assert np.abs(ours.astype(int) - reference.astype(int)).max() <= 1


def test_a_crop_smaller_than_the_short_side_is_cut_from_the_centre() -> None:
    settings = Preprocessing(short_side=128, crop=112, mean=VIDEOMAE.mean, std=VIDEOMAE.std)
    frame = picture(300, 411)
    reference = by_pillow(frame, short_side=128, crop=112)
    assert np.abs(preprocess_frame(frame, preprocessing=settings).astype(int) - reference.astype(int)).max() <= 1


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(480, 640, (224, 298)), (640, 480, (298, 224)), (1080, 1920, (224, 398)), (500, 500, (224, 224))],
)
def test_the_long_side_keeps_its_proportion_rounded_down(height: int, width: int, expected: tuple[int, int]) -> None:
    assert resized(height, width, short_side=224) == expected


def test_the_frame_given_is_left_as_it_was() -> None:
    frame = picture(224, 224)
    before = frame.copy()
    result = preprocess_frame(frame, preprocessing=VIDEOMAE)
    result[:] = 0
    np.testing.assert_array_equal(frame, before)


def test_settings_come_from_the_checkpoint_never_from_a_default(tmp_path: Path) -> None:
    write_preprocessor(tmp_path, image_mean=[0.1, 0.2, 0.3], size={"shortest_edge": 40})
    stated = Preprocessing.of_snapshot(tmp_path)
    assert (stated.short_side, stated.crop, stated.mean) == (40, 32, (0.1, 0.2, 0.3))


@pytest.mark.parametrize(
    "changes",
    [
        {"image_mean": None},
        {"image_std": [0.5, 0.5]},
        {"resample": 3},
        {"size": {"height": 32, "width": 32}},
        {"crop_size": {"height": 32, "width": 30}},
        {"crop_size": 64},
        {"do_normalize": False},
        {"rescale_factor": 1.0},
    ],
)
def test_preprocessing_of_another_kind_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    write_preprocessor(tmp_path, **changes)
    with pytest.raises(BadInput, match=r"preprocessor_config\.json"):
        Preprocessing.of_snapshot(tmp_path)
