"""The training loop: steps, validations, log, checkpoints and the state to resume from, in that order."""

import io
import logging
import pickle
import sys
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from ...data.errors import BadInput, first_line
from ...data.files import write_atomically
from .checkpoint import save_checkpoint
from .checkpoint_selection import SAVED, UNCHANGED, CheckpointSelector
from .run import Run, append_row, keep_rows
from .tensorboard import MetricWriter
from .trainer import PendingMetrics, Trainer

logger = logging.getLogger(__name__)

STATE_FORMAT = 3
"""Layout of `state.pt`, raised when it changes; others are refused. Checkpoints have their own."""


class TrainingLoop:
    """Trains a run to its end, from where it was saved. Of several processes the one of rank 0 writes the files."""

    def __init__(self, run: Run, *, trainer: Trainer, facts: dict[str, Any], content: str) -> None:
        """`facts` are stored in checkpoints; `content` is the digest of the windows, which a resumed run must match."""
        self.run, self.trainer, self.facts, self.content = run, trainer, facts, content
        self.settings = trainer.settings.train
        self.writes = trainer.group.rank == 0
        self.step, self.selector = 0, CheckpointSelector()
        self.pending: list[PendingMetrics] = []
        if run.state.exists():
            self._resume()

    def train(self) -> None:
        """Train to the last step, or until validation has not improved for `train.patience` validations."""
        if self.writes:
            keep_rows(self.run, until_step=self.step)
        writer = MetricWriter(self.run.folder, enabled=self.writes and self.settings.tensorboard, step=self.step)
        show_bar = self.writes and sys.stderr.isatty()
        with tqdm(total=self.settings.steps, initial=self.step, unit="step", disable=not show_bar) as bar:
            try:
                while not self._finished():
                    for row in self._advance():
                        self._report(row, writer=writer, bar=bar)
                    if self.step % self.settings.save_every == 0 or self._finished():
                        self._save()
            finally:
                writer.close()

    def _finished(self) -> bool:
        patience = self.settings.patience
        stalled = patience is not None and self.selector.num_bad_validations >= patience
        return self.step >= self.settings.steps or stalled

    def _advance(self) -> list[dict[str, Any]]:
        """One more step; the log rows of the steps since the last fetch, when a fetch is due."""
        self.pending.append(self.trainer.step_async(self.step))
        self.step += 1
        validates = self.step % self.settings.validate_every == 0 or self.step == self.settings.steps
        if not validates and self.step % self.settings.save_every and len(self.pending) < self.trainer.fetch_every:
            return []
        metrics = self.trainer.fetch_metrics(self.pending, last=self.step - 1)
        first = self.step + 1 - len(metrics)
        rows: list[dict[str, Any]] = [{"step": step, **row} for step, row in enumerate(metrics, start=first)]
        self.pending = []
        if validates:
            rows[-1] |= self._validate()
        return rows

    def _validate(self) -> dict[str, Any]:
        """The log's entries of a validation: its scores, and what became of the checkpoint."""
        validation = self.trainer.validate()
        scores = validation.scores if validation else None
        outcome = self.selector.update(validation, min_windows=self.settings.validation_windows)
        num_bad = self.selector.num_bad_validations  # decides when to stop: must not differ between processes
        self.selector.num_bad_validations = self.trainer.group.broadcast_from_rank0(num_bad, device=self.trainer.device)
        if outcome == SAVED:
            self._checkpoint(self.run.checkpoint, validation=scores)
        elif outcome != UNCHANGED and self.writes and self.step <= self.settings.validate_every:
            logger.info("checkpoint: %s", outcome)
        return {"validation": scores, "checkpoint": outcome}

    def _report(self, row: dict[str, Any], *, writer: MetricWriter, bar: Any) -> None:
        """Add a row to the log, to TensorBoard and to the `tqdm` bar; without a bar a validation is an info line."""
        if not self.writes:
            return
        append_row(self.run, row)
        writer.write(row)
        text = f"loss {row['loss']:.3f}"
        if validation := row.get("validation"):
            recalls = [f"{validation[way]['R@10']:.3f}" for way in ("imu_to_film", "film_to_imu")]
            text += f", validation R@10 {' / '.join(recalls)}"
        bar.set_postfix_str(text, refresh=False)
        bar.update(1)
        if bar.disable and "validation" in row:
            logger.info("step %d of %d: %s", row["step"], self.settings.steps, text)

    def _checkpoint(self, path: Path, *, validation: dict[str, dict[str, float]] | None) -> None:
        if self.writes:
            facts = self.facts | {"step": self.step, "validation": validation}
            save_checkpoint(self.trainer.model, path, facts=facts)

    def _save(self) -> None:
        """Checkpoints first, the state last: a state on disk implies its checkpoints."""
        if self.selector.best is None:
            self._checkpoint(self.run.checkpoint, validation=None)
        self._checkpoint(self.run.last, validation=None)
        if not self.writes:
            return
        own = {"format": STATE_FORMAT, "content": self.content, "step": self.step, "selector": vars(self.selector)}
        buffer = io.BytesIO()
        torch.save(self.trainer.state() | own, buffer)
        write_atomically(self.run.state, buffer.getvalue())

    def _resume(self) -> None:
        state = _load_state(self.run.state, device=self.trainer.device)
        if state.get("format") != STATE_FORMAT or state.get("content") != self.content:
            raise BadInput(
                self.run.state,
                found="a state that was saved with another cache or another version",
                expected="the windows and films that the run began with",
                remedy="Choose another run folder, or delete this one.",
            )
        self.trainer.restore(state)
        self.step, self.selector = state["step"], CheckpointSelector(**state["selector"])


def _load_state(path: Path, *, device: torch.device) -> dict[str, Any]:
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise BadInput(
            path,
            found=f"a damaged file ({first_line(error)})",
            expected="the state of a run that was cut off",
            remedy="Choose another run folder, or delete this one.",
        ) from None
    return state
