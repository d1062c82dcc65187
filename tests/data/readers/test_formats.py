"""What every sensor format promises, and how the one that fits a file is chosen."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from equigait.data.errors import BadInput
from equigait.data.formats import choose_format
from equigait.data.readers import FORMATS
from equigait.data.readers.table import Reader, Table
from scipy.io import savemat
from sensor_files import walking, walking_table, write_csv, xsens_text
from vendor_files import (
    gpmf_payload,
    movella_text,
    racechrono_text,
    shimmer_text,
    trident_text,
    write_apdm,
    write_gopro,
)


def write_parquet(path: Path) -> tuple[str, ...]:
    pa.parquet.write_table(pa.table(walking_table(1.0)), path)
    return ("time_s", "az")


def write_hdf5(path: Path) -> tuple[str, ...]:
    with h5py.File(path, "w") as file:
        file["a"], file["b"] = np.arange(5.0), np.arange(15.0).reshape(5, 3)
    return ("a", "b[:, 2]")


def write_text(path: Path) -> tuple[str, ...]:
    write_csv(path, walking_table(1.0))
    return ("time_s", "az")


def write_xsens(path: Path) -> tuple[str, ...]:
    path.write_text(xsens_text(range(100)))
    return ("FreeAcc_E",)


def write_matlab(path: Path) -> tuple[str, ...]:
    times, signals = walking(1.0)
    savemat(str(path), {"imu": {"t": times, "acc": signals[:, :3]}}, appendmat=False)
    return ("imu/t", "imu/acc[:, 2]")


def write_movella(path: Path) -> tuple[str, ...]:
    path.write_text(movella_text(range(100), range(0, 1_666_700, 16667)))
    return ("FreeAcc_X",)


def write_shimmer(path: Path) -> tuple[str, ...]:
    path.write_text(shimmer_text("B64E"))
    return ("Shimmer_B64E_Accel_LN_X_CAL",)


def write_opal(path: Path) -> tuple[str, ...]:
    write_apdm(path, "Lumbar", "Sternum")
    return ("Sensors/1001/Time",)


def write_trident(path: Path) -> tuple[str, ...]:
    times, signals = walking(1.0)
    path.write_text(trident_text(times, signals[:, :3], signals[:, 3:]))
    return ("time_s",)


def write_racechrono(path: Path) -> tuple[str, ...]:
    path.write_text(racechrono_text())
    return ("Speed (m/s)",)


def write_camera(path: Path) -> tuple[str, ...]:
    _, signals = walking(3.0)
    write_gopro(path, [gpmf_payload(part[:, :3], part[:, 3:]) for part in np.split(signals, 3)])
    return ("ACCL.x",)


SAMPLES: dict[str, Callable[[Path], tuple[str, ...]]] = {
    "csv": write_text,
    "parquet": write_parquet,
    "hdf5": write_hdf5,
    "xsens-mtw": write_xsens,
    "matlab": write_matlab,
    "movella-dot": write_movella,
    "shimmer": write_shimmer,
    "apdm-opal": write_opal,
    "blue-trident": write_trident,
    "racechrono": write_racechrono,
    "gopro": write_camera,
}
"""For each format, what writes a file of it and names two columns or less there."""

THROUGH_A_LIBRARY = ("axivity", "geneactiv")
"""Binary formats that an extra reads: tested beside it, and on real files."""

each_format = pytest.mark.parametrize("name", [name for name in FORMATS if name not in THROUGH_A_LIBRARY])


@each_format
def test_every_format_is_a_reader_with_a_sample_here(name: str) -> None:
    assert isinstance(FORMATS[name], Reader)
    assert name in SAMPLES


@each_format
def test_a_format_recognises_its_own_file_and_is_chosen_for_it(tmp_path: Path, name: str) -> None:
    SAMPLES[name](tmp_path / "file")
    assert choose_format(tmp_path / "file", declared=None, formats=FORMATS) is FORMATS[name]


@each_format
def test_a_reader_gives_the_columns_asked_for_and_what_its_devices_need(tmp_path: Path, name: str) -> None:
    columns = SAMPLES[name](tmp_path / "file")
    table = FORMATS[name](tmp_path / "file", columns=columns)
    assert isinstance(table, Table)
    assert set(columns) <= set(table.columns)
    for device in table.devices.values():
        for triad in (device.acceleration, device.angular_rate):
            assert set(triad.columns if triad else ()) <= set(table.columns)


@each_format
def test_a_reader_refuses_a_file_of_another_format(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"\x00\x01\x02 no sensor wrote this \xff" * 40)
    with pytest.raises(BadInput):
        FORMATS[name](tmp_path / "file", columns=("ax",))


@each_format
def test_a_declared_format_is_taken_without_a_look(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"\x00\x01")
    assert choose_format(tmp_path / "file", declared=name, formats=FORMATS) is FORMATS[name]


class Claims:
    """A format that claims every file, or none."""

    def __init__(self, claims: bool, *, generic: bool) -> None:
        self.claims, self.generic = claims, generic

    def recognises(self, head: bytes) -> bool:
        return self.claims and bool(head)


@pytest.mark.parametrize(
    ("formats", "found"),
    [
        ({"a": Claims(True, generic=False), "b": Claims(True, generic=False)}, "could be a or b"),
        ({"a": Claims(True, generic=True), "b": Claims(True, generic=True)}, "could be a or b"),
        ({"a": Claims(False, generic=True)}, "no format known here"),
    ],
)
def test_none_or_two_that_match_are_refused_with_what_to_pass(
    tmp_path: Path, formats: dict[str, Claims], found: str
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(BadInput, match=found) as refusal:
        choose_format(tmp_path / "file", declared=None, formats=formats)
    assert "`format:`" in refusal.value.remedy


def test_a_device_format_goes_before_a_generic_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    formats = {"csv": Claims(True, generic=True), "device": Claims(True, generic=False)}
    assert choose_format(tmp_path / "file", declared=None, formats=formats) is formats["device"]


def test_files_that_are_missing_empty_or_of_an_unknown_format_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        choose_format(tmp_path / "file", declared="csv", formats=FORMATS)
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="an empty file"):
        choose_format(tmp_path / "file", declared="csv", formats=FORMATS)
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(BadInput, match="found format xls; expected one of csv, "):
        choose_format(tmp_path / "file", declared="xls", formats=FORMATS)
