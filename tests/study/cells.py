"""A cell of the study: one contender on one part of a set, and the file that holds what was found.

The file carries a digest of all that its figures depend on: a cell whose file has today's digest is done.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from equigait.cache.fingerprint import json_digest
from equigait.data.files import write_atomically
from equigait.pipeline.objectives.settings import HeadSettings
from equigait.pipeline.recipe import Recipe, load_recipe

from .contenders import CONTENDERS, Contender
from .recorded import shipped_teacher
from .sets import SCORED_WITH, SETS, TASKS, StudySet

VERSION = 1
"""Of how cells are scored; raised when the same recipe would come to other figures."""
ROOT = Path("runs/study")
"""Recordings, caches, cells and rows: all can be made again."""
CELLS = "cells"
LATER = (("teacher", "feature_head", True), ("student", "envelopes", False))
"""Settings that came after cells had been scored, and the values at which they change nothing."""


@dataclass(frozen=True)
class Cell:
    """One contender on one part of a set."""

    data: str
    """Name of `SETS`."""
    part: str
    """One of the set's parts."""
    contender: str
    """Name of `CONTENDERS`."""

    @property
    def set(self) -> StudySet:
        """Its set."""
        return SETS[self.data]

    @property
    def who(self) -> Contender:
        """Its contender."""
        return CONTENDERS[self.contender]

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"{self.data}.{self.part}.{self.contender}"

    @property
    def tasks(self) -> tuple[str, ...]:
        """What is asked of it."""
        return tuple(task for task in self.set.tasks if task in (self.who.tasks or self.set.tasks))

    @property
    def recipe(self) -> Recipe:
        """What it is made from; parts of a set are paired by the seed, contenders of a part share it."""
        settings = (*SCORED_WITH, *self.set.overrides, *self.who.settings)
        return load_recipe(self.set.config, overrides=[*settings, f"seed={self.set.parts.index(self.part)}"])

    @property
    def digest(self) -> str:
        """SHA-256 of all that its figures depend on."""
        return json_digest(
            {
                "version": VERSION,
                "name": self.name,
                "recipe": self._settings(),
                "made_from": self.set.made_from,
                "classifier": self.who.classifier,
                "tasks": {name: asdict(TASKS[name]) for name in self.tasks},
                "changed_mounts": self.set.changed_mounts,
                "teacher": shipped_teacher() if self._shows_film_to("videomae-demo") else None,
            }
        )

    def _settings(self) -> dict[str, Any]:
        """All of the recipe's, but for what changes nothing here: the heads, where no student is pretrained, and what
        was added later."""
        plain: dict[str, Any] = self.recipe.model_dump(mode="json")
        if not self.who.pretrained:
            plain["heads"] = HeadSettings().model_dump(mode="json")
        for section, key, idle in LATER:
            unseen = section == "teacher" and not self._shows_film_to("videomae-demo")
            if unseen or plain[section].get(key) == idle:
                plain[section].pop(key, None)
        return plain

    def _shows_film_to(self, teacher: str) -> bool:
        return self.who.sees_film and self.recipe.teacher.name == teacher

    def path(self, root: Path) -> Path:
        """Where its result lies."""
        return root / CELLS / f"{self.name}.json"


def cells_of(data: str, *, contenders: tuple[str, ...] = ()) -> Iterator[Cell]:
    """Every cell of a set, or those of these contenders, part by part."""
    known = SETS[data]
    for part in known.parts:
        for contender in contenders or known.contenders:
            yield Cell(data, part, contender)


def read_cell(cell: Cell, *, root: Path) -> dict[str, Any] | None:
    """The result, or None where there is none or it was made from something else."""
    path = cell.path(root)
    if not path.exists():
        return None
    result: dict[str, Any] = json.loads(path.read_text())
    return result if result["digest"] == cell.digest else None


def write_cell(cell: Cell, result: dict[str, Any], *, root: Path) -> None:
    """Writes the result whole or not at all."""
    cell.path(root).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(cell.path(root), json.dumps({"digest": cell.digest, **result}) + "\n")
