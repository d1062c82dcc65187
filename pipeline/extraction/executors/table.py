"""EXECUTORS: who can do the work, by name. An executor takes a function and tasks, and gives each back with its end."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from .settings import ExecutorSettings, Lost

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(Protocol):
    """Does tasks, in any order, each until it has ended once."""

    def __call__(
        self, work: Callable[[Task], Result], tasks: Iterable[Task], *, settings: ExecutorSettings
    ) -> Iterator[tuple[Task, Result | Lost]]:
        """Every task with what `work` made of it. An exception of `work` ends the run and is raised here.

        A task whose worker died is done again: `work` must come to the same end however often it was begun. Those in
        other processes pickle `work` once for each worker, and what a worker's copy learns stays with it.
        """
        ...


def local(
    work: Callable[[Task], Result], tasks: Iterable[Task], *, settings: ExecutorSettings
) -> Iterator[tuple[Task, Result | Lost]]:
    """One task after the other, in this process."""
    del settings
    for task in tasks:
        yield task, work(task)


def _ray(
    work: Callable[[Task], Result], tasks: Iterable[Task], *, settings: ExecutorSettings
) -> Iterator[tuple[Task, Result | Lost]]:
    from .ray_executor import run_on_ray

    return run_on_ray(work, tasks, settings=settings)


EXECUTORS: dict[str, Executor] = {"local": local, "ray": _ray}
