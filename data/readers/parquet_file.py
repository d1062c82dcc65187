"""Reads columns of a Parquet file."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from ..errors import BadInput
from .named_turns import columns_that_say_which, refuse_named_turns
from .table import Table, refuse_too_long, to_numbers


def parquet_names(path: Path) -> tuple[str, ...]:
    """The names of a Parquet file's columns; BadInput for what is none."""
    try:
        return tuple(pa.parquet.read_schema(path).names)
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(path, error) from None


class ParquetReader:
    """Columns of numbers by name. Nulls become NaN."""

    generic = True

    def recognises(self, head: bytes) -> bool:
        """The format's magic number."""
        return head.startswith(b"PAR1")

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The columns of these names."""
        try:
            names = pa.parquet.read_schema(path).names
            refuse_too_long(pa.parquet.read_metadata(path).num_rows, path=path)
            missing = [name for name in columns if name not in names]
            which = columns_that_say_which(names, asked=columns)
            table = None if missing else pa.parquet.read_table(path, columns=[*columns, *which])
        except (pa.ArrowInvalid, OSError) as error:
            raise _damaged(path, error) from None
        if table is None:
            expected = f"a column {missing[0]}"
            raise BadInput(
                path,
                found=f"columns {', '.join(names)}",
                expected=expected,
                remedy="Correct `columns:` in the manifest.",
            )
        for name in which:
            refuse_named_turns(path, column=name, words=map(str, table[name].drop_null().unique().to_pylist()))
        return Table(path, {name: to_numbers(table[name].to_numpy(), path=path, column=name) for name in columns})


def _damaged(path: Path, error: Exception) -> BadInput:
    found = " ".join(str(error).split())[:200]
    remedy = "Write it again, or correct `format:`."
    return BadInput(path, found=found, expected="a whole Parquet file", remedy=remedy)
