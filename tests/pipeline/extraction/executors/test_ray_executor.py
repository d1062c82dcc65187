"""Ray: workers and a node are killed in mid-flight, every recording is committed once; the command runs there too."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from equigait.cache.store import open_store
from equigait.cache.verify import verify
from equigait.data.simulate import YardSpec, simulate_yard
from made_segments import content

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install equigait[ray]")

TESTS = Path(__file__).parents[3] / "support"


def python(*words: str) -> subprocess.CompletedProcess[str]:
    """A process of its own: Ray leaves threads and sockets in the one that it has run in."""
    paths = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, timeout=240)


def test_workers_and_a_node_that_are_killed_lose_nothing_and_poison_is_set_aside(tmp_path: Path) -> None:
    done = python("-m", "ray_scenario", str(tmp_path / "yard"))
    assert done.returncode == 0, done.stderr[-4000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["done"] == [f"ride{number:02d}" for number in range(24)]
    assert list(told["lost"]) == ["poison"]
    assert "6 workers died of it" in told["lost"]["poison"]
    assert (told["killed"], told["nodes_killed"]) == (8, 1)
    assert told["begun"] > 24  # some were in the middle of it
    assert told["entries"] == 24
    assert told["as_undisturbed"]
    assert set(told["faults"]) <= {"orphan"}


def test_the_command_caches_on_ray_what_it_caches_here(tmp_path: Path) -> None:
    yard = tmp_path / "yard"
    simulate_yard(yard, spec=YardSpec(horses=3, seconds=12.0, fps=15.0, frame_width=96, frame_height=64))
    shutil.rmtree(yard / "truth")
    (yard / "h001-r00" / "film.mp4").write_bytes(b"no film")
    command = ("-c", "from equigait.cli.main import main; main()", "extract-teacher", str(yard), "--config", "demo")
    here = python(*command, "--cache", str(tmp_path / "here"))
    on_ray = python(*command, "--cache", str(tmp_path / "ray"), "--executor", "ray", "--workers", "2")
    assert here.returncode == on_ray.returncode == 3, on_ray.stderr[-4000:]
    assert "2 extracted, 1 failed" in on_ray.stdout
    assert content(open_store(tmp_path / "ray")) == content(open_store(tmp_path / "here"))
    assert verify(open_store(tmp_path / "ray")) == ()
