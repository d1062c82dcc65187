"""Phase one on a Ray cluster of two nodes whose workers, second raylet and driver are killed in mid-run."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from equigait.cache.store import open_store
from equigait.data.simulate import YardSpec, simulate_yard

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))  # the tests' own modules, as under pytest
from kills import Content, hold_the_whole, hold_what_is_seen
from made_segments import content

from .measure import Found, Limit
from .memory import COMMAND

KILLS = 24
KINDS = ("worker", "raylet", "driver")
RECORDINGS = 8
NODE: dict[str, Any] = {"num_cpus": 2, "object_store_memory": 80_000_000}
WAIT_SECONDS = 300.0
"""For a worker that works, and for a recording."""


class Nodes:
    """A head and a second node of this machine, the latter replaced whenever it was killed."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        as_quick = {"worker_niceness": 0}  # 15 starves workers on a machine that does other things
        head = {**NODE, "include_dashboard": False, "_system_config": as_quick}
        self._cluster: Any = Cluster(initialize_head=True, head_node_args=head)
        self._second: Any = self._cluster.add_node(**NODE)

    def address(self) -> str:
        """Where a driver joins."""
        return str(self._cluster.address)

    def raylets(self) -> list[int]:
        """The processes of both, the second node's last."""
        nodes = (self._cluster.head_node, self._second)
        return [node.all_processes["raylet"][0].process.pid for node in nodes]

    def workers(self) -> list[int]:
        """Actors at a task: children of these raylets whose title Ray writes so."""
        return [child for raylet in self.raylets() for child in _children(raylet) if b"_Worker.do" in _title(child)]

    def replace_second(self) -> None:
        """Another node in place of the one whose raylet is dead; its workers are left to find that out themselves."""
        self._cluster.remove_node(self._second, allow_graceful=False)
        self._second = self._cluster.add_node(**NODE)

    def close(self) -> None:
        """Ends all processes of both."""
        self._cluster.shutdown()


def kills_on_ray() -> Found:
    """How many kills caches bore on two nodes; the first that is not borne raises."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        yard = Path(folder) / "yard"
        simulate_yard(yard, spec=YardSpec(horses=RECORDINGS, seconds=12.0, fps=15.0, frame_width=96, frame_height=64))
        subprocess.run(_words(yard, Path(folder) / "here"), check=True, stdout=subprocess.DEVNULL)
        expected = content(open_store(Path(folder) / "here"))
        assert len(expected) == RECORDINGS
        nodes = Nodes()
        try:
            tally, caches = _kill_until_enough(nodes, yard, expected=expected, folder=Path(folder))
        finally:
            nodes.close()
    return Found(tally.total(), held_to=KILLS, facts={"kills": dict(tally), "caches": caches, "recordings": RECORDINGS})


def _kill_until_enough(nodes: Nodes, yard: Path, *, expected: Content, folder: Path) -> tuple[Counter[str], int]:
    """Fills caches under kills; of each kind how many, and how many caches."""
    chance, tally, caches, kinds = random.Random(1), Counter[str](), 0, cycle(KINDS)
    on_ray = ("--executor", "ray", "--address", nodes.address(), "--workers", "3", "--gpus", "0", "--retry-failed")
    while tally.total() < KILLS:
        cache, log = folder / f"killed-{caches}", folder / f"killed-{caches}.log"
        code = None
        while code != 0:
            with log.open("ab") as told:
                driver = subprocess.Popen([*_words(yard, cache), *on_ray], stdout=told, stderr=told)
            while tally.total() < KILLS and _has_worked(nodes, driver, cache=cache, long=chance.random() < 0.7):
                time.sleep(chance.uniform(0.0, 1.5))
                kind = next(kinds)
                _kill(kind, nodes=nodes, driver=driver, chance=chance)
                tally[kind] += 1
                _, seen = hold_what_is_seen(cache, expected=expected)
                print(f"  {kind} {tally[kind]}: {seen} of {len(expected)} recordings seen", flush=True)
            code = driver.wait()
            assert code in (0, 3, -signal.SIGKILL), log.read_text()  # 3: three workers died of one recording
        hold_the_whole(cache, expected=expected)
        caches += 1
    return tally, caches


def _words(yard: Path, cache: Path) -> list[str]:
    return [sys.executable, "-c", COMMAND, "extract-teacher", str(yard), "--config", "demo", "--cache", str(cache)]


def _has_worked(nodes: Nodes, driver: "subprocess.Popen[bytes]", *, cache: Path, long: bool) -> bool:
    """Waits for a worker that is at a task, where `long` until one more recording is in the cache; False when the
    driver has ended before."""
    until, before = time.monotonic() + WAIT_SECONDS, len(content(open_store(cache)))
    while driver.poll() is None:
        assert time.monotonic() < until, "no worker does anything"
        if nodes.workers() and (not long or len(content(open_store(cache))) > before):
            return True
        time.sleep(0.05)
    return False


def _kill(kind: str, *, nodes: Nodes, driver: "subprocess.Popen[bytes]", chance: random.Random) -> None:
    if kind == "worker":
        process = chance.choice(nodes.workers() or [driver.pid])
    else:
        process = driver.pid if kind == "driver" else nodes.raylets()[-1]
    os.kill(process, signal.SIGKILL)
    if kind == "raylet":
        nodes.replace_second()


def _children(process: int) -> Iterator[int]:
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            yield from map(int, thread.read_text().split())


def _title(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


BENCHES = {
    "ray-kills": Limit(
        figure="kills of workers, a raylet and the driver on two Ray nodes that a cache bears",
        unit="kills",
        value=kills_on_ray,
        at_least=True,
        note="The whole command with the demo's teacher, three workers. Kinds take turns at random instants while a "
        "recording is worked on; a node that lost its raylet is replaced, its workers live until they notice. After "
        "each kill all that can be seen is that of a run without Ray; each cache is equal to it in the end, once.",
    ),
}
