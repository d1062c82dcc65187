"""Pretraining: sensors learn to say what the film's teacher saw, on horses of the training split."""

import io
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from ..data.errors import BadInput, first_line
from ..data.files import write_atomically
from .datasets.streaming import TrainingNeeds
from .datasets.training_set import TrainingSet, open_training_set, training_set
from .datasets.window_dataset import WindowDataset
from .recipe import Recipe
from .runtime.device import choose_device
from .runtime.process_group import Team, joined_team
from .training.checkpoint import FORMAT, save_checkpoint
from .training.checkpoint_selection import KEPT, TAKEN, Progress
from .training.run import Run, append_row, keep_rows, open_run
from .training.tensorboard import check_board, opened_board
from .training.trainer import Launched, Trainer


def pretrain(cache: str | Path, *, run: Path, recipe: Recipe) -> Path:
    """Pretrains a student on the cache's films; the run's folder. A run that was cut off goes on where it was saved."""
    needs = TrainingNeeds(
        needs_film=recipe.objective.needs_film,
        memory_gib=recipe.train.memory_gib,
        jitter_steps=recipe.augment.jitter_steps,
        seed=recipe.seed,
    )
    return _pretrain(open_training_set(cache, settings=recipe, needs=needs, run=run), run=run, recipe=recipe)


def pretrain_corpus(windows: WindowDataset, *, run: Path, recipe: Recipe) -> Path:
    """The same for windows that are in memory already."""
    found = training_set(windows, split=recipe.split, needs_film=recipe.objective.needs_film, run=run)
    return _pretrain(found, run=run, recipe=recipe)


def _pretrain(windows: TrainingSet, *, run: Path, recipe: Recipe) -> Path:
    check_board(wanted=recipe.train.tensorboard)
    if recipe.train.threads is not None:
        torch.set_num_threads(recipe.train.threads)
    device = choose_device(recipe.train.device, setting="train.device")
    with joined_team(device) as team:
        files = _open_together(run, recipe=recipe, team=team)
        with _fitting(device), torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            if team.rank == 0:
                tqdm.write(str(windows), file=sys.stderr)
            train, validation = windows.train, windows.validation
            trainer = Trainer(recipe, train=train, validation=validation, device=device, team=team)
            _Loop(files, trainer=trainer, facts=windows.facts, content=windows.content).go()
        team.wait()
    return files.folder


def _loaded(path: Path, *, device: torch.device) -> dict[str, Any]:
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


