"""What a student and its probe predict for a recording: class probabilities window by window, bouts, minutes."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Int64
from numpy import ndarray as Array
from torch import nn

from ...data.large_arrays import releasing
from ...data.recording import Bout, Recording
from ..datasets.recording_windows import RecordedWindows
from ..probing.linear import LinearClassifier
from ..runtime.prefetch import one_core_each, ordered_map, usable_cores
from ..students.embedding import embed
from .bouts import PredictedBout, find_bouts, minutes_of
from .rest import at_rest
from .settings import DEFAULTS, PredictionSettings
from .stride_analysis import BoutStrides, analyse_bouts
from .timeline import Timeline, part
from .window_choice import every_so_many, halfway

PART = 512
"""Windows at a time: of a day's the features fit no memory. A whole number of the batches that `embed` makes."""
MOST_WORKERS = 8
"""Parts at once, each on a core: some 50 MB each."""
RELEASED_PARTS = 2
"""After so many, the memory of their samples is let go."""


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
    unknown then. `measure_rest` names rest `stand`, for probes that have no class of that name. Of a recording longer
    than `settings.dense_seconds` the timeline holds windows `settings.steady_hop_seconds` apart, those halfway between
    and so on where these leave something undecided; those that are not valid, too.
    """
    answers = _Answers(windows, network=network.eval(), classifier=classifier, measure_rest=measure_rest)
    lasts = float(windows.stop_seconds[-1] - windows.start_seconds[0])
    chosen = every_so_many(windows.valid, apart=settings.windows_apart(lasts))
    answers.find(chosen)
    timeline = answers.timeline(unknown_above=settings.unknown_above)
    while len(between := halfway(timeline, chosen=chosen)):
        answers.find(between)
        chosen = np.union1d(chosen, between)
    timeline = part(timeline, np.union1d(chosen, np.flatnonzero(~windows.valid)))
    bouts = find_bouts(timeline, transitions=classifier.transitions, min_seconds=settings.min_bout_seconds)
    return RecordingPrediction(timeline, bouts, windows.missing)


class _Answers:
    """What network and classifier say of the windows of a recording: of those that were asked for."""

    def __init__(
        self, windows: RecordedWindows, *, network: nn.Module, classifier: LinearClassifier, measure_rest: bool
    ) -> None:
        self._windows, self._network, self._classifier = windows, network, classifier
        self._probability = np.full((len(windows.valid), len(classifier.classes)), np.nan)
        self._novelty = np.full(len(windows.valid), np.nan)
        self._resting = np.zeros(len(windows.valid), bool) if measure_rest else None
        self._place = np.cumsum(windows.valid) - 1

    def find(self, rows: Int64[Array, "rows"]) -> None:
        """Asks them about these windows; on a CPU a part on each core, which gives what one core gives."""
        on_cpu = next(self._network.parameters()).device.type == "cpu"
        workers = min(usable_cores(), MOST_WORKERS) if on_cpu else 1
        parts = (rows[first : first + PART] for first in range(0, len(rows), PART))
        with one_core_each(), ordered_map(self._find_part, parts, workers=workers) as found:
            for _ in releasing(found, every=RELEASED_PARTS):
                pass

    def timeline(self, *, unknown_above: float) -> Timeline:
        """All windows; NaN of those that were not asked for, until they are."""
        windows = self._windows
        return Timeline(
            recording=windows.recording,
            horse=windows.horse,
            classes=self._classifier.classes,
            start_seconds=windows.start_seconds,
            stop_seconds=windows.stop_seconds,
            valid=windows.valid,
            probability=self._probability,
            novelty=self._novelty,
            unknown_above=unknown_above,
            at_rest=self._resting,
        )

    def _find_part(self, rows: Int64[Array, "rows"]) -> None:
        imu = self._windows.imu.take(torch.from_numpy(self._place[rows]))
        features = embed(self._network, imu)
        self._probability[rows] = self._classifier.probabilities(features)
        self._novelty[rows] = self._classifier.novelty_scores(features)
        if self._resting is not None:
            self._resting[rows] = at_rest(imu)


def with_strides(
    prediction: RecordingPrediction, *, recording: Recording, evenness: bool = True
) -> RecordingPrediction:
    """The prediction with how the horse moved in each bout, from the recording's sensors at their own rates; without
    `evenness` its strides, reins and leads alone."""
    spans = [Bout(bout.start_seconds, bout.stop_seconds, bout.label) for bout in prediction.bouts]
    strides = analyse_bouts(recording.streams, clock=recording.clock, bouts=spans, evenness=evenness)
    return replace(prediction, strides=strides)


def _duration(minutes: float) -> str:
    """Minutes to a tenth, or seconds of what would be none."""
    return f"{minutes:.1f} min" if minutes >= 0.05 else f"{60 * minutes:.1f} s"
