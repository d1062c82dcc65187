"""What a student and its probe predict for a recording: class probabilities window by window, bouts, minutes."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from ...data.large_arrays import releasing
from ...data.recording import Bout, Recording
from ..datasets.recording_windows import RecordedWindows
from ..probing.linear import LinearClassifier
from ..students.embedding import embed
from .bouts import PredictedBout, find_bouts, minutes_of
from .rest import at_rest
from .settings import DEFAULTS, PredictionSettings
from .stride_analysis import BoutStrides, analyse_bouts
from .timeline import Timeline

PART = 4096
"""Windows at a time: half an hour of them. A whole number of the batches that `embed` makes, on any device."""


@dataclass(frozen=True)
class RecordingPrediction:
    """What was predicted for one recording."""

    timeline: Timeline
    """Window by window."""
    bouts: tuple[PredictedBout, ...]
    """Windows in a row of one gait."""
    missing: tuple[str, ...] = ()
    """Sites without a sensor, left blank."""
    strides: tuple[BoutStrides, ...] = ()
    """How the horse moved in each bout; empty where it was not measured."""
    simulated: bool = False
    """Whether the model that predicted it has learned from simulated recordings alone."""

    def __str__(self) -> str:
        """`mare: walk 3.2 min, trot 1.0 min`, and what could not be predicted."""
        minutes = {label: minutes_of(self.bouts, label=label) for label in self.timeline.labels}
        valid = self.timeline.valid
        parts = [f"{label} {_duration(lasted)}" for label, lasted in minutes.items() if lasted]
        parts += [f"{int((~valid).sum())} of {len(valid)} windows not valid"] * (not valid.all())
        return f"{self.timeline.recording}: {', '.join([*parts, *(f'without {site}' for site in self.missing)])}"


def predict_recording(
    windows: RecordedWindows,
    *,
    network: nn.Module,
    classifier: LinearClassifier,
    settings: PredictionSettings = DEFAULTS,
    measure_rest: bool = False,
) -> RecordingPrediction:
    """Probabilities and novelty of each window, NaN of those that are not valid, and the bouts that they make.

    `network` gives the features that the classifier reads. A probe of an older version knows no novelty: nothing is
    unknown then. `measure_rest` names rest `stand`, for probes that have no class of that name.
    """
    probability = np.full((len(windows.valid), len(classifier.classes)), np.nan)
    novelty = np.full(len(windows.valid), np.nan)
    resting = np.zeros(len(windows.valid), bool)
    rows = np.flatnonzero(windows.valid)
    for part in releasing(range(0, len(rows), PART), every=1):  # of a day's windows the features fit no memory
        chosen, imu = rows[part : part + PART], windows.imu.take(torch.arange(part, min(part + PART, len(rows))))
        features = embed(network, imu)
        probability[chosen] = classifier.probabilities(features)
        novelty[chosen] = classifier.novelty_scores(features)
        if measure_rest:
            resting[chosen] = at_rest(imu)
    timeline = Timeline(
        recording=windows.recording,
        horse=windows.horse,
        classes=classifier.classes,
        start_seconds=windows.start_seconds,
        stop_seconds=windows.stop_seconds,
        valid=windows.valid,
        probability=probability,
        novelty=novelty,
        unknown_above=settings.unknown_above,
        at_rest=resting if measure_rest else None,
    )
    bouts = find_bouts(timeline, transitions=classifier.transitions, min_seconds=settings.min_bout_seconds)
    return RecordingPrediction(timeline, bouts, windows.missing)


def with_strides(prediction: RecordingPrediction, *, recording: Recording) -> RecordingPrediction:
    """The prediction with how the horse moved in each bout, from the recording's sensors at their own rates."""
    spans = [Bout(bout.start_seconds, bout.stop_seconds, bout.label) for bout in prediction.bouts]
    return replace(prediction, strides=analyse_bouts(recording.streams, clock=recording.clock, bouts=spans))


def _duration(minutes: float) -> str:
    """Minutes to a tenth, or seconds of what would be none."""
    return f"{minutes:.1f} min" if minutes >= 0.05 else f"{60 * minutes:.1f} s"
