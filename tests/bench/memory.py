"""What phase one holds in memory at most while an hour of 1080p passes through it."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from .films import FilmRecipe, film
from .measure import Found, Limit
from .read import write_hour
from .teacher import random_videomae

HOUR = FilmRecipe("1080p15-h264-hour", options="preset=ultrafast:crf=30:g=30:bf=2", rate_hz=15, seconds=3600)
ALLOWED_BYTES = 2e9
LOOK_EVERY_SECONDS = 0.2
COMMAND = "from equigait.cli.main import main; main()"


def peak_of_an_hour() -> Found:
    """The largest resident size of the command, in a process of its own."""
    weights = random_videomae(layers=1)
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        write_hour(Path(folder))
        with (Path(folder) / "recording.yaml").open("a") as manifest:
            manifest.write(f"film: {film(HOUR).absolute()}\nclock: {{origin: known, offset_seconds: 0.0}}\n")
        changes = ("teacher.name=videomae", f"teacher.weights={weights.absolute()}", "teacher.device=cpu")
        overrides = [word for change in changes for word in ("--set", change)]
        began = time.monotonic()
        peak_bytes = peak_of(["extract-teacher", folder, *overrides])
    model_bytes = (weights / "model.safetensors").stat().st_size
    facts = {
        "film": f"{HOUR.name}: 10 s repeated 360 times, {(HOUR.seconds * HOUR.rate_hz)} frames",
        "model_bytes": model_bytes,
        "wall_seconds": time.monotonic() - began,
    }
    return Found(peak_bytes, held_to=ALLOWED_BYTES + model_bytes, facts=facts)


def peak_of(words: Sequence[str]) -> float:
    """The largest resident size of the command line with these words, in a process of its own, in bytes."""
    with subprocess.Popen([sys.executable, "-c", COMMAND, *words], stdout=subprocess.DEVNULL) as running:
        peak_bytes = largest(running)
    assert running.returncode == 0, words
    return peak_bytes


def largest(running: "subprocess.Popen[bytes]") -> float:
    """The largest resident size that a process reaches, in bytes, once it has ended.

    Linux keeps the mark in its status; what it tells of a child that has ended counts this process's own size too.
    """
    peak_kilobytes = 0
    while running.poll() is None:
        lines = Path(f"/proc/{running.pid}/status").read_text().splitlines()
        marks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
        peak_kilobytes = max([peak_kilobytes, *marks])
        time.sleep(LOOK_EVERY_SECONDS)
    return 1024.0 * peak_kilobytes


BENCHES = {
    "memory": Limit(
        figure="peak resident bytes of phase one on an hour of 1080p film",
        unit="bytes",
        value=peak_of_an_hour,
        note="1080p15 H.264, cheap to decode; every frame that clips need is converted at full size. The teacher is "
        "VideoMAE-base with one layer of its twelve: what it holds of a clip at any instant is the same, what it costs "
        "is not. Libraries, sensors of an hour and the commit are included. Held to 2 GB + the model.",
    ),
}
