"""Joints from DeepLabCut and SuperAnimal: CSV with its three or four rows of names, or the HDF5 beside it.

Columns are named by scorer, individual (of multi-animal projects), body part and coordinate (x, y, likelihood); a row
is a frame. Of several individuals the one found in most frames is taken.
"""

import csv
import io
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from .tracks import JointTracks, most_seen

NAME_ROWS = ("scorer", "individuals", "bodyparts", "coords")
EXPECTED = "a file of DeepLabCut: scorer, bodyparts and coords over x, y and likelihood"


def read_csv(path: Path) -> JointTracks:
    """The tracks of a CSV file."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
        names = {row[0]: row[1:] for row in rows[: len(NAME_ROWS)] if row and row[0] in NAME_ROWS}
        body = rows[len(names) :]
        individuals = names.get("individuals", [""] * len(names["bodyparts"]))
        columns = list(zip(individuals, names["bodyparts"], names["coords"], strict=True))
        values = np.array([[float(cell) if cell else np.nan for cell in row[1 : len(columns) + 1]] for row in body])
        return _tracks(columns, values.reshape(len(body), len(columns)), frames=[int(float(row[0])) for row in body])
    except (OSError, ValueError, KeyError, IndexError, csv.Error) as error:
        raise _not_deeplabcut(path, error) from None


def read_h5(path: Path) -> JointTracks:
    """The tracks of an HDF5 file, as pandas writes tables; the names are plain text, and nothing pickled is run."""
    import h5py

    try:
        with h5py.File(path) as file:
            group = next(each for each in file.values() if isinstance(each, h5py.Group) and "table" in each)
            table = group["table"]
            names = [tuple(name) for name in _PlainUnpickler.read(table.attrs["values_block_0_kind"])]
            content = table[:]
        columns = [(name[1] if len(name) == 4 else "", name[-2], name[-1]) for name in names]
        values = np.asarray(content["values_block_0"], np.float64)
        return _tracks(columns, values, frames=[int(frame) for frame in content["index"]])
    except (OSError, ValueError, KeyError, IndexError, StopIteration, pickle.UnpicklingError) as error:
        remedy = "Pass the CSV file that DeepLabCut writes beside it (save_as_csv=True)."
        raise _not_deeplabcut(path, error, remedy=remedy) from None


def _tracks(
    columns: Sequence[tuple[str, str, str]], values: Float64[Array, "rows columns"], *, frames: Sequence[int]
) -> JointTracks:
    """Tracks of the individual that is found in most frames."""
    place = {column: number for number, column in enumerate(columns)}
    joints = tuple(dict.fromkeys(part for _, part, _ in columns))

    def of(individual: str) -> JointTracks:
        position = np.full((max(frames, default=-1) + 1, len(joints), 2), np.nan)
        likelihood = np.ones(position.shape[:2])
        for number, joint in enumerate(joints):
            for axis, name in enumerate("xy"):
                if (individual, joint, name) in place:
                    position[frames, number, axis] = values[:, place[individual, joint, name]]
            if (individual, joint, "likelihood") in place:
                likelihood[frames, number] = values[:, place[individual, joint, "likelihood"]]
        return JointTracks.of(joints, position, likelihood)

    return most_seen([of(individual) for individual in dict.fromkeys(name for name, _, _ in columns)])


class _PlainUnpickler(pickle.Unpickler):
    """Reads lists of texts and numbers alone: what would import or call anything is refused."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"names that need {module}.{name}")

    @classmethod
    def read(cls, stored: Any) -> Any:
        return cls(io.BytesIO(bytes(stored)), encoding="utf-8").load()


def _not_deeplabcut(path: Path, error: Exception, *, remedy: str = "Export the tracks again.") -> BadInput:
    return BadInput(path, found=f"{type(error).__name__}: {error}", expected=EXPECTED, remedy=remedy)
