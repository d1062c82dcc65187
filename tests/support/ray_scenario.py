"""A Ray cluster of two nodes on this machine, whose workers are killed, and one node: tells what became of tasks.

Run as a process of its own (`python -m ray_scenario FOLDER`), for a cluster leaves threads and sockets behind. Prints
one line of JSON.
"""

import json
import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

from equigait.cache.reader import all_entries
from equigait.cache.store import open_store
from equigait.cache.verify import verify
from equigait.cache.writer import commit
from equigait.pipeline.extraction.executors.settings import ExecutorSettings, Lost
from equigait.pipeline.extraction.executors.table import EXECUTORS
from made_segments import content, made_segment

TASKS = tuple(f"ride{number:02d}" for number in range(16))
POISON = "poison"
KILLS = 4


def work(task: str, *, folder: Path) -> str:
    """Commits one recording, a while after saying who is at it; one of them kills whoever takes it."""
    (folder / "at" / f"{task}-{os.getpid()}").touch()
    if task == POISON:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.3)
    commit(open_store(folder / "cache"), made_segment(task))
    return task


def kill_workers(folder: Path, *, node: Any, cluster: Any, over: Event, killed: list[int]) -> None:
    """Kills whoever began a task lately, at random instants, and after a few of them the second node as a whole."""
    chance, met = random.Random(1), set()
    while not over.is_set() and len(killed) < KILLS:
        time.sleep(chance.uniform(0.0, 0.3))
        fresh = [path for path in (folder / "at").iterdir() if path.name not in met and POISON not in path.name]
        if not fresh:
            continue
        met.update(path.name for path in fresh)
        process = int(max(fresh, key=lambda path: path.stat().st_mtime_ns).name.rpartition("-")[2])
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed.append(process)
        if len(killed) == KILLS // 2:
            cluster.remove_node(node, allow_graceful=False)


def main(folder: Path) -> dict[str, Any]:
    """Runs it all."""
    from ray.cluster_utils import Cluster

    (folder / "at").mkdir(parents=True)
    room = {"num_cpus": 2, "object_store_memory": 80_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={**room, "include_dashboard": False})
    node = cluster.add_node(**room)
    over, killed = Event(), list[int]()
    options = {"node": node, "cluster": cluster, "over": over, "killed": killed}
    chaos = Thread(target=kill_workers, args=(folder,), kwargs=options)
    chaos.start()
    settings = ExecutorSettings(name="ray", address=cluster.address, workers=3, gpus=0.0, attempts=5)
    try:
        tasks = (*TASKS[:5], POISON, *TASKS[5:])
        ends = list(EXECUTORS["ray"](partial(work, folder=folder), tasks, settings=settings))
    finally:
        over.set()
        chaos.join()
        cluster.shutdown()
    store, undisturbed = open_store(folder / "cache"), open_store("memory://")
    for task in TASKS:
        commit(undisturbed, made_segment(task))
    return {
        "done": sorted(task for task, end in ends if not isinstance(end, Lost)),
        "lost": {task: end.reason for task, end in ends if isinstance(end, Lost)},
        "killed": len(killed),
        "nodes_killed": int(len(killed) >= KILLS // 2),
        "begun": len([path for path in (folder / "at").iterdir() if POISON not in path.name]),
        "entries": len(all_entries(store)),
        "as_undisturbed": content(store) == content(undisturbed),
        "faults": sorted({fault.kind for fault in verify(store)}),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
