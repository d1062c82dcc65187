"""Recordings whose files grow: time and samples stay those of the whole, whatever rows are no longer held."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.manifest.growing import GrowingRecording
from equigait.data.manifest.load import load_sensors
from rides import write_ride


@pytest.fixture
def ride(tmp_path: Path) -> Path:
    return write_ride(tmp_path / "mare", horse="h6", gaits=(1,))  # 20 s at 100 Hz


def with_times(ride: Path, seconds: np.ndarray, *, decimals: int = 5) -> Path:
    """The same rows at other times."""
    for path in ride.glob("*.csv"):
        header, *lines = path.read_text().splitlines()
        rows = [f"{time:.{decimals}f}," + line.split(",", 1)[1] for time, line in zip(seconds, lines, strict=True)]
        path.write_text("\n".join([header, *rows]) + "\n")
    return ride


def held_after(ride: Path, *, keep_from: float) -> GrowingRecording:
    recording = GrowingRecording(ride)
    assert recording.poll()
    recording.keep_from(keep_from, recording.read())
    return recording


def test_rows_that_are_let_go_change_neither_times_nor_samples_of_the_others(ride: Path) -> None:
    rest, whole = held_after(ride, keep_from=12.0).read().streams, load_sensors(ride).streams
    for each, expected in zip(rest, whole, strict=True):
        assert each.time_seconds == pytest.approx(expected.time_seconds[1200:])
        assert each.specific_force == pytest.approx(expected.specific_force[1200:])
        assert each.source.name != expected.source.name  # a copy was read


def test_times_that_count_from_1970_count_from_the_first_sample_also_when_it_was_let_go(ride: Path) -> None:
    recording = held_after(with_times(ride, 1.78e9 + np.arange(2000) / 100), keep_from=12.0).read()
    stream = recording.streams[0]
    assert recording.clock.to_film(stream.time_seconds[:1]) == pytest.approx([12.0], abs=1e-5)


def test_rows_without_stamps_keep_their_time(ride: Path) -> None:
    manifest = ride / "recording.yaml"
    manifest.write_text(manifest.read_text().replace("{column: t, unit: s}", "{rate_hz: 100, start_seconds: 3}"))
    assert held_after(ride, keep_from=12.0).read().streams[0].time_seconds[0] == pytest.approx(12.0)


def test_nothing_is_let_go_before_a_clock_that_wrapped(ride: Path) -> None:
    ticks = (60_000 + 10 * np.arange(2000)) % 2**16  # milliseconds in two bytes: full after 5.54 s
    manifest = ride / "recording.yaml"
    manifest.write_text(manifest.read_text().replace("unit: s}", "unit: ms}"))
    recording = held_after(with_times(ride, ticks, decimals=0), keep_from=72.0)
    assert recording.read().streams[0].time_seconds[[0, -1]] == pytest.approx([60.0, 79.99])


def test_a_sensor_that_stopped_keeps_its_last_rows(ride: Path) -> None:
    lines = (ride / "sacrum.csv").read_text().splitlines(keepends=True)
    (ride / "sacrum.csv").write_text("".join(lines[:501]))
    withers, sacrum = held_after(ride, keep_from=12.0).read().streams
    assert withers.time_seconds[0] == pytest.approx(12.0)
    assert sacrum.time_seconds[[0, -1]] == pytest.approx([4.0, 4.99])


def test_a_row_counts_when_its_line_has_ended(ride: Path) -> None:
    text = (ride / "sacrum.csv").read_text()
    (ride / "sacrum.csv").write_text(text[:40_000])
    recording = GrowingRecording(ride)
    assert recording.poll()
    assert len(recording.read().streams[1].time_seconds) == text[:40_000].count("\n") - 1
    with (ride / "sacrum.csv").open("a") as file:
        file.write(text[40_000:])
    assert recording.poll()
    assert not recording.poll()
    assert len(recording.read().streams[1].time_seconds) == 2000


def test_a_file_that_is_not_there_yet_is_named(ride: Path) -> None:
    (ride / "sacrum.csv").unlink()
    recording = GrowingRecording(ride)
    recording.poll()
    with pytest.raises(BadInput, match=r"mare/sacrum\.csv: found no such file"):
        recording.read()


def test_a_fault_in_the_rows_names_the_files_own_path(ride: Path) -> None:
    with (ride / "sacrum.csv").open("a") as file:
        file.write("20.0,a,b,c,d,e,f\n20.1,1,2,3,4,5,6\n")
    recording = GrowingRecording(ride)
    recording.poll()
    with pytest.raises(BadInput, match=r"mare/sacrum\.csv: found .*column ax"):
        recording.read()


def test_a_file_that_becomes_shorter_is_refused(ride: Path) -> None:
    recording = GrowingRecording(ride)
    recording.poll()
    (ride / "sacrum.csv").write_text("t,ax\n")
    with pytest.raises(BadInput, match="expected a file that grows"):
        recording.poll()


def test_other_formats_than_text_tables_are_refused(ride: Path) -> None:
    (ride / "sacrum.csv").write_bytes(b"PAR1" + bytes(100) + b"PAR1\n")
    recording = GrowingRecording(ride)
    recording.poll()
    with pytest.raises(BadInput, match="expected delimited text"):
        recording.read()


def test_a_file_outside_of_the_recordings_folder_is_followed_but_never_appended_to(ride: Path) -> None:
    sensors = ride / "recording.yaml"
    sensors.write_text(sensors.read_text().replace("sacrum.csv", "withers.csv"))
    path, _ = GrowingRecording(ride).only_file()
    path.rename(ride.parent / path.name)
    sensors.write_text(sensors.read_text().replace("withers.csv", "../withers.csv"))
    outside = GrowingRecording(ride)
    assert outside.poll()
    with pytest.raises(BadInput, match="never written"):
        outside.only_file()
