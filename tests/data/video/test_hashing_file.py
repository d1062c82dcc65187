"""Hashing while reading: the right digest whatever is read and in which order, and no byte read from the disk twice."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.video import hashing_file
from equigait.data.video.hashing_file import HashingFile
from equigait.data.video.probe import probe_film
from films import write_film

IO = Path("/proc/self/io")
CONTAINERS = {
    "mp4": ("a.mp4", {}),
    "mp4, index first": ("a.mp4", {"movflags": "faststart"}),
    "mp4, in fragments": ("a.mp4", {"movflags": "frag_keyframe+empty_moov"}),
    "mkv": ("a.mkv", {}),
    "avi": ("a.avi", {}),
    "ts": ("a.ts", {}),
    "flv": ("a.flv", {}),
}


@pytest.fixture(scope="module")
def frames() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (180, 320, 3), dtype=np.uint8) for _ in range(40)]


def bytes_read() -> int:
    """Bytes that this process has read so far, by Linux's own count of its calls."""
    return int(IO.read_text().split()[1])


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_film_is_read_once_for_its_packets_and_its_digest(
    tmp_path: Path, frames: list[np.ndarray], kind: str
) -> None:
    name, options = CONTAINERS[kind]
    in_order = {"preset": "ultrafast", "bf": "0", "crf": "10"} if kind == "avi" else None  # it has no times of showing
    times = [n / 30 for n in range(len(frames))]
    film = write_film(tmp_path / name, frames, seconds=times, container_options=options, codec_options=in_order)
    plain = probe_film(film)
    if IO.exists():
        before = bytes_read()
        once = bytes_read() - before  # what counting costs
        probe_film(film, hashed=True)
        assert film.stat().st_size > 1e6
        most = 1.8 if kind == "ts" else 1.25  # whose start and end FFmpeg reads beforehand, for the duration
        assert bytes_read() - before - 2 * once < most * film.stat().st_size
    hashed = probe_film(film, hashed=True)
    assert hashed.sha256 == hashlib.sha256(film.read_bytes()).hexdigest()
    assert plain.sha256 is None
    np.testing.assert_array_equal(hashed.frame_seconds, plain.frame_seconds)
    np.testing.assert_array_equal(hashed.packets.seconds, plain.packets.seconds)


@pytest.mark.parametrize("seed", range(5))
def test_the_digest_is_right_however_the_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(hashing_file, "READ_ON_BYTES", 500)
    monkeypatch.setattr(hashing_file, "PIECE_BYTES", 64)
    rng = np.random.default_rng(seed)
    content = rng.bytes(5000)
    path = tmp_path / "a"
    path.write_bytes(content)
    with HashingFile(path) as file:
        for _ in range(30):
            at, size = int(rng.integers(0, 5200)), int(rng.integers(0, 900))
            if rng.random() < 0.5:
                whence, offset = (io.SEEK_END, at - 5000) if rng.random() < 0.5 else (io.SEEK_SET, at)
                assert file.seek(offset, whence) == at == file.tell()
            else:
                at = file.tell()
            assert file.read(size) == content[at : at + size]
        assert file.sha256() == hashlib.sha256(content).hexdigest()


def test_a_film_that_is_not_there_or_none_is_refused_as_ever(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        probe_film(tmp_path / "a.mp4", hashed=True)
    (tmp_path / "a.mp4").write_bytes(b"no film" * 1000)
    with pytest.raises(BadInput, match="does not open as film"):
        probe_film(tmp_path / "a.mp4", hashed=True)
