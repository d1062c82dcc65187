"""GoPro telemetry: scaled, turned by ORIN, at the payloads' presentation times; damage refused."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.gopro import GoProReader
from equigait.data.readers.gpmf import BrokenPayloadError, triads
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams
from films import numbered_frames, write_film
from hypothesis import given, settings
from hypothesis import strategies as st
from sensor_files import walking
from vendor_files import gpmf_payload, gpmf_record, write_gopro

FORCE = np.array([[1.0, -2.0, 9.0]])
RATE = np.array([[0.1, 0.2, -0.3]])


@pytest.mark.parametrize(
    ("orientation", "along"),
    [("XYZ", [1.0, -2.0, 9.0]), ("ZXY", [-2.0, 9.0, 1.0]), ("YxZ", [2.0, 1.0, 9.0]), (None, [-2.0, 9.0, 1.0])],
)
def test_channels_turn_into_the_cameras_axes(orientation: str | None, along: list[float]) -> None:
    signal = triads(gpmf_payload(FORCE, RATE, orientation=orientation))["ACCL"]
    np.testing.assert_allclose(signal.values, [along], atol=0.5 / 418)
    assert signal.unit == "m/s²"


@pytest.mark.parametrize("orientation", ["XXZ", "XY", "AYZ"])
def test_an_orientation_that_is_none_is_refused(orientation: str) -> None:
    with pytest.raises(BrokenPayloadError):
        triads(gpmf_payload(FORCE, RATE, orientation=orientation))


def test_a_scale_of_zero_is_refused() -> None:
    with pytest.raises(BrokenPayloadError):
        triads(gpmf_record("STRM", "\0", gpmf_record("ACCL", "s", b"\0" * 6, size=6), size=1))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_payload_is_parsed_or_broken(data: st.DataObject) -> None:
    payload = bytearray(gpmf_payload(np.tile(FORCE, (4, 1)), np.tile(RATE, (4, 1)), orientation="XYZ"))
    start = data.draw(st.integers(0, len(payload)))
    payload[start : start + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=12))
    try:
        found = triads(bytes(payload))
    except BrokenPayloadError:
        return
    assert all(signal.values.shape[1] == 3 for signal in found.values())


def film(path: Path, *, sizes: list[int], seconds: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A film with payloads of these numbers of samples, the sensor running steadily through."""
    times, signals = walking(sum(sizes) * seconds / np.mean(sizes), rate_hz=np.mean(sizes) / seconds)
    parts = np.split(signals[: sum(sizes)], np.cumsum(sizes)[:-1])
    payloads = [gpmf_payload(part[:, :3], part[:, 3:], orientation="XYZ") for part in parts]
    write_gopro(path, payloads, seconds=seconds)
    return times, signals


def test_samples_are_spread_steadily_though_payloads_hold_more_or_less(tmp_path: Path) -> None:
    sizes = [200, 198, 202, 199, 201, 200, 203, 197, 200, 200]
    times, signals = film(tmp_path / "a.mp4", sizes=sizes, seconds=1.001)
    stream = read_streams([Sensor(site="camera", path="a.mp4")], folder=tmp_path)[0]
    np.testing.assert_allclose(stream.time_seconds, times, rtol=0, atol=0.012)
    assert np.ptp(np.diff(stream.time_seconds)) < 1e-5
    np.testing.assert_allclose(stream.specific_force, signals[:, :3], rtol=0, atol=0.6 / 418)
    np.testing.assert_allclose(stream.angular_rate, signals[:, 3:], rtol=0, atol=0.6 / 3755)


def test_a_film_of_few_payloads_is_spread_too(tmp_path: Path) -> None:
    times, _ = film(tmp_path / "a.mp4", sizes=[200, 200, 200])
    stream = read_streams([Sensor(site="camera", path="a.mp4")], folder=tmp_path)[0]
    np.testing.assert_allclose(stream.time_seconds, times, rtol=0, atol=0.002)


def test_a_film_without_telemetry_and_a_broken_one_are_refused(tmp_path: Path) -> None:
    write_film(tmp_path / "plain.mp4", numbered_frames(4), seconds=[0.0, 0.1, 0.2, 0.3])
    with pytest.raises(BadInput, match="programs that cut or convert films drop the telemetry"):
        GoProReader()(tmp_path / "plain.mp4", columns=())
    write_gopro(tmp_path / "odd.mp4", [gpmf_payload(FORCE, RATE)[:-8] for _ in range(3)])
    with pytest.raises(BadInput, match="a whole GoPro film"):
        GoProReader()(tmp_path / "odd.mp4", columns=())
