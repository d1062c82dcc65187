"""Seeking in the page of a review in headless Chromium: which frame is shown, and how long that takes."""

import json
import random
import subprocess
import tempfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import yaml
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.inference.shipped_models import FIELD_STUDENT, shipped_run
from equigait.pipeline.review import page_writer, predict_for_review

from .films import FilmRecipe, film
from .measure import Found, Limit
from .pages import FLAGS, browser

SECONDS, JUMPS = 600, 20
FILM = FilmRecipe("720p30-h264-g30-10min", width=1280, height=720, seconds=SECONDS)
"""A key frame every second, as phones write them."""
PATIENCE_SECONDS = 120
ASK = """<script type="module">
  while (!ready) await new Promise(done => setTimeout(done, 50));
  const told = [];
  for (const number of %s) {
    const began = performance.now();
    let last = null, ms = null;
    const watch = (_, frame) => {
      last = frameAt(zeros[shown].at + frame.mediaTime + 1e-3);
      if (last === number) ms = performance.now() - began; else film.requestVideoFrameCallback(watch);
    };
    film.requestVideoFrameCallback(watch);
    seek(frames[number]);
    while (ms === null && performance.now() - began < 5000) await new Promise(done => setTimeout(done, 5));
    told.push({off: last === null ? frames.length : Math.abs(last - number), ms});
  }
  navigator.sendBeacon("http://127.0.0.1:%d", JSON.stringify(told));
</script></html>"""


def _write_review(folder: Path) -> Path:
    """The review of a simulated ride of ten minutes beside a film of that length."""
    (manifest,) = simulate_yard(
        folder / "yard", spec=YardSpec(difficulty="field", horses=1, seconds=SECONDS, seed=4242, film=False)
    )
    filmed = {"film": "film.mp4", "clock": {"origin": "known", "offset_seconds": 0.0}}
    manifest.write_text(yaml.safe_dump(yaml.safe_load(manifest.read_text()) | filmed, sort_keys=False))
    (manifest.parent / "film.mp4").symlink_to(film(FILM).resolve())
    run = shipped_run(FIELD_STUDENT)
    (page,), _ = predict_for_review(manifest.parent, page_writer(folder), run=run, allow_missing=True)
    return page


class _Ear(BaseHTTPRequestHandler):
    """Takes what a page tells."""

    def do_POST(self) -> None:
        told = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        assert isinstance(self.server, _Server)
        self.server.told = json.loads(told)

    def log_message(self, *_: object) -> None:
        pass


class _Server(HTTPServer):
    told: list[dict[str, float]] | None = None


def _heard(page: Path, *, numbers: list[int]) -> list[dict[str, float]]:
    """What a browser tells of these seeks in a page: frames off, and milliseconds."""
    with _Server(("127.0.0.1", 0), _Ear) as server, tempfile.TemporaryDirectory(prefix="equigait-bench-") as profile:
        server.timeout = PATIENCE_SECONDS
        script = ASK % (json.dumps(numbers), server.server_port)
        page.write_text(page.read_text().replace("</html>", script))
        command = [browser(), *FLAGS, f"--user-data-dir={profile}", "--remote-debugging-port=0", page.as_uri()]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            server.handle_request()
            running.terminate()
    assert server.told is not None, "the page told nothing"
    return server.told


def _seek() -> Found:
    """The farthest frame shown from the one that was asked for, over jumps and steps of both ways."""
    chance, last = random.Random(0), SECONDS * FILM.rate_hz - 1
    jumps = [chance.randrange(last) for _ in range(JUMPS)]
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        told = _heard(_write_review(Path(folder)), numbers=[each for jump in jumps for each in (jump, jump + 1, jump)])
    facts: dict[str, object] = {"seeks": len(told)}
    for first, kind in enumerate(("jump", "step on", "step back")):
        ms = sorted(each["ms"] or float("inf") for each in told[first::3])
        facts[f"ms of a {kind}"] = {"median": ms[len(ms) // 2], "slowest": ms[-1]}
    return Found(max(each["off"] for each in told), 1.0, facts)


BENCHES = {
    "review-seek": Limit(
        "frames between the one asked for and the one shown, at worst",
        "frames",
        _seek,
        note="Twenty jumps within ten minutes of 720p, each followed by a step on and a step back.",
    ),
}
