"""Labels of a review beside their recording: read back as they were set, and nothing of what was there is lost."""

from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.labels.table import Span
from equigait.data.manifest.load import load_recording
from equigait.data.manifest.reviewed_labels import save_labels
from rides import write_ride

SPANS = (Span(-0.5, 12.25, "walk", ""), Span(12.25, 40.0, 'a "quick", trot', ""))


@pytest.fixture
def ride(tmp_path: Path) -> Path:
    ride = write_ride(tmp_path / "mare", horse="h6")
    (ride / "labels.csv").write_text("start,end,label\n1,30,Walk\n")
    with (ride / "recording.yaml").open("a") as file:
        file.write("# set by Ann\nlabels:\n  path: labels.csv  # first pass\n  time: imu\n  map: {Walk: walk}\n")
    return ride


def bouts_of(ride: Path) -> list[tuple[float, float, str]]:
    return [(bout.start_seconds, bout.stop_seconds, bout.label) for bout in load_recording(ride).bouts]


def test_saved_labels_are_those_of_the_recording_from_then_on(ride: Path) -> None:
    assert bouts_of(ride) == [(1.0, 30.0, "walk")]
    save_labels(ride, spans=SPANS)
    assert bouts_of(ride) == [(span.start_seconds, span.stop_seconds, span.label) for span in SPANS]


def test_manifest_and_labels_as_they_were_are_kept(ride: Path) -> None:
    manifest, labels = (ride / "recording.yaml").read_bytes(), (ride / "labels.csv").read_bytes()
    saved = save_labels(ride / "recording.yaml", spans=SPANS)
    assert saved.path == ride.resolve() / "labels-reviewed.csv"
    assert [path.name for path in saved.kept] == ["recording.1.yaml"]
    assert saved.kept[0].read_bytes() == manifest
    assert (ride / "labels.csv").read_bytes() == labels
    assert "# set by Ann\n" in (ride / "recording.yaml").read_text()


def test_each_later_version_is_kept_under_its_own_name(ride: Path) -> None:
    first = save_labels(ride, spans=SPANS).path.read_text()
    assert save_labels(ride, spans=SPANS).kept == ()
    save_labels(ride, spans=SPANS[:1])
    save_labels(ride, spans=())
    assert bouts_of(ride) == []
    assert (ride / "labels-reviewed.1.csv").read_text() == first
    assert (ride / "labels-reviewed.2.csv").read_text() != first
    assert not (ride / "recording.2.yaml").exists()


def test_labels_that_overlap_are_refused_and_change_nothing(ride: Path) -> None:
    before = {path.name: path.read_bytes() for path in ride.iterdir()}
    with pytest.raises(BadInput, match="trot at 10 s inside walk"):
        save_labels(ride, spans=(Span(0.0, 12.0, "walk", ""), Span(10.0, 20.0, "trot", "")))
    assert {path.name: path.read_bytes() for path in ride.iterdir()} == before
