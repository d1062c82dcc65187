"""Tables whose own column says that their rows are of several sensors: refused by its name, or remarked on."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy import ndarray as Array

from ..errors import BadInput
from .interleaved import LEAST_ROWS, MOST_IN_TURN

SAYS_WHICH = re.compile(
    "(sensor|device|node|imu)(id|name|number|no|type|label|serial|location|position|placement)?"
    "|unitid|unitserial|mac(address)?|serial(number)?|bodypart|site"
)
"""Names of columns that tell sensors apart, in small letters and digits alone."""
SAYS_PERHAPS = re.compile(
    "(id|name|unit|address|tag|channel|source|side|leg|limb|foot|position|location|placement|segment|uuid|label)s?"
)
"""Names of columns that may tell sensors apart, or horses, trials and gaits."""
ALIKE = 0.02
"""Part by which blocks of as many rows may differ in length."""


def columns_that_say_which(names: Iterable[str], *, asked: Sequence[str]) -> tuple[str, ...]:
    """The columns beside those asked for whose names promise to tell sensors apart."""
    others = (name for name in names if name not in asked)
    return tuple(name for name in others if SAYS_WHICH.fullmatch(_letters(name)))


def refuse_named_turns(path: Path, *, column: str, words: Iterable[str]) -> None:
    """Refuses several, but not as many as rows might be numbered: `words` are all that stand in the column."""
    found = sorted({word.strip() for word in words} - {"", "nan"})
    if 1 < len(found) <= MOST_IN_TURN:
        raise BadInput(
            path,
            found=f"rows of {len(found)} sensors by the column {column}: {', '.join(word[:40] for word in found[:5])}",
            expected="the rows of one sensor alone",
            remedy="Write one file for each sensor, or a row for each instant with a column for each signal.",
        )


def equal_blocks(column: str, values: pa.ChunkedArray) -> tuple[str, ...]:
    """A remark on a column that holds a few values, one after the other in as many rows each: sensors, perhaps."""
    codes = values.combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    starts = np.flatnonzero(np.diff(codes, prepend=np.nan) != 0)
    lengths = np.diff(np.append(starts, len(codes)))
    few = 1 < len(starts) <= MOST_IN_TURN and len(np.unique(codes[starts])) == len(starts)
    alike = np.ptp(lengths) <= ALIKE * lengths.max()
    if not few or not (alike or SAYS_PERHAPS.fullmatch(_letters(last_part(column)))) or lengths.min() < LEAST_ROWS:
        return ()
    each = " in as many rows each" if alike else ""
    found = f"the column {column} has {len(starts)} values, one after the other{each}"
    return (
        f"{found}: if they are sensors, write one file for each; without stamps their rows read as one after the other",
    )


def remarks_of_others(
    path: Path, names: Sequence[str], *, asked: Mapping[str, Array], read: Callable[[str], Array]
) -> tuple[str, ...]:
    """What vectors beside the columns asked for, as long as these, say of several sensors: refused, or remarked on."""
    rows = {len(column) for column in asked.values()}
    remarks: list[str] = []
    for name in names:
        sure, perhaps = (says.fullmatch(_letters(last_part(name))) for says in (SAYS_WHICH, SAYS_PERHAPS))
        if name in asked or not (sure or perhaps):
            continue
        values = read(name)
        if (
            len(values) not in rows
            or values.dtype.kind not in "iufSO"
            or len(different := np.unique(values)) > MOST_IN_TURN
        ):
            continue
        if sure:
            words = [word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in different]
            refuse_named_turns(path, column=name, words=words)
        remarks += equal_blocks(name, pa.chunked_array([pa.array(values)]))
    return tuple(remarks)


def last_part(name: str) -> str:
    """The last part of a path, or the field of a table."""
    return re.split(r"[/\[]", name.rstrip("]"))[-1]


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
