"""What the study has found so far: cells by data set and contender, and means over their seeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from equigait.pipeline.evaluation.intervals import mean_interval
from jaxtyping import Float64
from numpy import ndarray as Array

from .cells import read_cell
from .plan import cells

CONFIDENCE = 0.95
Result = dict[str, Any]
Figure = Callable[[Result], float]


@dataclass(frozen=True)
class Found:
    """All results that are there."""

    results: dict[tuple[str, str], dict[int, Result]]
    """By data set and contender, then by seed."""
    planned: dict[tuple[str, str], int]
    """How many seeds the study has of each."""

    def of(self, data: str, contender: str) -> dict[int, Result]:
        """Results by seed; none where there are none yet."""
        return self.results.get((data, contender), {})

    def mean(self, data: str, contender: str, figure: Figure) -> float | None:
        """Mean over the seeds that are there."""
        values = [figure(result) for result in self.of(data, contender).values()]
        return float(np.mean(values)) if values else None

    def missing(self, *needed: tuple[str, str]) -> list[str]:
        """Cells planned for these and not there yet."""
        return [
            f"{data}.{contender}.{seed}"
            for data, contender in needed
            for seed in range(self.planned[data, contender])
            if seed not in self.of(data, contender)
        ]


def read_all(folder: Path) -> Found:
    """Every cell of the plan that is there with today's digest."""
    results: dict[tuple[str, str], dict[int, Result]] = {}
    planned: dict[tuple[str, str], int] = {}
    for cell in cells():
        key = cell.data, cell.contender
        planned[key] = planned.get(key, 0) + 1
        result = read_cell(cell, results=folder)
        if result is not None:
            results.setdefault(key, {})[cell.seed] = result
    return Found(results, planned)


@dataclass(frozen=True)
class Spread:
    """A mean of independent values with its Student-t interval."""

    mean: float
    """Of the values."""
    interval: tuple[float, float]
    """A point where there is one value."""
    values: tuple[float, ...]
    """One by one."""


def spread(values: Sequence[float]) -> Spread:
    """Mean and interval of these."""
    low, high = mean_interval(values, confidence=CONFIDENCE)
    return Spread(float(np.mean(values)), (low, high), tuple(values))


def macro_f1(result: Result) -> float:
    """Of the linear probe, or of the control itself, on all labels."""
    return float(result["macro_f1"])


def recall(result: Result) -> float:
    """R@10, the mean of both ways."""
    return float(np.mean([way["R@10"] for way in result["retrieval"].values()]))


def few(shots: int, *, who: str = "pretrained") -> Figure:
    """Macro-F1 on so many labelled windows a class, mean over the draws."""
    return lambda result: float(np.mean(draws_of(result, shots=shots, who=who)))


def draws_of(result: Result, *, shots: int, who: str) -> list[float]:
    """Macro-F1 draw by draw."""
    return next(list(each["draws"][who]) for each in result["few_shot"] if each["shots"] == shots)


def leads_of(result: Result, *, shots: int, rival: str) -> Float64[Array, "draws"]:
    """Pretrained less a rival on the same labels, draw by draw."""
    return np.subtract(draws_of(result, shots=shots, who="pretrained"), draws_of(result, shots=shots, who=rival))


def mean_bounds(results: Sequence[Result]) -> tuple[float, float]:
    """Mean over seeds of the bounds of each seed's own interval over horses."""
    low, high = np.mean([result["macro_f1_interval"] for result in results], axis=0).tolist()
    return low, high
