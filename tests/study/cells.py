"""A cell of the study: one contender on one data set with one seed, and the file that holds what it came to.

The file carries a digest of everything that the figure depends on: recipe, recordings, contender. A cell whose file is
there with today's digest is done; a changed recipe makes another digest, and the cell is run again.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from equigait.cache.fingerprint import json_digest
from equigait.data.files import write_atomically
from equigait.pipeline.recipe import Recipe

from .contenders import CONTENDERS, DEFAULT, Contender
from .datasets import DataSet, content_of, data_set

VERSION = 3
"""Of how cells are scored; raised when the same recipe would come to other figures."""
ROOT = Path("runs/study")
"""Recordings, caches and runs: hours of work that can be done again."""
RESULTS = Path(__file__).parent / "results"
"""What was found, a file a cell, kept with the sources: anyone can make the page of results from it again."""
LEAN = (
    *("evaluate.baselines=[]", "evaluate.classifiers=[knn]"),
    *("evaluate.missing_sensors=false", "evaluate.map_windows=0"),
)
"""Controls are cells of their own; the rest of a report is not for the study."""
ALONE = ("evaluate.few_shot.baselines=[]", "evaluate.few_shot.scratch_shots=[]")
"""Rivals of few labels do not depend on pretraining: the default's cells have them."""


@dataclass(frozen=True)
class Cell:
    """One figure to be found."""

    data: str
    """Name of `DATA`."""
    contender: str
    """Name of `CONTENDERS`."""
    seed: int
    """Of weights, batches, augmentation, and draws of labels."""
    extra: tuple[str, ...] = ()
    """Settings laid over all others, to look quickly: such cells have digests of their own."""

    @property
    def dataset(self) -> DataSet:
        """Its data set."""
        return data_set(self.data, seed=self.seed)

    @property
    def who(self) -> Contender:
        """Its contender."""
        return CONTENDERS[self.contender]

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"{self.data}.{self.contender}.{self.seed}"

    @property
    def recipe(self) -> Recipe:
        """What it is made from."""
        settings = self.who.overrides(queue=self.dataset.queue)
        alone = () if self.contender == DEFAULT else ALONE
        return self.dataset.recipe(*LEAN, *alone, *settings, f"seed={self.seed}", *self.extra)

    @property
    def digest(self) -> str:
        """SHA-256 of all that its figure depends on."""
        return json_digest(
            {
                "version": VERSION,
                "recipe": self.recipe.model_dump(mode="json"),
                "content": content_of(self.dataset),
                "protocol": self.dataset.protocol,
                "contender": asdict(self.who) | {"what": ""},
                "name": self.contender,
            }
        )

    @property
    def command(self) -> str:
        """What finds it."""
        extra = "".join(f" --set '{each}'" for each in self.extra)
        return f"python -m tests.study --only {self.name}{extra}"


def cell_path(cell: Cell, *, results: Path) -> Path:
    """Where its result lies."""
    return results / f"{cell.name}.json"


def read_cell(cell: Cell, *, results: Path) -> dict[str, Any] | None:
    """The result, or None where there is none or it was made from something else."""
    path = cell_path(cell, results=results)
    if not path.exists():
        return None
    result: dict[str, Any] = json.loads(path.read_text())
    return result if result["digest"] == cell.digest else None


def write_cell(cell: Cell, result: dict[str, Any], *, results: Path) -> Path:
    """Writes the result whole or not at all, a line for each of its parts."""
    path = cell_path(cell, results=results)
    parts = [f"{json.dumps(name)}: {json.dumps(part)}" for name, part in {"digest": cell.digest, **result}.items()]
    write_atomically(path, "{\n" + ",\n".join(parts) + "\n}\n")
    return path
