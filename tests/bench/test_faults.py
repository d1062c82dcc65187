"""The suite of planted faults: its table, how an outcome is named, and the page that it writes."""

from pathlib import Path

import pytest
from bench.faults.case import Fault, Outcome, meet
from bench.faults.place import Place, nothing
from bench.faults.suite import FAULTS, TABLE, markdown, row_of

AREAS = (
    "sensors",
    "films",
    "clocks",
    "labels",
    "manifests",
    "configurations",
    "caches",
    "checkpoints",
    "runs",
    "machine",
)


def test_there_are_many_faults_each_under_its_own_name_in_every_area() -> None:
    names = [(fault.area, fault.name) for fault in FAULTS]
    assert len(set(names)) == len(names) >= 80
    assert tuple(dict.fromkeys(fault.area for fault in FAULTS)) == AREAS


def test_the_page_holds_every_fault_and_none_that_is_not_met_as_expected() -> None:
    page = TABLE.read_text()
    assert all(f"| {fault.name} |" in page for fault in FAULTS)
    assert f"{len(FAULTS)} faults, {len(FAULTS)} met as expected" in page


@pytest.mark.parametrize(
    ("command", "words", "codes", "what"),
    [
        ("inspect {yard}/nowhere", ("nowhere", "Check the path"), (2,), "refused"),
        ("inspect {yard}/nowhere", ("something else",), (2,), "other words"),
        ("inspect {yard}/nowhere", (), (0,), "exit code 2"),
        ("--version", (r"0\.",), (0,), "handled"),
        ("--version", ("a remark",), (0,), "silent"),
    ],
)
def test_an_outcome_has_a_name(
    tmp_path: Path, command: str, words: tuple[str, ...], codes: tuple[int, ...], what: str
) -> None:
    sound = Place(tmp_path / "sound")
    sound.yard.mkdir(parents=True)
    fault = Fault("sensors", "a name", nothing, command, words, codes)
    outcome = meet(fault, sound=sound, folder=tmp_path)
    assert outcome.what == what
    assert outcome.held == (what in ("refused", "handled"))
    assert not (tmp_path / "place").exists()


def test_a_traceback_is_never_as_expected_and_stands_out_on_the_page() -> None:
    fault = Fault("sensors", "a name", nothing, "inspect", (), (1,))
    bad, good = Outcome(fault, None, "Traceback", ()), Outcome(fault, 1, "a | b", ())
    assert not bad.held
    page = markdown([row_of(bad), row_of(good)])
    assert "| a name | a refusal | None | **traceback** | Traceback |" in page
    assert "| a name | a refusal | 1 | refused | a \\| b |" in page
    assert "2 faults, 1 met as expected" in page
