"""The page of a synchronisation: whole in one file; slider, film and charts at work in a browser without a screen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.sync import SyncResult, Verdict, synchronise
from equigait.data.video.chapters import FILE_NAME
from equigait.pipeline.reporting.synchronisation import page_data, write_synchronisation
from pages import Parsed, in_browser, needs_browser
from posed_motion import make_posed

TARGET = ("rides/a monday/recording.yaml",)


@pytest.fixture(scope="module")
def result() -> SyncResult:
    _, streams, motion = make_posed(1200, horse=0, seconds=80.0, max_skew_seconds=5.0)
    return synchronise(streams, motion=motion)


def page_of(result: SyncResult, folder: Path, *, film: str = "film.mp4") -> Path:
    return write_synchronisation(result, folder / "sync.html", film=folder / film, target=TARGET)


def test_the_page_is_one_file_that_names_its_film_relatively(result: SyncResult, tmp_path: Path) -> None:
    page = Parsed(page_of(result, tmp_path, film="films/ride one.mp4").read_text())
    assert page.fetched == ["films/ride%20one.mp4"]
    assert f"Synchronisation of ride one.mp4 {result.verdict}" in page.text
    assert f"film time is sensor time {result.offset_s:+.4f} s" in page.text


def test_the_page_draws_what_was_found(result: SyncResult) -> None:
    data = page_data(result)
    assert data["offset"] == pytest.approx(result.offset_s, abs=1e-6)
    assert len(data["windows"]) == len(result.windows)
    offsets, scores, _ = zip(*data["score"], strict=True)
    assert list(offsets) == sorted(offsets)
    assert max(scores) == pytest.approx(np.nanmax(result.plot.score), abs=1e-3)


def test_rivals_lie_on_the_curve_that_is_drawn(result: SyncResult) -> None:
    marked = {name: (offset, score) for offset, score, name in page_data(result)["score"] if name}
    assert marked
    rivals = {rival.name: rival.offset_s for rival in result.rivals}
    for name, (offset, score) in marked.items():
        assert offset == pytest.approx(rivals[name], abs=0.011) or name == "another peak"
        at = int(np.nanargmin(np.abs(result.plot.offset_s - offset)))
        assert score == pytest.approx(result.plot.score[at], abs=1e-3)


def test_names_and_reasons_from_outside_are_escaped(result: SyncResult, tmp_path: Path) -> None:
    evil = "</script><b>poll</b>"
    page = page_of(replace(result, reasons=(evil,)), tmp_path, film="<i>ride.mp4").read_text()
    assert "<b>poll" not in page
    assert "<i>ride" not in page
    assert evil in Parsed(page).text


CLICKS = """
  const paste = () => find("command").textContent;
  const seen = {before: paste()};
  slider.value = 0.25;
  slider.dispatchEvent(new Event("input"));
  seen.shifted = paste();
  seen.label = find("shifted").textContent;
  const box = traces.over.getBoundingClientRect();
  const place = {clientX: box.left + 0.75 * box.width, clientY: box.top + 5, bubbles: true};
  const {min, max} = traces.scales.x;
  for (const kind of ["mousemove", "mousedown", "mouseup", "click"]) {
    (kind === "mouseup" ? document : traces.over).dispatchEvent(new MouseEvent(kind, place));
  }
  seen.moved = (cursor - min) / (max - min);
  find("reset").click();
  seen.reset = paste();
  seen.drawn = [...document.querySelectorAll("canvas")].map(c => {
    const pixels = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
    return pixels.some(value => value > 0);
  });
  film.remove();  // there is none: its failure to load is no fault of the page
  faults.splice(0, faults.length, ...faults.filter(fault => !fault.startsWith("not loaded")));
"""


@needs_browser
@pytest.mark.parametrize("verdict", [Verdict.ACCEPT, Verdict.REVIEW])
def test_slider_reset_and_time_line_work_in_a_browser(result: SyncResult, verdict: Verdict, tmp_path: Path) -> None:
    seen = in_browser(page_of(replace(result, verdict=verdict), tmp_path), script=CLICKS)
    sync = "equigait-cli sync 'rides/a monday/recording.yaml' --offset"
    by_hand, inspect = f"{sync} {result.offset_s:.4f}", "equigait-cli inspect 'rides/a monday/recording.yaml'"
    assert seen["before"] == seen["reset"] == (inspect if verdict is Verdict.ACCEPT else by_hand)
    assert seen["shifted"].startswith(sync)
    assert float(seen["shifted"].split()[-1]) == pytest.approx(result.offset_s + 0.25, abs=1e-4)
    assert seen["label"] == "+0.250 s"
    assert seen["moved"] == pytest.approx(0.75, abs=0.01)
    assert seen["drawn"] == [True, True, True]


@needs_browser
def test_sensors_are_drawn_where_the_clock_puts_them(result: SyncResult, tmp_path: Path) -> None:
    script = """
      const moved = seconds => { slider.value = seconds; return traceData()[2]; };
      const alike = (a, b) => a.reduce((sum, v, k) => v == null || b[k] == null ? sum : sum + v * b[k], 0);
      const film = traceData()[1];
      const seen = [alike(film, moved(0)), alike(film, moved(0.2)), alike(film, moved(-0.2))];
      faults.length = 0;
    """
    there, late, early = in_browser(page_of(result, tmp_path), script=script)
    assert there > 2 * max(late, early)


@needs_browser
def test_without_an_offset_the_page_asks_for_an_event(result: SyncResult, tmp_path: Path) -> None:
    nothing = replace(result, clock=None, offset_s=None, drift_ppm=None, gap=None, verdict=Verdict.REFUSE, rivals=())
    page = page_of(nothing, tmp_path)
    assert "No clock between film and sensors was found." in Parsed(page.read_text()).text
    command = in_browser(page, script='const seen = find("command").textContent; faults.length = 0')
    assert "--event film:" in command


CHAPTERS = """
  const seen = [];
  for (const seconds of [30, 0, 60.5, 61]) {
    show(seconds);
    seen.push([film.getAttribute("src"), film.currentTime, filmTime(), find("playing").textContent]);
  }
  faults.length = 0;
"""


@needs_browser
def test_of_a_film_in_several_files_the_one_that_holds_the_moment_is_shown(result: SyncResult, tmp_path: Path) -> None:
    lines = ("ffconcat version 1.0", "file films/a.mp4", "duration 25.25", "file films/b.mp4", "duration 35.5")
    (tmp_path / FILE_NAME).write_text("\n".join([*lines, "file films/c.mp4"]))
    page = page_of(result, tmp_path, film=FILE_NAME)
    assert "Synchronisation of a.mp4 and 2 more" in page.read_text()
    seen = in_browser(page, script=CHAPTERS)
    assert [src for src, *_ in seen] == [f"films/{name}.mp4" for name in "babc"]
    assert [own for _, own, *_ in seen] == pytest.approx([4.75, 0.0, 35.25, 0.25])
    assert [at for *_, at, _ in seen] == pytest.approx([30.0, 0.0, 60.5, 61.0])
    assert seen[0][-1] == "b.mp4, file 2 of 3, from 25.25 s of film"
