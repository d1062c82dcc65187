"""The choice of a decoder, and that the GPU's gives the same frames."""

from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.video import hardware
from equigait.data.video.decode import decode_frames
from equigait.data.video.hardware import choose_decoder
from equigait.data.video.probe import probe_film
from films import numbered_frames, write_film


@pytest.fixture
def film(tmp_path: Path) -> Path:
    frames = numbered_frames(40, height=160, width=256)  # NVDEC takes no film of less than 144 pixels
    return write_film(tmp_path / "a.mp4", frames, seconds=[number / 25 for number in range(len(frames))])


@pytest.fixture
def no_nvdec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "_has_gpu", lambda: True)
    monkeypatch.setattr(hardware, "_cuda_fault", lambda _path: "no NVDEC here that takes it (test)")


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "_has_gpu", lambda: True)
    monkeypatch.setattr(hardware, "_cuda_fault", lambda _path: None)


@pytest.mark.usefixtures("no_nvdec")
def test_where_nvdec_does_not_take_a_film_auto_decodes_on_the_processor_and_says_why(film: Path) -> None:
    choice = choose_decoder(film, wanted="auto")
    assert choice.device == "cpu"
    assert str(choice) == "decode on cpu: no NVDEC here that takes it (test)"


@pytest.mark.usefixtures("no_nvdec")
def test_where_nvdec_does_not_take_a_film_a_demand_for_it_is_refused(film: Path) -> None:
    with pytest.raises(BadInput, match=r"a\.mp4.*no NVDEC.*teacher\.decode=auto"):
        choose_decoder(film, wanted="cuda")


def test_without_a_gpu_auto_decodes_on_the_processor_without_a_word_and_a_demand_is_refused(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "_has_gpu", lambda: False)
    monkeypatch.setattr(hardware, "_cuda_fault", Mock(side_effect=AssertionError("NVDEC was tried")))
    assert str(choose_decoder(film, wanted="auto")) == "decode on cpu"
    with pytest.raises(BadInput, match=r"a\.mp4.*no NVIDIA GPU.*teacher\.decode=auto"):
        choose_decoder(film, wanted="cuda")


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(("wanted", "device"), [("auto", "cuda"), ("cuda", "cuda"), ("cpu", "cpu")])
def test_with_a_gpu_the_choice_is_as_set(film: Path, wanted: str, device: str) -> None:
    assert choose_decoder(film, wanted=wanted).device == device


def test_the_trial_tells_a_missing_gpu_from_a_broken_film(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "_has_gpu", lambda: True)
    if hardware._cuda_fault(film) is not None:
        assert choose_decoder(film, wanted="auto").device == "cpu"  # FFmpeg's own refusal became a reason
    with pytest.raises(BadInput, match="no such file"):
        choose_decoder(tmp_path / "none.mp4", wanted="auto")


@pytest.mark.gpu
def test_nvdec_gives_the_frames_of_the_processor_within_a_grey_level(film: Path) -> None:
    fault = hardware._cuda_fault(film)
    if fault is not None:
        pytest.skip(f"needs a GPU that decodes H.264: {fault}")
    video, wanted = probe_film(film), np.arange(1, 40, 3)
    ours = dict(decode_frames(video, frame_index=wanted, device="cuda"))
    for index, pixels in decode_frames(video, frame_index=wanted):
        assert np.abs(ours[index].astype(int) - pixels).max() <= 1
