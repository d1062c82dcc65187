"""Symmetry of a recording over its straight, steady trot, beside published ranges and the effect of a misplaced sensor.

Experimental, and no diagnosis: the figures say how evenly the two sides moved, not why.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .stride_analysis import BoutStrides

MIN_STRIDES = 25
"""Fewer straight and steady strides give no mean."""
WEAK_SD_SHARE = 1.2
"""An SD above 120 % of |mean| weakens the evidence (Equinosis glossary)."""


@dataclass(frozen=True)
class Reference:
    """A published range of a measure."""

    low: float
    high: float
    source: str


EQUINOSIS = "Equinosis glossary"
TROT_AMPLITUDE = "mean -/+ SD in trot, collected from Licka 2001, Faber 2001, Buchner 2000 and others"
REFERENCES: dict[str, Reference] = {
    "MinDiff_head": Reference(-6.0, 6.0, EQUINOSIS),
    "MaxDiff_head": Reference(-6.0, 6.0, EQUINOSIS),
    "MinDiff_sac": Reference(-3.0, 3.0, EQUINOSIS),
    "MaxDiff_sac": Reference(-3.0, 3.0, EQUINOSIS),
    "ROM_head": Reference(47.0, 83.0, TROT_AMPLITUDE),
    "ROM_wth": Reference(52.0, 74.0, TROT_AMPLITUDE),
    "ROM_sac": Reference(58.0, 84.0, TROT_AMPLITUDE),
}
"""Millimetres. The other measures have no published range here."""
NO_PLACEMENT = "no published figure for a misplaced sensor"
PLACEMENT: dict[str, str] = {
    "MinDiff_sac": "1 cm to the left or right of the midline shifts it by 1.67 mm (PMC5900976)",
    "MaxDiff_sac": "1 cm to the left or right of the midline shifts it by 0.2 mm (PMC5900976)",
    "HHD": "1 cm of height at a tuber coxae sensor shifts it by 1.56 mm (PMC5900976)",
}
"""What a misplaced sensor does."""
PER_SITE = ("MinDiff", "MaxDiff", "SIUp", "SIDown", "ROM")
MEASURES = (*(f"{measure}_{site}" for site in ("head", "wth", "sac") for measure in PER_SITE), "HHD")
"""All that a summary holds, in order."""


@dataclass(frozen=True)
class MeasureSummary:
    """One measure over the straight and steady trot of a recording."""

    measure: str
    """Its column name."""
    strides: int
    """Straight and steady strides that it was measured in."""
    mean: float | None = None
    """mm, or -1 to 1 for `SIUp` and `SIDown`; None below `MIN_STRIDES`."""
    sd: float | None = None
    """Stride to stride, in the same unit."""
    evidence: str = ""
    """`consistent`, or `weak` where the SD is more than 120 % of |mean|; empty for `ROM` and where there is no mean."""
    reason: str = ""
    """Why there is no mean."""

    @property
    def unit(self) -> str:
        """`mm`, or `1` for a ratio."""
        return "1" if self.measure.startswith("SI") else "mm"

    @property
    def reference(self) -> Reference | None:
        """The published range, where there is one."""
        return REFERENCES.get(self.measure)

    @property
    def placement(self) -> str:
        """What a misplaced sensor does to it."""
        return PLACEMENT.get(self.measure, NO_PLACEMENT)


def summarise_symmetry(bouts: Sequence[BoutStrides]) -> tuple[MeasureSummary, ...]:
    """Every measure of `MEASURES` over all trot bouts of a recording; what cannot be given has its reason."""
    trot = [bout for bout in bouts if bout.gait == "trot"]
    return tuple(_summary(measure, trot=trot) for measure in MEASURES)


def _summary(measure: str, *, trot: Sequence[BoutStrides]) -> MeasureSummary:
    parts = [bout.measures[measure][bout.steady] for bout in trot if measure in bout.measures]
    values = np.concatenate([np.zeros(0), *parts])
    values = values[np.isfinite(values)]
    if values.size < MIN_STRIDES:
        return MeasureSummary(measure, values.size, reason=_reason(measure, trot=trot, strides=values.size))
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    weak = "weak" if sd > WEAK_SD_SHARE * abs(mean) else "consistent"
    evidence = "" if measure.startswith("ROM") else weak
    return MeasureSummary(measure, values.size, mean=mean, sd=sd, evidence=evidence)


def _reason(measure: str, *, trot: Sequence[BoutStrides], strides: int) -> str:
    if not trot:
        return "no trot"
    site = measure.rpartition("_")[2]
    for key in ("strides", site, "side"):
        reasons = [bout.reasons.get(key, "") for bout in trot]
        if all(reasons):
            return reasons[0]
    return f"{strides} straight and steady strides; {MIN_STRIDES} are needed"
