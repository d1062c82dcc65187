"""RaceChrono exports: found below their preamble, units by column name, text columns left alone."""

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
from vendor_files import assert_read_or_refused, damaged, racechrono_text


def read(folder: Path, text: str | bytes, **entry: object) -> ImuStream:
    (folder / "r.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_streams([Sensor.model_validate({"site": "car", "path": "r.csv"} | entry)], folder=folder)[0]


def test_signals_come_in_si_units(tmp_path: Path) -> None:
    stream = read(tmp_path, racechrono_text())
    times, signals = walking(5.0)
    np.testing.assert_allclose(stream.specific_force, signals[:, :3], atol=1e-5)
    np.testing.assert_allclose(stream.angular_rate, signals[:, 3:], atol=1e-6)
    np.testing.assert_allclose(stream.time_seconds, 1.7e9 + times, rtol=0, atol=1e-6)


def test_a_session_without_a_gyroscope_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected X, Y and Z rate of rotation"):
        read(tmp_path, racechrono_text().replace("rate of rotation", "magnetic field"))


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_export_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    text = damaged(racechrono_text(0.6), data=data)
    assert_read_or_refused(partial(read, tmp_path, text, format=data.draw(st.sampled_from([None, "racechrono"]))))
