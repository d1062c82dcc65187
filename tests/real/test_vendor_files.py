"""Vendors' own files, against decoded truth where there is one, and against gravity and their films elsewhere."""

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.formats import choose_format
from equigait.data.readers import FORMATS
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams
from equigait.data.recording import ImuStream
from equigait.data.video.probe import probe_film

DATA = os.environ.get("EQUIGAIT_REAL_DATA")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(DATA is None, reason="EQUIGAIT_REAL_DATA names no folder of real recordings"),
]
through_library = pytest.mark.skipif(
    importlib.util.find_spec("skdh") is None, reason="scikit-digital-health (extra cwa) is not installed"
)
MPU = {
    "path": "mpu-1470608231100.dat",
    "time": {"column": "1", "unit": "ms"},
    "acceleration": {"columns": ["2", "3", "4"], "unit": "counts", "per_unit": 16384},
    "angular_rate": {"columns": ["5", "6", "7"], "unit": "counts", "per_unit": 16.4},
}


def folder(name: str) -> Path:
    there = Path(DATA or "") / name
    if not there.is_dir():
        pytest.skip(f"{there} is not there")
    return there


def read(name: str, **entry: object) -> ImuStream:
    return read_streams([Sensor.model_validate({"site": "any"} | entry)], folder=folder(name))[0]


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("vendor_samples/ax3_sample.cwa", "axivity"),
        ("vendor_samples/ax6_sample.cwa", "axivity"),
        ("vendor_samples/gnactv_sample.bin", "geneactiv"),
        ("camera_imu/karma.mp4", "gopro"),
        ("camera_imu/max-heromode.mp4", "gopro"),
        ("camera_imu/c1cba136-racechrono.csv", "racechrono"),
        ("horse_imu_centaur/phone/walk-15025.dat", "csv"),
        ("horse_imu_centaur/mpu6000/mpu-1470608231100.dat", "csv"),
    ],
)
def test_each_file_is_recognised_by_its_content(name: str, format_: str) -> None:
    path = folder(str(Path(name).parent)) / Path(name).name
    assert choose_format(path, declared=None, formats=FORMATS) is FORMATS[format_]


@through_library
@pytest.mark.parametrize(
    ("sample", "truth", "columns"),
    [
        ("ax6_sample.cwa", "ax6_data.npz", {"accel": ("ax", "ay", "az"), "gyro": ("gx", "gy", "gz")}),
        ("gnactv_sample.bin", "gnactv_data.npz", {"accel": ("ax", "ay", "az")}),
    ],
)
def test_binary_files_decode_to_their_truth(sample: str, truth: str, columns: dict[str, tuple[str, ...]]) -> None:
    path = folder("vendor_samples") / sample
    table = choose_format(path, declared=None, formats=FORMATS)(path, columns=())
    decoded = np.load(path.with_name(truth))
    for name, axes in columns.items():
        # The truth is rounded: to six digits by Axivity's own converter, to four decimals by GENEActiv's.
        values = np.stack([table.columns[axis] for axis in axes], axis=1)
        np.testing.assert_allclose(values, decoded[name], rtol=1e-6, atol=5.1e-5)
    np.testing.assert_allclose(table.devices[""].stamp_seconds, decoded["time"], rtol=0, atol=1e-4)


@through_library
def test_a_sensor_of_200_hz_that_runs_slower_tells_its_true_rate() -> None:
    stream = read("vendor_samples", path="ax3_sample.cwa", angular_rate="none")
    duration = stream.time_seconds[-1] - stream.time_seconds[0]
    assert (len(stream.time_seconds) - 1) / duration == pytest.approx(197.25, abs=0.05)
    with pytest.raises(BadInput, match="`angular_rate: none`"):
        read("vendor_samples", path="ax3_sample.cwa")


@pytest.mark.parametrize(("film", "rate_hz"), [("karma.mp4", 397.1), ("max-heromode.mp4", 197.4)])
def test_a_cameras_motion_lasts_as_long_as_its_film_and_bears_gravity(film: str, rate_hz: float) -> None:
    stream = read("camera_imu", path=film)
    video = probe_film(folder("camera_imu") / film)
    assert stream.rate_hz == pytest.approx(rate_hz, abs=0.3)
    assert stream.time_seconds[0] == pytest.approx(video.start_seconds, abs=0.03)
    assert stream.time_seconds[-1] == pytest.approx(video.stop_seconds, abs=0.05)
    # Both cameras were held upright: their Z is the vertical axis of GoPro's naming.
    mean = stream.specific_force.mean(axis=0)
    assert mean[2] == pytest.approx(9.7, abs=0.2)
    assert np.abs(mean[:2]).max() < 1.5


def test_a_racechrono_log_bears_gravity_on_unix_time() -> None:
    stream = read("camera_imu", path="c1cba136-racechrono.csv")
    assert len(stream.time_seconds) > 9000
    assert stream.time_seconds[0] == pytest.approx(1768663862.927, abs=1e-3)
    assert np.median(np.linalg.norm(stream.specific_force, axis=1)) == pytest.approx(9.81, abs=0.4)
    assert np.diff(stream.time_seconds).max() < 0.06


@pytest.mark.parametrize("ride", ["canter-7591", "canter-866217", "trot-309721", "trot-485930", "walk-15025"])
def test_a_phone_without_gyroscope_and_gravity_is_refused_unless_declared_so(ride: str) -> None:
    entry = {
        "path": f"{ride}.dat",
        "time": {"column": "1", "unit": "ms"},
        "acceleration": {"columns": ["2", "3", "4"], "unit": "m/s^2"},
    }
    with pytest.raises(BadInput, match="`angular_rate: none`"):
        read("horse_imu_centaur/phone", **entry)
    with pytest.raises(BadInput, match="Gravity was subtracted"):
        read("horse_imu_centaur/phone", **entry, angular_rate="none")
    entry["acceleration"] = {"columns": ["2", "3", "4"], "unit": "m/s^2", "gravity": "removed"}
    stream = read("horse_imu_centaur/phone", **entry, angular_rate="none")
    assert stream.rate_hz == pytest.approx(59.04, abs=0.05)
    assert np.isnan(stream.angular_rate).all()


def test_a_raw_logger_keeps_its_gaps_and_loses_only_its_cut_off_line() -> None:
    path = folder("horse_imu_centaur/mpu6000") / MPU["path"]
    stream = read("horse_imu_centaur/mpu6000", **MPU)
    lines = path.read_bytes().splitlines()
    assert len(lines[-1].split()) < 7
    stamps = np.array([float(line.split()[0]) for line in lines[:-1]]) * 1e-3
    rows = np.searchsorted(stamps, stream.time_seconds, side="left")
    np.testing.assert_array_equal(stamps[rows], stream.time_seconds)
    assert len(stream.time_seconds) == len(np.unique(stamps))
    raw = np.array([[float(field) for field in lines[row].split()[1:]] for row in rows[::997]])
    np.testing.assert_allclose(stream.specific_force[::997], raw[:, :3] / 16384 * 9.80665)
    np.testing.assert_allclose(stream.angular_rate[::997], np.radians(raw[:, 3:] / 16.4))
