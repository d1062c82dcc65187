"""Conditions of a ride in its manifest: read as people write them, written back the same, refused where wrong."""

import datetime
from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.manifest.files import read_manifest, write_manifest

HEAD = "horse: bella\nsensors: [{site: poll, path: poll.csv}]\n"


def manifest(folder: Path, *lines: str) -> Path:
    path = folder / "recording.yaml"
    path.write_text(HEAD + "\n".join(lines))
    return path


@pytest.mark.parametrize(
    ("written", "hour", "minute"),
    [
        ("2026-05-31", 0, 0),
        ("2026-05-31 14:30", 14, 30),
        ("'2026-05-31T14:30'", 14, 30),
        ("2026-05-31 14:30:00", 14, 30),
    ],
)
def test_a_date_is_a_day_or_a_moment(written: str, hour: int, minute: int, tmp_path: Path) -> None:
    read = read_manifest(manifest(tmp_path, f"date: {written}"))
    assert read.date == datetime.datetime(2026, 5, 31, hour, minute)


def test_all_conditions_read_back_as_written(tmp_path: Path) -> None:
    lines = ("date: 2026-05-31", "surface: sand", "rein: left", "ridden: lunged", "event: shoeing", "notes: windy")
    read = read_manifest(manifest(tmp_path, *lines))
    assert (read.surface, read.rein, read.ridden, read.event, read.notes) == (
        "sand",
        "left",
        "lunged",
        "shoeing",
        "windy",
    )
    write_manifest(read, tmp_path / "again.yaml")
    assert read_manifest(tmp_path / "again.yaml") == read


@pytest.mark.parametrize(("written", "expected"), [("true", "ridden"), ("no", "in-hand"), ("driven", "driven")])
def test_ridden_may_be_answered_with_yes_or_no(written: str, expected: str, tmp_path: Path) -> None:
    assert read_manifest(manifest(tmp_path, f"ridden: {written}")).ridden == expected


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("date: 20260531", "date: 20260531; expected a date such as 2026-05-31"),
        ("date: 31.5.2026", "date: '31.5.2026'; expected a date such as 2026-05-31"),
        ("date: 2026-02-30", "found day .*; expected YAML"),
        ("date: 2026-05-31 14:30:00 +02:00", "with a local time"),
        ("date: 0026-05-31", "expected a date such as"),
        ("surface: moon", "surface: 'moon'; expected 'hard', 'soft'"),
        ("rein: links", "rein: 'links'"),
        ("ridden: maybe", "ridden: 'maybe'"),
        ("event: shoeing", "an `event` and no `date`"),
        ("notes: [a, b]", "notes"),
        ("event: " + "x" * 61, "at most 60"),
        ("surfaces: sand", "Did you mean surface"),
    ],
)
def test_what_is_wrong_is_refused_with_what_was_expected(line: str, found: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=found):
        read_manifest(manifest(tmp_path, line))
