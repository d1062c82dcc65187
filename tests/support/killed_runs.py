"""Kills pretrainings at random instants, lets them resume, and holds what comes out against an undisturbed run."""

import random
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from equigait.pipeline.recipe import save_recipe
from equigait.pipeline.training.run import Run, read_rows
from kills import Writers
from rides import ride_cache, ride_recipe

FILES = ("train.jsonl", "checkpoint.safetensors", "last.safetensors")
"""What must be the same to the last byte: the log with every loss, the chosen weights, the last ones."""
OVERRIDES = ("train.validate_every=11", "train.save_every=7", "student.dropout=0.1")


@dataclass
class Resumed:
    """What was done to runs, all of which came out as the undisturbed one."""

    kills: int = 0
    """Processes that died by SIGKILL."""
    runs: int = 0
    """Runs that were killed and resumed until they were whole."""
    at_steps: list[int] = field(default_factory=list)
    """How many steps the log told when each process died; 0: before the first."""


def kill_and_resume_runs(writers: Writers, folder: Path, *, kills: int, steps: int, seed: int = 0) -> Resumed:
    """Starts runs and kills them until there were so many kills; every run is resumed to its end and compared."""
    chance, found = random.Random(seed), Resumed()
    folder.mkdir(parents=True, exist_ok=True)
    save_recipe(ride_recipe(*OVERRIDES, f"train.steps={steps}"), folder / "recipe.yaml")

    def pretrained(run: Path, *, kill_after: float | None = None) -> int:
        told = ("--cache", str(ride_cache()), "--run", str(run), "--config", str(folder / "recipe.yaml"))
        return writers.run("pretrain", *told, kill_after=kill_after)

    began = time.perf_counter()
    assert pretrained(folder / "undisturbed") == 0
    whole_seconds = time.perf_counter() - began
    expected = _bytes_of(folder / "undisturbed")
    while found.kills < kills:
        run = folder / f"killed-{found.runs}"
        while found.kills < kills and _steps(run) < steps:
            fresh, wait = _steps(run) == 0, chance.uniform(0.2, 0.9) * whole_seconds
            code = pretrained(run, kill_after=wait)
            assert code in (0, -signal.SIGKILL)
            if code:
                found.kills += 1
                found.at_steps.append(_steps(run))
            elif fresh:
                whole_seconds = wait  # the first one was slow: its files lay on a cold disk
        assert pretrained(run) == 0
        assert [row["step"] for row in read_rows(Run(run))] == list(range(1, steps + 1))
        differing = [name for name, content in _bytes_of(run).items() if content != expected[name]]
        assert not differing, f"{differing} of {run.name} are not those of the undisturbed run"
        found.runs += 1
    return found


def _steps(run: Path) -> int:
    return len(read_rows(Run(run)))


def _bytes_of(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in FILES}
