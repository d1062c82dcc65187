"""From streams and motion signals to a clock with a verdict: search everywhere, refine, compare with rivals, decide."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..recording import ClockMap, ImuStream, Recording
from ..video.motion import MotionSignals
from .alignment_features import RATE_HZ, AlignmentFeatures
from .anchor_events import clock_of_pairs, pair_notes, pair_residuals, refuse_contradictions, refuse_outside
from .clock_fit import Candidate, fit_clock, shift_profile
from .film import film_features
from .result import Plot, Rival, SyncResult, Verdict, WindowResidual
from .score import SAME_LAG_SECONDS, ScoreCurve, score_curve
from .sensors import sensor_features, unit_signals
from .settings import SyncSpec
from .units import UnitClock, align_units
from .verdict import Findings, decide
from .windows import best_line, window_table


def synchronise(
    recording: Recording | Sequence[ImuStream], *, motion: MotionSignals, spec: SyncSpec | None = None
) -> SyncResult:
    """The clock between a recording's sensors and its film's motion signals, or the reasons for having none.

    Stamps are never believed: the whole range of offsets at which the two overlap is searched unless `spec` narrows it.
    """
    spec = spec or SyncSpec()
    refuse_contradictions(spec)
    streams = recording.streams if isinstance(recording, Recording) else tuple(recording)
    found = [(stream, unit_signals(stream)) for stream in streams]
    dead = tuple(UnitClock(s.site, 0.0, False, u) for s, u in found if isinstance(u, str))
    units, clocks = align_units([u for _, u in found if not isinstance(u, str)], spec=spec)
    clocks += dead
    if not units:
        why, way_out = "; ".join(c.note for c in dead), "`clock: {origin: by-hand, offset_seconds: ...}`"
        return _nothing(f"no sensor is of use: {why}; write {way_out} into the manifest", clocks=clocks, spec=spec)
    imu = sensor_features(units)
    film = film_features(motion, channels=imu.channels)
    refuse_outside(spec, imu=imu, film=film)
    curve = score_curve(imu, film, spec=_by_hand(spec))
    starts = [_in_overlap(offset, curve, imu, film) for offset in _starts(curve, spec=spec)]
    if not starts:
        return _nothing(
            "film and sensors share no lag with enough motion", clocks=clocks, film=film, imu=imu, spec=spec
        )
    candidates = sorted((_refined(imu, film, curve, offset, spec=spec) for offset in starts), key=lambda c: -c.score)
    leader = _with_reach(candidates[0], imu, film, spec=spec)
    rivals = _rivals(leader, candidates[1:], curve=curve, imu=imu)
    pairs = pair_residuals(spec.events, clock=_clock(leader, spec=spec))
    findings = Findings.of(leader, rivals=rivals, imu=imu, film=film, spec=spec, pairs=pairs)
    plot = Plot(curve.offset_seconds, curve.score, imu, film)
    result = _result(leader, findings, rivals=rivals, units=clocks, plot=plot, spec=spec)
    steps = result.clock_step is not None and result.clock_step.sure
    return _by_pairs(result, spec=spec) if spec.events and result.verdict is Verdict.REFUSE and not steps else result


def _by_hand(spec: SyncSpec) -> SyncSpec:
    """An offset set by hand is compared with every other, so nothing narrows the curve then."""
    return (
        spec
        if spec.offset is None
        else spec.model_copy(update={"expect_offset": None, "events": (), "offset_range": None})
    )


def _starts(curve: ScoreCurve, *, spec: SyncSpec) -> list[float]:
    """The offsets worth refining: the highest separate peaks of the curve, or the one set by hand."""
    if spec.offset is not None:
        return [spec.offset]
    score = np.nan_to_num(curve.score, nan=-np.inf)
    peaks: list[float] = []
    taken = ~np.isfinite(score)
    while len(peaks) < spec.candidates and not taken.all():
        top = int(np.argmax(np.where(taken, -np.inf, score)))
        peaks.append(float(curve.offset_seconds[top]))
        taken = taken | (np.abs(curve.offset_seconds - curve.offset_seconds[top]) <= SAME_LAG_SECONDS)
    return peaks


def _in_overlap(offset: float, curve: ScoreCurve, imu: AlignmentFeatures, film: AlignmentFeatures) -> float:
    """A curve's offset holds in the middle of the sensors' recording: taken along its drift to where both were on."""
    drift = curve.drift_ppm[int(np.argmin(np.abs(curve.offset_seconds - offset)))]
    start = max(film.start_seconds, imu.start_seconds + offset)
    stop = min(film.start_seconds + film.duration_seconds, imu.start_seconds + offset + imu.duration_seconds)
    return offset + float(drift) * 1e-6 * ((start + stop) / 2 - offset - imu.middle_seconds)


def _refined(
    imu: AlignmentFeatures, film: AlignmentFeatures, curve: ScoreCurve, offset: float, *, spec: SyncSpec
) -> Candidate:
    table = window_table(imu, film, offset_seconds=offset, spec=spec, reach_seconds=2 * SAME_LAG_SECONDS)
    _, shift, drift = best_line(table, reach_seconds=SAME_LAG_SECONDS, spec=spec)
    fit = fit_clock(table, shift_seconds=shift, drift_ppm=drift, spec=spec)
    context = float(np.interp(offset, curve.offset_seconds, np.nan_to_num(curve.context)))
    profile = shift_profile(table, drift_ppm=fit.drift_ppm)
    joint = float(np.interp(fit.shift_seconds, table.shift_seconds, profile))
    return Candidate(offset + fit.shift_seconds, joint + context, table, fit, context)


def _with_reach(candidate: Candidate, imu: AlignmentFeatures, film: AlignmentFeatures, *, spec: SyncSpec) -> Candidate:
    """The same with a table wide enough to see strides either way, and a clock that jumps."""
    return replace(candidate, table=window_table(imu, film, offset_seconds=candidate.table.offset_seconds, spec=spec))


def _rivals(
    leader: Candidate, others: Sequence[Candidate], *, curve: ScoreCurve, imu: AlignmentFeatures
) -> tuple[Rival, ...]:
    """Strides and half strides either way, every other peak near or far, and the film upside down."""
    table, fit = leader.table, leader.fit
    profile = shift_profile(table, drift_ppm=fit.drift_ppm)
    offsets = table.offset_seconds + table.shift_seconds
    total = profile + np.interp(offsets, curve.offset_seconds, np.nan_to_num(curve.context))
    searched = np.isfinite(np.interp(offsets, curve.offset_seconds, curve.score))
    away = np.abs(offsets - leader.offset_seconds)
    stride = stride_seconds(imu)
    named = (("a stride", stride), ("half a stride", stride / 2))
    rivals = []
    for name, lag in named:
        for side, word in ((-1, "earlier"), (1, "later")):
            near = (np.abs(offsets - leader.offset_seconds - side * lag) <= 0.08) & (away > SAME_LAG_SECONDS)
            if near.any():
                top = int(np.argmax(np.where(near, total, -np.inf)))
                rivals.append(Rival(f"{name} {word}", float(offsets[top]), float(total[top])))
    outside = (away > SAME_LAG_SECONDS) & searched
    if outside.any():
        top = int(np.argmax(np.where(outside, total, -np.inf)))
        rivals.append(Rival("best nearby", float(offsets[top]), float(total[top])))
    rivals += [
        Rival("another peak", other.offset_seconds, other.score)
        for other in others
        if abs(other.offset_seconds - leader.offset_seconds) > SAME_LAG_SECONDS
    ]
    inverted = np.nan_to_num(curve.inverted, nan=-np.inf)
    top = int(np.argmax(inverted))
    rivals.append(Rival("upside down", float(curve.offset_seconds[top]), float(inverted[top])))
    return tuple(rivals)


def stride_seconds(imu: AlignmentFeatures) -> float:
    """The lag at which the upward velocity repeats itself best, between half a second and 1.3 s."""
    moving = imu.vertical * imu.valid
    size = 2 * len(moving)
    power = np.abs(np.fft.rfft(moving, size, axis=0)) ** 2
    repeat = np.fft.irfft(power.sum(axis=1), size)
    first, last = int(0.5 * RATE_HZ), int(1.3 * RATE_HZ)
    return float((first + int(np.argmax(repeat[first : last + 1]))) / RATE_HZ)


def _result(
    leader: Candidate,
    findings: Findings,
    *,
    rivals: tuple[Rival, ...],
    units: tuple[UnitClock, ...],
    plot: Plot,
    spec: SyncSpec,
) -> SyncResult:
    clock = _clock(leader, spec=spec)
    verdict, reasons = decide(findings, units=units, spec=spec)
    return SyncResult(
        clock=None if verdict is Verdict.REFUSE else clock,
        offset_s=clock.offset_seconds,
        drift_ppm=clock.drift_ppm,
        reference_s=clock.reference_seconds,
        sigma_s=leader.fit.sigma_seconds,
        gap=findings.gap,
        verdict=verdict,
        reasons=reasons,
        windows=_residuals(leader),
        rivals=rivals,
        clock_step=findings.clock_step,
        units=units,
        plot=plot,
        pairs=findings.pairs,
    )


def _clock(leader: Candidate, *, spec: SyncSpec) -> ClockMap:
    """What the windows found, or the offset set by hand, exact in the middle of the overlap."""
    offset = spec.offset if spec.offset is not None else leader.offset_seconds
    drift = spec.drift_ppm if spec.offset is not None else leader.fit.drift_ppm
    origin = "by-hand" if spec.offset is not None else "sync"
    return ClockMap(offset, drift_ppm=drift, reference_seconds=leader.table.middle_seconds - offset, origin=origin)


def _by_pairs(result: SyncResult, *, spec: SyncSpec) -> SyncResult:
    """Where motion gives no clock, known pairs still do: theirs, for a person to check."""
    clock = clock_of_pairs(spec.events, spec=spec)
    pairs = pair_residuals(spec.events, clock=clock)
    reasons = [reason for reason in result.reasons if reason not in pair_notes(pairs)]
    return replace(
        result,
        clock=clock,
        offset_s=clock.offset_seconds,
        drift_ppm=clock.drift_ppm,
        reference_s=clock.reference_seconds,
        sigma_s=spec.event_sigma / len(pairs) ** 0.5,
        verdict=Verdict.REVIEW,
        reasons=(*pair_notes(pairs), "the clock rests on them alone", *reasons),
        pairs=pairs,
    )


def _residuals(leader: Candidate) -> tuple[WindowResidual, ...]:
    fit = leader.fit
    return tuple(
        WindowResidual(
            film_seconds=float(centre),
            residual_s=float(residual) if np.isfinite(residual) else None,
            correlation=float(height) if np.isfinite(height) else None,
            inlier=bool(inlier),
        )
        for centre, residual, height, inlier in zip(
            leader.table.centre_seconds, fit.residual_seconds, fit.height, fit.inlier, strict=True
        )
    )


def _nothing(
    reason: str,
    *,
    clocks: tuple[UnitClock, ...],
    spec: SyncSpec,
    film: AlignmentFeatures | None = None,
    imu: AlignmentFeatures | None = None,
) -> SyncResult:
    """Refused before there was anything to compare; an offset or pairs set by hand still stand, as such."""
    hand = (
        ClockMap(offset_seconds=spec.offset, drift_ppm=spec.drift_ppm, origin="by-hand")
        if spec.offset is not None
        else None
    )
    empty = np.zeros(0)
    result = SyncResult(
        clock=hand,
        offset_s=spec.offset,
        drift_ppm=spec.drift_ppm if hand else None,
        reference_s=0.0 if hand else None,
        sigma_s=None,
        gap=None,
        verdict=Verdict.REVIEW if hand else Verdict.REFUSE,
        reasons=((reason, "offset set by hand") if hand else (reason,)),
        windows=(),
        rivals=(),
        clock_step=None,
        units=clocks,
        plot=Plot(empty, empty, imu, film),
    )
    return _by_pairs(result, spec=spec) if spec.events and not hand else result
