"""What a second run costs in which nothing, or only the windows, are new: the command as a user gives it."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from equigait.cache.change_index import SETTLED_SECONDS
from equigait.data.simulate import YardSpec, simulate_yard

from .measure import Found, Limit
from .memory import COMMAND

RECORDINGS = 200


def phase_one(data: Path, *settings: str, cache: str | None = None) -> tuple[float, str]:
    """The command on this data set: its wall seconds, Python's start included, and what it told."""
    overrides = [word for setting in settings for word in ("--set", setting)]
    overrides += ["--cache", cache] if cache else []
    words = [sys.executable, "-c", COMMAND, "extract-teacher", str(data), "--config", "demo", *overrides]
    began = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return time.perf_counter() - began, done.stdout + done.stderr


def many_recordings(folder: Path) -> Path:
    """One simulated recording under many ids: each has its manifest, five sensor files, labels and film."""
    simulate_yard(folder, spec=YardSpec(horses=1, seconds=12.0, fps=15.0, frame_width=96, frame_height=64))
    shutil.rmtree(folder / "truth", ignore_errors=True)
    first = next(folder.rglob("recording.yaml")).parent
    values = yaml.safe_load((first / "recording.yaml").read_text())
    for number in range(1, RECORDINGS):
        copy = shutil.copytree(first, folder / f"copy-{number:04d}")
        (copy / "recording.yaml").write_text(yaml.safe_dump(values | {"id": copy.name}))
    time.sleep(SETTLED_SECONDS + 0.5)
    return folder


def second_run() -> Found:
    """The median of three runs in which nothing is new, and one in which the windows' hop is."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        data = many_recordings(Path(folder))
        first_seconds, told = phase_one(data)
        assert f"{RECORDINGS} extracted" in told or "repooled" in told, told
        again = [phase_one(data) for _ in range(3)]
        assert all(f"{RECORDINGS} unchanged" in told for _, told in again), again[0][1]
        hop_seconds, told = phase_one(data, "windows.hop_steps=100")
        assert f"{RECORDINGS} repooled" in told, told
        assert "teacher:" not in told
    facts = {
        "recordings": RECORDINGS,
        "first_run_seconds": first_seconds,
        "runs": [seconds for seconds, _ in again],
        "another_hop_seconds": hop_seconds,
        "another_hop_loads_the_teacher": False,
    }
    return Found(sorted(seconds for seconds, _ in again)[1], held_to=2.0 + 0.001 * RECORDINGS, facts=facts)


BENCHES = {
    "rerun": Limit(
        figure="wall seconds of a second run in which nothing is new",
        unit="s",
        value=second_run,
        note=f"{RECORDINGS} recordings with film, five sensors and labels each; the whole command, Python's start "
        "included; held to 2 s + 1 ms a recording. Another hop pools all windows anew, without the teacher.",
    ),
}
