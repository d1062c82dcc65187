"""Figures of cells: scores of one contender, and its lead over another on the same windows, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from equigait.pipeline.evaluation.intervals import mean_interval, possible
from equigait.pipeline.evaluation.metrics import chance_levels, confusion_matrix, macro_f1
from equigait.pipeline.evaluation.scoring import Predictions, Sampling, score

from .cells import Cell, read_cell
from .contenders import DEFAULT
from .sets import SETS

CONFIDENCE = 0.95
AS_MOUNTED = "as mounted"


@dataclass(frozen=True)
class Figure:
    """A number with its interval."""

    value: float
    interval: tuple[float, float]
    over: str
    """What the interval is over."""
    parts: tuple[float, ...] = ()
    """Yard by yard."""

    @property
    def surely_above(self) -> bool:
        """Whether there is an interval, and it lies above zero."""
        return 0 < self.interval[0] < self.interval[1]


@dataclass(frozen=True)
class Found:
    """The cells of one set that are there."""

    data: str
    cells: dict[tuple[str, str], dict[str, Any]]
    """By part and contender."""

    def parts(self, *contenders: str) -> list[str]:
        """Parts in which all of these are there."""
        return [part for part in SETS[self.data].parts if all((part, who) in self.cells for who in contenders)]

    def with_all(self, *contenders: str) -> "Found":
        """These contenders alone, in the parts in which all of them are there: what a table may set side by side."""
        parts = self.parts(*contenders)
        return Found(self.data, {key: c for key, c in self.cells.items() if key[0] in parts and key[1] in contenders})

    def task(self, part: str, who: str, task: str) -> dict[str, Any]:
        """What a contender predicts."""
        found: dict[str, Any] = self.cells[part, who]["tasks"][task]
        return found

    def score(self, who: str, *, task: str, kind: str = AS_MOUNTED) -> Figure:
        """Mean macro-F1 over draws and parts: over yards with Student-t, else over those who are unseen."""
        parts = self.parts(who)
        each = [self._mean(part, who, task, kind) for part in parts]
        if self._by_yards:
            found_over = self._over_parts(each)
            return replace(found_over, interval=possible(found_over.interval))
        found = score(self._predictions(parts, who, task, kind), note="", sampling=Sampling())
        return Figure(found.macro_f1, found.intervals["macro_f1"], self._over(parts), tuple(each))

    def lead(self, ours: tuple[str, str], theirs: tuple[str, str], *, task: str) -> Figure:
        """Ours less theirs (contender and kind of mount each), paired by yard, or by those who are unseen."""
        parts = self.parts(ours[0], theirs[0])
        each = [
            self._mean(part, ours[0], task, ours[1]) - self._mean(part, theirs[0], task, theirs[1]) for part in parts
        ]
        if self._by_yards:
            return self._over_parts(each)
        one, other = (self._predictions(parts, who, task, kind) for who, kind in (ours, theirs))
        difference = score(other, note="", sampling=Sampling(), reference=one).difference
        assert difference is not None
        return Figure(difference.value, difference.interval, self._over(parts), tuple(each))

    def lead_over(self, other: str, *, task: str) -> Figure:
        """The default less another contender."""
        return self.lead((DEFAULT, AS_MOUNTED), (other, AS_MOUNTED), task=task)

    def chance(self, task: str) -> float:
        """Macro-F1 of an even guess, mean over parts."""
        parts = self.parts(DEFAULT)
        of = [self.task(part, DEFAULT, task) for part in parts]
        levels = [chance_levels(np.array(t["truth"]), classes=len(t["classes"])) for t in of]
        return float(np.mean([level["uniform"]["macro_f1"] for level in levels]))

    def recall(self, who: str, *, way: str | None = None) -> Figure:
        """R@10 of a way, or the mean of both ways, as a multiple of chance in each part; Student-t over parts."""
        parts = self.parts(who)
        found = [self.cells[part, who]["retrieval"] for part in parts]
        ways = [[way] if way else list(each["ways"]) for each in found]
        times = [
            float(np.mean([each["ways"][name] for name in names])) / each["chance"]
            for each, names in zip(found, ways, strict=True)
        ]
        return self._over_parts(times)

    def recall_lead(self, other: str) -> Figure:
        """The default's R@10, the mean of both ways, less another's, in multiples of chance, part by part."""
        return self._over_parts(np.subtract(self.recall(DEFAULT).parts, self.recall(other).parts).tolist())

    @property
    def _by_yards(self) -> bool:
        return SETS[self.data].over == "yards"

    def _over_parts(self, each: list[float]) -> Figure:
        """Their mean, with the interval of Student."""
        over = f"{len(each)} {'yards' if self._by_yards else 'splits'}"
        return Figure(float(np.mean(each)), mean_interval(each, confidence=CONFIDENCE), over, tuple(each))

    def _over(self, parts: Sequence[str]) -> str:
        unseen = {horse for (part, _), cell in self.cells.items() if part in parts for horse in cell["unseen"]}
        return f"{len(unseen)} {SETS[self.data].over}"

    def _mean(self, part: str, who: str, task: str, kind: str) -> float:
        found = self.task(part, who, task)
        truth, classes = np.array(found["truth"]), len(found["classes"])
        draws = [np.array(draw) for draw in found["predicted"][kind]]
        return float(
            np.mean([macro_f1(confusion_matrix(truth[d >= 0], predicted=d[d >= 0], classes=classes)) for d in draws])
        )

    def _predictions(self, parts: Sequence[str], who: str, task: str, kind: str) -> Predictions:
        """All draws and parts one after the other: those who are unseen are drawn as a whole."""
        together: list[Predictions] = []
        for part in parts:
            found = self.task(part, who, task)
            for number, draw in enumerate(found["predicted"][kind]):
                sure = np.eye(len(found["classes"]))[np.array(draw)]
                names = tuple(f"{part} {number} {name}" for name in found["recording"])
                truth = np.array(found["truth"])
                together.append(Predictions(tuple(found["classes"]), truth, sure, tuple(found["horse"]), names))
        return replace(
            together[0],
            truth=np.concatenate([each.truth for each in together]),
            probability=np.concatenate([each.probability for each in together]),
            horse=tuple(horse for each in together for horse in each.horse),
            recording=tuple(name for each in together for name in each.recording),
        )


def read_set(data: str, *, root: Path) -> Found:
    """The cells of a set that are there with today's digest."""
    known = SETS[data]
    wanted = [Cell(data, part, who) for part in known.parts for who in known.contenders]
    found = {(cell.part, cell.contender): read_cell(cell, root=root) for cell in wanted}
    return Found(data, {key: result for key, result in found.items() if result is not None})
