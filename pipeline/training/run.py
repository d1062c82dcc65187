"""A run's folder: names of its files, rows of its log, and its trained model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...data.errors import BadInput
from ...data.files import write_atomically


@dataclass(frozen=True)
class Run:
    """Names of the files in a run's folder."""

    folder: Path
    """The run's folder."""

    @property
    def recipe(self) -> Path:
        """The resolved recipe."""
        return self.folder / "recipe.yaml"

    @property
    def log(self) -> Path:
        """A JSON row for each step: loss, learning rate, gradient norm, and retrieval of each validation."""
        return self.folder / "train.jsonl"

    @property
    def checkpoint(self) -> Path:
        """The model that validation selected, or the last where there are too few validation windows."""
        return self.folder / "checkpoint.safetensors"

    @property
    def last(self) -> Path:
        """The model of the last saved step."""
        return self.folder / "last.safetensors"

    @property
    def state(self) -> Path:
        """All that is needed to resume exactly: weights, optimiser, step, best score."""
        return self.folder / "state.pt"


def append_row(run: Run, row: Mapping[str, Any]) -> None:
    """Add a row to the log and flush it: a killed run keeps its rows."""
    with run.log.open("a") as file:
        file.write(json.dumps(row) + "\n")


def read_rows(run: Run) -> list[dict[str, Any]]:
    """The rows of the log; a last line that a kill cut short is left out, any other that is damaged is refused."""
    if not run.log.exists():
        return []
    try:
        rows = [json.loads(line) for line in run.log.read_text(encoding="utf-8").split("\n")[:-1]]
    except UnicodeDecodeError:
        found = "bytes that are not text"
    except json.JSONDecodeError as error:
        found = f"a line that is no JSON: {error.doc[:40]!r}"
    else:
        if all(isinstance(row, dict) and {"step", "loss"} <= row.keys() for row in rows):
            return rows
        found = "a line without `step` or `loss`"
    raise BadInput(run.log, found=found, expected="a row a step", remedy="Take that line out.")


def keep_rows(run: Run, *, until_step: int) -> None:
    """Cut the log back to the rows up to this step; later ones will be written again."""
    kept = [json.dumps(row) for row in read_rows(run) if row["step"] <= until_step]
    write_atomically(run.log, "".join(f"{line}\n" for line in kept))
