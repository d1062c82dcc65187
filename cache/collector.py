"""Python's cyclic garbage collector, held back while very many small objects are made that all stay."""

import gc
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager


def collector_paused() -> AbstractContextManager[None]:
    """No collection within: each would visit everything made so far."""
    return _collector(running=False)


def collector_running() -> AbstractContextManager[None]:
    """Collections within, inside of `collector_paused` too: for work that goes on for long."""
    return _collector(running=True)


@contextmanager
def _collector(*, running: bool) -> Iterator[None]:
    before = gc.isenabled()
    _switch(running)
    try:
        yield
    finally:
        _switch(before)


def _switch(on: bool) -> None:
    (gc.enable if on else gc.disable)()
