"""The sync page: whole in one file, and its slider, reset and time line at work in a browser without a screen."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from equigait.data.sync import synchronise
from equigait.data.sync.page import page_data, write_page
from equigait.data.video.chapters import FILE_NAME
from posed_motion import make_posed

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)

CLICKS = """<script>
  const paste = () => document.getElementById("paste").textContent;
  const seen = {before: paste()};
  slider.value = 0.25;
  slider.dispatchEvent(new Event("input"));
  seen.shifted = paste();
  seen.label = document.getElementById("shifted").textContent;
  const lines = document.getElementById("lines"), box = lines.getBoundingClientRect();
  const was = cursor;
  const place = {clientX: box.left + 0.75 * box.width, clientY: box.top + 5, bubbles: true};
  lines.dispatchEvent(new MouseEvent("click", place));
  seen.moved = cursor - was;
  document.getElementById("reset").click();
  seen.reset = paste();
  seen.drawn = [...document.querySelectorAll("canvas")].map(c => {
    const pixels = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
    return pixels.some(value => value > 0);
  });
  document.body.insertAdjacentHTML("beforeend", "<pre id=seen>" + JSON.stringify(seen) + "</pre>");
</script>"""


@pytest.fixture(scope="module")
def result():
    _, streams, motion = make_posed(1200, horse=0, seconds=80.0, max_skew_seconds=5.0)
    return synchronise(streams, motion=motion)


def test_the_page_is_one_file_that_names_its_film_relatively(result, tmp_path: Path):
    page = write_page(result, film=tmp_path / "films" / "ride one.mp4", path=tmp_path / "sync.html").read_text()
    assert 'src="films/ride%20one.mp4"' in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert str(result.verdict) in page


def test_the_page_draws_what_was_found(result):
    data = page_data(result)
    assert data["offset"] == pytest.approx(result.offset_s, abs=1e-6)
    assert len(data["windows"]) == len(result.windows)
    offsets, scores = zip(*data["score"], strict=True)
    assert list(offsets) == sorted(offsets)
    assert max(scores) == pytest.approx(np.nanmax(result.plot.score), abs=1e-3)


def in_browser(page: Path, *, script: str) -> dict[str, object]:
    """What a script at the end of the page leaves in its element `seen`."""
    page.write_text(page.read_text().replace("</html>", script + "</html>"))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom"]
    command = [str(BROWSER), *flags, page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    seen: dict[str, object] = json.loads(re.search(r'<pre id="seen">(.*?)</pre>', dom).group(1))
    return seen


needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="no chromium or chrome on this machine: the page's script is not driven"
)


@needs_browser
def test_slider_reset_and_time_line_work_in_a_browser(result, tmp_path: Path):
    page = write_page(result, film=tmp_path / "film.mp4", path=tmp_path / "sync.html")
    seen = in_browser(page, script=CLICKS)
    assert seen["before"] == seen["reset"] == f"--offset {result.offset_s:.4f}"
    assert float(seen["shifted"].split()[1]) == pytest.approx(result.offset_s + 0.25, abs=1e-4)
    assert seen["label"] == "+0.250 s"
    assert seen["moved"] == pytest.approx(5.0, abs=0.1)
    assert seen["drawn"] == [True, True, True]


CHAPTERS = """<script>
  const seen = [];
  for (const seconds of [30, 0, 60.5, 61]) {
    show(seconds);
    seen.push([film.getAttribute("src"), film.currentTime, filmTime(), find("playing").textContent]);
  }
  document.body.insertAdjacentHTML("beforeend", "<pre id=seen>" + JSON.stringify(seen) + "</pre>");
</script>"""


@needs_browser
def test_of_a_film_in_several_files_the_one_that_holds_the_moment_is_shown(result, tmp_path: Path):
    lines = ("ffconcat version 1.0", "file films/a.mp4", "duration 25.25", "file films/b.mp4", "duration 35.5")
    film = tmp_path / FILE_NAME
    film.write_text("\n".join([*lines, "file films/c.mp4"]))
    page = write_page(result, film=film, path=tmp_path / "sync.html")
    assert "<h1>Synchronisation: a.mp4 and 2 more</h1>" in page.read_text()
    seen = in_browser(page, script=CHAPTERS)
    assert [src for src, *_ in seen] == [f"films/{name}.mp4" for name in "babc"]
    assert [own for _, own, *_ in seen] == pytest.approx([4.75, 0.0, 35.25, 0.25])
    assert [at for *_, at, _ in seen] == pytest.approx([30.0, 0.0, 60.5, 61.0])
    assert seen[0][-1] == "b.mp4, file 2 of 3, from 25.25 s of film"
