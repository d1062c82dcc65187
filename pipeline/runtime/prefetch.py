"""Work side by side: an iterator that runs ahead in a thread of its own, and functions mapped by several threads.

All hold a bounded number of items, pass exceptions on to where the results are read, and are over when their block
is: after an error or an interruption nothing runs on.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from queue import Full, Queue
from threading import Event, Thread, local
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

POLL_SECONDS = 0.1
"""How often a thread that waits for room checks whether it is still wanted."""


class _Share:
    """The most cores that this process is to use; 0 is all."""

    cores = 0


def share_cores(most: int) -> None:
    """This process is one of several on its machine: from here on it takes no more cores than these for its own."""
    _Share.cores = most


def usable_cores() -> int:
    """Cores that this process may run on, at most its share of them."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(there, _Share.cores or there)


@contextmanager
def one_core_each() -> Iterator[None]:
    """Every thread begun within computes on one core: two that share their cores wait for each other at every step.

    Threads that enter it side by side have to be begun within it, as those of `extract_dataset` are.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)  # what threads begun later take over
    try:
        yield
    finally:
        torch.set_num_threads(before)


def in_background(work: Callable[[], Result]) -> "Future[Result]":
    """What `work` will have found, in a thread that goes when it is done."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="background")
    found = pool.submit(work)
    pool.shutdown(wait=False)
    return found


class _Over:
    """Follows the last item; holds what ended them, if that was an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


@contextmanager
def prefetch(items: Iterator[Item], *, most: int) -> Iterator[Iterator[Item]]:
    """The same items, made by a thread that keeps at most `most` of them waiting."""
    waiting: Queue[Item | _Over] = Queue(maxsize=most)
    unwanted = Event()

    def put(item: Item | _Over) -> bool:
        while not unwanted.is_set():
            try:
                waiting.put(item, timeout=POLL_SECONDS)
            except Full:
                continue
            return True
        return False

    over: Event | None = getattr(_HERE, "over", None)

    def run() -> None:
        _HERE.over = over  # the items are work of the thread that asked for them
        try:
            if all(put(item) for item in items):
                put(_Over())
        except BaseException as error:  # it is raised where the items are read
            put(_Over(error))

    thread = Thread(target=run, name="prefetch", daemon=True)
    thread.start()
    try:
        yield _until_over(waiting)
    finally:
        unwanted.set()
        thread.join()


class Unwanted(BaseException):
    """Ends work of which the results are not wanted any more. No error: nothing below `side_by_side` sees it."""


_HERE = local()


def check_wanted() -> None:
    """Raises `Unwanted` in a thread of `side_by_side` that has ended or failed: long work calls it now and then."""
    over: Event | None = getattr(_HERE, "over", None)
    if over is not None and over.is_set():
        raise Unwanted


@contextmanager
def side_by_side(
    work: Callable[[Item], Result], items: Iterable[Item], *, workers: int
) -> Iterator[Iterator[tuple[Item, Result]]]:
    """Every item with the result of `work`, as they come, made by `workers` threads; no more items are begun.

    After an error, or when the block is left, work under way ends at its next `check_wanted`.
    """
    over = Event()
    pool = ThreadPoolExecutor(
        workers, thread_name_prefix="side-by-side", initializer=lambda: setattr(_HERE, "over", over)
    )

    def results() -> Iterator[tuple[Item, Result]]:
        waiting, begun = iter(items), dict[Future[Result], Item]()
        while True:
            for item in islice(waiting, workers - len(begun)):
                begun[pool.submit(work, item)] = item
            if not begun:
                return
            for ended in wait(begun, return_when=FIRST_COMPLETED).done:
                yield begun.pop(ended), ended.result()

    try:
        yield results()
    finally:
        over.set()
        pool.shutdown(cancel_futures=True)


@contextmanager
def ordered_map(work: Callable[[Item], Result], items: Iterable[Item], *, workers: int) -> Iterator[Iterator[Result]]:
    """The results of `work` in the order of the items, made by `workers` threads; one item waits ready beside them."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="ordered-map")

    def results() -> Iterator[Result]:
        begun: deque[Future[Result]] = deque()
        for item in items:
            begun.append(pool.submit(work, item))
            if len(begun) > workers:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()

    try:
        yield results()
    finally:
        pool.shutdown(cancel_futures=True)


def _until_over(waiting: "Queue[Item | _Over]") -> Iterator[Item]:
    while True:
        item = waiting.get()
        if isinstance(item, _Over):
            if item.error is not None:
                raise item.error
            return
        yield item
