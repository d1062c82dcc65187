"""Embeddings of recordings by a run's student, for analyses of one's own. Sensors suffice; films are not opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from ..data.files import file_digest
from ..data.manifest.outputs import refuse_inputs
from .datasets.recording_windows import RecordedWindows, map_windows
from .inference.embeddings import RecordingEmbeddings, embed_recording
from .inference.table_files import TableFormat, write_table
from .recipe import load_run_recipe
from .runtime.device import choose_device
from .training.checkpoint import load_student
from .training.run import Run


@dataclass(frozen=True)
class Embeddings:
    """What `write_embeddings` wrote, and what it could not use."""

    embedded: tuple[RecordingEmbeddings, ...]
    """One a recording, and one at least."""
    file: Path
    """The table, a row a valid window."""
    failed: Mapping[str, str]
    """Recordings that could not be used, and why."""

    def __str__(self) -> str:
        lines = [*map(str, self.embedded), *(f"left out: {reason}" for reason in self.failed.values())]
        return "\n".join([*lines, f"table: {self.file}"])


def write_embeddings(
    dataset: Path, *, run: Path, out: Path, format: TableFormat = "parquet", allow_missing: bool = False
) -> Embeddings:
    """Writes `OUT/embeddings.FORMAT`: recording, horse, start_s, stop_s, then the student's embedding as e0, e1, ...

    A row a valid window; a Parquet file's metadata names the checkpoint by its SHA-256. No probe and no label is
    needed. A recording without all of the run's sites is refused; `allow_missing` leaves blank those without a sensor.
    """
    refuse_inputs([out / f"embeddings.{format}"], dataset=dataset)
    recipe, student = load_run_recipe(run), load_student(run)
    student.to(choose_device(recipe.train.device, setting="train.device"))

    def use(windows: RecordedWindows) -> RecordingEmbeddings:
        return embed_recording(windows, student=student)

    embedded, failed = map_windows(dataset, use, settings=recipe, allow_missing=allow_missing)
    origin = {"equigait.run": str(run), "equigait.checkpoint_sha256": file_digest(Run(run).checkpoint)}
    table = pa.concat_tables([each.rows for each in embedded]).replace_schema_metadata(origin)
    return Embeddings(tuple(embedded), write_table(table, out=out, name="embeddings", format=format), failed)
