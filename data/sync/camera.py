"""A clock from the camera's own motion sensors, for films that carry them (GPMF): their time is the film's."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from ..errors import BadInput
from ..readers.gopro import bears_telemetry
from ..readers.sensor import Sensor
from ..readers.streams import read_streams
from ..recording import ClockMap, ImuStream
from .alignment_features import AlignmentFeatures
from .clock_fit import DRIFT_PRIOR_PPM, NOISE_FLOOR_SECONDS
from .inertial import BODIES, VEHICLES, Alignment, align, motion_of
from .result import Plot, Rival, SyncResult, Verdict, WindowResidual
from .sensors import sensor_features, unit_signals
from .settings import SyncSpec
from .units import UnitClock

ACCEPT_SCORE, ACCEPT_GAP, ACCEPT_SHARE = 0.78, 0.15, 0.6
"""Least correlation, least lead over the best other lag, and least share of windows that agree, for an ACCEPT. Motion
of another camera, turned round in time, or of another time reached 0.75 and 0.15, never both at once."""
REVIEW_SCORE, REVIEW_GAP = 0.7, 0.1
"""The same for a REVIEW."""
LEAST_WINDOWS = 3
RESOLVED = 0.4
"""Of a sampling rate, up to which motion is resolved: what the slower of two does not resolve is noise in the other."""
COMPARED = (("turning", BODIES), ("specific force", BODIES), ("turning", VEHICLES), ("specific force", VEHICLES))
"""What is compared, the gyroscope first, and slow motion where fast motion does not suffice."""


def camera_stream(film: Path) -> ImuStream | None:
    """The motion sensors of the camera that took a film, in film time; None for a film without their telemetry.

    Raises BadInput for telemetry that cannot be read.
    """
    if not film.is_file() or not bears_telemetry(film):
        return None
    (stream,) = read_streams([Sensor(site="camera", path=str(film), format="gopro")], folder=Path())
    return stream


def sync_camera(streams: Sequence[ImuStream], *, film: Path, spec: SyncSpec) -> SyncResult | str | None:
    """The clock between loggers and the film of a camera that moves with one of them; None without telemetry.

    A reason in words where the camera's own sensors cannot be read.
    """
    try:
        camera = camera_stream(film)
    except BadInput as error:
        return f"the camera's own sensors cannot be read ({error.found})"
    return None if camera is None else align_camera(streams, camera=camera, spec=spec)


def align_camera(streams: Sequence[ImuStream], *, camera: ImuStream, spec: SyncSpec) -> SyncResult:
    """The clock from loggers' time to the camera's. The best of all streams and quantities decides; REFUSE for none.

    Every offset at which a logger and the camera share enough time is searched, unless `spec` narrows it.
    """
    tried: list[SyncResult] = []
    limits = (spec.max_drift_ppm, DRIFT_PRIOR_PPM)
    of_camera = cache(partial(motion_of, camera))  # most often the same for every stream
    for name, band in COMPARED:
        turning = name == "turning"
        for stream in streams:
            shared = band.within(RESOLVED * min(stream.rate_hz, camera.rate_hz))
            motion, own = of_camera(turning=turning, band=shared), motion_of(stream, turning=turning, band=shared)
            if motion is None or own is None:
                continue
            found = align(motion, own, search=_search(spec), drift_ppm=limits)
            if found is not None:
                result = _result(found, site=stream.site, quantity=name)
                plot = Plot(found.offsets, found.scores, _drawn(stream), _drawn(camera))
                tried.append(replace(result, plot=plot))
        accepted = [result for result in tried if result.verdict is Verdict.ACCEPT]
        if accepted:
            break
    if not tried:
        return _refused("the camera's own sensors and the loggers share no lag with enough motion")
    order = (Verdict.REFUSE, Verdict.REVIEW, Verdict.ACCEPT)
    return max(tried, key=lambda result: (order.index(result.verdict), result.gap or 0.0))


def _drawn(stream: ImuStream) -> AlignmentFeatures | None:
    """The upward velocity that a page draws; None where a stream shows none."""
    signals = unit_signals(stream)
    return None if isinstance(signals, str) else sensor_features([signals], apart=False)


def _search(spec: SyncSpec) -> tuple[float, float]:
    """The offsets to consider."""
    if spec.expect_offset is not None:
        return spec.expect_offset - spec.expect_within, spec.expect_offset + spec.expect_within
    return spec.offset_range or (-np.inf, np.inf)


def _result(found: Alignment, *, site: str, quantity: str) -> SyncResult:
    verdict, reasons = _decide(found)
    clock = ClockMap(
        found.offset_seconds, drift_ppm=found.drift_ppm, reference_seconds=found.reference_seconds, origin="sync"
    )
    note = f"moves with the camera: {quantity} correlates {found.score:.2f} after the best rotation"
    return SyncResult(
        clock=None if verdict is Verdict.REFUSE else clock,
        offset_s=found.offset_seconds,
        drift_ppm=found.drift_ppm,
        reference_s=found.reference_seconds,
        sigma_s=_sigma(found),
        gap=found.score - found.rival_score,
        verdict=verdict,
        reasons=reasons,
        windows=_windows(found),
        rivals=(Rival("another lag", found.rival_offset, found.rival_score),),
        clock_step=None,
        units=(UnitClock(site, 0.0, True, note),),
        plot=Plot(found.offsets, found.scores, None, None),
    )


def _decide(found: Alignment) -> tuple[Verdict, tuple[str, ...]]:
    """ACCEPT, REVIEW or REFUSE, and what stands against the clock."""
    gap, agreeing = found.score - found.rival_score, int(found.agreeing.sum())
    usable = int(np.isfinite(found.residual_seconds).sum())
    reasons = []
    if found.score < ACCEPT_SCORE:
        reasons.append(f"its motion correlates {found.score:.2f} at best (wanted {ACCEPT_SCORE})")
    if gap < ACCEPT_GAP:
        reasons.append(f"another offset fits nearly as well (score gap {gap:.2f}, wanted {ACCEPT_GAP})")
    if agreeing < max(LEAST_WINDOWS, ACCEPT_SHARE * usable):
        reasons.append(f"{agreeing} of {usable} windows agree (wanted {ACCEPT_SHARE:.0%}, {LEAST_WINDOWS} at least)")
    if not reasons:
        return Verdict.ACCEPT, ()
    probable = found.score >= REVIEW_SCORE and gap >= REVIEW_GAP and agreeing >= LEAST_WINDOWS
    return (Verdict.REVIEW if probable else Verdict.REFUSE), tuple(reasons)


def _sigma(found: Alignment) -> float:
    """Standard error of the offset, overlapping windows counted once."""
    left = found.residual_seconds[found.agreeing]
    if not len(left):
        return float("nan")
    independent = max(1.0, len(left) * found.band.hop_seconds / found.band.window_seconds)
    return float(np.hypot(1.4826 * float(np.median(np.abs(left))) / np.sqrt(independent), NOISE_FLOOR_SECONDS))


def _windows(found: Alignment) -> tuple[WindowResidual, ...]:
    rows = zip(found.centre_seconds, found.residual_seconds, found.height, found.agreeing, strict=True)
    return tuple(
        WindowResidual(
            film_seconds=float(centre),
            residual_s=float(left) if np.isfinite(left) else None,
            correlation=float(height),
            inlier=bool(agrees),
        )
        for centre, left, height, agrees in rows
    )


def _refused(reason: str) -> SyncResult:
    empty = np.zeros(0)
    return SyncResult(
        clock=None,
        offset_s=None,
        drift_ppm=None,
        reference_s=None,
        sigma_s=None,
        gap=None,
        verdict=Verdict.REFUSE,
        reasons=(reason,),
        windows=(),
        rivals=(),
        clock_step=None,
        units=(),
        plot=Plot(empty, empty, None, None),
    )


def with_camera_reasons(result: SyncResult, *, camera: SyncResult | str) -> SyncResult:
    """A result from the film's pictures, with what the camera's own sensors said before."""
    said = camera if isinstance(camera, str) else f"the camera's own sensors give no clock: {'; '.join(camera.reasons)}"
    return replace(result, reasons=(*result.reasons, said))
