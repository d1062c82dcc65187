"""Decoders: that a GPU's own is known by its first error, and that its failures are never the film's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import av
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.video import decoders
from equigait.data.video.container import opened
from equigait.data.video.decode import needed_frames
from equigait.data.video.decoders import DECODERS, DecoderChoice, DecoderLost, fault_of, film_kind, opened_for
from equigait.data.video.probe import probe_film
from films import numbered_frames, write_film

CUDA = DecoderChoice("cuda", gpu=1)
FRAMES = 40


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frames = numbered_frames(FRAMES, height=160, width=256)  # NVDEC takes no film of less than 144 pixels
    path = tmp_path_factory.mktemp("films") / "a.mp4"
    return write_film(path, frames, seconds=[number / 25 for number in range(FRAMES)])


class Nvdec:
    """FFmpeg with a GPU, at its boundary: what `av.open` gives, decoding by the processor until it is told to fail."""

    def __init__(self, *, fails_after: int = 10_000, silent: bool = False, accelerates: bool = True) -> None:
        self.fails_after, self.silent, self.accelerates = fails_after, silent, accelerates
        self.sent = 0
        self.accelerators: list[Any] = []

    @contextmanager
    def opened(self, path: Path, *, hwaccel: Any = None, file: Any = None) -> Iterator[tuple[Any, Any]]:
        self.accelerators.append(hwaccel)
        with opened(path, file=file) as (container, stream):
            context = stream.codec_context

            def decode(packet: Any) -> list[Any]:
                self.sent += 1
                if self.sent > self.fails_after:
                    raise av.error.ExternalError(-542398533, "Generic error in an external library")
                return [] if self.silent else context.decode(packet)

            coder = SimpleNamespace(decode=decode, name=context.name, is_hwaccel=self.accelerates)
            fake = Mock(spec=stream, codec_context=coder, time_base=stream.time_base)
            yield Mock(spec=container, demux=lambda _stream: container.demux(stream)), fake


def given(nvdec: Nvdec, monkeypatch: pytest.MonkeyPatch) -> Nvdec:
    monkeypatch.setattr(decoders, "opened", nvdec.opened)
    return nvdec


def test_every_decoder_is_one_line_of_the_table_and_opens_the_film_with_its_own_threads(film: Path) -> None:
    assert list(DECODERS) == ["cpu", "cuda"]
    with opened_for(DecoderChoice("cpu"), film, threads=3) as (_, stream):
        assert stream.codec_context.thread_count == 3
    assert DECODERS["cuda"].threads(16) == 1


def test_frames_stay_on_the_gpu_that_is_the_teachers_in_the_context_of_the_thread() -> None:
    accelerator = DECODERS["cuda"].accelerator(1)
    assert accelerator is not None
    assert accelerator.is_hw_owned
    assert accelerator.options == {"primary_ctx": "0", "current_ctx": "1"}
    assert not accelerator.allow_software_fallback
    assert accelerator.device_id == 1


def test_a_decoder_that_takes_the_film_is_known_by_its_first_frame(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvdec = given(Nvdec(), monkeypatch)
    assert fault_of(CUDA, film) is None
    assert nvdec.sent < 10


def test_a_decoder_that_refuses_is_known_by_its_first_error(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvdec = given(Nvdec(fails_after=0), monkeypatch)
    fault = fault_of(CUDA, film)
    assert fault is not None
    assert "external library" in fault
    assert nvdec.sent == 1


def test_a_decoder_that_stays_silent_is_given_no_more_than_some_packets(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoders, "TRIAL_PACKETS", 7)
    nvdec = given(Nvdec(silent=True), monkeypatch)
    assert "no frame" in str(fault_of(CUDA, film))
    assert nvdec.sent == 7 + 1


def test_a_file_of_which_another_stream_is_accelerated_does_not_pass_for_one(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nvdec = given(Nvdec(accelerates=False), monkeypatch)
    assert "processor alone" in str(fault_of(CUDA, film))
    assert nvdec.sent == 0


def test_ffmpeg_without_a_gpu_says_why_and_the_film_is_not_blamed(film: Path, tmp_path: Path) -> None:
    fault = fault_of(DecoderChoice("cuda"), film)
    assert fault is None or fault.startswith("no NVDEC here that takes it (")
    with pytest.raises(BadInput, match="no such file"):
        fault_of(CUDA, tmp_path / "none.mp4")


@pytest.mark.parametrize("nvdec", [Nvdec(fails_after=12), Nvdec(silent=True), Nvdec(fails_after=0)])
def test_what_fails_in_mid_film_is_the_decoders_loss_and_never_the_films(
    film: Path, nvdec: Nvdec, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(nvdec, monkeypatch)
    with pytest.raises(DecoderLost):
        list(needed_frames(probe_film(film), frame_index=np.arange(FRAMES), decoder=CUDA))


def test_a_damaged_film_is_still_the_films_fault_by_the_processor(film: Path, tmp_path: Path) -> None:
    video, copy = probe_film(film), tmp_path / "cut.mp4"
    copy.write_bytes(film.read_bytes())
    whole = probe_film(copy)
    copy.write_bytes(film.read_bytes()[: len(film.read_bytes()) // 2])
    with pytest.raises(BadInput):
        list(needed_frames(whole, frame_index=np.arange(FRAMES)))
    assert len(list(needed_frames(video, frame_index=np.arange(FRAMES)))) == FRAMES


def test_only_packets_that_needed_frames_rest_on_go_to_the_gpu(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video, nvdec = probe_film(film), given(Nvdec(), monkeypatch)
    seen = [index for index, _ in needed_frames(video, frame_index=np.array([2, 5]), decoder=CUDA)]
    assert seen == [2, 5]
    assert nvdec.sent < FRAMES // 2
    assert all(accelerator.device_id == 1 for accelerator in nvdec.accelerators)


def test_the_kind_of_a_film_is_its_codec_form_and_size(film: Path) -> None:
    assert film_kind(film) == ("h264", "yuv420p", 256, 160)


def test_a_machine_without_the_drivers_device_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders, "GPU_DEVICES", ("/dev/none-of-these",))
    monkeypatch.setattr(decoders, "sys", Mock(platform="linux"))
    assert not decoders.has_gpu()
