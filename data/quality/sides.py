"""Whether left and right sensors seem exchanged: by the roll that both feel, or by which legs swing together.

Two sensors left and right on one body rise and fall by its roll: v_left - v_right = width * roll rate, with x forward
and z up. Exchanged, the sign turns; it also turns where x points backwards. Legs do not show it; but in trot a
diagonal pair swings together, a lateral pair never (a pacer's do): one exchanged pair shows, both exchanged do not.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from ..recording import ImuStream
from ..sync.alignment_features import RATE_HZ, band_pass
from ..sync.sensors import CHANNEL_WORDS, UnitSignals, channel_of
from .facts import SensorFacts

CLEAR = 0.3
"""Correlation beyond which its sign is believed."""
STRIDE_HZ = (0.7, 2.0)
"""Strides from a slow walk's to a gallop's: 0.85 to 1.78 a second."""
UPRIGHT = 0.8
"""Cosine: roll is only known where x and z are about as declared."""


def side_remarks(
    streams: Sequence[ImuStream], *, facts: Mapping[str, SensorFacts], signals: Mapping[str, UnitSignals | str]
) -> tuple[str, ...]:
    """Suspicions that a left and a right sensor were exchanged; none where the signals do not show it.

    `signals` are those of `signals_by_site`.
    """
    remarks = []
    by_site = {stream.site: stream for stream in streams}
    for site, left in by_site.items():
        right = by_site.get(site.replace("left", "right"))
        if "left" not in site or right is None or channel_of(site) not in CHANNEL_WORDS:
            continue
        upright = all((facts[s.site].up or (0.0, 0.0, 0.0))[2] >= UPRIGHT for s in (left, right))
        agreement = roll_agreement(left, right, signals=signals) if upright else 0.0
        if agreement < -CLEAR:
            remarks.append(
                f"suspicion: {site} and {right.site} seem exchanged, or their x axes point backwards "
                f"(rise and fall against roll {agreement:+.2f})"
            )
    agreement = diagonal_lead(by_site)
    if agreement < -CLEAR:
        remarks.append(
            f"suspicion: left and right seem exchanged in one pair of legs (diagonal less lateral {agreement:+.2f})"
        )
    return tuple(remarks)


def roll_agreement(left: ImuStream, right: ImuStream, *, signals: Mapping[str, UnitSignals | str]) -> float:
    """Correlation of what the left side rises more than the right with the roll rate that both measure."""
    first, second = signals[left.site], signals[right.site]
    if isinstance(first, str) or isinstance(second, str) or not _turns(left) or not _turns(right):
        return 0.0
    start = max(first.start_seconds, second.start_seconds)
    stop = min(_stop(first), _stop(second))
    time = np.arange(start, stop, 1 / RATE_HZ)
    if len(time) < 10 * RATE_HZ:
        return 0.0
    rise = _at(first, time) - _at(second, time)
    roll = sum(np.interp(time, *_finite(s)) for s in (left, right)) / 2
    return _correlation(rise, band_pass(np.asarray(roll) - np.mean(roll), rate_hz=RATE_HZ))


def diagonal_lead(by_site: Mapping[str, ImuStream]) -> float:
    """How much better diagonal legs swing together than lateral ones; 0 without four legs."""
    legs = {}
    for site, stream in by_site.items():
        place = tuple(word for word in ("fore", "hind", "left", "right") if word in site)
        if len(place) == 2 and channel_of(site) is None and _turns(stream):
            legs[place] = stream
    if len(legs) < 4:
        return 0.0
    start = max(s.time_seconds[0] for s in legs.values())
    time = np.arange(start, min(s.time_seconds[-1] for s in legs.values()), 1 / RATE_HZ)
    if len(time) < 10 * RATE_HZ:
        return 0.0
    swing = {place: _swing(stream, time) for place, stream in legs.items()}

    def together(one: str, other: str) -> float:
        return _correlation(swing["fore", one], swing["hind", other])

    diagonal = (together("left", "right") + together("right", "left")) / 2
    return diagonal - (together("left", "left") + together("right", "right")) / 2


def _swing(stream: ImuStream, time: np.ndarray) -> np.ndarray:
    """How fast a leg turns, at the frequency of strides: once a stride it swings."""
    good = np.isfinite(stream.angular_rate).all(axis=1)
    speed = np.interp(time, stream.time_seconds[good], np.linalg.norm(stream.angular_rate[good], axis=1))
    spectrum, frequency = np.fft.rfft(speed), np.fft.rfftfreq(len(speed), 1 / RATE_HZ)
    spectrum[(frequency < STRIDE_HZ[0]) | (frequency > STRIDE_HZ[1])] = 0.0
    return np.fft.irfft(spectrum, len(speed))


def _turns(stream: ImuStream) -> bool:
    return bool(np.isfinite(stream.angular_rate).all(axis=1).sum() >= 2)


def _finite(stream: ImuStream) -> tuple[np.ndarray, np.ndarray]:
    """Times and roll rates of the good samples."""
    good = np.isfinite(stream.angular_rate).all(axis=1)
    return stream.time_seconds[good], stream.angular_rate[good, 0]


def _at(unit: UnitSignals, time: np.ndarray) -> np.ndarray:
    own = unit.start_seconds + np.arange(len(unit.velocity)) / RATE_HZ
    return np.asarray(np.interp(time, own, unit.velocity * unit.valid))


def _stop(unit: UnitSignals) -> float:
    return unit.start_seconds + (len(unit.velocity) - 1) / RATE_HZ


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    size = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(x @ y) / size if size > 0 else 0.0
