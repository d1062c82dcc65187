"""However long a recording is, its sensors are inspected one after the other: one is in memory at a time."""

import re
import sys
from pathlib import Path

import pytest
from equigait.data import large_arrays
from equigait.data.quality import recording as inspection
from equigait.data.quality.signals import sensor_facts
from equigait.data.recording import ImuStream
from equigait.data.sync import sensors as alignment
from sensor_files import sensor_entry, walking_table, write_csv, write_manifest_file

SITES = ("poll", "withers", "sacrum", "tuber_coxae_left", "tuber_coxae_right")
MAPPED = re.compile(r"rw-s [^\n]*\(deleted\)$.*?^Size: +(\d+) kB.*?^Rss: +(\d+) kB", re.DOTALL | re.MULTILINE)


@pytest.fixture
def ride(tmp_path: Path) -> Path:
    """A recording of five sensors, 20 s each."""
    for number, site in enumerate(SITES):
        table = walking_table(20.0)
        table["ax"] = table["ax"] + 0.01 * number
        write_csv(tmp_path / f"{site}.csv", table)
    write_manifest_file(tmp_path, sensors=[sensor_entry(site) for site in SITES])
    return tmp_path


def resident() -> float:
    """Which share of the large arrays' files is in memory."""
    found = [tuple(map(int, pair)) for pair in MAPPED.findall(Path("/proc/self/smaps").read_text())]
    return sum(rss for _, rss in found) / sum(size for size, _ in found)


@pytest.mark.skipif(sys.platform != "linux", reason="what is in memory is read from /proc")
def test_of_five_sensors_one_is_in_memory_at_a_time_and_the_report_is_the_same(
    ride: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, shares = inspection.inspect_recording(ride / "recording.yaml"), []

    def facts(stream: ImuStream) -> object:
        found = sensor_facts(stream)
        shares.append(resident())
        return found

    def signals(stream: ImuStream) -> object:
        found = unit_signals(stream)
        shares.append(resident())
        return found

    unit_signals = alignment.unit_signals
    monkeypatch.setattr(large_arrays, "LARGE_BYTES", 1)
    monkeypatch.setattr(inspection, "sensor_facts", facts)
    monkeypatch.setattr(alignment, "unit_signals", signals)
    report = inspection.inspect_recording(ride / "recording.yaml")
    assert len(shares) == 2 * len(SITES)
    assert max(shares) < 1.5 / len(SITES)
    assert repr(report) == repr(plain)
