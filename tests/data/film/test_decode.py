"""Needed frames against a decoder that decodes everything and picks: bit for bit, in films of every kind."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.film.pixels import Colours, upright_rgb
from equigait.data.recording import Video
from equigait.data.video import decode_frames, decode_pictures, probe_film
from films import write_film
from PIL import Image

FRAMES = 64
TEXTURE = np.random.default_rng(0).integers(0, 255, (24, 40, 3)).astype(np.uint8).repeat(4, axis=0).repeat(4, axis=1)


class Kind(NamedTuple):
    """A kind of film: codec, encoder settings, container, size, times."""

    codec: str
    options: dict[str, str]
    container: str = "mp4"
    size: tuple[int, int] = (64, 96)
    seconds: Sequence[float] = tuple(number / 30 for number in range(FRAMES))
    pixel_format: str = "yuv420p"
    leaves_out: bool = True
    """Whether this kind lets packets be left out when every fourth frame is needed."""


def x264(params: str = "", *, preset: str = "ultrafast", **changes: object) -> Kind:
    settings = {"preset": preset, "x264-params": f"asm=avx2:threads=1:{params}".rstrip(":")}
    return Kind("libx264", settings)._replace(**changes)


def x265(params: str, **changes: object) -> Kind:
    quiet = "log-level=none:pools=none:frame-threads=1"
    return Kind("libx265", {"preset": "ultrafast", "x265-params": f"{quiet}:{params}"})._replace(**changes)


def mpeg4(**options: str) -> Kind:
    return Kind("mpeg4", {"g": "12", "b": "2000k"} | options)


RNG = np.random.default_rng(1)
IRREGULAR = tuple(np.cumsum(RNG.uniform(0.005, 0.09, FRAMES)).round(3).tolist())
LATE = tuple(7.5 + number / 30 for number in range(FRAMES))

KINDS = {
    "h264 without B": x264("bframes=0:keyint=16"),
    "h264 B": x264("bframes=2:b-adapt=0:b-pyramid=none:keyint=16"),
    "h264 pyramid": x264("bframes=5:b-adapt=0:b-pyramid=normal:keyint=60:ref=4"),
    "h264 strict pyramid": x264("bframes=5:b-adapt=0:b-pyramid=strict:keyint=24:ref=4"),
    "h264 medium": x264("bframes=3:weightp=2:weightb=1:direct=temporal:keyint=24", preset="medium"),
    "h264 open groups": x264("bframes=3:b-adapt=0:open-gop=1:keyint=16:min-keyint=8:scenecut=0"),
    "h264 open groups, stream": x264("bframes=3:b-adapt=0:open-gop=1:keyint=16:scenecut=0", container="ts"),
    "h264 intra refresh": x264("intra-refresh=1:keyint=16:bframes=2:b-adapt=0", container="ts"),
    "h264 slices, stream": x264("bframes=2:b-adapt=0:slices=4:keyint=12", container="ts"),
    "h264 fields": x264("tff=1:bframes=2:b-adapt=0:keyint=16", leaves_out=False),
    "h264 one group": x264("bframes=3:b-adapt=0:keyint=infinite:scenecut=0"),
    "h264 groups of one": x264("keyint=1"),
    "h264 irregular": x264("bframes=2:b-adapt=0:keyint=16", seconds=IRREGULAR),
    "h264 late": x264("bframes=2:b-adapt=0:keyint=16", seconds=LATE, container="mkv"),
    "h264 full colour": x264("bframes=2:b-adapt=0", pixel_format="yuv444p", size=(63, 97)),
    "hevc open groups": x265("keyint=16:bframes=3:b-adapt=0:open-gop=1:b-pyramid=1:scenecut=0"),
    "hevc closed groups": x265("keyint=16:min-keyint=8:bframes=3:b-adapt=0:open-gop=0:scenecut=0"),
    "hevc layers": x265("keyint=32:bframes=3:b-adapt=0:temporal-layers=3:scenecut=0", container="mkv"),
    "hevc stream": x265("keyint=16:bframes=3:b-adapt=0:repeat-headers=1:scenecut=0", container="ts"),
    "hevc radl": x265("keyint=16:min-keyint=16:bframes=3:b-adapt=0:open-gop=0:radl=2:scenecut=0"),
    "mpeg4": mpeg4(bf="2"),
    "mpeg4 without B": mpeg4(bf="0", g="40")._replace(leaves_out=False),
    "mpeg4 odd size": mpeg4(bf="1")._replace(size=(61, 95)),
    "mpeg4 fields": mpeg4(bf="2", flags="+ilme+ildct")._replace(leaves_out=False),
    "vp9": Kind("libvpx-vp9", {"g": "12", "deadline": "realtime", "cpu-used": "8"}, container="webm", size=(63, 95)),
    "vp9 hidden frames": Kind(
        "libvpx-vp9",
        {"g": "20", "deadline": "good", "cpu-used": "5", "auto-alt-ref": "1", "lag-in-frames": "12"},
        "mkv",
    ),
    "av1": Kind("libsvtav1", {"g": "16", "preset": "12", "svtav1-params": "lp=1"}),
    "mjpeg": Kind("mjpeg", {}, container="avi", pixel_format="yuvj420p"),
    "mpeg2": Kind("mpeg2video", {"g": "12", "bf": "2"}, container="ts", leaves_out=False),
}


def moving_frames(kind: Kind) -> list[np.ndarray]:
    """A texture that slides with something that flickers upon it, cut to the film's size (planes for 4:4:4)."""
    height, width = kind.size
    frames = []
    for number in range(FRAMES):
        pixels = np.roll(TEXTURE, (number, 3 * number), axis=(0, 1))[:height, :width].copy()
        pixels[10:30, 20:40] = (37 * number) % 256
        if kind.pixel_format.endswith("444p"):
            pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
        frames.append(pixels)
    return frames


