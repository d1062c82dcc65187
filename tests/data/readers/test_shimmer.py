"""Shimmer exports: the wide-range accelerometer goes first, units by their row, several sensors in a file."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams
from equigait.data.recording import ImuStream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sensor_files import walking
from vendor_files import assert_read_or_refused, damaged, shimmer_text


def read(folder: Path, text: str | bytes, **entry: object) -> ImuStream:
    (folder / "s.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_streams([Sensor.model_validate({"site": "sacrum", "path": "s.csv"} | entry)], folder=folder)[0]


def test_the_wide_range_accelerometer_is_chosen_where_both_are_there(tmp_path: Path) -> None:
    stream = read(tmp_path, shimmer_text("B64E"))
    times, signals = walking(5.0)
    np.testing.assert_allclose(stream.specific_force, signals[:, :3])
    np.testing.assert_allclose(stream.angular_rate, signals[:, 3:])
    np.testing.assert_allclose(stream.time_seconds, 1.7e9 + times, rtol=0, atol=1e-6)


def test_the_low_noise_one_serves_where_it_is_alone(tmp_path: Path) -> None:
    low = read(tmp_path, shimmer_text("B64E", wide=False)).specific_force
    assert np.abs(low).max() <= 9.81
    assert np.median(low[:, 2]) > 9.0


def test_several_sensors_in_a_file_are_told_apart_by_name(tmp_path: Path) -> None:
    text = shimmer_text("left", "right")
    assert read(tmp_path, text, device="right").site == "sacrum"
    with pytest.raises(BadInput, match="expected one of left, right"):
        read(tmp_path, text)


def test_tabs_and_a_missing_first_line_do_not_matter(tmp_path: Path) -> None:
    text = shimmer_text("B64E")
    plain = read(tmp_path, text).specific_force
    tabs = text.replace(",", "\t").replace('"sep=\t"\n', "")
    np.testing.assert_array_equal(read(tmp_path, tabs).specific_force, plain)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("_CAL", "_RAW", "Timestamp_Unix_CAL in ms"),
        ("Gyro", "Mag", "Gyro_X_CAL"),
        ("deg/s", "no_units", "in deg/s"),
        (",deg/s,deg/s", ",deg/s,rad/s", "in deg/s"),  # one axis in another unit
    ],
)
def test_what_is_not_calibrated_or_not_there_is_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(tmp_path, shimmer_text("B64E").replace(old, new), format="shimmer")
    assert expected in refusal.value.expected


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_export_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    text = damaged(shimmer_text("B64E", seconds=0.6), data=data)
    assert_read_or_refused(partial(read, tmp_path, text, format=data.draw(st.sampled_from([None, "shimmer"]))))


@pytest.mark.parametrize("mark", ["{}*", "{} *", "*{}", "{}**", "{} (default)"])
def test_a_default_calibration_is_told_however_it_is_marked(tmp_path: Path, mark: str) -> None:
    text = shimmer_text("B64E").replace("deg/s", mark.format("deg/s"))
    assert read(tmp_path, text).remarks == ("default calibration of gyroscope, not the device's own",)


def test_older_spellings_of_units_and_lines_that_end_in_a_return_do_not_matter(tmp_path: Path) -> None:
    text = shimmer_text("B64E")
    plain = read(tmp_path, text).specific_force
    older = text.replace("m/(s^2)", "m/(sec^2)").replace("ms", "mSecs").replace("\n", "\r")
    np.testing.assert_array_equal(read(tmp_path, older).specific_force, plain)
