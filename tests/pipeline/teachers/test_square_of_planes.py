"""The square of coded planes against that of the frame's colours, which Pillow's filter is held to elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import av
import numpy as np
import pytest
import torch
from equigait.data.video.decode import needed_frames
from equigait.data.video.pixels import Colours
from equigait.data.video.planes import CodedPlanes, PlaneReader
from equigait.data.video.probe import probe_film
from equigait.pipeline.teachers import square_of_planes as module
from equigait.pipeline.teachers.banded_resize import banded, fixed_point
from equigait.pipeline.teachers.preprocess import Preprocessing, filter_weights
from equigait.pipeline.teachers.resize_center_crop import resize_center_crop
from equigait.pipeline.teachers.square_of_planes import square_of_planes
from films import saturated, write_film

VIDEOMAE = Preprocessing(short_side=64, crop=64, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
CUBIC = replace(VIDEOMAE, filter="bicubic", resize="square")
CROPPED = replace(VIDEOMAE, short_side=72)


def planes_of(frame: av.VideoFrame, *, rotation_degrees: int = 0) -> CodedPlanes:
    found = PlaneReader(rotation_degrees=rotation_degrees).planes(frame)
    assert found is not None
    return found


def levels_off(frame: av.VideoFrame, *, preprocessing: Preprocessing = VIDEOMAE, rotation_degrees: int = 0) -> int:
    """The most grey levels by which a value of the square differs from that of the frame's colours."""
    picture = Colours(rotation_degrees=rotation_degrees).picture(frame)
    reference = resize_center_crop(picture, preprocessing=preprocessing)
    ours = square_of_planes(planes_of(frame, rotation_degrees=rotation_degrees), preprocessing=preprocessing)
    assert ours.shape == reference.shape
    return int(np.abs(ours.numpy().astype(int) - reference).max())


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv444p12le"])
@pytest.mark.parametrize(("matrix", "color_range"), [(1, 1), (5, 2), (9, 1), (7, 2), (4, 1), (2, 0)])
def test_every_form_matrix_and_range_comes_out_within_one_grey_level(
    pixel_format: str, matrix: int, color_range: int
) -> None:
    frame = saturated(320, 178, pixel_format, chroma=0.7)
    frame.colorspace, frame.color_range = matrix, color_range
    assert levels_off(frame) <= 1


@pytest.mark.parametrize(("coded", "decoded"), [("yuv420p", "nv12"), ("yuv420p10le", "p010le"), ("yuv444p", "nv24")])
def test_chroma_side_by_side_as_a_gpu_gives_it_is_the_same_to_the_last_bit(coded: str, decoded: str) -> None:
    planar = saturated(320, 178, coded)
    together = planar.reformat(format=decoded)
    squares = [square_of_planes(planes_of(frame), preprocessing=VIDEOMAE) for frame in (planar, together)]
    assert torch.equal(*squares)


@pytest.mark.parametrize("preprocessing", [VIDEOMAE, CUBIC, CROPPED], ids=["bilinear", "bicubic", "cropped"])
def test_every_size_turn_and_filter_comes_out_within_one_grey_level(preprocessing: Preprocessing) -> None:
    for size in ((240, 136), (98, 162), (97, 161), (63, 201), (64, 64)):
        frame = saturated(*size, "yuv420p", chroma=0.7)
        for turn in (0, 90, 180, 270):
            assert levels_off(frame, preprocessing=preprocessing, rotation_degrees=turn) <= 1, (size, turn)


@pytest.mark.parametrize(("codec", "offset"), [("libx264", (0.0, -0.5)), ("mjpeg", (0.0, 0.0))])
def test_chroma_is_taken_from_where_the_film_has_it(tmp_path: Path, codec: str, offset: tuple[float, float]) -> None:
    stripes = np.zeros((96, 160, 3), np.uint8)
    stripes[:, ::5] = (250, 20, 30)
    stripes[::7, 2::5] = (10, 40, 240)
    options = {"crf": "1"} if codec == "libx264" else {"qscale": "1"}
    kind = "yuv420p" if codec == "libx264" else "yuvj420p"
    path = write_film(
        tmp_path / "a.mkv", [stripes] * 2, seconds=[0.0, 0.04], codec=codec, pixel_format=kind, codec_options=options
    )
    for _, frame in needed_frames(probe_film(path), frame_index=np.arange(2)):
        assert planes_of(frame).chroma_offset == offset
        assert levels_off(frame) <= 1


@pytest.mark.parametrize("pixel_format", ["gray", "rgb24", "gbrp", "yuyv422", "pal8", "yuva420p", "nv21", "yuv411p"])
def test_forms_that_are_not_luma_and_chroma_in_two_or_three_planes_are_left_to_the_processor(pixel_format: str) -> None:
    assert PlaneReader().planes(av.VideoFrame(64, 48, pixel_format)) is None


@pytest.mark.parametrize("kind", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("full", "small"), [(1080, 224), (100, 64), (50, 64), (64, 64)])
def test_fixed_point_weights_give_what_integers_give_in_whatever_order_they_are_added(
    full: int, small: int, kind: str
) -> None:
    weights = filter_weights(full, small, kind=kind)  # type: ignore[arg-type]  # a name of both
    fixed = fixed_point(weights)
    unit = 1 << 16
    assert np.abs(fixed - weights).max() <= 2.0**-11 * np.abs(weights).max() * 2
    np.testing.assert_array_equal((fixed * unit).sum(axis=1), unit)
    assert np.array_equal(fixed, torch.from_numpy(fixed).to(torch.float16).double().numpy())  # eleven bits hold them
    lines = np.random.default_rng(0).integers(0, 256, (40, full))
    by_hand = np.clip(((fixed * unit).astype(np.int64) @ lines.T + unit // 2) // unit, 0, 255)
    plane = torch.from_numpy(lines.astype(np.uint8))
    np.testing.assert_array_equal(banded(fixed).across(plane).numpy(), by_hand.T)
    np.testing.assert_array_equal(banded(fixed).down(plane.T.contiguous()).numpy(), by_hand)


def test_nothing_waits_for_the_device_whose_planes_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """On `meta` every tensor has a shape and no value: what asked for one would fail."""
    given: Callable[[object], torch.Tensor] = module.from_dlpack
    monkeypatch.setattr(module, "from_dlpack", lambda capsule: given(capsule).to("meta"))
    for form in ("nv12", "p010le"):
        frame = saturated(320, 178, "yuv420p").reformat(format=form)
        square = square_of_planes(planes_of(frame, rotation_degrees=90), preprocessing=VIDEOMAE)
        assert (square.device.type, square.dtype, tuple(square.shape)) == ("meta", torch.uint8, (3, 64, 64))


def test_no_more_is_converted_than_the_square_rests_on(monkeypatch: pytest.MonkeyPatch) -> None:
    colours = Mock(wraps=module._colours)
    monkeypatch.setattr(module, "_colours", colours)
    square_of_planes(planes_of(saturated(640, 360, "yuv420p")), preprocessing=VIDEOMAE)
    # Columns 24 to 88 of 113, each 5.66 wide and blended over twice that.
    axis = colours.call_args.kwargs["columns"]
    assert (axis.first, axis.stop) == (int(23.5 * 640 / 113 + 0.5), int(88.5 * 640 / 113 - 0.5) + 1)
