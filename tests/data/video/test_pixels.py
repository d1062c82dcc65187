"""Pixels in part against whole frames: columns cut before the colours are converted, and pictures scaled on the way."""

from pathlib import Path

import av
import numpy as np
import pytest
from equigait.data.video.decode import decode_frames, decode_pictures
from equigait.data.video.pixels import Colours
from equigait.data.video.probe import probe_film
from films import upright_rgb, write_film
from PIL import Image

PIXEL_FORMATS = ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv411p", "yuv420p10le", "yuv444p12le", "nv12", "p010le"]


@pytest.mark.parametrize("pixel_format", [*PIXEL_FORMATS, "yuyv422", "gray", "gray10le", "gbrp", "rgb24", "pal8"])
@pytest.mark.parametrize(("rows", "width"), [(120, 256), (120, 254), (119, 255)])
def test_columns_of_saturated_noise_come_out_as_of_the_whole_frame_in_every_form(
    pixel_format: str, rows: int, width: int
) -> None:
    frame = av.VideoFrame(width, rows, pixel_format)
    for plane in frame.planes:
        values = np.frombuffer(plane, np.uint8)
        values[:] = np.random.default_rng(3).integers(0, 256, values.size)
        if frame.format.components[0].bits > 8 and pixel_format != "p010le":
            values[1::2] &= (1 << frame.format.components[0].bits - 8) - 1
    for colorspace, color_range in ((1, 1), (5, 1), (1, 2), (2, 0)):
        frame.colorspace, frame.color_range = colorspace, color_range
        whole = upright_rgb(frame, rotation_degrees=0)
        part = Colours(columns=(90, 170)).picture(frame)
        here = slice(90 - part.first_column, 170 - part.first_column)
        np.testing.assert_array_equal(np.stack(part.planes, -1)[:, here], whole[:, 90:170])


def test_a_frame_of_another_size_in_mid_film_is_cut_by_its_own_size() -> None:
    colours = Colours(columns=(90, 170))
    for width in (256, 320, 256):
        picture = colours.picture(av.VideoFrame(width, 120, "yuv420p"))
        assert picture.width == width
        assert picture.first_column == 80


def test_scaling_on_the_way_gives_the_pixels_of_scaling_full_frames_within_a_grey_level(tmp_path: Path) -> None:
    row, column = np.mgrid[:96, :160]
    waves = [
        128 + 60 * np.sin(row / 9) * np.cos(column / 7),
        90 + 0.5 * column,
        150 - 0.6 * row + 8 * (column % 16 > 7),
    ]
    video = probe_film(write_film(tmp_path / "a.mp4", [np.stack(waves, -1).astype(np.uint8)], seconds=[0.0]))
    ((_, full),) = decode_frames(video, frame_index=np.array([0]))
    ((_, picture),) = decode_pictures(video, frame_index=np.array([0]), short_side=28)
    scaled = picture.upright()
    by_pillow = np.asarray(Image.fromarray(full).resize((46, 28), Image.Resampling.BILINEAR))
    assert scaled.shape == (28, 46, 3)
    assert np.abs(scaled.astype(float) - by_pillow).mean() < 0.5
