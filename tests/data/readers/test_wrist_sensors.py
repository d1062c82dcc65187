"""Axivity and GENEActiv: read by an extra, which is named where it is missing; damage is refused."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.formats import choose_format
from equigait.data.readers import FORMATS
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams
from sensor_files import GRAVITY, walking

HEADS = {"axivity": b"MD\xfc\x03" + bytes(1020), "geneactiv": b"Device Identity\r\nDevice Type:GENEActiv\r\n"}
each = pytest.mark.parametrize("name", HEADS)


def library(monkeypatch: pytest.MonkeyPatch, predict: Any) -> None:
    """Stands in for the extra: what its readers give is what it documents."""
    reader = SimpleNamespace(predict=predict)
    io = SimpleNamespace(ReadCwa=lambda: reader, ReadBin=lambda: reader)
    monkeypatch.setitem(sys.modules, "skdh", SimpleNamespace(io=io))


@pytest.fixture
def path(tmp_path: Path, name: str) -> Path:
    (tmp_path / "file").write_bytes(HEADS[name])
    return tmp_path / "file"


@each
def test_a_file_is_recognised_by_its_beginning(path: Path, name: str) -> None:
    assert choose_format(path, declared=None, formats=FORMATS) is FORMATS[name]
    (path.parent / "other").write_bytes(b"no sensor wrote this")
    with pytest.raises(BadInput, match="another beginning"):
        FORMATS[name](path.parent / "other", columns=())


@each
def test_without_the_extra_the_way_to_it_is_named(path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skdh", None)
    with pytest.raises(BadInput, match=r"pip install 'equigait\[cwa\]'"):
        FORMATS[name](path, columns=())


@each
def test_units_become_si_units(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times, signals = walking(5.0)
    read = {"time": times, "accel": signals[:, :3] / GRAVITY, "gyro": np.rad2deg(signals[:, 3:])}
    library(monkeypatch, lambda **_: read)
    stream = read_streams([Sensor(site="girth", path="file")], folder=path.parent)[0]
    np.testing.assert_allclose(stream.specific_force, signals[:, :3])
    np.testing.assert_allclose(stream.angular_rate, signals[:, 3:])


@each
def test_a_device_without_a_gyroscope_must_be_declared_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times, signals = walking(5.0)
    library(monkeypatch, lambda **_: {"time": times, "accel": signals[:, :3] / GRAVITY})
    with pytest.raises(BadInput, match="`angular_rate: none`"):
        read_streams([Sensor(site="girth", path="file")], folder=path.parent)
    stream = read_streams([Sensor(site="girth", path="file", angular_rate="none")], folder=path.parent)[0]
    assert np.isnan(stream.angular_rate).all()


@each
def test_what_the_library_cannot_read_is_refused(path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: str) -> None:
        raise RuntimeError("block\nbroken")

    library(monkeypatch, fails)
    with pytest.raises(BadInput, match="block broken"):
        FORMATS[name](path, columns=())
