"""Embeddings of recordings as a table: a row a valid window, with where it lies and the student's numbers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from jaxtyping import Float32
from numpy import ndarray as Array

from ..datasets.recording_windows import RecordedWindows
from ..students.embedding import embed
from ..students.student import Student
from .table_files import DECIMALS, SPAN_COLUMNS


@dataclass(frozen=True)
class RecordingEmbeddings:
    """The embeddings of one recording."""

    recording: str
    """Its id."""
    missing: tuple[str, ...]
    """Sites without a sensor, left blank."""
    invalid: int
    """Windows that are not valid, and have no row."""
    rows: pa.Table
    """A row a valid window."""

    def __str__(self) -> str:
        parts = [f"{len(self.rows)} windows"]
        parts += [f"{self.invalid} of {self.invalid + len(self.rows)} not valid"] * (self.invalid > 0)
        return f"{self.recording}: {', '.join([*parts, *(f'without {site}' for site in self.missing)])}"


def embed_recording(windows: RecordedWindows, *, student: Student) -> RecordingEmbeddings:
    """The student's embedding of each valid window: `e0`, `e1`, ... beside recording, horse, start and stop."""
    embedding = np.zeros((0, student.embedding), np.float32)
    if windows.valid.any():
        embedding = embed(student, windows.imu)
    invalid = int((~windows.valid).sum())
    return RecordingEmbeddings(windows.recording, windows.missing, invalid, _rows(windows, embedding=embedding))


def _rows(windows: RecordedWindows, *, embedding: Float32[Array, "valid_windows dim"]) -> pa.Table:
    spans = {
        "recording": [windows.recording] * len(embedding),
        "horse": [windows.horse] * len(embedding),
        "start_s": windows.start_seconds[windows.valid].round(DECIMALS),
        "stop_s": windows.stop_seconds[windows.valid].round(DECIMALS),
    }
    columns = {name: pa.array(spans[name], type=kind) for name, kind in SPAN_COLUMNS.items()}
    return pa.table(columns | {f"e{number}": pa.array(value) for number, value in enumerate(embedding.T)})
