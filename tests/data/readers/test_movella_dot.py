"""Movella DOT exports: microseconds that wrap, packets that were lost or left over, gravity that was subtracted."""

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
from vendor_files import assert_read_or_refused, damaged, movella_text

ROWS = np.arange(900)
MICROSECONDS = np.round(ROWS * 1e6 / 60.0).astype(np.int64)


def read(folder: Path, text: str | bytes, **entry: object) -> ImuStream:
    (folder / "dot.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_streams([Sensor.model_validate({"site": "poll", "path": "dot.csv"} | entry)], folder=folder)[0]


def test_signals_come_in_si_units_at_the_times_of_the_fine_clock(tmp_path: Path) -> None:
    stream = read(tmp_path, movella_text(ROWS, 5_000_000 + MICROSECONDS))
    _, signals = walking(16, rate_hz=60.0)
    np.testing.assert_allclose(stream.time_seconds, 5.0 + ROWS / 60.0, rtol=0, atol=1e-5)
    np.testing.assert_allclose(stream.specific_force, signals[:900, :3], atol=1e-6)
    np.testing.assert_allclose(stream.angular_rate, signals[:900, 3:], atol=1e-6)


def test_stamps_run_on_after_71_minutes_and_counters_after_16_bits(tmp_path: Path) -> None:
    stream = read(tmp_path, movella_text((65400 + ROWS) % 65536, (2**32 - 7_000_000 + MICROSECONDS) % 2**32))
    np.testing.assert_allclose(stream.time_seconds, (2**32 - 7_000_000) * 1e-6 + ROWS / 60.0, rtol=0, atol=1e-5)


def test_lost_packets_leave_a_gap_of_their_length(tmp_path: Path) -> None:
    kept = np.delete(ROWS, np.arange(400, 412))
    stream = read(tmp_path, movella_text(kept, MICROSECONDS[kept]))
    assert np.diff(stream.time_seconds).max() == pytest.approx(13 / 60.0, abs=1e-4)


def test_a_stamp_that_strays_is_mended_by_the_counter(tmp_path: Path) -> None:
    stamps = MICROSECONDS.copy()
    stamps[[300, 301, 500]] = [stamps[200], stamps[299], 4_000_000_000]
    stream = read(tmp_path, movella_text(ROWS, stamps))
    np.testing.assert_allclose(stream.time_seconds, ROWS / 60.0, rtol=0, atol=1e-4)


def test_packets_left_from_before_the_start_are_left_out(tmp_path: Path) -> None:
    counters = np.concatenate([[77, 78, 79], ROWS])
    stream = read(tmp_path, movella_text(counters, np.concatenate([[1000, 17667, 34334], 60_000_000 + MICROSECONDS])))
    np.testing.assert_allclose(stream.time_seconds, 60.0 + ROWS / 60.0, rtol=0, atol=1e-4)


def test_an_export_with_gravity_subtracted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="gravity was subtracted") as refusal:
        read(tmp_path, movella_text(ROWS, MICROSECONDS, gravity=False))
    assert "Custom mode 5" in refusal.value.remedy


def test_the_tag_names_the_device(tmp_path: Path) -> None:
    text = movella_text(ROWS, MICROSECONDS, tag="D7")
    assert read(tmp_path, text, device="D7").site == "poll"
    with pytest.raises(BadInput, match="expected one of D7"):
        read(tmp_path, text, device="D8")


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_export_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    text = damaged(movella_text(ROWS[:80], MICROSECONDS[:80]), data=data)
    assert_read_or_refused(partial(read, tmp_path, text, format=data.draw(st.sampled_from([None, "movella-dot"]))))
