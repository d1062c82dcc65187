"""Known pairs: events that a person saw in the film and in the sensors; held against one another, and made a clock."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import BadInput
from ..recording import ClockMap
from .alignment_features import AlignmentFeatures
from .clock_fit import DRIFT_PRIOR_PPM
from .settings import KnownPair, SyncSpec

FAR_OFF = 3.0
"""So many `event_sigma` off the clock that was found, a pair is doubted, or the clock is."""
_NUMBER = r"\s*([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*"
_PAIR = re.compile(f"film:{_NUMBER},\\s*imu:{_NUMBER}|imu:{_NUMBER},\\s*film:{_NUMBER}")


@dataclass(frozen=True)
class PairResidual:
    """A known pair against the clock that was found."""

    pair: KnownPair
    residual_s: float
    """The pair's own offset less the clock's at that moment."""


def parse_pair(text: str) -> KnownPair:
    """A pair as it is typed: `film:12.48,imu:407.2`, seconds of each one's own time."""
    match = _PAIR.fullmatch(text.strip())
    if match is None:
        expected, remedy = "seconds of both", "Write --event film:12.48,imu:407.2."
        raise BadInput("--event", found=repr(text), expected=expected, remedy=remedy)
    film, imu, imu_first, film_second = match.groups()
    return KnownPair(film_seconds=float(film or film_second), imu_seconds=float(imu or imu_first))


def refuse_contradictions(spec: SyncSpec) -> None:
    """Refuses pairs that no clock within the bounds can bring together, and pairs far from an offset that was given."""
    for first, second in itertools.combinations(spec.events, 2):
        apart = abs(first.offset_seconds - second.offset_seconds)
        drifted = spec.max_drift_ppm * 1e-6 * abs(first.imu_seconds - second.imu_seconds)
        if apart > spec.event_within + drifted:
            raise BadInput(
                "--event",
                found=f"{first} and {second}, whose offsets lie {apart:.3f} s apart",
                expected=f"at most {spec.event_within + drifted:.3f} s, drift of {spec.max_drift_ppm:g} ppm included",
                remedy="Correct one of them: they are not the same clocks, or not the same event.",
            )
    given = (("--expect-offset", spec.expect_offset, spec.expect_within), ("--offset", spec.offset, 0.0))
    for (name, offset, within), pair in itertools.product(given, spec.events):
        # The offset may be meant for anywhere in the recording: an hour's drift is let pass.
        room = within + spec.event_within + spec.max_drift_ppm * 1e-6 * 3600.0
        if offset is not None and abs(pair.offset_seconds - offset) > room:
            found = f"{pair}, whose offset is {pair.offset_seconds:.3f} s, beside {name} {offset:g}"
            raise BadInput("--event", found=found, expected="two that agree", remedy="Leave one of them out.")


def refuse_outside(spec: SyncSpec, *, imu: AlignmentFeatures, film: AlignmentFeatures) -> None:
    """Refuses a pair at which the film or the sensors were not running."""
    for pair in spec.events:
        for name, at, side in (("film", pair.film_seconds, film), ("sensors", pair.imu_seconds, imu)):
            stop = side.start_seconds + side.duration_seconds
            if not side.start_seconds - 1.0 <= at <= stop + 1.0:
                expected = f"a moment of the {name}, {side.start_seconds:.3f} to {stop:.3f} s"
                remedy = "Give each side's own time: the film's from its player, the sensors' from their file."
                raise BadInput("--event", found=str(pair), expected=expected, remedy=remedy)


def clock_of_pairs(pairs: Sequence[KnownPair], *, spec: SyncSpec) -> ClockMap:
    """The clock through the pairs alone, drift held to its prior and its bound."""
    imu = np.array([pair.imu_seconds for pair in pairs])
    offset = np.array([pair.offset_seconds for pair in pairs])
    middle = float(imu.mean())
    spread = float(((imu - middle) ** 2).sum()) * 1e-12
    slope = float(((imu - middle) * 1e-6 * (offset - offset.mean())).sum())
    drift = slope / (spread + (spec.event_sigma / DRIFT_PRIOR_PPM) ** 2)
    bounded = float(np.clip(drift, -spec.max_drift_ppm, spec.max_drift_ppm))
    return ClockMap(float(offset.mean()), drift_ppm=bounded, reference_seconds=middle, origin="by-hand")


def pair_residuals(pairs: Sequence[KnownPair], *, clock: ClockMap) -> tuple[PairResidual, ...]:
    """Each pair against a clock."""
    at = clock.to_film(np.array([pair.imu_seconds for pair in pairs], dtype=np.float64))
    return tuple(PairResidual(pair, float(pair.film_seconds - film)) for pair, film in zip(pairs, at, strict=True))


def pair_notes(residuals: Sequence[PairResidual]) -> tuple[str, ...]:
    """That a person had a say, in words; nothing without pairs."""
    count = len(residuals)
    return (f"{count} known {'pair' if count == 1 else 'pairs'} given by hand",) if count else ()


def pair_doubts(residuals: Sequence[PairResidual], *, spec: SyncSpec) -> tuple[str, ...]:
    """The pairs that lie farther off than a person errs."""
    return tuple(
        f"the known pair {each.pair} lies {each.residual_s:+.2f} s off what the motion says"
        for each in residuals
        if abs(each.residual_s) > FAR_OFF * spec.event_sigma
    )
