"""Long work shows how far it is: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from tqdm import tqdm

EVERY_SECONDS = 10.0
"""Between two plain lines; work that is done sooner says nothing."""

Item = TypeVar("Item")
Tell = Callable[[str], None]
"""Takes a line on what is being done."""


def watched(items: Iterable[Item], *, total: int, name: str) -> Iterator[Item]:
    """The items as they are asked for; standard error tells how many have been dealt with."""
    if sys.stderr.isatty():
        yield from tqdm(items, total=total, desc=name)
        return
    told = time.monotonic()
    for number, item in enumerate(items, start=1):
        yield item
        if time.monotonic() - told >= EVERY_SECONDS:
            told = time.monotonic()
            print(f"{name}: {number} of {total}", file=sys.stderr, flush=True)


def announced(items: Sequence[Item], *, tell: Tell) -> Iterator[Item]:
    """The items as they are asked for, each told by number and name before it comes."""
    for number, item in enumerate(items, start=1):
        tell(f"[{number}/{len(items)}] {item}")
        yield item
