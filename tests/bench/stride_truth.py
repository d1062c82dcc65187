"""Strides as the command `strides` writes them, against the truth that a simulated yard writes beside its recordings.

A stride begins at another phase here than in the truth, so each bout is compared at the phase at which most of its
strides begin. A stride is right when one stride of the truth, give or take a quarter, passes in it, and it begins
within a quarter of a stride of that phase. Strides to be found lie wholly within the bout that was given to the command
and within the true one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

GAITS = ("walk", "trot", "canter")
QUARTER = 0.25
SETTLED_SECONDS = 0.1
"""Nothing can be found before a recording's sensors begin."""
FEWEST = 5
"""Strides from which a bout's frequency is compared: in fewer, the edges of a stride weigh too much."""
Row = dict[str, Any]


@dataclass
class Tally:
    """What was right of how many, by gait or in all."""

    right: int = 0
    of: int = 0

    def add(self, right: Any) -> None:
        """Counts an array of verdicts."""
        self.right, self.of = self.right + int(np.sum(right)), self.of + int(np.size(right))

    @property
    def share(self) -> float:
        """Right of all; NaN of nothing."""
        return self.right / self.of if self.of else float("nan")


@dataclass
class StrideScores:
    """How well the strides of a yard were told."""

    recall: dict[str, Tally] = field(default_factory=lambda: {gait: Tally() for gait in GAITS})
    """By gait: strides of the truth that were found, of those within bouts that were given."""
    precision: dict[str, Tally] = field(default_factory=lambda: {gait: Tally() for gait in GAITS})
    """By gait: strides that were found and are right."""
    frequency_errors: dict[str, list[float]] = field(default_factory=lambda: {gait: [] for gait in GAITS})
    """By gait: of each bout, its stride frequency over the true one, less 1."""
    lead: Tally = field(default_factory=Tally)
    """Strides of the canter; one without a lead is not right."""
    rein: Tally = field(default_factory=Tally)
    """Strides of bouts that turn one way or not at all."""
    absent: list[str] = field(default_factory=list)
    """Bouts without strides, and why."""

    def facts(self) -> dict[str, object]:
        """All of it as it goes into a file."""
        shares = {
            name: {gait: (each[gait].share, each[gait].of) for gait in GAITS}
            for name, each in (("recall", self.recall), ("precision", self.precision))
        }
        errors = {gait: _quantiles(values) for gait, values in self.frequency_errors.items()}
        leads = {"lead": (self.lead.share, self.lead.of), "rein": (self.rein.share, self.rein.of)}
        return {**shares, "frequency": errors, **leads, "absent": self.absent}


def score_strides(yard: Path, tables: Path) -> StrideScores:
    """The tables that the command wrote (Parquet) against the truth of the yard."""
    strides, bouts = (pyarrow.parquet.read_table(tables / f"{name}.parquet") for name in ("strides", "stride_bouts"))
    scores = StrideScores()
    for path in sorted((yard / "truth").glob("*.json")):
        truth = json.loads(path.read_text())
        mine = [row for row in strides.to_pylist() if row["recording"] == truth["id"]]
        for bout in [row for row in bouts.to_pylist() if row["recording"] == truth["id"]]:
            _score_bout(scores, bout, [row for row in mine if row["bout"] == bout["bout"]], truth)
    return scores


def _score_bout(scores: StrideScores, bout: Row, strides: list[Row], truth: Row) -> None:
    """One bout as it was given to the command."""
    gait = str(bout["gait"]).partition("-")[0]
    inside = list(_true_bouts(truth, gait=gait, start=bout["start_s"], stop=bout["stop_s"]))
    if gait not in GAITS:
        return
    start, stop = (np.array([row[name] for row in strides], float) for name in ("start_s", "stop_s"))
    phase = _Phase(truth)
    begins, ends = phase(start), phase(stop)
    common = float(np.angle(np.sum(np.exp(2j * np.pi * begins))) / (2 * np.pi)) if len(strides) else 0.0
    right = (np.abs((begins - common + 0.5) % 1.0 - 0.5) < QUARTER) & (np.abs(ends - begins - 1.0) < QUARTER)
    right &= _gait_there(truth, (start + stop) / 2, gait=gait)
    in_gait = np.zeros(len(strides), bool)
    scores.precision[gait].add(right)
    for low, high, true in inside:
        first, last = phase(np.array([low, high])) - common
        numbers = np.arange(np.ceil(first), np.floor(last))
        scores.recall[gait].add(np.isin(numbers, np.rint(begins[right] - common)))
        of_it = (start >= low) & (stop <= high)
        in_gait |= of_it
        _score_sides(scores, [row for row, is_in in zip(strides, of_it, strict=True) if is_in], true, gait=gait)
    if np.sum(in_gait) >= FEWEST:  # a bout that was predicted reaches into changes, in which tempo is no gait's
        passed = float(np.sum((ends - begins)[in_gait]) / np.sum((stop - start)[in_gait]))
        scores.frequency_errors[gait].append(float(bout["stride_freq"]) / passed - 1.0)
    if inside and not strides:
        scores.absent.append(f"{bout['recording']} {gait} {bout['start_s']}-{bout['stop_s']}: {bout['absent']}")


def _score_sides(scores: StrideScores, strides: list[Row], true: Row, *, gait: str) -> None:
    if gait == "canter":
        lead = str(true["gait"]).partition("_")[2]
        scores.lead.add(np.array([row["lead"] == lead for row in strides], bool))
    rein = true.get("rein") or "straight"
    scores.rein.add(np.array([row["rein"] == rein for row in strides], bool))


def _true_bouts(truth: Row, *, gait: str, start: float, stop: float) -> Iterator[tuple[float, float, Row]]:
    """The parts of the true bouts of a gait that lie in a span."""
    begins = truth["clock"]["offset_seconds"] + SETTLED_SECONDS  # of the sensors
    for bout in truth["bouts"]:
        low, high = max(bout["start_seconds"], start, begins), min(bout["stop_seconds"], stop)
        if bout["label"].partition("-")[0] == gait and high > low:
            yield low, high, bout


def _gait_there(truth: Row, times: Float64[Array, "strides"], *, gait: str) -> Bool[Array, "strides"]:
    """Whether no other gait is gone at these times; a change of gait belongs to both."""
    wrong = np.zeros(times.size, bool)
    for bout in truth["bouts"]:
        if bout["label"].partition("-")[0] != gait:
            wrong |= (times >= bout["start_seconds"]) & (times < bout["stop_seconds"])
    return ~wrong


class _Phase:
    """Strides done at a time, up to a whole number, through the starts that the truth names."""

    def __init__(self, truth: Row) -> None:
        self.seconds = np.array(truth["stride_seconds"], float)

    def __call__(self, times: Float64[Array, "times"]) -> Float64[Array, "times"]:
        at = self.seconds
        found: Float64[Array, times] = np.interp(times, at, np.arange(float(at.size)))
        before, after = times < at[0], times > at[-1]
        found[before] = (times[before] - at[0]) / (at[1] - at[0])
        found[after] = at.size - 1 + (times[after] - at[-1]) / (at[-1] - at[-2])
        return found


def _quantiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    size = np.abs(values)
    within = float(np.mean(size <= 0.02))
    return {"bouts": len(values), "median": float(np.median(size)), "largest": float(size.max()), "within_2%": within}
