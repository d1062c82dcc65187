"""A thousand recordings through both phases: memory that stays flat, time that grows as they do."""

import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import yaml
from equigait.data.simulate import YardSpec, simulate_yard

from .measure import Found, Limit
from .memory import COMMAND, peak_of

RECORDINGS = int(os.environ.get("EQUIGAIT_BENCH_RECORDINGS", "1000"))
HORSES = 40
TICKS = os.sysconf("SC_CLK_TCK")
TRAINING = ("train.steps=30", "train.batch=32", "train.validate_every=30", "student={width: 64, layers: 1, heads: 2}")


def write_recordings(folder: Path, number: int) -> None:
    """One simulated recording again and again: each film other bytes, each ride other samples, so that all is done."""
    simulate_yard(folder / "first", spec=YardSpec(horses=1, seconds=8.0, fps=15.0, frame_width=96, frame_height=64))
    first = next((folder / "first").rglob("recording.yaml")).parent
    values = yaml.safe_load((first / "recording.yaml").read_text())
    film, samples = (first / values["film"]).read_bytes(), first / values["sensors"][0]["path"]
    lines = samples.read_text().splitlines()
    for copy in range(number):
        ride = shutil.copytree(first, folder / f"ride{copy:04d}")
        (ride / values["film"]).write_bytes(film + struct.pack(">I4sQ", 16, b"free", copy))
        changed = lines[200].split(",")
        changed[1] = f"{float(changed[1]) + 0.001 * (copy + 1):.4f}"
        (ride / samples.name).write_text("\n".join([*lines[:200], ",".join(changed), *lines[201:]]) + "\n")
        own = values | {"id": ride.name, "horse": f"h{copy % HORSES:02d}"}
        (ride / "recording.yaml").write_text(yaml.safe_dump(own))
    shutil.rmtree(folder / "first")


def spent(pid: int) -> tuple[float, float]:
    """CPU seconds of a process so far, and its resident bytes now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return (int(fields[11]) + int(fields[12])) / TICKS, pages * os.sysconf("SC_PAGE_SIZE")


def phase_one(data: Path) -> tuple[list[tuple[float, float]], str]:
    """CPU seconds and resident bytes after each recording, and what was told at the end."""
    words = [sys.executable, "-c", COMMAND, "extract-teacher", str(data), "--config", "demo"]
    marks, rest = [], []
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout
        for line in running.stdout:
            if " extracted " in line and line.startswith("["):
                marks.append(spent(running.pid))
            else:
                rest.append(line)
    assert running.returncode == 0, rest
    return marks, "".join(rest)


@cache
def haul() -> dict[str, float | str]:
    """Both phases; what phase one cost in its second and in its last quarter."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        data = Path(folder) / "data"
        write_recordings(data, RECORDINGS)
        marks, told = phase_one(data)
        assert len(marks) == RECORDINGS, told
        words = ["pretrain", "--cache", str(data / "cache"), "--run", f"{folder}/run", "--config", "demo"]
        words += [word for change in TRAINING for word in ("--set", change)]
        pretrain_peak = peak_of(words)
    quarter = RECORDINGS // 4
    cpu = [seconds for seconds, _ in marks]
    held = [statistics.median(size for _, size in part) for part in (marks[quarter : 2 * quarter], marks[-quarter:])]
    return {
        "recordings": RECORDINGS,
        "cpu_seconds_a_recording_second_quarter": (cpu[2 * quarter] - cpu[quarter]) / quarter,
        "cpu_seconds_a_recording_last_quarter": (cpu[-1] - cpu[-1 - quarter]) / quarter,
        "resident_bytes_second_quarter": held[0],
        "resident_bytes_last_quarter": held[1],
        "pretrain_peak_bytes": pretrain_peak,
        "told_at_the_end": told[-500:],
    }


def growth(name: str) -> Found:
    """A figure of the last quarter over that of the second."""
    found = haul()
    later, earlier = (float(found[f"{name}_{part}_quarter"]) for part in ("last", "second"))
    return Found(later / earlier, held_to=1.1, facts=dict(found))


BENCHES = {
    "long-haul": Limit(
        figure="resident bytes of phase one in the last quarter of a thousand recordings, over the second quarter's",
        unit="x",
        value=lambda: growth("resident_bytes"),
        note="Films of 8 s and five sensors, teacher videomae-demo, each film embedded. EQUIGAIT_BENCH_RECORDINGS "
        "changes the number.",
    ),
    "long-haul-time": Limit(
        figure="CPU seconds a recording in the last quarter, over the second quarter's",
        unit="x",
        value=lambda: growth("cpu_seconds_a_recording"),
    ),
}
