"""The moments of an archive most like something: cosines of windows with a query, and neighbouring hits as one moment.

Windows are compared with a window or a clip by features that are standardised over the archive: a large mean, which all
films share, would else make every two of them alike.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float32, Float64, Int64
from numpy import ndarray as Array

from ..datasets.window_dataset import WindowDataset
from .table_files import DECIMALS

SMALLEST_RATIO = 0.1
"""Floor of a feature's deviation over the root mean square of all features' deviations."""


@dataclass(frozen=True)
class Moment:
    """A stretch of a recording whose windows are like the query."""

    rank: int
    """1 is the most alike."""
    recording: str
    """Id of the recording."""
    horse: str
    """Who was recorded."""
    start_s: float
    """Film time at which its first window starts."""
    stop_s: float
    """Film time at which its last window stops."""
    best_s: float
    """Film time at which the window most like the query starts."""
    score: float
    """That window's cosine with the query."""
    label: str
    """That window's label; empty where it has none."""

    def __str__(self) -> str:
        spanned = f"{self.start_s:8.2f} to {self.stop_s:8.2f} s"
        known = f"  {self.label}" if self.label else ""
        return f"{self.rank:3d}  {self.score:+.3f}  {self.recording}  {spanned}, best at {self.best_s:.2f} s{known}"


def cosines(
    features: Float32[Array, "windows dim"], query: Float32[Array, "dim"], *, standardise: bool = False
) -> Float64[Array, "windows"]:
    """Cosine of each window's features with the query's; both standardised over the windows first, where asked for."""
    found, wanted = features.astype(np.float64), query.astype(np.float64)
    if standardise:
        mean, deviation = found.mean(axis=0), found.std(axis=0)
        floor = SMALLEST_RATIO * float(np.sqrt(np.square(deviation).mean()))
        deviation = np.maximum(deviation, floor) if floor else np.ones_like(deviation)
        found, wanted = (found - mean) / deviation, (wanted - mean) / deviation
    lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(wanted)
    return np.asarray(found @ wanted / np.where(lengths > 0, lengths, 1.0))


def window_at(windows: WindowDataset, *, recording: str, seconds: float, lasts: float) -> int | None:
    """Number of the window of this recording that has this film time nearest to its middle; None where none has it."""
    start = windows.start_seconds.numpy()
    here = np.array([name == recording for name in windows.recording], dtype=bool)
    inside = here & (start <= seconds) & (seconds < start + lasts)
    if not inside.any():
        return None
    return int(np.where(inside, np.abs(start + lasts / 2 - seconds), np.inf).argmin())


def find_moments(
    windows: WindowDataset,
    *,
    scores: Float64[Array, "windows"],
    lasts: float,
    count: int,
    left_out: Bool[Array, "windows"] | None = None,
) -> tuple[Moment, ...]:
    """The `count` moments with the best windows, best first.

    Windows are taken from the best on; one that overlaps or touches a moment of its recording joins it, and may join
    two of them, until the next one would begin one moment too many.
    """
    start, taken = windows.start_seconds.numpy(), np.zeros(len(windows), bool) if left_out is None else left_out
    moments: list[_Span] = []
    for number in _best_first(scores, left_out=taken):
        recording, first = windows.recording[number], float(start[number])
        touching = [each for each in moments if each.touches(recording, first, first + lasts)]
        if not touching and len(moments) == count:
            break
        joined = [*touching, _Span(recording, first, first + lasts, int(number))]
        moments = [each for each in moments if each not in touching]
        moments.append(_joined(joined, scores=scores))
    moments.sort(key=lambda each: (-scores[each.best], each.best))
    return tuple(_moment(each, rank=n, windows=windows, score=scores[each.best]) for n, each in enumerate(moments, 1))


def moments_table(moments: tuple[Moment, ...]) -> pa.Table:
    """A row a moment."""
    kinds: dict[str, Any] = {
        "rank": pa.int64(),
        **dict.fromkeys(("recording", "horse"), pa.string()),
        **dict.fromkeys(("start_s", "stop_s", "best_s", "score"), pa.float64()),
        "label": pa.string(),
    }
    return pa.Table.from_pylist([asdict(each) for each in moments], schema=pa.schema(list(kinds.items())))


@dataclass(frozen=True)
class _Span:
    recording: str
    start: float
    stop: float
    best: int
    """Number of its best window."""

    def touches(self, recording: str, start: float, stop: float) -> bool:
        return self.recording == recording and start <= self.stop and stop >= self.start


def _best_first(scores: Float64[Array, "windows"], *, left_out: Bool[Array, "windows"]) -> Int64[Array, "candidates"]:
    order = np.argsort(-scores, kind="stable")
    return np.asarray(order[~left_out[order]])


def _joined(spans: list[_Span], *, scores: Float64[Array, "windows"]) -> _Span:
    best = max(spans, key=lambda each: (scores[each.best], -each.best)).best
    return _Span(spans[0].recording, min(s.start for s in spans), max(s.stop for s in spans), best)


def _moment(span: _Span, *, rank: int, windows: WindowDataset, score: float) -> Moment:
    label = int(windows.label[span.best])
    return Moment(
        rank=rank,
        recording=span.recording,
        horse=windows.horse[span.best],
        start_s=round(span.start, DECIMALS),
        stop_s=round(span.stop, DECIMALS),
        best_s=round(float(windows.start_seconds[span.best]), DECIMALS),
        score=round(float(score), 4),
        label=windows.classes[label] if label >= 0 else "",
    )
