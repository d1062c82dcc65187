"""Bouts: mapped, on film time, never overlapping, never outside the vocabulary."""

from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.labels import FORMATS
from equigait.data.labels.bouts import Labels, read_bouts
from equigait.data.labels.table import LabelReader
from equigait.data.recording import Bout, ClockMap

GAITS = ("stand", "walk", "trot", "canter")
CLOCK = ClockMap(offset_seconds=2.0, drift_ppm=100.0, reference_seconds=10.0)


def read(
    folder: Path, text: str, *, time: str = "film", vocabulary: tuple[str, ...] | None = GAITS, **label_map: str | None
) -> tuple[Bout, ...]:
    (folder / "labels.csv").write_text(text)
    labels = Labels.model_validate({"path": "labels.csv", "time": time, "map": label_map})
    return read_bouts(labels, folder=folder, clock=CLOCK, vocabulary=vocabulary)


def test_every_label_format_is_a_reader() -> None:
    assert all(isinstance(reader, LabelReader) for reader in FORMATS.values())


def test_bouts_come_in_order_and_film_time_stays_as_it_is(tmp_path: Path) -> None:
    bouts = read(tmp_path, "start,end,label\n5,9.5,trot\n1,5,walk\n")
    assert bouts == (Bout(1.0, 5.0, "walk"), Bout(5.0, 9.5, "trot"))


def test_imu_time_goes_through_the_clock(tmp_path: Path) -> None:
    bout = read(tmp_path, "start,end,label\n10,20,walk\n", time="imu")[0]
    assert bout.start_seconds == pytest.approx(12.0, abs=1e-12)
    assert bout.stop_seconds == pytest.approx(22.0 + 10 * 100e-6, abs=1e-12)


def test_the_map_renames_and_null_leaves_out(tmp_path: Path) -> None:
    text = "start,end,label\n0,1,idle\n1,2,galloping\n2,3,walk\n"
    assert read(tmp_path, text, galloping="canter", idle=None) == (Bout(1.0, 2.0, "canter"), Bout(2.0, 3.0, "walk"))


def test_labels_outside_the_vocabulary_are_refused_with_their_list(tmp_path: Path) -> None:
    text = "start,end,label\n0,1,piaffe\n1,2,amble\n2,3,galloping\n3,4,walk\n"
    with pytest.raises(BadInput) as refusal:
        read(tmp_path, text, galloping="gallop")
    assert refusal.value.found == "the labels amble, gallop, piaffe (mapped from galloping)"
    assert refusal.value.expected == "only stand, walk, trot, canter"


def test_without_a_vocabulary_any_label_is_taken(tmp_path: Path) -> None:
    assert read(tmp_path, "start,end,label\n0,1,piaffe\n", vocabulary=None) == (Bout(0.0, 1.0, "piaffe"),)


def test_overlapping_bouts_are_refused_with_both_rows(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        read(tmp_path, "start,end,label\n0,5,walk\n9,10,walk\n4.5,6,trot\n")
    assert refusal.value.found == "walk to 5 s (row 1) and trot from 4.5 s (row 3)"


def test_spans_that_the_map_leaves_out_may_overlap_and_be_empty(tmp_path: Path) -> None:
    text = "start,end,label\n0,5,walk\n2,2,note\n4,9,note\n"
    assert read(tmp_path, text, note=None) == (Bout(0.0, 5.0, "walk"),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("start,end,label\n5,5,walk\n", "walk from 5 to 5 s in row 1"),
        ("start,end,label\n5,4,walk\n", "walk from 5 to 4 s in row 1"),
        ("start,end,label\nnan,4,walk\n", "walk from nan to 4 s in row 1"),
        ("start,end,label\n0,inf,walk\n", "walk from 0 to inf s in row 1"),
        ("start,end,label\n0,4,\n", "no label in row 1"),
        ("start,end,label\n0,4,walk\n5,six,walk\n", "in row 2"),
        ("start,end,label\n0,4\n", "in row 1"),
        ("from,to,label\n0,4,walk\n", "no format known here"),
        ("", "an empty file"),
    ],
)
def test_what_is_no_bout_is_refused_with_its_row(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(tmp_path, text)
    assert found in refusal.value.found


def test_a_missing_label_file_and_an_unknown_format_are_refused(tmp_path: Path) -> None:
    labels = Labels(path="labels.csv", time="film")
    with pytest.raises(BadInput, match="no such file"):
        read_bouts(labels, folder=tmp_path, clock=CLOCK, vocabulary=None)
    (tmp_path / "labels.csv").write_text("start,end,label\n")
    with pytest.raises(BadInput, match="format xml"):
        read_bouts(labels.model_copy(update={"format": "xml"}), folder=tmp_path, clock=CLOCK, vocabulary=None)
