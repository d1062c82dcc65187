"""What finding a clock costs: ten minutes of 1080p and five sensors to a verdict, against decoding the film once."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from equigait.data.simulate import YardSpec, simulate_yard

from .films import FilmRecipe, film
from .measure import Found, Limit
from .memory import largest

TEN_MINUTES = FilmRecipe("1080p30-h264-ten-minutes", seconds=600)
ALLOWED_RATIO = 1.5
ALLOWED_BYTES = 1e9
SYNC = """
import sys
from pathlib import Path
from equigait.data.sync import SyncSpec
from equigait.data.sync.recording import sync_recording
print(sync_recording(Path(sys.argv[1]), spec=SyncSpec()).verdict)
"""
DECODE = """
import sys, av
with av.open(sys.argv[1]) as container:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    print(sum(1 for frame in container.decode(stream)))
"""


@dataclass(frozen=True)
class Run:
    """What one process cost from start to end, libraries' imports included."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: float


def run(code: str, argument: Path) -> Run:
    """Runs a piece of Python in a process of its own."""
    cpu, wall = _children_seconds(), time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", code, str(argument)]) as running:
        peak = largest(running)
    assert running.returncode == 0
    return Run(_children_seconds() - cpu, time.perf_counter() - wall, peak)


@cache
def both() -> tuple[Run, Run]:
    """Ours and the plain decode, each in a process of its own; run once for all figures."""
    path = film(TEN_MINUTES).absolute()
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        spec = YardSpec(seed=9, horses=1, seconds=TEN_MINUTES.seconds, film=False, clock_known=False)
        manifest = _with_film(simulate_yard(Path(folder), spec=spec), path)
        return run(SYNC, manifest), run(DECODE, path)


def cost() -> Found:
    """CPU-seconds of ours over theirs."""
    ours, theirs = both()
    return Found(ours.cpu_seconds / theirs.cpu_seconds, held_to=ALLOWED_RATIO, facts=_facts(ours, theirs))


def memory() -> Found:
    """The largest resident size of ours."""
    ours, theirs = both()
    return Found(ours.peak_bytes, held_to=ALLOWED_BYTES, facts=_facts(ours, theirs))


def _with_film(manifests: Sequence[Path], film_path: Path) -> Path:
    """The first of the manifests, with a film of as many minutes: what it shows changes the verdict, not the cost."""
    manifest = manifests[0]
    with manifest.open("a") as text:
        text.write(f"film: {film_path}\n")
    return manifest


def _facts(ours: Run, theirs: Run) -> dict[str, object]:
    return {
        "film": f"{TEN_MINUTES.name}: 10 s repeated 60 times, {TEN_MINUTES.seconds * TEN_MINUTES.rate_hz} frames",
        "ours": vars(ours),
        "theirs": vars(theirs),
    }


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


NOTE = (
    "Ours is everything from the manifest on: sensors' files, film, search, sync.json and sync.html. Theirs is PyAV "
    "decoding every frame with the same threads and using none. Each is a process of its own, imports included."
)
BENCHES = {
    "sync-cost": Limit(
        figure="CPU of synchronising ten minutes of 1080p30 against decoding that film once",
        unit="x decoding",
        value=cost,
        note=NOTE,
    ),
    "sync-memory": Limit(
        figure="peak resident bytes of synchronising ten minutes of 1080p30",
        unit="bytes",
        value=memory,
        note=NOTE,
    ),
}
