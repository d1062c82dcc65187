"""Long work shows how far it is and about how long it will still take: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

EVERY_SECONDS = 10.0
"""Between two plain lines; work that is done sooner says nothing."""

Item = TypeVar("Item")


def watched(items: Iterable[Item], *, total: int, name: str) -> Iterator[Item]:
    """The items as they are asked for; standard error shows how many have been dealt with."""
    if sys.stderr.isatty():
        yield from tqdm(items, total=total, desc=name)
        return
    begun = shown = time.monotonic()
    for number, item in enumerate(items, start=1):
        yield item
        if time.monotonic() - shown >= EVERY_SECONDS:
            shown = time.monotonic()
            left = (shown - begun) / number * (total - number)
            print(f"{name}: {number} of {total}, {_duration(left)} left", file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    """About how long: `40 s`, `12 min`."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
