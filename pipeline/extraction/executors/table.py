"""EXECUTORS: who can do the work, by name. An executor takes a function and tasks, and gives each back with its end."""

from collections.abc import Callable, Generator, Iterable
from typing import Protocol, TypeVar

from ...runtime.prefetch import side_by_side, usable_cores
from .settings import ExecutorSettings, Lost

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(Protocol):
    """Does tasks, in any order, each until it has ended once."""

    def __call__(
        self, work: Callable[[Task], Result], tasks: Iterable[Task], *, settings: ExecutorSettings
    ) -> Generator[tuple[Task, Result | Lost], None, None]:
        """Every task with what `work` made of it. An exception of `work` ends the run and is raised here.

        A task whose worker died is done again: `work` must come to the same end however often it was begun. Those in
        other processes pickle `work` once for each worker, and what a worker's copy learns stays with it.
        """
        ...


def local(
    work: Callable[[Task], Result], tasks: Iterable[Task], *, settings: ExecutorSettings
) -> Generator[tuple[Task, Result | Lost], None, None]:
    """A few tasks at a time, in this process: while one film is decoded another is read, embedded or committed."""
    waiting = list(tasks)
    workers = settings.recordings_at_once(tasks=len(waiting), cores=usable_cores())
    if workers == 1:
        yield from ((task, work(task)) for task in waiting)
        return
    with side_by_side(work, waiting, workers=workers) as done:
        yield from done


def _ray(
    work: Callable[[Task], Result], tasks: Iterable[Task], *, settings: ExecutorSettings
) -> Generator[tuple[Task, Result | Lost], None, None]:
    from .ray_executor import run_on_ray

    return run_on_ray(work, tasks, settings=settings)


EXECUTORS: dict[str, Executor] = {"local": local, "ray": _ray}
