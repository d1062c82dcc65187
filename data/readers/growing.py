"""A text table that is still being written: its header, and its rows from some row on, read as they arrive."""

from collections.abc import Sequence
from pathlib import Path

from ..errors import BadInput
from ..formats import choose_format
from . import FORMATS
from .csv_file import CsvReader
from .delimited import find_layout

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class GrowingText:
    """A file of delimited text that grows. Bytes are read once; of its rows only those not let go are held.

    A last line without its end is held back until the end arrives. A file that becomes shorter is refused.
    """

    def __init__(self, path: Path, *, columns: Sequence[str], declared: str | None = None) -> None:
        self.path, self.rows, self.let_go = path, b"", 0
        self._columns, self._declared = columns, declared
        self._header: bytes | None = None
        self._read, self._part = 0, b""

    def poll(self) -> bool:
        """Reads what was written since; whether there was any. A file that is not there yet has not grown."""
        size = self.path.stat().st_size if self.path.is_file() else 0
        if size < self._read:
            found = f"a file of {size} bytes, of which {self._read} were read"
            remedy = "Append rows to it; start anew with another --out for another ride."
            raise BadInput(self.path, found=found, expected="a file that grows", remedy=remedy)
        if size == self._read:
            return False
        with self.path.open("rb") as file:
            file.seek(self._read)
            arrived = file.read()
        self._read += len(arrived)
        complete, end, self._part = (self._part + arrived).rpartition(b"\n")
        self.rows += complete + end
        return True

    def copied(self, path: Path, *, without: int = 0) -> None:
        """Writes header and held rows, but for the first `without`, as a file of their own.

        Refused where there are no rows yet, and for formats that are not plain delimited text.
        """
        if self._header is None:
            self._split_header()
        path.write_bytes((self._header or b"") + self._after(without))

    def let_rows_go(self, count: int) -> None:
        """Holds the first `count` of the held rows no longer."""
        self.rows = self._after(count)
        self.let_go += count

    def _after(self, count: int) -> bytes:
        return self.rows.split(b"\n", count)[-1] if count else self.rows

    def _split_header(self) -> None:
        if not isinstance(choose_format(self.path, declared=self._declared, formats=FORMATS), CsvReader):
            expected, remedy = "delimited text, such as CSV", "Predict it when it is complete, without --follow."
            raise BadInput(self.path, found="another format", expected=expected, remedy=remedy)
        data = self.rows.removeprefix(BYTE_ORDER_MARK)
        at = find_layout(data, path=self.path, columns=self._columns).rows_at
        self._header, self.rows = data[:at], data[at:]
