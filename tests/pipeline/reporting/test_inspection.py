"""The page of an inspection: every recording in one file, its signals drawn in a browser, its next step complete."""

import json
from pathlib import Path

import numpy as np
from equigait.data.quality.dataset import inspect_dataset
from equigait.pipeline.reporting.inspection import write_inspection
from films import numbered_frames, write_film
from pages import Parsed, in_browser, needs_browser
from sensor_files import walking_table, write_csv, write_manifest_file

CLOCK = {"origin": "by-hand", "offset_seconds": 1.0}
EVIL = "</script><i>trot"


def ride(folder: Path, *, label: str = "trot", **keys: object) -> Path:
    """A recording of 20 s with a film of 12 s and labels; returns its folder."""
    folder.mkdir(parents=True)
    write_csv(folder / "withers.csv", walking_table(20.0))
    write_film(folder / "film.mp4", numbered_frames(60), seconds=[row / 5 for row in range(60)])
    (folder / "labels.csv").write_text(f"start,end,label\n1,5,walk\n5,11,{label}\n")
    labels = {"path": "labels.csv", "time": "film"}
    write_manifest_file(folder, **{"film": "film.mp4", "clock": CLOCK, "labels": labels} | keys)
    return folder


def page_of(dataset: Path) -> Path:
    return write_inspection(inspect_dataset(dataset), dataset / "inspect.html", dataset=dataset)


def test_the_page_is_one_file_with_every_recording_escaped(tmp_path: Path) -> None:
    ride(tmp_path / "a", horse="<b>Bella & co</b>", label=EVIL)
    hole = walking_table(20.0)
    kept = (hole["time_s"] < 8.0) | (hole["time_s"] > 11.0)
    write_csv(ride(tmp_path / "b") / "withers.csv", {name: np.asarray(column)[kept] for name, column in hole.items()})
    html = page_of(tmp_path).read_text()
    page = Parsed(html)
    assert page.fetched == []
    assert "<b>Bella & co</b>" in page.text
    assert "<b>Bella" not in html
    assert "<i>trot" not in html
    assert "NaN" not in html[html.index('id="data"') : html.index("var uPlot")]


def test_of_people_the_page_speaks_as_of_people(tmp_path: Path) -> None:
    ride(tmp_path / "a", horse="s1", words={"subject": "person", "behaviour": "action"})
    page = Parsed(page_of(tmp_path).read_text())
    assert "Person s1" in page.text
    assert "Horse" not in page.text


@needs_browser
def test_labels_film_and_sensors_are_drawn_on_film_time(tmp_path: Path) -> None:
    ride(tmp_path / "a", label=EVIL)
    script = """
      boxes.forEach(drawRecording);  // as when they come into view
      await new Promise(drawn => setTimeout(drawn, 200));
      const seen = {
        titles: [...document.querySelectorAll(".u-title")].map(each => each.textContent),
        times: recordings[0].map(row => row.time),
        last: recordings[0].map(row => row.last),
        sensor: [recordings[0][2].start, recordings[0][2].stop],
        label: recordings[0][0].bouts[1][2],
        drawn: [...document.querySelectorAll("canvas")].map(canvas => {
          const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          return pixels.some(value => value > 0);
        }),
      };
    """
    seen = in_browser(page_of(tmp_path), script=script)
    assert seen["titles"] == ["labels", "film: time between frames, usually 200 ms", "withers: |a|"]
    assert seen["times"] == ["film time"] * 3
    assert seen["last"] == [False, False, True]
    assert seen["sensor"] == [1.0, 20.99]
    assert seen["label"] == EVIL
    assert seen["drawn"] == [True] * 3


def test_sensors_alone_are_drawn_on_their_own_time(tmp_path: Path) -> None:
    ride(tmp_path / "a", film=None, clock=None, labels=None)
    html = page_of(tmp_path).read_text()
    assert '"time": "sensor time"' in html
    assert '"time": "film time"' not in html
    assert "equigait-cli extract-teacher" in Parsed(html).text


def test_film_and_sensors_without_a_clock_are_drawn_each_on_its_own_time(tmp_path: Path) -> None:
    ride(tmp_path / "a", clock=None)
    html = page_of(tmp_path).read_text()
    assert '"time": "sensor time"' in html
    assert '"time": "film time"' in html
    assert "Labels labels.csv is declared, but cannot be placed without a clock" in Parsed(html).text


def test_a_sync_that_was_not_accepted_is_linked_with_its_reasons_and_the_command_that_settles_it(
    tmp_path: Path,
) -> None:
    folder = ride(tmp_path / "on monday", clock=None)
    found = {"verdict": "REVIEW", "offset_s": -2.0402, "reasons": ["windows <span> too little"]}
    (folder / "sync.json").write_text(json.dumps(found))
    (folder / "sync.html").write_text("")
    page = Parsed(page_of(tmp_path).read_text())
    assert page.fetched == ["on%20monday/sync.html"]
    assert "windows <span> too little" in page.text
    manifest = folder / "recording.yaml"
    assert page.text.count(f"equigait-cli sync '{manifest}' --offset -2.0402") == 3
