"""Reads columns of a Parquet file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy import ndarray as Array

from ..errors import BadInput
from ..large_arrays import new_array, releasing
from .delimited import BLOCK_ENDS
from .named_turns import columns_that_say_which, equal_blocks, refuse_named_turns
from .table import Table, numbers_of, refuse_too_long

BATCH_ROWS = 2**16
MOST_OTHERS = 8
"""Columns beside those read that are looked at for blocks."""
PLAIN = (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary, pa.types.is_integer)
"""Kinds of columns that may tell sensors apart by blocks."""
RELEASED_BATCHES = 64
"""After so many, the memory of a long column is let go."""


def parquet_names(path: Path) -> tuple[str, ...]:
    """The names of a Parquet file's columns; BadInput for what is none."""
    try:
        return tuple(pa.parquet.read_schema(path).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(path, error) from None


class ParquetReader:
    """Columns of numbers by name. Nulls become NaN; float32 stays so."""

    generic = True

    def recognises(self, head: bytes) -> bool:
        """The format's magic number."""
        return head.startswith(b"PAR1")

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The columns of these names, one after the other: of a day's, Arrow's copy would be as large as all others."""
        names = parquet_names(path)
        if missing := [name for name in columns if name not in names]:
            raise BadInput(
                path,
                found=f"columns {', '.join(names)}",
                expected=f"a column {missing[0]}",
                remedy="Correct `columns:` in the manifest.",
            )
        if twice := [name for name in columns if names.count(name) > 1]:
            remedy = "Write it again with names of their own."
            raise BadInput(path, found=f"two columns {twice[0]}", expected="one of each name", remedy=remedy)
        try:
            with pa.parquet.ParquetFile(path) as file:
                refuse_too_long((file.metadata.num_rows,), path=path)
                kinds = {field.name: field.type for field in file.schema_arrow if names.count(field.name) == 1}
                flat = [name for name, kind in kinds.items() if not pa.types.is_nested(kind)]
                for name in columns_that_say_which(flat, asked=columns):
                    words = file.read(columns=[name])[name].drop_null().unique().to_pylist()
                    refuse_named_turns(path, column=name, words=map(str, words))
                read = {name: _numbers(file, path=path, column=name) for name in columns}
                plain = [name for name, kind in kinds.items() if any(is_kind(kind) for is_kind in PLAIN)]
                blocks = _blocks(file, others=[name for name in plain if name not in columns])
                return Table(path, read, names=tuple(flat), blocks=blocks)
        except (pa.ArrowInvalid, OSError) as error:
            raise _damaged(path, error) from None


def _blocks(file: "pa.parquet.ParquetFile", *, others: Sequence[str]) -> tuple[str, ...]:
    """What the words and whole numbers beside the columns read say of blocks; of the first few such columns."""
    few = others[:MOST_OTHERS]
    first = next(file.iter_batches(BLOCK_ENDS, columns=few), None)  # counters, say, show there already
    steady = [name for name in few if first is not None and len(first[name].unique()) == 1]
    return tuple(remark for name in steady for remark in equal_blocks(name, file.read(columns=[name])[name]))


def _numbers(file: "pa.parquet.ParquetFile", *, path: Path, column: str) -> Array:
    """A column's numbers, batch by batch: Arrow keeps for itself as much memory as it once decoded at a time."""
    kind = file.schema_arrow.field(column).type
    _refuse_instants(kind, path=path, column=column)
    single = kind == pa.float32()
    numbers, first = new_array(file.metadata.num_rows, dtype=np.float32 if single else np.float64), 0
    batches = file.iter_batches(BATCH_ROWS, columns=[column], use_threads=False)
    for batch in releasing(batches, every=RELEASED_BATCHES):
        values = batch[column]
        if pa.types.is_decimal(kind):
            values = values.cast(pa.float64())
        part = numbers_of(values.to_numpy(zero_copy_only=False), path=path, column=column)
        numbers[first : first + len(part)] = part
        first += len(part)
    return numbers


def _refuse_instants(kind: pa.DataType, *, path: Path, column: str) -> None:
    """Refuses instants and durations by their type, whose numbers and unit a writer can take out."""
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        remedy = f"Write it as whole numbers (`.astype('int64')` in pandas) and declare `unit: {kind.unit}`."
        raise BadInput(path, found=f"{kind} in {column}", expected="a column of numbers", remedy=remedy)


def _damaged(path: Path, error: Exception) -> BadInput:
    found = " ".join(str(error).split())[:200]
    remedy = "Write it again, or correct `format:`."
    return BadInput(path, found=found, expected="a whole Parquet file", remedy=remedy)
