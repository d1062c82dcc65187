"""Tables as files, for spreadsheets (CSV) and for programs (Parquet)."""

import io
from pathlib import Path
from typing import Literal

import pyarrow as pa

from ...data.files import write_atomically

TableFormat = Literal["csv", "parquet"]
Columns = dict[str, pa.DataType]
"""Names and types of a table's columns, in order."""
SPAN_COLUMNS: Columns = {
    "recording": pa.string(),
    "horse": pa.string(),
    "start_s": pa.float64(),
    "stop_s": pa.float64(),
}
"""With which every row on a stretch of a recording begins."""
DECIMALS = 3
"""Of seconds in tables: milliseconds."""
UNITS = {
    **dict.fromkeys(("start_s", "stop_s", "at_s", "best_s", "longest_s"), "s"),
    "minutes": "min",
    "percent": "%",
    **dict.fromkeys(("confidence", "novelty"), "1"),
}
"""Of columns by name; Parquet keeps them as `unit` in the metadata of the field. Probabilities, `p_...`, are of 1."""


def write_table(table: pa.Table, *, out: Path, name: str, format: TableFormat) -> Path:
    """Writes `OUT/NAME.FORMAT` whole or not at all, and says where."""
    import pyarrow.parquet

    path, buffer = out / f"{name}.{format}", io.BytesIO()
    if format == "parquet":
        pyarrow.parquet.write_table(_with_units(table), buffer)
    write_atomically(path, csv_bytes(table) if format == "csv" else buffer.getvalue())
    return path


def _with_units(table: pa.Table) -> pa.Table:
    """The table with the unit of each column in the metadata of its field, unless it has some."""
    fields = []
    for field in table.schema:
        unit = "1" if field.name.startswith("p_") else UNITS.get(field.name)
        fields.append(field.with_metadata({"unit": unit}) if unit and not field.metadata else field)
    return table.cast(pa.schema(fields, metadata=table.schema.metadata))


def append_csv(table: pa.Table, *, out: Path, name: str) -> Path:
    """Adds rows to `OUT/NAME.csv`, which begins with a header as `write_table` writes it, and says where."""
    path = out / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(csv_bytes(table, header=file.tell() == 0))
    return path


def csv_bytes(table: pa.Table, *, header: bool = True) -> bytes:
    """A table as CSV, with or without its header."""
    import pyarrow.csv

    buffer = io.BytesIO()
    pyarrow.csv.write_csv(table, buffer, pyarrow.csv.WriteOptions(include_header=header))
    return buffer.getvalue()