def written(path: Path, kind: Kind) -> Path:
    return write_film(
        path.with_suffix(f".{kind.container}"),
        moving_frames(kind),
        seconds=kind.seconds,
        codec=kind.codec,
        pixel_format=kind.pixel_format,
        codec_options=kind.options,
        ticks_per_second=30 if kind.codec.startswith("mpeg") else 90_000,  # MPEG-4 counts time in 16 bits
    )


def decoded_naively(path: Path) -> dict[float, av.VideoFrame]:
    """All frames of the film that are whole and shown, by their time: one thread, nothing left out."""
    frames: dict[float, av.VideoFrame] = {}
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for packet in container.demux(stream):
            try:
                decoded = packet.decode()
            except av.FFmpegError:
                continue
            for frame in decoded:
                frames.setdefault(frame.time, frame)
    return frames


def assert_same(video: Video, *draws: np.ndarray, threads: int = 1) -> None:
    """Frames that each draw asks for equal the ones that a naive decoder gives at these times."""
    naive = decoded_naively(video.path)
    for needed in draws:
        got = list(decode_frames(video, frame_index=needed, threads=threads))
        assert [index for index, _ in got] == sorted({int(index) for index in needed})
        for index, pixels in got:
            frame = naive[video.frame_seconds[index]]
            expected = upright_rgb(frame, rotation_degrees=video.rotation_degrees)
            np.testing.assert_array_equal(pixels, expected, err_msg=f"frame {index} of {video.path.name}, {needed}")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("kinds")
    return cache(lambda name: written(folder / name.replace(" ", "-"), KINDS[name]))


def draws(frames: int) -> list[np.ndarray]:
    """What clips may need: every fourth frame, a few anywhere, single ones, a stretch at the end, all."""
    rng = np.random.default_rng(2)
    scattered = [rng.choice(frames, size=size, replace=False) for size in (2, 3, 5, 8)]
    single = [np.array([frame]) for frame in range(13, 19)]  # about the key frame that most kinds have at 16
    return [
        np.arange(0, frames, 4),
        np.arange(3, frames, 4),
        *single,
        *scattered,
        np.arange(frames - 6, frames),
        np.arange(frames),
    ]


@pytest.mark.parametrize("name", KINDS)
def test_needed_frames_are_bit_for_bit_those_of_a_full_decode(film: Callable[[str], Path], name: str) -> None:
    video = probe_film(film(name))
    starting_at_zero = np.array(KINDS[name].seconds) - KINDS[name].seconds[0]
    np.testing.assert_allclose(video.frame_seconds - video.start_seconds, starting_at_zero, atol=2e-3)
    assert_same(video, *draws(FRAMES))


@pytest.mark.parametrize("name", ["h264 pyramid", "hevc open groups", "vp9"])
def test_decoder_threads_change_no_pixel(film: Callable[[str], Path], name: str) -> None:
    assert_same(probe_film(film(name)), *draws(FRAMES)[:4], threads=3)


@pytest.mark.parametrize("name", KINDS)
def test_packets_that_no_needed_frame_rests_on_are_left_out(film: Callable[[str], Path], name: str) -> None:
    video = probe_film(film(name))
    share = video.packets.needed_for(video.frame_seconds[::4]).mean()
    assert (share < 0.9) == KINDS[name].leaves_out


