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


def write_table(table: pa.Table, *, out: Path, name: str, format: TableFormat) -> Path:
    """Writes `OUT/NAME.FORMAT` whole or not at all, and says where."""
    import pyarrow.csv
    import pyarrow.parquet

    path, buffer = out / f"{name}.{format}", io.BytesIO()
    if format == "csv":
        pyarrow.csv.write_csv(table, buffer)
    else:
        pyarrow.parquet.write_table(table, buffer)
    write_atomically(path, buffer.getvalue())
    return path
