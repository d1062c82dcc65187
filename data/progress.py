"""Long work shows how far it is: a bar on a terminal, plain lines elsewhere."""

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
    shown = time.monotonic()
    for number, item in enumerate(items, start=1):
        yield item
        if time.monotonic() - shown >= EVERY_SECONDS:
            shown = time.monotonic()
            print(f"{name}: {number} of {total}", file=sys.stderr, flush=True)
