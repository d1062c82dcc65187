"""What the named figures of the study come to, and the words for their intervals."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .found import Found

SHOTS = 10
"""Labelled windows a gait of the comparison with few labels."""
OVER_SEEDS = "Student-t over seeds"
OVER_DRAWS = "Student-t over the draws of labels, there being one seed"
OVER_HORSES = "mean over seeds of the bounds of the 95 % bootstrap interval over those left out"


@dataclass(frozen=True)
class Verdict:
    """What a row came to."""

    value: float
    """The figure."""
    interval: tuple[float, float]
    """Of the figure, 95 %."""
    interval_method: str
    """What the interval is over."""
    holds: bool | None
    """Whether the row's demand is met by what is there; None where that decides nothing yet."""
    chance: float
    """What guessing scores."""
    baselines: dict[str, float | None]
    """What others score; None where they have not been run."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What else was found."""


@dataclass(frozen=True)
class Row:
    """One named figure."""

    figure: str
    """What the number says, in one sentence."""
    held_to: str
    """The demand."""
    needs: tuple[tuple[str, str], ...]
    """Data sets and contenders without which there is no figure."""
    judge: Callable[[Found], Verdict]
    """Makes the verdict from cells of which there is at least one each."""