def cut_short(path: Path, *, first: int) -> Path:
    """The film without its first packets, as cut by a tool that does not look for key frames."""
    cut = path.with_stem(f"{path.stem}-from-{first}")
    with av.open(str(path)) as whole, av.open(str(cut), "w") as rest:
        source = whole.streams.video[0]
        target = rest.add_stream_from_template(source)
        for number, packet in enumerate(whole.demux(source)):
            if packet.size and number >= first:
                packet.stream = target
                rest.mux(packet)
    return cut


CUT = [
    "h264 slices, stream",
    "h264 open groups, stream",
    "h264 late",
    "hevc open groups",
    "hevc stream",
    "mpeg4",
    "vp9",
]


@pytest.mark.parametrize("name", CUT)
def test_a_film_that_begins_between_key_frames_begins_with_its_first_whole_frame(
    film: Callable[[str], Path], name: str
) -> None:
    whole, cut = film(name), probe_film(cut_short(film(name), first=5))
    truth, first = list(decoded_naively(whole).values()), FRAMES - cut.frame_seconds.size
    assert 5 < first < 50
    for needed in (np.arange(cut.frame_seconds.size), np.arange(0, cut.frame_seconds.size, 4)):
        for index, pixels in decode_frames(cut, frame_index=needed):
            expected = upright_rgb(truth[first + index], rotation_degrees=0)
            np.testing.assert_array_equal(pixels, expected, err_msg=f"frame {index}")


def with_edit_list(path: Path, *, skip_seconds: float) -> Path:
    """The film with its edit list (ISO 14496-12, 8.6.6) moved on: players show it from there."""
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 16
    data[at : at + 4] = (int.from_bytes(data[at : at + 4], "big") + round(skip_seconds * 90_000)).to_bytes(4, "big")
    edited = path.with_stem(f"{path.stem}-edited")
    edited.write_bytes(data)
    return edited


@pytest.mark.parametrize("name", ["h264 B", "h264 pyramid", "hevc open groups"])
def test_frames_that_an_edit_list_hides_are_not_counted_and_the_rest_come_out_right(
    film: Callable[[str], Path], name: str
) -> None:
    edited = probe_film(with_edit_list(film(name), skip_seconds=20 / 30))
    assert edited.frame_seconds.size == FRAMES - 20
    truth = list(decoded_naively(film(name)).values())
    for needed in draws(FRAMES - 20):
        for index, pixels in decode_frames(edited, frame_index=needed):
            expected = upright_rgb(truth[20 + index], rotation_degrees=0)
            np.testing.assert_array_equal(pixels, expected, err_msg=f"frame {index}")


def test_a_video_without_its_packets_reads_them_again(film: Callable[[str], Path]) -> None:
    assert_same(replace(probe_film(film("h264 B")), packets=None), np.arange(2, 60, 7))


def test_a_film_that_changed_since_it_was_probed_is_refused(film: Callable[[str], Path], tmp_path: Path) -> None:
    changing = tmp_path / "film.mp4"
    changing.write_bytes(film("h264 B").read_bytes())
    video = probe_film(changing)
    changing.write_bytes(film("h264 irregular").read_bytes())
    with pytest.raises(BadInput, match=r"a film that changed at .* s since its packets were read"):
        list(decode_frames(video, frame_index=np.arange(FRAMES)))


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


@pytest.mark.parametrize("name", KINDS)
def test_the_columns_asked_for_are_bit_for_bit_those_of_the_whole_frame(film: Callable[[str], Path], name: str) -> None:
    video = probe_film(film(name))
    first, stop = 37, 59
    whole = dict(decode_frames(video, frame_index=np.arange(0, FRAMES, 9)))
    for index, picture in decode_pictures(video, frame_index=np.arange(0, FRAMES, 9), columns=(first, stop)):
        here = slice(first - picture.first_column, stop - picture.first_column)
        np.testing.assert_array_equal(np.stack(picture.planes, -1)[:, here], whole[index][:, first:stop])
        cut = video.width % 4 == 0 and video.height % 2 == 0
        assert (picture.planes[0].shape[1] < video.width == picture.width) == cut


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


def test_the_kinds_hold_what_makes_decoding_in_part_hard(film: Callable[[str], Path]) -> None:
    roles = {name: probe_film(film(name)).packets.roles for name in ("hevc open groups", "hevc layers", "mpeg4")}
    for name in ("hevc open groups", "mpeg4"):
        assert sum(role.leading for role in roles[name]) > 2
        assert sum(role.entry for role in roles[name]) > 2
    assert max(role.layer for role in roles["hevc layers"]) == 2
    assert any(role.climbs for role in roles["hevc layers"])
