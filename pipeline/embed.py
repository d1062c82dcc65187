"""Embeddings of recordings, for analyses of one's own: what a run's student makes of each window. Sensors suffice."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float32
from numpy import ndarray as Array

from ..cache.fingerprint import file_digest
from ..data.progress import Tell
from .datasets.recording_windows import RecordingWindows, read_each
from .inference.table_files import SPAN_COLUMNS, TableFormat, write_table
from .run_recipe import load_run_recipe
from .runtime.device import choose_device
from .students.embedding import embed
from .training.run import Run, load_student

DECIMALS = 3
"""Of the seconds in the table: milliseconds."""


@dataclass(frozen=True)
class Embedded:
    """What the student made of one recording."""

    recording: str
    """Its id."""
    missing: tuple[str, ...]
    """Sites that were not worn, and left blank."""
    lost: int
    """Windows that are not valid, and have no row."""
    rows: pa.Table
    """A row a valid window."""

    def __str__(self) -> str:
        parts = [f"{len(self.rows)} windows"]
        parts += [f"{self.lost} of {self.lost + len(self.rows)} not valid"] * (self.lost > 0)
        return f"{self.recording}: {', '.join([*parts, *(f'without {site}' for site in self.missing)])}"


@dataclass(frozen=True)
class Embeddings:
    """What `write_embeddings` wrote, and what it could not use."""

    embedded: tuple[Embedded, ...]
    """One a recording, and one at least."""
    file: Path
    """The table, a row a valid window."""
    failed: Mapping[str, str]
    """Recordings that could not be used, and why."""

    def __str__(self) -> str:
        lines = [*map(str, self.embedded), *(f"left out: {reason}" for reason in self.failed.values())]
        return "\n".join([*lines, f"table: {self.file}"])


def write_embeddings(
    dataset: Path,
    *,
    run: Path,
    out: Path,
    format: TableFormat = "parquet",
    allow_missing: bool = False,
    tell: Tell = lambda _: None,
) -> Embeddings:
    """Writes `OUT/embeddings.FORMAT`: recording, horse, start_s, stop_s, then the student's embedding as e0, e1, ...

    A row a valid window; a Parquet file's metadata names the checkpoint by its SHA-256. No probe and no label is
    needed. A recording without all of the run's sites is refused; `allow_missing` leaves blank those not worn.
    """
    recipe, student = load_run_recipe(run), load_student(run)
    student.to(choose_device(recipe.train.device, setting="train.device"))

    def use(windows: RecordingWindows) -> Embedded:
        embedding = np.zeros((0, student.embedding), np.float32)
        if windows.valid.any():
            embedding = embed(student, torch.from_numpy(windows.imu))
        lost = int((~windows.valid).sum())
        return Embedded(windows.recording, windows.missing, lost, _rows(windows, embedding=embedding))

    embedded, failed = read_each(dataset, use, recipe=recipe, allow_missing=allow_missing, tell=tell)
    origin = {"equigait.run": str(run), "equigait.checkpoint_sha256": file_digest(Run(run).checkpoint)}
    table = pa.concat_tables([each.rows for each in embedded]).replace_schema_metadata(origin)
    return Embeddings(tuple(embedded), write_table(table, out=out, name="embeddings", format=format), failed)


def _rows(windows: RecordingWindows, *, embedding: Float32[Array, "valid_windows dim"]) -> pa.Table:
    """The valid windows of one recording, with what the student made of them."""
    spans = {
        "recording": [windows.recording] * len(embedding),
        "horse": [windows.horse] * len(embedding),
        "start_s": windows.start_seconds[windows.valid].round(DECIMALS),
        "stop_s": windows.stop_seconds[windows.valid].round(DECIMALS),
    }
    columns = {name: pa.array(spans[name], type=kind) for name, kind in SPAN_COLUMNS.items()}
    return pa.table(columns | {f"e{number}": pa.array(value) for number, value in enumerate(embedding.T)})
