"""Reads CSV and its kin: comma, semicolon, tab or blank between fields, decimal points or commas, header or none."""

from collections.abc import Sequence
from pathlib import Path

from .delimited import (
    COMMENTS,
    UTF_16,
    best_split,
    blockwise_columns,
    decode,
    find_layout,
    parse_columns,
    parse_texts,
    read_text,
)
from .named_turns import columns_that_say_which, equal_blocks, refuse_named_turns
from .table import Table


class CsvReader:
    """Delimited text. The names asked for show which line is the header, so that any preamble above it may stand."""

    generic = True

    def recognises(self, head: bytes) -> bool:
        """Text whose first line beyond comments has two fields or more."""
        if head.startswith(UTF_16):
            return True  # to be refused as what it is
        lines = (decode(line) for line in head.rstrip(b"\0").splitlines())
        first = next((line for line in lines if line.strip() and not line.startswith(COMMENTS)), "")
        return b"\0" not in head.rstrip(b"\0") and len(best_split(first)) > 1

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The columns of these names."""
        if not columns:
            return Table(path, {})
        data = read_text(path)
        layout = find_layout(data, path=path, columns=columns)
        units = dict(zip(layout.names, layout.units, strict=False))
        read = parse_columns(data, path=path, layout=layout, columns=columns)
        blocks: tuple[str, ...] = ()
        for name in blockwise_columns(data, layout=layout, asked=columns):
            blocks += equal_blocks(name, parse_texts(data, path=path, layout=layout, column=name))
        for name in columns_that_say_which(layout.names, asked=columns):
            texts = parse_texts(data, path=path, layout=layout, column=name).unique().to_pylist()
            refuse_named_turns(path, column=name, words=[decode(text) for text in texts if text is not None])
        return Table(path, read, units=units, names=layout.names, blocks=blocks)
