"""The pages of a recording of ten minutes in headless Chromium: how long they take to open, and what they ask for."""

import json
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.inference.settings import PredictionSettings
from equigait.pipeline.inference.shipped_models import FIELD_STUDENT, shipped_run
from equigait.pipeline.predict import predict
from equigait.pipeline.review import page_writer, predict_for_review

from .measure import Found, Limit, UnavailableError

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
WIDTHS = (1280, 390)
OPENINGS = 5
LISTEN = """<script>
  window.faults = [];
  addEventListener("error", event => faults.push(event.message || "not loaded"), true);
  console.error = (...words) => faults.push(words.join(" "));
  addEventListener("load", () => {
    const height = document.body.offsetHeight, ms = performance.now();  // once all is laid out
    const names = performance.getEntriesByType("resource").map(each => each.name);
    const asked = names.filter(name => !/^(file|data|blob):/.test(name));
    const told = encodeURIComponent(JSON.stringify({ms, height, asked, faults}));
    document.body.insertAdjacentHTML("beforeend", `<pre id=seen>${told}</pre>`);
  });
</script>"""


@cache
def pages() -> dict[str, str]:
    """HTML of the page of a ride and of its review."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        yard, out, run = Path(folder) / "yard", Path(folder) / "out", shipped_run(FIELD_STUDENT)
        simulate_yard(yard, spec=YardSpec(difficulty="field", horses=1, seconds=600.0, seed=4242, film=False))
        settings = PredictionSettings(pages=True)
        ride = predict(yard, run=run, out=out, allow_missing=True, settings=settings).pages[0]
        (review,), _ = predict_for_review(yard, page_writer(out / "review"), run=run, allow_missing=True)
        return {"ride": ride.read_text(), "review": review.read_text()}


def browser() -> str:
    """The browser of this machine."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise UnavailableError("no chromium or chrome on this machine")
    return found


def opened(html: str, *, width: int) -> dict[str, object]:
    """What a browser says of a page that it opens afresh: milliseconds, requests, faults."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        page = Path(folder) / "page.html"
        page.write_text(html.replace("<head>", f"<head>{LISTEN}", 1))
        command = [browser(), *FLAGS, f"--window-size={width},1600", "--dump-dom", page.as_uri()]
        dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    found = re.search(r'<pre id="seen">(.*?)</pre>', dom)
    assert found is not None, "the page was not loaded"
    told: dict[str, object] = json.loads(unquote(found.group(1)))
    return told


def _open(name: str) -> Callable[[], Found]:
    def measure() -> Found:
        html, medians = pages()[name], {}
        for width in WIDTHS:
            each = [opened(html, width=width) for _ in range(OPENINGS)]
            assert not [one for one in each if one["asked"] or one["faults"]], each
            medians[width] = statistics.median(float(str(one["ms"])) for one in each) / 1000
        return Found(max(medians.values()), 2.0, {"seconds by width": medians, "bytes": len(html.encode())})

    return measure


def _size() -> Found:
    sizes = {name: len(html.encode()) / 1e6 for name, html in pages().items()}
    return Found(max(sizes.values()), 5.0, dict(sizes))


NOTE = "Median of five openings, the slower of two widths, until all is laid out; a request or a fault makes it fail."
BENCHES = {
    "ride-page-open": Limit("time to open the page of a ride of ten minutes", "s", _open("ride"), note=NOTE),
    "review-page-open": Limit("time to open the review of a ride of ten minutes", "s", _open("review"), note=NOTE),
    "page-size": Limit("size of the larger of the two, without film", "MB", _size),
}
