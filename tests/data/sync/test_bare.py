"""Sensor files without a manifest: recognised by content; a plain table must be explained, once for all."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.sensor import AngularRate
from equigait.data.sync.bare import bare_sensors, declare, read_bare, site_in
from sensor_files import GRAVITY, walking_table, write_csv, xsens_text
from vendor_files import write_apdm

COLUMNS, UNITS = "time_s,ax,ay,az,gx,gy,gz", "s,m/s^2,rad/s"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "Bella-withers_01.csv", walking_table())


def test_a_plain_table_is_read_as_it_was_declared(plain: Path) -> None:
    (stream,) = read_bare([str(plain)], columns=COLUMNS, units=UNITS)
    np.testing.assert_array_equal(stream.time_seconds, walking_table()["time_s"])
    np.testing.assert_array_equal(stream.specific_force[:, 2], walking_table()["az"])
    np.testing.assert_array_equal(stream.angular_rate[:, 0], walking_table()["gx"])
    assert stream.site == "withers"


def test_a_plain_table_of_unknown_names_is_refused_and_its_columns_are_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", {f"c{name}": values for name, values in walking_table().items()})
    with pytest.raises(BadInput, match="columns ctime_s, cax, cay, caz, cgx, cgy, cgz") as refusal:
        read_bare([str(path)])
    assert "--columns" in refusal.value.remedy
    assert "--units" in refusal.value.remedy


def test_units_are_held_against_gravity_not_believed(plain: Path) -> None:
    with pytest.raises(BadInput, match="declared in g") as refusal:
        read_bare([str(plain)], columns=COLUMNS, units="s,g,rad/s")
    assert "--units" in refusal.value.remedy


def test_units_may_be_written_with_their_signs(plain: Path) -> None:
    (words,) = read_bare([str(plain)], columns=COLUMNS, units="s,m/s^2,rad/s")
    (signs,) = read_bare([str(plain)], columns=COLUMNS, units="s,m/s²,rad/s")
    np.testing.assert_array_equal(words.specific_force, signs.specific_force)
    declared = declare(COLUMNS, units="s,m/s²,°/s", rate_hz=None)["angular_rate"]
    assert isinstance(declared, AngularRate)
    assert declared.unit == "deg/s"


def test_counts_have_a_scale_and_a_rate_stands_for_stamps(tmp_path: Path) -> None:
    table = walking_table()
    counts = {name: np.round(table[name] / GRAVITY * 16384) for name in ("ax", "ay", "az")}
    path = write_csv(tmp_path / "log.csv", counts)
    (stream,) = read_bare([str(path)], columns="ax,ay,az", units="counts/16384", rate_hz=100.0)
    np.testing.assert_allclose(stream.specific_force[:, 2], table["az"], atol=1e-3)
    assert np.isnan(stream.angular_rate).all()
    assert stream.site == "imu-1"
    assert stream.rate_hz == pytest.approx(100.0)


def test_a_format_that_tells_its_columns_needs_no_words_and_takes_none(tmp_path: Path) -> None:
    path = tmp_path / "MT_00B4.txt"
    path.write_text(xsens_text(range(600), preamble="//  Update Rate: 100.0Hz"))
    assert [sensor.site for sensor in bare_sensors([str(path)], declared={})] == ["imu-1"]
    assert len(read_bare([str(path)])[0].time_seconds) == 600
    with pytest.raises(BadInput, match="Leave --columns out"):
        read_bare([str(path)], columns=COLUMNS, units=UNITS)


def test_a_file_of_several_devices_gives_them_all_by_their_labels(tmp_path: Path) -> None:
    write_apdm(tmp_path / "walk.h5", "Lumbar", "Sternum")
    streams = read_bare([str(tmp_path / "walk.h5")])
    assert [stream.site for stream in streams] == ["Lumbar", "Sternum"]
    with pytest.raises(BadInput, match="2 devices in the file named withers"):
        read_bare([f"withers={tmp_path / 'walk.h5'}"])


def test_a_named_file_takes_its_name_and_a_name_twice_is_refused(plain: Path) -> None:
    declared = declare(COLUMNS, units=UNITS, rate_hz=None)
    sites = [s.site for s in bare_sensors([f"girth={plain}", str(plain)], declared=declared)]
    assert sites == ["girth", "withers"]
    with pytest.raises(BadInput, match="both withers"):
        bare_sensors([str(plain), f"withers={plain}"], declared=declared)


@pytest.mark.parametrize(
    ("stem", "site"),
    [
        ("withers", "withers"),
        ("2024-05-01 Bella_tuber-coxae-left", "tuber_coxae_left"),
        ("Poll3", "poll"),
        ("cannon_fore_right.export", "cannon_fore_right"),
        ("header", None),
        ("pollen", None),
        ("DOT_20240501", None),
    ],
)
def test_a_site_in_a_files_name_counts_as_whole_words_only(stem: str, site: str | None) -> None:
    assert site_in(stem) == site


@pytest.mark.parametrize(
    ("columns", "units", "rate", "words"),
    [
        ("ax,ay,az", "s,g", None, "a time column"),
        ("t,ax,ay", "s,g", None, "--columns"),
        ("t,ax,ay,az,gx,gy,gz", "s,g", None, "3 units"),
        ("t,ax,ay,az", "s,g,deg/s", None, "2 units"),
        ("t,ax,ay,az", "minutes,g", None, "unit: 'minutes'"),
        ("t,ax,ay,az", "s,counts", None, "per_unit"),
        ("t,ax,ay,az", "s,counts/zero", None, "per_unit"),
        ("t,ax,ax,az", "s,g", None, "three different columns"),
        (None, "s,g", None, "--columns"),
        ("ax,ay,az", "g", -5.0, "rate_hz"),
    ],
)
def test_a_wrong_declaration_is_one_refusal(
    columns: str | None, units: str | None, rate: float | None, words: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        declare(columns, units=units, rate_hz=rate)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_columns_of_arrays_keep_their_commas() -> None:
    declared = declare("t,imu/a[:, 0],imu/a[:, 1],imu/a[:, 2]", units="s,g", rate_hz=None)
    assert declared["acceleration"].columns == ("imu/a[:, 0]", "imu/a[:, 1]", "imu/a[:, 2]")


def test_a_missing_file_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_bare([str(tmp_path / "gone.csv")], columns=COLUMNS, units=UNITS)
