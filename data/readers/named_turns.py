"""Refuses tables whose own column says that their rows are of several sensors, whatever their rates and order."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import BadInput
from .interleaved import MOST_IN_TURN

SAYS_WHICH = re.compile(
    "(sensor|device|node|imu)(id|name|number|no|type|label|serial|location|position|placement)?"
    "|unitid|unitserial|mac(address)?|serial(number)?|bodypart|site"
)
"""Names of columns that tell sensors apart, in small letters and digits alone."""


def columns_that_say_which(names: Iterable[str], *, asked: Sequence[str]) -> tuple[str, ...]:
    """The columns beside those asked for whose names promise to tell sensors apart."""
    others = (name for name in names if name not in asked)
    return tuple(name for name in others if SAYS_WHICH.fullmatch(re.sub(r"[\W_]", "", name).lower()))


def refuse_named_turns(path: Path, *, column: str, words: Iterable[str]) -> None:
    """Refuses several, but not as many as rows might be numbered: `words` are all that stand in the column."""
    found = sorted({word.strip() for word in words} - {""})
    if 1 < len(found) <= MOST_IN_TURN:
        raise BadInput(
            path,
            found=f"rows of {len(found)} sensors by the column {column}: {', '.join(found[:5])}",
            expected="the rows of one sensor alone",
            remedy="Write one file for each sensor, or a row for each instant with a column for each signal.",
        )
