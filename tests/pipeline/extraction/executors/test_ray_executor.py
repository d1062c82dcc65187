"""Ray: workers and a node are killed in mid-flight, every recording is committed once; the command runs there too."""

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from command_line import run
from equigait.cache.store import open_store
from equigait.cache.verify import verify
from equigait.pipeline.extraction.executors.ray_executor import _Pool
from equigait.pipeline.extraction.executors.settings import ExecutorSettings
from made_segments import content
from phase_one import filmed_yard

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install equigait[ray]")

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
    assert told["done"] == [f"ride{number:02d}" for number in range(16)]
    assert list(told["lost"]) == ["poison"]
    assert "5 workers died of it" in told["lost"]["poison"]
    assert (told["killed"], told["nodes_killed"]) == (4, 1)
    assert told["begun"] > 16  # some were in the middle of it
    assert told["entries"] == 16
    assert told["as_undisturbed"]
    assert set(told["faults"]) <= {"orphan"}


def test_the_command_caches_on_ray_what_it_caches_here(tmp_path: Path) -> None:
    yard = filmed_yard(tmp_path / "yard")
    (yard / "h001-r00" / "film.mp4").write_bytes(b"no film")
    command = ("extract-teacher", str(yard), "--config", "demo", "--cache")
    assert run(*command, tmp_path / "here") == 3
    program = "from equigait.cli.main import main; main()"
    on_ray = python("-c", program, *command, str(tmp_path / "ray"), "--executor", "ray", "--workers", "1")
    assert on_ray.returncode == 3, on_ray.stderr[-4000:]
    assert "2 extracted, 1 failed" in on_ray.stdout
    assert content(open_store(tmp_path / "ray")) == content(open_store(tmp_path / "here"))
    assert verify(open_store(tmp_path / "ray")) == ()


class FakeRay:
    """One worker at a time, whose first task ends with an error of Ray's own."""

    def __init__(self, error: Exception) -> None:
        self.exceptions = ray.exceptions
        self.error: Exception | None = error
        self.killed = 0

    def put(self, work: Callable[[str], str]) -> Callable[[str], str]:
        return work

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 1.0}

    def remote(self, _kind: type) -> "FakeRay":
        return self

    def options(self, **_options: object) -> SimpleNamespace:
        return SimpleNamespace(remote=self._worker)

    def _worker(self, work: Callable[[str], str], *, cores: int) -> SimpleNamespace:
        assert cores == 1  # of the one that there is
        do = SimpleNamespace(remote=lambda task: (object(), work, task))
        return SimpleNamespace(ready=SimpleNamespace(remote=lambda: (object(), str, "")), do=do)

    def wait(self, awaited: list[object], **_: object) -> tuple[list[object], list[object]]:
        return awaited[:1], awaited[1:]

    def get(self, awaited: tuple[object, Callable[[str], str], str]) -> str:
        _, work, task = awaited
        if task and self.error is not None:
            error, self.error = self.error, None
            raise error
        return work(task)

    def kill(self, _worker: object) -> None:
        self.killed += 1


@pytest.mark.parametrize(
    "error",
    [
        lambda: ray.exceptions.OutOfMemoryError("the node ran out of memory"),
        lambda: ray.exceptions.NodeDiedError("the node died"),
        lambda: ray.exceptions.ObjectLostError("00", None, "the result"),
        lambda: ray.exceptions.WorkerCrashedError(),
        lambda: ray.exceptions.LocalRayletDiedError(),
    ],
)
def test_however_ray_loses_a_worker_its_task_is_done_again(error: Callable[[], Exception]) -> None:
    fake = FakeRay(error())
    pool = _Pool(str.upper, ray=fake, settings=ExecutorSettings(name="ray", workers=1))
    assert sorted(pool.do(deque(["a", "b"]))) == [("a", "A"), ("b", "B")]
    assert fake.killed >= 2  # the one that was lost, and the last


def test_an_error_of_ray_by_which_nothing_is_lost_ends_the_run() -> None:
    pool = _Pool(
        str.upper, ray=FakeRay(ray.exceptions.RaySystemError("a fault")), settings=ExecutorSettings(name="ray")
    )
    with pytest.raises(ray.exceptions.RaySystemError):
        list(pool.do(deque(["a"])))
