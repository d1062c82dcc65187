"""Which moments of a recording are worth a person's time first: those where what is shown is most likely wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ...data.recording import Bout
from ..inference.bouts import PredictedBout
from ..inference.prediction import RecordingPrediction
from ..inference.timeline import UNKNOWN, mean_over_windows

LEAST_DOUBT = 0.2
"""Probability of being wrong from which a predicted stretch is listed."""
LEAST_DOUBT_OF_LABEL = 0.5
"""The same of a label, which a person has set already."""
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
    """`label and prediction differ`, `unlike all that was learned`, or `unsure`."""
    label: str
    """What it is labelled as; empty where it is not."""
    predicted: str
    """What is predicted."""
    wrong_seconds: float
    """Seconds of it at which what is shown is expected to be wrong: the integral of 1 - p over its time."""


def find_moments(prediction: RecordingPrediction, *, labels: Sequence[Bout]) -> tuple[Moment, ...]:
    """Moments by the expected number of seconds at which the label, or else the prediction, is wrong; most first.

    With p the mean probability that overlapping windows give to what is shown, these are the integral of 1 - p. What
    is unknown and not labelled counts as wrong; a label that is none of the classes counts as right.
    """
    pieces = _pieces(prediction, labels=labels)
    listed = (piece for piece in pieces if 1.0 - piece[2] >= (LEAST_DOUBT_OF_LABEL if piece[3] else LEAST_DOUBT))
    runs: list[list[_Piece]] = []
    for piece in listed:
        if runs and runs[-1][-1][1] == piece[0] and runs[-1][-1][3:] == piece[3:]:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    moments = [each for run in runs if (each := _moment(run)).wrong_seconds >= LEAST_WRONG_SECONDS]
    return tuple(sorted(moments, key=lambda each: (-each.wrong_seconds, each.start_seconds))[:MOST_MOMENTS])


_Piece = tuple[float, float, float, str, str]
"""Start, stop, probability of what is shown, label, prediction."""


def _pieces(prediction: RecordingPrediction, *, labels: Sequence[Bout]) -> list[_Piece]:
    """The predicted time, cut wherever windows, predicted bouts or labels begin or end."""
    timeline = prediction.timeline
    edges, mean = mean_over_windows(timeline, timeline.probability)
    spans = [*prediction.bouts, *labels]
    inner = [t for span in spans for t in (span.start_seconds, span.stop_seconds)]
    cuts = np.unique(np.concatenate([edges, np.clip(inner, *edges[[0, -1]])])) if len(mean) else np.zeros(0)
    middle = (cuts[:-1] + cuts[1:]) / 2
    window = np.searchsorted(edges, middle, side="right") - 1
    pieces = []
    for start, stop, at, row in zip(cuts[:-1], cuts[1:], middle, window, strict=True):
        predicted, label = _at(at, prediction.bouts), _at(at, labels)
        if predicted:
            p = _shown(mean[row], classes=timeline.classes, label=label, predicted=predicted)
            pieces.append((float(start), float(stop), p, label, predicted))
    return pieces


def _at(seconds: float, spans: Sequence[Bout] | Sequence[PredictedBout]) -> str:
    return next((span.label for span in spans if span.start_seconds <= seconds < span.stop_seconds), "")


def _shown(probability: Float64[Array, "classes"], *, classes: Sequence[str], label: str, predicted: str) -> float:
    """Probability of the label, or else of the prediction."""
    shown = label or predicted
    if shown in classes:
        p = float(probability[classes.index(shown)])
        return p if np.isfinite(p) else 1.0
    return 0.0 if shown == UNKNOWN else 1.0


def _moment(run: Sequence[_Piece]) -> Moment:
    (start, _, _, label, predicted), stop = run[0], run[-1][1]
    wrong = sum((end - begin) * (1.0 - p) for begin, end, p, *_ in run)
    if label and predicted not in (label, UNKNOWN):
        reason = "label and prediction differ"
    else:
        reason = "unlike all that was learned" if predicted == UNKNOWN else "unsure"
    return Moment(start, stop, reason, label, predicted, wrong)
