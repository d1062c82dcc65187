"""TensorBoard files beside `train.jsonl`: the numbers of its rows as curves."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...data.errors import BadInput

FOLDER = "tensorboard"
"""Subfolder of a run for TensorBoard's event files."""


class MetricWriter:
    """Writes each number of a row under its path: `loss`, `validation/imu_to_film/MRR`; nothing where not enabled.

    Raises BadInput where it is enabled and TensorBoard is not installed. A resumed run first discards the events of
    steps after `step`, which it will do again. `close` flushes the files.
    """

    def __init__(self, run: Path, *, enabled: bool, step: int = 0) -> None:
        self._writer: Any = _summary_writer()(log_dir=str(run / FOLDER), purge_step=step + 1) if enabled else None

    def write(self, row: Mapping[str, Any]) -> None:
        """Add the numbers of a row at its step."""
        for name, value in _numbers(row) if self._writer else ():
            if name != "step":
                self._writer.add_scalar(name, value, row["step"])

    def close(self) -> None:
        """Flush and close the files."""
        if self._writer:
            self._writer.close()


def check_tensorboard(*, enabled: bool) -> None:
    """Refuse `train.tensorboard` where TensorBoard is not installed, before any work is done."""
    if enabled:
        _summary_writer()


def _summary_writer() -> Any:
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
    for key, value in row.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, prefix=f"{prefix}{key}/")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{prefix}{key}", float(value)
