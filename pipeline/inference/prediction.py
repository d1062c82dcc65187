"""What a student and its probe predict for a recording: class probabilities window by window, bouts, minutes."""

from dataclasses import dataclass

import numpy as np
from torch import nn

from ...data.recording import Bout
from ..datasets.recording_windows import RecordedWindows
from ..probing.linear import LinearClassifier
from ..students.embedding import embed
from .bouts import PredictedBout, find_bouts, minutes_of
from .rest import at_rest
from .settings import DEFAULTS, PredictionSettings
from .stride_analysis import BoutStrides, analyse_bouts
from .timeline import Timeline


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
    student: nn.Module,
    classifier: LinearClassifier,
    settings: PredictionSettings = DEFAULTS,
    measure_rest: bool = False,
) -> RecordingPrediction:
    """Probabilities and novelty of each window, NaN of those that are not valid, and the bouts that they make.

    A probe of an older version knows no novelty: nothing is unknown then. `measure_rest` names rest `stand`, for probes
    that have no class of that name.
    """
    probability = np.full((len(windows.valid), len(classifier.classes)), np.nan)
    novelty = np.full(len(windows.valid), np.nan)
    if windows.valid.any():
        features = embed(student, windows.imu)
        probability[windows.valid] = classifier.probabilities(features)
        novelty[windows.valid] = classifier.novelty.score(features) if classifier.novelty else 0.0
    resting = np.zeros(len(windows.valid), bool)
    if measure_rest:
        resting[windows.valid] = at_rest(windows.imu)
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
    spans = [Bout(bout.start_seconds, bout.stop_seconds, bout.label) for bout in bouts]
    strides = analyse_bouts(windows.source.streams, clock=windows.source.clock, bouts=spans)
    return RecordingPrediction(timeline, bouts, windows.missing, strides)


def _duration(minutes: float) -> str:
    """Minutes to a tenth, or seconds of what would be none."""
    return f"{minutes:.1f} min" if minutes >= 0.05 else f"{60 * minutes:.1f} s"
