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


@pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome on this machine: the page's script is not driven")
def test_slider_reset_and_time_line_work_in_a_browser(result, tmp_path: Path):
    page = write_page(result, film=tmp_path / "film.mp4", path=tmp_path / "sync.html")
    page.write_text(page.read_text().replace("</html>", CLICKS + "</html>"))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom"]
    command = [str(BROWSER), *flags, page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    seen = json.loads(re.search(r'<pre id="seen">(.*?)</pre>', dom).group(1))
    assert seen["before"] == seen["reset"] == f"--offset {result.offset_s:.4f}"
    assert float(seen["shifted"].split()[1]) == pytest.approx(result.offset_s + 0.25, abs=1e-4)
    assert seen["label"] == "+0.250 s"
    assert seen["moved"] == pytest.approx(5.0, abs=0.1)
    assert seen["drawn"] == [True, True, True]
