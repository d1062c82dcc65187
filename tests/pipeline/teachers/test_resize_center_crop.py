"""The square of a frame against Pillow's antialiased bilinear filter and centre crop."""

from pathlib import Path

import av
import numpy as np
import pytest
from equigait.data.recording import Video
from equigait.data.video.pixels import Colours, Picture, scaled_size
from equigait.pipeline.teachers.preprocess import Preprocessing, triangle_weights
from equigait.pipeline.teachers.resize_center_crop import resize_center_crop
from films import saturated, upright_rgb
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
    width, height = scaled_size(frame.shape[1], frame.shape[0], short_side=short_side)
    small = np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.BILINEAR))
    top, left = (height - crop) // 2, (width - crop) // 2
    return small[top : top + crop, left : left + crop].transpose(2, 0, 1)


@pytest.mark.parametrize(
    ("height", "width"), [(1080, 1920), (480, 854), (404, 720), (720, 404), (224, 224), (162, 288), (225, 1001)]
)
def test_a_frame_comes_out_within_one_grey_level_of_pillow(height: int, width: int) -> None:
    frame = picture(height, width)
    ours = resize_center_crop(Picture.of_rgb(frame), preprocessing=VIDEOMAE)
    reference = by_pillow(frame, short_side=224, crop=224)
    assert ours.dtype == np.uint8
    assert ours.shape == (3, 224, 224)
    assert np.abs(ours.astype(int) - reference.astype(int)).max() <= 1


def test_a_crop_smaller_than_the_short_side_is_cut_from_the_centre() -> None:
    settings = Preprocessing(short_side=128, crop=112, mean=VIDEOMAE.mean, std=VIDEOMAE.std)
    frame = picture(300, 411)
    reference = by_pillow(frame, short_side=128, crop=112)
    assert (
        np.abs(
            resize_center_crop(Picture.of_rgb(frame), preprocessing=settings).astype(int) - reference.astype(int)
        ).max()
        <= 1
    )


def test_the_frame_given_is_left_as_it_was() -> None:
    frame = picture(224, 224)
    before = frame.copy()
    result = resize_center_crop(Picture.of_rgb(frame), preprocessing=VIDEOMAE)
    result[:] = 0
    np.testing.assert_array_equal(frame, before)


def film_of(frame: av.VideoFrame, *, rotation_degrees: int = 0) -> Video:
    return Video(
        Path("a.mp4"),
        width=frame.width,
        height=frame.height,
        rotation_degrees=rotation_degrees,
        frame_seconds=np.zeros(1),
    )


SHAPES = [(1920, 1080), (720, 1280), (854, 480), (404, 720), (320, 178)]
FORMS = ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"]
CASES = [
    *((size, "yuv420p", 0) for size in SHAPES),
    *((SHAPES[2], form, 0) for form in FORMS[1:]),
    *((SHAPES[3], "yuv420p", turn) for turn in (90, 180, 270)),
]


@pytest.mark.parametrize(("size", "pixel_format", "rotation_degrees"), CASES)
def test_a_film_frame_comes_out_within_one_grey_level_of_pillow_where_colours_saturate_too(
    size: tuple[int, int], pixel_format: str, rotation_degrees: int
) -> None:
    frame = saturated(*size, pixel_format)
    for matrix, full in ((1, False), (5, True)):
        frame.colorspace, frame.color_range = matrix, 2 if full else 1
        columns = VIDEOMAE.columns(film_of(frame, rotation_degrees=rotation_degrees))
        picture = Colours(rotation_degrees=rotation_degrees, columns=columns).picture(frame)
        upright = upright_rgb(frame, rotation_degrees=rotation_degrees)
        assert (upright == 255).mean() > 0.02 < (upright == 0).mean()  # where clipping and scaling cannot change places
        ours = resize_center_crop(picture, preprocessing=VIDEOMAE).astype(int)
        assert np.abs(ours - by_pillow(upright, short_side=224, crop=224)).max() <= 1
        whole = resize_center_crop(Picture.of_rgb(upright), preprocessing=VIDEOMAE)
        assert np.abs(ours - whole).max() <= (rotation_degrees > 0)  # turned, columns are rounded before rows


def test_no_more_columns_are_converted_than_the_square_rests_on() -> None:
    frame = saturated(1920, 1080, "yuv420p")
    first, stop = VIDEOMAE.columns(film_of(frame))
    # Columns 87 to 311 of 398, each 4.82 wide and blended over twice that.
    assert (first, stop) == (int((87 - 0.5) * 1920 / 398), int(311.5 * 1920 / 398) + 1)
    picture = Colours(columns=(first, stop)).picture(frame)
    assert picture.planes[0].shape == (1080, 1120)


def test_a_picture_of_the_right_size_is_cropped_alone() -> None:
    frame = picture(224, 398)
    ours = resize_center_crop(Picture.of_rgb(frame), preprocessing=VIDEOMAE)
    np.testing.assert_array_equal(ours, frame[:, 87:311].transpose(2, 0, 1))


@pytest.mark.parametrize(("full", "small"), [(1920, 398), (7, 3), (3, 7)])
def test_weights_are_triangles_that_share_one(full: int, small: int) -> None:
    weights = triangle_weights(full, small)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(weights, weights[::-1, ::-1], atol=1e-12)
    ramp = weights[1:-1] @ (np.arange(full) + 0.5)
    inside = slice(1, -1) if small < full else slice(2, -2)
    np.testing.assert_allclose(ramp[inside], ((np.arange(small) + 0.5) * full / small)[1:-1][inside], atol=0.3)
