"""Xsens MTw exports: time from packets, gaps where packets were lost, damage refused."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.sensor import Sensor, Time
from equigait.data.readers.streams import read_streams
from equigait.data.readers.xsens_mtw import XsensMtwReader
from equigait.data.recording import ImuStream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sensor_files import walking, xsens_text

FUZZ = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(folder: Path, text: str | bytes, *, rate_hz: float | None = 100.0, device: str | None = None) -> ImuStream:
    (folder / "unit.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    time = Time(rate_hz=rate_hz) if rate_hz else None
    return read_streams([Sensor(site="lumbar", path="unit.txt", time=time, device=device)], folder=folder)[0]


def test_time_comes_from_the_packet_counter_at_the_declared_rate(tmp_path: Path) -> None:
    stream = read(tmp_path, xsens_text(range(12715, 13015)))
    np.testing.assert_allclose(stream.time_seconds, np.arange(12715, 13015) / 100.0, rtol=0, atol=1e-9)
    np.testing.assert_allclose(stream.specific_force, walking(3.01)[1][:300, :3], atol=1e-6)
    np.testing.assert_allclose(stream.angular_rate, walking(3.01)[1][:300, 3:], atol=1e-6)


def test_the_counter_runs_on_when_its_16_bits_are_full(tmp_path: Path) -> None:
    counters = [(65500 + row) % 65536 for row in range(300)]
    stream = read(tmp_path, xsens_text(counters))
    np.testing.assert_allclose(stream.time_seconds, (65500 + np.arange(300)) / 100.0, rtol=0, atol=1e-9)


def test_lost_packets_leave_a_gap_of_their_length(tmp_path: Path) -> None:
    stream = read(tmp_path, xsens_text([*range(100, 200), *range(230, 400)]))
    steps = np.diff(stream.time_seconds)
    assert len(stream.time_seconds) == 270
    assert steps.argmax() == 99
    np.testing.assert_allclose(steps.max(), 0.31)


def test_a_packet_written_twice_counts_once(tmp_path: Path) -> None:
    stream = read(tmp_path, xsens_text([*range(100, 200), 199, *range(200, 300)]))
    np.testing.assert_allclose(stream.time_seconds, np.arange(100, 300) / 100.0)


def test_units_that_start_a_sample_apart_agree_about_time(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(xsens_text(range(1000, 1300), device="A"))
    (tmp_path / "b.txt").write_text(xsens_text(range(1001, 1300), device="B"))
    sensors = [Sensor(site=name, path=f"{name}.txt", time=Time(rate_hz=100.0)) for name in "ab"]
    first, second = read_streams(sensors, folder=tmp_path)
    np.testing.assert_array_equal(first.time_seconds[1:], second.time_seconds)


def test_units_whose_counter_wraps_between_them_agree_where_the_manifest_states_the_rate(tmp_path: Path) -> None:
    for name, first in (("a", 65530), ("b", 2)):
        (tmp_path / f"{name}.txt").write_text(xsens_text([(first + row) % 65536 for row in range(300)], device=name))
    sensors = [Sensor(site=name, path=f"{name}.txt", time=Time(rate_hz=100.0)) for name in "ab"]
    first, second = read_streams(sensors, folder=tmp_path)
    np.testing.assert_allclose([first.time_seconds[0], second.time_seconds[0]], [655.30, 655.38])


def test_gravity_free_columns_are_never_taken(tmp_path: Path) -> None:
    table = XsensMtwReader()(write(tmp_path, xsens_text(range(10))), columns=())
    device = table.devices["00B47791"]
    assert device.acceleration is not None
    assert device.acceleration.columns == ("Acc_X", "Acc_Y", "Acc_Z")


def test_the_fine_clock_counts_at_ten_kilohertz_and_wraps_at_32_bits(tmp_path: Path) -> None:
    fine = [(2**32 - 1000 + 100 * row) % 2**32 for row in range(200)]
    stream = read(tmp_path, xsens_text(range(200), fine=fine), rate_hz=None)
    np.testing.assert_allclose(stream.time_seconds, (2**32 - 1000) * 1e-4 + np.arange(200) * 0.01)


def test_a_rate_that_the_preamble_states_is_used_and_must_not_be_contradicted(tmp_path: Path) -> None:
    text = xsens_text(range(300), preamble="//  Update Rate: 60.0Hz")
    np.testing.assert_allclose(read(tmp_path, text, rate_hz=None).rate_hz, 60.0)
    with pytest.raises(BadInput, match="60 Hz as the file states"):
        read(tmp_path, text, rate_hz=100.0)


def test_without_stamps_or_a_rate_the_manifest_is_asked_for_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"time: \{rate_hz: ...\}"):
        read(tmp_path, xsens_text(range(300)), rate_hz=None)


def test_another_device_than_declared_is_refused(tmp_path: Path) -> None:
    assert read(tmp_path, xsens_text(range(300)), device="00B47791").site == "lumbar"
    with pytest.raises(BadInput, match="expected one of 00B47791"):
        read(tmp_path, xsens_text(range(300)), device="00B40000")


def test_a_counter_that_goes_back_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"time going back by 0\.49 s at data row 101"):
        read(tmp_path, xsens_text([*range(100, 200), *range(150, 300)]))


def test_an_export_without_gyroscope_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="a column Gyr_Z"):
        XsensMtwReader()(write(tmp_path, xsens_text(range(9)).replace("Gyr_Z", "Mag_Z")), columns=())


@FUZZ
@given(data=st.data())
def test_a_damaged_export_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    text = bytearray(xsens_text(range(65500, 65560)).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(start, min(len(text), start + 400)))
        text[start:stop] = data.draw(st.binary(max_size=12))
    message = ""
    try:
        read(tmp_path, bytes(text))
    except BadInput as refusal:
        message = str(refusal)
    assert "\n" not in message


def write(folder: Path, text: str) -> Path:
    path = folder / "unit.txt"
    path.write_text(text)
    return path
