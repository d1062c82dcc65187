"""Label file formats: one file and one line in this table each."""

from .csv_spans import CsvSpans
from .table import LabelReader

FORMATS: dict[str, LabelReader] = {
    "csv": CsvSpans(),
}
"""Readers by the name that a manifest's `labels: format:` takes."""
