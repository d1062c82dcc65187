"""APDM files: sensors by identity or label, on one clock in microseconds."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.apdm_opal import ApdmOpalReader
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams
from sensor_files import walking
from vendor_files import write_apdm


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_apdm(tmp_path / "walk.h5", "Lumbar", "Sternum")
    return tmp_path / "walk.h5"


def test_a_sensor_goes_by_its_label_or_its_identity(path: Path) -> None:
    for device in ("Sternum", "1001"):
        stream = read_streams([Sensor(site="withers", path="walk.h5", device=device)], folder=path.parent)[0]
        times, signals = walking(5.0, rate_hz=128.0)
        np.testing.assert_allclose(stream.specific_force, signals[:, :3] + 0.01)
        np.testing.assert_allclose(stream.angular_rate, signals[:, 3:])
        np.testing.assert_allclose(stream.time_seconds, 1.7e9 + times, rtol=0, atol=2e-6)


def test_two_sensors_and_none_named_is_refused_with_both(path: Path) -> None:
    with pytest.raises(BadInput, match=r"expected one of 1000 \(Lumbar\), 1001 \(Sternum\)"):
        read_streams([Sensor(site="withers", path="walk.h5")], folder=path.parent)


@pytest.mark.parametrize("missing", ["Sensors", "Sensors/1000/Gyroscope", "Sensors/1001/Time"])
def test_what_is_not_there_is_refused(path: Path, missing: str) -> None:
    with h5py.File(path, "a") as file:
        del file[missing]
    with pytest.raises(BadInput, match="Accelerometer, Gyroscope and Time"):
        ApdmOpalReader()(path, columns=())


def test_another_hdf5_file_is_not_taken_for_one(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "own.h5", "w") as file:
        file["imu/acc"] = np.zeros((5, 3))
    assert not ApdmOpalReader().recognises((tmp_path / "own.h5").read_bytes())


def test_a_sensor_whose_link_leads_nowhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.h5"
    write_apdm(path, "Lumbar")
    with h5py.File(path, "r+") as file:
        file["Sensors/1001"] = h5py.SoftLink("/nowhere")
    with pytest.raises(BadInput, match="in a sensor that is not there"):
        ApdmOpalReader()(path, columns=())
