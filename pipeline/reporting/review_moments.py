"""Which moments of a recording are worth a person's time first: those where what is shown is most likely wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ...data.recording import Bout
from ..inference.prediction import RecordingPrediction
from ..inference.timeline import UNKNOWN, Timeline, mean_over_windows

LEAST_DOUBT = 0.2
"""Probability of being wrong from which a predicted stretch is listed."""
LEAST_DOUBT_OF_LABEL = 0.5
"""The same of a label, which a person has set already."""
FILM_SURE = 0.8
"""Mean probability by film from which it counts."""
LEAST_WRONG_SECONDS = 0.1
"""Expected seconds of error from which a stretch is listed."""
MOST_MOMENTS = 200
"""Moments that are listed at most."""


@dataclass(frozen=True)
class Moment:
    """A stretch of a recording that a person should see."""

    start_seconds: float
    """Film time at which it begins."""
    stop_seconds: float
    """Film time at which it ends (exclusive)."""
    reason: str
    """`label and prediction differ`, `film and sensors differ`, `unlike all that was learned`, or `unsure`."""
    label: str
    """What it is labelled as; empty where it is not."""
    predicted: str
    """What is predicted from the sensors."""
    film: str
    """What the film shows, where it is sure of something else than what is shown; else empty."""
    wrong_seconds: float
    """Seconds of it at which what is shown is expected to be wrong: the integral of 1 - p over its time."""


class _Piece(NamedTuple):
    """A stretch in which nothing changes."""

    start: float
    stop: float
    p: float
    """Probability of what is shown."""
    label: str
    predicted: str
    film: str

    @property
    def shown(self) -> str:
        return self.label or self.predicted

    @property
    def listed(self) -> bool:
        return 1.0 - self.p >= (LEAST_DOUBT_OF_LABEL if self.label else LEAST_DOUBT)

    @property
    def kind(self) -> tuple[str, str, str]:
        return self.label, self.predicted, "" if self.film == self.shown else self.film


def find_moments(
    prediction: RecordingPrediction, *, labels: Sequence[Bout], by_film: Timeline | None = None
) -> tuple[Moment, ...]:
    """Moments by the expected number of seconds at which the label, or else the prediction, is wrong; most first.

    With p the mean probability that overlapping windows give to what is shown, these are the integral of 1 - p. What
    is unknown and not labelled counts as wrong; a label that is none of the classes counts as right. A film that is
    sure of something else than what is shown counts as much as the sensors: p is halved then.
    """
    runs: list[list[_Piece]] = []
    for piece in _pieces(prediction, labels=labels, by_film=by_film):
        if piece.listed and runs and runs[-1][-1].stop == piece.start and runs[-1][-1].kind == piece.kind:
            runs[-1].append(piece)
        elif piece.listed:
            runs.append([piece])
    moments = [each for run in runs if (each := _moment(run)).wrong_seconds >= LEAST_WRONG_SECONDS]
    return tuple(sorted(moments, key=lambda each: (-each.wrong_seconds, each.start_seconds))[:MOST_MOMENTS])


def film_bouts(by_film: Timeline | None) -> list[tuple[float, float, str]]:
    """Stretches of which the film is sure: start, stop, label."""
    if by_film is None:
        return []
    edges, mean = mean_over_windows(by_film, by_film.probability)
    bouts: list[tuple[float, float, str]] = []
    for start, stop, row in zip(edges[:-1].tolist(), edges[1:].tolist(), mean, strict=True):
        label = by_film.classes[int(row.argmax())] if np.nan_to_num(row).max() >= FILM_SURE else ""
        if bouts and bouts[-1][1:] == (start, label):
            bouts[-1] = (bouts[-1][0], stop, label)
        elif label:
            bouts.append((start, stop, label))
    return bouts


def _pieces(prediction: RecordingPrediction, *, labels: Sequence[Bout], by_film: Timeline | None) -> list[_Piece]:
    """The predicted time, cut wherever windows, predicted bouts, labels or what film shows begin or end."""
    timeline = prediction.timeline
    edges, mean = mean_over_windows(timeline, timeline.probability)
    if not len(mean):
        return []
    spans = {
        "label": [(b.start_seconds, b.stop_seconds, b.label) for b in labels],
        "predicted": [(b.start_seconds, b.stop_seconds, b.label) for b in prediction.bouts],
        "film": film_bouts(by_film),
    }
    inner = [t for each in spans.values() for span in each for t in span[:2]]
    cuts = np.unique(np.concatenate([edges, np.clip(inner, *edges[[0, -1]])]))
    pieces = []
    for start, stop in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        here = {name: _at((start + stop) / 2, each) for name, each in spans.items()}
        if here["predicted"]:
            p = _shown(mean[np.searchsorted(edges, start, side="right") - 1], timeline=timeline, **here)
            pieces.append(_Piece(start, stop, p, **here))
    return pieces


def _at(seconds: float, spans: Sequence[tuple[float, float, str]]) -> str:
    return next((label for start, stop, label in spans if start <= seconds < stop), "")


def _shown(
    probability: Float64[Array, "classes"], *, timeline: Timeline, label: str, predicted: str, film: str
) -> float:
    """Probability of the label, or else of the prediction."""
    shown = label or predicted
    if shown not in timeline.classes:
        return 0.0 if shown == UNKNOWN else 1.0
    p = float(np.nan_to_num(probability[timeline.classes.index(shown)], nan=1.0))
    return p if film in ("", shown) else 0.5 * p


def _moment(run: Sequence[_Piece]) -> Moment:
    label, predicted, film = run[0].kind
    wrong = sum((piece.stop - piece.start) * (1.0 - piece.p) for piece in run)
    if label and predicted not in (label, UNKNOWN):
        reason = "label and prediction differ"
    elif film not in ("", predicted) and predicted != UNKNOWN:
        reason = "film and sensors differ"
    else:
        reason = "unlike all that was learned" if predicted == UNKNOWN else "unsure"
    return Moment(run[0].start, run[-1].stop, reason, label, predicted, film, wrong)
