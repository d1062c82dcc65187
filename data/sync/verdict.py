"""The verdict: what was found, compared with what an ACCEPT demands, each shortfall a reason in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .alignment_features import QUIET, RHYTHM_BINS_HZ, AlignmentFeatures
from .anchor_events import PairResidual, pair_doubts, pair_notes
from .clock_fit import Candidate
from .clock_step import ClockStep, cut_in_pieces, find_clock_step, unexcluded_clock_step
from .result import Rival, Verdict
from .settings import SyncSpec
from .units import UnitClock

HALT_SECONDS = 2.0
"""Quiet for this long is a halt."""
TEMPO_CHANGE = 0.12
"""A change of the leading frequency by this part, held for some seconds, is a change of gait."""
LEVEL_CHANGE = 0.35
"""A change of the logarithm of vertical amplitude by this is one as well."""


@dataclass(frozen=True)
class Findings:
    """The figures that a verdict rests on."""

    gap: float
    polarity: float
    inliers: int
    usable: int
    span_seconds: float
    mad_seconds: float
    clock_step: ClockStep | None
    changes: bool
    """Whether there is anything in the overlap that happens once: a halt or a change of gait."""
    pairs: tuple[PairResidual, ...] = ()
    """Known pairs against the line."""

    @classmethod
    def of(
        cls,
        leader: Candidate,
        *,
        rivals: Sequence[Rival],
        imu: AlignmentFeatures,
        film: AlignmentFeatures,
        spec: SyncSpec,
        pairs: tuple[PairResidual, ...] = (),
    ) -> "Findings":
        """Gather the figures of one candidate."""
        table, fit = leader.table, leader.fit
        upright = [r.score for r in rivals if r.name != "upside down"]
        inverted = [r.score for r in rivals if r.name == "upside down"]
        agreeing = table.centre_seconds[fit.inlier]
        return cls(
            gap=leader.score - max(upright, default=-1.0),
            polarity=leader.score - max(inverted, default=-1.0),
            inliers=int(fit.inlier.sum()),
            usable=int(table.usable.sum()),
            span_seconds=float(np.ptp(agreeing)) + table.window_seconds if len(agreeing) else 0.0,
            mad_seconds=fit.mad_seconds,
            clock_step=find_clock_step(table, drift_ppm=fit.drift_ppm)
            or _suspected(leader, imu=imu, film=film, spec=spec),
            changes=changes(imu) and changes(film),
            pairs=pairs,
        )


def decide(findings: Findings, *, units: Sequence[UnitClock], spec: SyncSpec) -> tuple[Verdict, tuple[str, ...]]:
    """ACCEPT, REVIEW or REFUSE, with a reason for whatever is not as it should be."""
    demand = spec.thresholds
    notes = tuple(
        f"{u.site}: {u.note}" if u.site not in u.note else u.note for u in units if not u.used or u.offset_seconds
    )
    notes = (*pair_notes(findings.pairs), *notes)
    refusals, doubts = _refusals(findings, spec=spec), (*_doubts(findings, spec=spec), *_strays(units))
    if spec.offset is not None:
        verdict = Verdict.ACCEPT if not refusals and findings.gap >= demand.gap else Verdict.REVIEW
        return verdict, ("offset set by hand", *refusals, *doubts, *notes)
    if refusals:
        return Verdict.REFUSE, (*refusals, *doubts, *notes)
    return (Verdict.REVIEW if doubts else Verdict.ACCEPT), (*doubts, *notes)


def changes(features: AlignmentFeatures) -> bool:
    """Whether something happens once: a halt between motion, or another gait."""
    valid = features.slow_valid
    if valid.sum() < 10:
        return False
    every = len(features.level) // max(len(features.slow_valid), 1)
    level = features.level[::every][: len(valid)][valid]
    moving = level > QUIET
    if moving.any() and (~moving).sum() >= HALT_SECONDS * 5:
        return True
    spectra = features.rhythm[valid].reshape(int(valid.sum()), len(features.channels), -1).mean(axis=1)
    tempo = RHYTHM_BINS_HZ[np.argmax(spectra, axis=1)][moving]
    if len(tempo) < 10:
        return False
    spread = np.log(np.percentile(level[moving], 90) / np.percentile(level[moving], 10))
    return bool(spread > 2 * LEVEL_CHANGE or np.log(np.percentile(tempo, 90) / np.percentile(tempo, 10)) > TEMPO_CHANGE)


def _suspected(
    leader: Candidate, *, imu: AlignmentFeatures, film: AlignmentFeatures, spec: SyncSpec
) -> ClockStep | None:
    """A step that one line may hide. Known pairs tell strides apart on their side of it."""
    pieces = cut_in_pieces(imu, film, offset_seconds=leader.table.offset_seconds, spec=spec)
    known = [pair.film_seconds for pair in spec.events]
    return unexcluded_clock_step(
        pieces, shift_seconds=leader.fit.shift_seconds, drift_ppm=leader.fit.drift_ppm, known_seconds=known
    )


def _refusals(findings: Findings, *, spec: SyncSpec) -> tuple[str, ...]:
    demand, reasons = spec.thresholds, []
    if findings.gap < demand.refuse_gap:
        reasons.append(f"another offset fits as well (score gap {findings.gap:.3f}, least {demand.refuse_gap})")
    if findings.inliers < demand.refuse_inliers:
        reasons.append(f"only {findings.inliers} windows agree on one line (least {demand.refuse_inliers})")
    if findings.clock_step is not None and findings.clock_step.sure:
        reasons.append(str(findings.clock_step))
    return tuple(reasons)


def _strays(units: Sequence[UnitClock]) -> tuple[str, ...]:
    """A clock for most sensors is none for one that runs by another: whoever uses it must know."""
    return tuple(f"{unit.site} runs by a clock of its own, which was not found" for unit in units if unit.stray)


def _doubts(findings: Findings, *, spec: SyncSpec) -> tuple[str, ...]:
    demand, reasons = spec.thresholds, []
    if demand.refuse_gap <= findings.gap < demand.gap:
        reasons.append(f"the lead over the best rival is small (score gap {findings.gap:.3f}, wanted {demand.gap})")
    if demand.refuse_inliers <= findings.inliers < demand.inliers:
        reasons.append(f"only {findings.inliers} windows agree (wanted {demand.inliers})")
    if findings.inliers < demand.inlier_share * findings.usable:
        reasons.append(
            f"{findings.inliers} of {findings.usable} moving windows agree (wanted {demand.inlier_share:.0%})"
        )
    if findings.span_seconds < demand.span_seconds:
        reasons.append(f"agreeing windows span {findings.span_seconds:.0f} s (wanted {demand.span_seconds:.0f})")
    if np.isnan(findings.mad_seconds):
        reasons.append("no window agrees: how far they scatter is not known")
    elif findings.mad_seconds > demand.mad_seconds:
        reasons.append(f"windows scatter by {findings.mad_seconds * 1e3:.0f} ms (most {demand.mad_seconds * 1e3:.0f})")
    if findings.clock_step is not None and not findings.clock_step.sure:
        reasons.append(str(findings.clock_step))
    if findings.polarity < demand.polarity:
        reasons.append(
            f"the film upside down fits nearly as well (margin {findings.polarity:.3f}, least {demand.polarity})"
        )
    if not (findings.changes or spec.events):
        reasons.append("one steady gait throughout: no change, halt or known event tells one stride from the next")
    return (*reasons, *pair_doubts(findings.pairs, spec=spec))
