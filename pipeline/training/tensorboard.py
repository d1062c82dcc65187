"""TensorBoard beside the log: the rows of `train.jsonl` again, as curves. The log stays the truth."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from ...data.errors import BadInput

FOLDER = "tensorboard"
"""Where a run's event files lie."""


class Board(Protocol):
    """What takes the rows of the log."""

    def write(self, row: Mapping[str, Any]) -> None:
        """Adds a row."""


class NoBoard:
    """Takes rows and does nothing with them."""

    def write(self, row: Mapping[str, Any]) -> None:
        """Adds nothing."""


class EventFiles:
    """TensorBoard's own files. Steps after `step`, which a run that was cut off will do again, are struck out."""

    def __init__(self, folder: Path, *, step: int) -> None:
        self._writer = _writer_class()(log_dir=str(folder), purge_step=step + 1)

    def write(self, row: Mapping[str, Any]) -> None:
        """Each number of a row under its name: `loss`, `validation/imu_to_film/MRR`."""
        for name, value in _numbers(row):
            if name != "step":
                self._writer.add_scalar(name, value, row["step"])

    def close(self) -> None:
        """Hands all to the disk."""
        self._writer.close()


@contextmanager
def opened_board(run: Path, *, wanted: bool, step: int) -> Iterator[Board]:
    """The board of a run that has done so many steps; one that does nothing, where none is wanted."""
    if not wanted:
        yield NoBoard()
        return
    board = EventFiles(run / FOLDER, step=step)
    try:
        yield board
    finally:
        board.close()


def check_board(*, wanted: bool) -> None:
    """Refuses a wish for TensorBoard where it is not installed, before anything is done."""
    if wanted:
        _writer_class()


def _writer_class() -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise BadInput(
            "train.tensorboard",
            found="true, and no TensorBoard installed",
            expected="the extra `tensorboard`",
            remedy="Run pip install 'equigait[tensorboard]', or leave it out: train.jsonl holds the same numbers.",
        ) from None
    return SummaryWriter


def _numbers(row: Mapping[str, Any], *, prefix: str = "") -> Iterator[tuple[str, float]]:
    """Every number of nested sections, by its path."""
    for key, value in row.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, prefix=f"{prefix}{key}/")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{prefix}{key}", float(value)