@contextmanager
def _fitting(device: torch.device) -> Iterator[None]:
    """Says in one line when a GPU's memory is too small."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise BadInput(
            "train.device",
            found=f"{device}: {first_line(error)}",
            expected="memory for all windows and a batch's activations",
            remedy="Lower train.batch, let train.memory_gib keep windows on the CPU, or set train.device=cpu.",
        ) from None


class _Loop:
    """Steps, validations, log and checkpoints, in that order; the state is sealed last. One of a team writes."""

    def __init__(self, files: Run, *, trainer: Trainer, facts: dict[str, Any], content: str) -> None:
        self.files, self.trainer, self.facts, self.content = files, trainer, facts, content
        self.settings = trainer.recipe.train
        self.writes = trainer.team.rank == 0
        self.progress = self._resume()
        self.launched: list[Launched] = []

    def go(self) -> None:
        """Runs to the end, or until validation has been stale for too long."""
        begun = self.progress.step
        if self.writes:
            keep_rows(self.files, until_step=begun)
        with (
            _reporting(self.settings.steps, initial=begun, silent=not self.writes) as report,
            opened_board(self.files.folder, wanted=self.writes and self.settings.tensorboard, step=begun) as board,
        ):
            while not self._finished():
                for row in self._advance():
                    if self.writes:
                        append_row(self.files, row)
                    board.write(row)
                    report(row)
                if self.progress.step % self.settings.save_every == 0 or self._finished():
                    self._save()

    def _finished(self) -> bool:
        patience = self.settings.patience
        return self.progress.step >= self.settings.steps or (patience is not None and self.progress.stale >= patience)

    def _advance(self) -> list[dict[str, Any]]:
        """One more step; the rows of those since the last look, when it is time for one."""
        number = self.progress.step
        self.launched.append(self.trainer.launch(number))
        self.progress.step = done = number + 1
        validates = done % self.settings.validate_every == 0 or done == self.settings.steps
        if not validates and done % self.settings.save_every and len(self.launched) < self.trainer.look_every:
            return []
        seen = self.trainer.look(self.launched, last=number)
        first = done + 1 - len(seen)
        rows: list[dict[str, Any]] = [{"step": step, **row} for step, row in enumerate(seen, start=first)]
        self.launched = []
        if validates:
            rows[-1] |= self._validate()
        return rows

    def _validate(self) -> dict[str, Any]:
        """What the log says of a validation: its scores, and what became of the checkpoint."""
        validation = self.trainer.validate()
        scores = validation.scores if validation else None
        said = self.progress.judge(validation, fewest=self.settings.validation_windows)
        self.progress.stale = self.trainer.team.as_the_first(self.progress.stale, device=self.trainer.device)
        if said == TAKEN:
            self._checkpoint(self.files.checkpoint, validation=scores)
        elif said != KEPT and self.writes and self.progress.step <= self.settings.validate_every:
            tqdm.write(f"checkpoint: {said}", file=sys.stderr)
        return {"validation": scores, "checkpoint": said}

    def _checkpoint(self, path: Path, *, validation: dict[str, dict[str, float]] | None) -> None:
        facts = self.facts | {"step": self.progress.step, "validation": validation}
        if self.writes:
            save_checkpoint(self.trainer.model, path, facts=facts)

    def _save(self) -> None:
        if self.progress.best is None:
            self._checkpoint(self.files.checkpoint, validation=None)
        self._checkpoint(self.files.last, validation=None)
        if not self.writes:
            return
        state = self.trainer.state() | {"format": FORMAT, "content": self.content, "progress": vars(self.progress)}
        buffer = io.BytesIO()
        torch.save(state, buffer)
        write_atomically(self.files.state, buffer.getvalue())

    def _resume(self) -> Progress:
        path = self.files.state
        if not path.exists():
            return Progress()
        state = _loaded(path, device=self.trainer.device)
        if state.get("format") != FORMAT or state.get("content") != self.content:
            raise BadInput(
                path,
                found="a state that was saved with another cache or another version",
                expected="the windows and films that the run began with",
                remedy="Choose another run folder, or delete this one.",
            )
        self.trainer.restore(state)
        return Progress(**state["progress"])


def _open_together(run: Path, *, recipe: Recipe, team: Team) -> Run:
    """The run's folder, made by one of the team before the others look at it."""
    if team.rank:
        team.wait()
    files = open_run(run, recipe=recipe)
    if not team.rank:
        team.wait()
    return files


@contextmanager
def _reporting(steps: int, *, initial: int, silent: bool) -> Iterator[Any]:
    """A progress bar on a terminal; elsewhere a plain line for each validation; nothing where another one reports."""
    with tqdm(total=steps, initial=initial, unit="step", disable=silent or not sys.stderr.isatty()) as bar:

        def report(row: dict[str, Any]) -> None:
            validation = row.get("validation")
            text = f"loss {row['loss']:.3f}"
            if validation:
                found = [f"{validation[way]['R@10']:.3f}" for way in ("imu_to_film", "film_to_imu")]
                text += f", validation R@10 {' / '.join(found)}"
            bar.set_postfix_str(text, refresh=False)
            bar.update(1)
            if bar.disable and not silent and "validation" in row:
                print(f"step {row['step']} of {steps}: {text}", file=sys.stderr, flush=True)

        yield report
