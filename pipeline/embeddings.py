"""Embeddings of recordings, for analyses of one's own: what a run's student makes of each window. Sensors suffice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float32
from numpy import ndarray as Array

from ..cache.fingerprint import file_digest
from .device import choose_device
from .probing.embed import embed
from .recording_windows import RecordingWindows, read_each
from .run import Run, load_run_recipe, load_student
from .table_files import SPAN_COLUMNS, TableFormat, write_table
from .words import Tell

DECIMALS = 3
"""Of the seconds in the table: milliseconds."""


@dataclass(frozen=True)
class Embedded:
    """One recording's windows and what the student made of the valid ones."""

    windows: RecordingWindows
    """As the run reads them."""
    embedding: Float32[Array, "valid_windows dim"]
    """A row a valid window."""

    def __str__(self) -> str:
        valid = self.windows.valid
        parts = [f"{len(self.embedding)} windows"]
        parts += [f"{int((~valid).sum())} of {len(valid)} not valid"] * (not valid.all())
        return f"{self.windows.recording}: {', '.join([*parts, *(f'without {site}' for site in self.windows.missing)])}"


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
        if not windows.valid.any():
            return Embedded(windows, np.zeros((0, student.embedding), np.float32))
        return Embedded(windows, embed(student, torch.from_numpy(windows.imu)))

    embedded, failed = read_each(dataset, use, recipe=recipe, allow_missing=allow_missing, tell=tell)
    origin = {"equigait.run": str(run), "equigait.checkpoint_sha256": file_digest(Run(run).checkpoint)}
    table = _table(embedded).replace_schema_metadata(origin)
    return Embeddings(tuple(embedded), write_table(table, out=out, name="embeddings", format=format), failed)


def _table(embedded: Sequence[Embedded]) -> pa.Table:
    """The recordings one after the other; one without a valid window has no row."""
    lengths = [len(each.embedding) for each in embedded]
    values = np.concatenate([each.embedding for each in embedded])
    spans = {
        "recording": np.repeat([each.windows.recording for each in embedded], lengths),
        "horse": np.repeat([each.windows.horse for each in embedded], lengths),
        "start_s": np.concatenate([each.windows.start_seconds[each.windows.valid] for each in embedded]),
        "stop_s": np.concatenate([each.windows.stop_seconds[each.windows.valid] for each in embedded]),
    }
    columns = {
        name: pa.array(spans[name].round(DECIMALS) if kind == pa.float64() else spans[name], type=kind)
        for name, kind in SPAN_COLUMNS.items()
    }
    return pa.table(columns | {f"e{number}": pa.array(value) for number, value in enumerate(values.T)})
