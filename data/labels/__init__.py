"""Label file formats: one file and one line in this table each."""

from .audacity import Audacity
from .boris_project import BorisProject
from .boris_tables import BorisAggregated, BorisEvents
from .csv_spans import CsvSpans
from .elan import Elan
from .label_studio import LabelStudio
from .table import LabelReader
from .textgrid import TextGrid

FORMATS: dict[str, LabelReader] = {
    "csv": CsvSpans(),
    "boris-events": BorisEvents(),
    "boris-aggregated": BorisAggregated(),
    "boris-project": BorisProject(),
    "elan": Elan(),
    "audacity": Audacity(),
    "label-studio": LabelStudio(),
    "textgrid": TextGrid(),
}
"""Readers by the name that a manifest's `labels: format:` takes."""
