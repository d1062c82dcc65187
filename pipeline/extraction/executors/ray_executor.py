"""Tasks on a Ray cluster: actors that each hold the work (and so a teacher), do one task at a time, and are replaced.

Ray restarts nothing by itself here. A worker that dies, alone or with its node, is replaced, its task is done again by
another, and a task that too many workers have died of is set aside, so that a poisonous recording stops nobody. Tasks
go to workers that have reported ready only: what waits for a node to come back keeps no task waiting.
"""

import logging
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ....data.errors import BadInput
from ...runtime.prefetch import share_cores
from .settings import ExecutorSettings, Lost

Task = TypeVar("Task")
Result = TypeVar("Result")

POLL_SECONDS = 30.0
"""How long nothing may happen before it is said what is waited for."""
BAD_STARTS = 5
"""Workers in a row that may die before they are ready; then it is no accident."""
LOSSES = (
    "RayActorError",
    "WorkerCrashedError",
    "OutOfMemoryError",
    "NodeDiedError",
    "LocalRayletDiedError",
    "ObjectLostError",
    "ObjectReconstructionFailedError",
)
"""Ray's errors by which a worker, its node or its result is lost and the task can be done again."""

logger = logging.getLogger(__name__)


class _Worker:
    """What an actor is: the work, unpickled where it is done."""

    def __init__(self, work: Callable[[Any], Any], *, cores: int) -> None:
        self._work = work
        share_cores(cores)

    def ready(self) -> None:
        """Ends once the worker is there."""

    def do(self, task: Any) -> Any:
        """One task; what it raises is returned as a value, for Ray would wrap it."""
        try:
            return self._work(task)
        except Exception as error:
            return _Raised(error)


class _Raised:
    """An exception as a value."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def run_on_ray(
    work: Callable[[Task], Result], tasks: Iterable[Task], *, settings: ExecutorSettings
) -> Generator[tuple[Task, Result | Lost], None, None]:
    """Every task with its end, as they come. No cluster is started when there is no task."""
    waiting = deque(tasks)
    if waiting:
        with _cluster(settings) as ray:
            yield from _Pool(work, ray=ray, settings=settings).do(waiting)


class _Pool:
    """The workers of one run, and what each is at."""

    def __init__(self, work: Callable[[Any], Any], *, ray: Any, settings: ExecutorSettings) -> None:
        self._ray, self._attempts = ray, settings.attempts
        self._work = ray.put(work)
        resources = ray.cluster_resources()
        self._size, gpus = pool_size(settings, resources=resources)
        self._cores = max(1, int(resources.get("CPU", 1.0)) // self._size)
        self._kind = ray.remote(_Worker).options(num_cpus=1, num_gpus=gpus, max_restarts=0)
        self._at: dict[Any, tuple[Any, Any]] = {}  # what is awaited: (worker, task), or (worker, None) till it is ready
        self._losses = tuple(getattr(ray.exceptions, name) for name in LOSSES if hasattr(ray.exceptions, name))
        self._deaths: Counter[Any] = Counter()
        self._bad_starts = 0

    def do(self, waiting: deque[Any]) -> Iterator[tuple[Any, Any]]:
        for _ in range(min(self._size, len(waiting))):
            self._spawn()
        try:
            while waiting or any(task is not None for _, task in self._at.values()):
                for awaited in self._next():
                    worker, task = self._at.pop(awaited)
                    try:
                        end = self._ray.get(awaited)
                    except self._losses as death:
                        self._ray.kill(worker)  # one that lives on has lost its result, or its node its store
                        end = self._died(task, death=death, waiting=waiting)
                    else:
                        self._bad_starts = 0
                        self._assign(worker, waiting=waiting)
                    if isinstance(end, _Raised):
                        raise end.error
                    if task is not None and end is not _AGAIN:
                        yield task, end
        finally:
            for worker, _ in self._at.values():
                self._ray.kill(worker)

    def _spawn(self) -> None:
        worker = self._kind.remote(self._work, cores=self._cores)
        self._at[worker.ready.remote()] = worker, None

    def _assign(self, worker: Any, *, waiting: deque[Any]) -> None:
        """The next task for a worker, or its dismissal."""
        if waiting:
            task = waiting.popleft()
            self._at[worker.do.remote(task)] = worker, task
        else:
            self._ray.kill(worker)

    def _died(self, task: Any, *, death: Exception, waiting: deque[Any]) -> Any:
        """A worker is gone: another comes, and its task waits again, or is given up."""
        end: Any = _AGAIN
        if task is None:
            self._bad_starts += 1
            if self._bad_starts >= BAD_STARTS:
                found = f"{BAD_STARTS} workers in a row that died as they started: {_line(death)}"
                remedy = "Install this release of equigait, with its libraries, on every node."
                raise BadInput("ray", found=found, expected="workers that start", remedy=remedy) from death
        else:
            self._deaths[task] += 1
            if self._deaths[task] >= self._attempts:
                end = Lost(f"{self._attempts} workers died of it, the last so: {_line(death)}")
            else:
                waiting.append(task)
        if waiting:
            self._spawn()
        return end

    def _next(self) -> list[Any]:
        """What has ended; says so when that takes long."""
        while True:
            ended, _ = self._ray.wait(list(self._at), num_returns=1, timeout=POLL_SECONDS)
            if ended:
                return list(ended)
            if all(task is None for _, task in self._at.values()):
                logger.info("ray: waiting for a node that has room for a worker")


_AGAIN = object()
"""Instead of a task's end: it waits to be done again."""


def pool_size(settings: ExecutorSettings, *, resources: dict[str, float]) -> tuple[int, float]:
    """How many workers, and the GPUs of each, on a cluster of these resources."""
    there = resources.get("GPU", 0.0)
    gpus = (1.0 if there else 0.0) if settings.gpus is None else settings.gpus
    if gpus > there:
        found, remedy = f"{there:g} GPUs in the cluster", "Ask for fewer, or join a node that has one."
        raise BadInput("ray", found=found, expected=f"{gpus:g} for each worker", remedy=remedy)
    room = there / gpus if gpus else resources.get("CPU", 1.0)
    return settings.workers or max(1, int(room)), gpus


@contextmanager
def _cluster(settings: ExecutorSettings) -> Iterator[Any]:
    """Ray, connected; one that was started here ends here."""
    try:
        import ray
    except ImportError as error:
        remedy = "Install equigait[ray], or leave --executor away."
        raise BadInput("--executor ray", found="no Ray", expected="the extra `ray`", remedy=remedy) from error
    if ray.is_initialized():
        yield ray
        return
    try:
        ray.init(address=settings.address or "local", include_dashboard=False if settings.address is None else None)
    except (ConnectionError, ValueError, RuntimeError) as error:
        remedy = "Give the address that `ray start --head` printed."
        raise BadInput("ray", found=_line(error), expected="a cluster to join", remedy=remedy) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
