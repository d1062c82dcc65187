"""What the pages of a ride and of a horse show: prediction, conditions, and how good the data are."""

import math
from dataclasses import dataclass, field

from ...data.conditions import Conditions
from ...data.quality.channels import channel_remarks, short_sensors
from ...data.quality.duplicates import doubled_sensors
from ...data.quality.facts import SensorFacts
from ...data.quality.signals import sensor_facts
from ...data.recording import Recording
from ..inference.bouts import PredictedBout
from ..inference.prediction import RecordingPrediction
from ..inference.strides import gait_of
from ..inference.symmetry_summary import MeasureSummary, summarise_symmetry
from ..inference.timeline import UNKNOWN
from .formatting import label_colours

MEASURE_NAMES = {
    "MinDiff_head": "poll, lowest points",
    "MaxDiff_head": "poll, highest points",
    "MinDiff_wth": "withers, lowest points",
    "MaxDiff_wth": "withers, highest points",
    "MinDiff_sac": "sacrum, lowest points",
    "MaxDiff_sac": "sacrum, highest points",
    "HHD": "hips, rise (HHD)",
}
"""Left against right, as people read it: right less left, in mm."""
RANGE_NAMES = {"ROM_head": "poll, up and down", "ROM_wth": "withers, up and down", "ROM_sac": "sacrum, up and down"}
"""The vertical range of motion, in mm."""
SITE_NAMES = {"head": "poll", "wth": "withers", "sac": "sacrum"}


@dataclass(frozen=True)
class SensorState:
    """One sensor of a ride and what its samples show."""

    site: str
    facts: SensorFacts
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class RideFacts:
    """One ride as its pages show it."""

    prediction: RecordingPrediction
    """Gaits, bouts and strides."""
    conditions: Conditions
    """What a person wrote down of it."""
    sensors: tuple[SensorState, ...]
    """In the order of the manifest."""
    remarks: tuple[str, ...]
    """What is suspect in the sensors together."""
    symmetry: dict[str, MeasureSummary] = field(repr=False)
    """By measure, over its straight and steady trot."""

    @property
    def id(self) -> str:
        """Of the recording."""
        return self.prediction.timeline.recording

    @property
    def horse(self) -> str:
        """Who was recorded."""
        return self.prediction.timeline.horse

    @property
    def colours(self) -> dict[str, int]:
        """The number of each gait's colour; what is unknown has a pattern instead."""
        return label_colours([label for label in self.prediction.timeline.labels if label != UNKNOWN])

    @property
    def bouts(self) -> tuple[PredictedBout, ...]:
        """In order of time."""
        return self.prediction.bouts

    @property
    def predicted_seconds(self) -> float:
        """Time that belongs to a bout."""
        return sum(bout.seconds for bout in self.bouts)

    @property
    def span(self) -> tuple[float, float]:
        """Start of the first and end of the last window, seconds."""
        timeline = self.prediction.timeline
        return float(timeline.start_seconds[0]), float(timeline.stop_seconds[-1])

    @property
    def confidence(self) -> float:
        """Mean probability of the named gaits over the time that has one; NaN where nothing has."""
        known = [bout for bout in self.bouts if bout.label in self.prediction.timeline.classes]
        seconds = sum(bout.seconds for bout in known)
        total = sum(bout.confidence * bout.seconds for bout in known)
        return total / seconds if seconds else math.nan

    def seconds(self, label: str) -> float:
        """Time of one gait."""
        return sum(bout.seconds for bout in self.bouts if bout.label == label)

    def gait_seconds(self, gait: str) -> float:
        """Time of one gait, canter on either lead together where labels name it."""
        return sum(bout.seconds for bout in self.bouts if gait_of(bout.label) == gait)

    def share(self, label: str) -> float:
        """Of the predicted time, 0 to 1."""
        return self.seconds(label) / self.predicted_seconds if self.predicted_seconds else 0.0


def ride_facts(prediction: RecordingPrediction, *, recording: Recording) -> RideFacts:
    """The facts of a ride whose sensors are at hand: their samples are read here, and not kept."""
    sensors = []
    for stream in recording.streams:
        facts = sensor_facts(stream)
        sensors.append(SensorState(stream.site, facts, tuple(dict.fromkeys(channel_remarks(stream, facts=facts)))))
    return RideFacts(
        prediction,
        recording.conditions,
        tuple(sensors),
        (*short_sensors(recording.streams), *doubled_sensors(recording.streams)),
        {each.measure: each for each in summarise_symmetry(prediction.strides)},
    )


def clock_words(seconds: float) -> str:
    """Minutes and seconds, `3:07`, or hours too, `1:02:09`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"


def length_words(seconds: float) -> str:
    """Minutes to a tenth, or whole seconds of less than one."""
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"


def day_words(conditions: Conditions, *, short: bool = False) -> str:
    """`31 May 2026`, with the hour where it was given, or in short `31 May`; empty without a date."""
    date = conditions.date
    if date is None:
        return ""
    if short:
        return f"{date.day} {date:%b}"
    hour = f", {date:%H:%M}" if (date.hour, date.minute) != (0, 0) else ""
    return f"{date.day} {date:%B %Y}{hour}"


def condition_words(conditions: Conditions) -> list[str]:
    """Ground, rein and handling in a few words each."""
    rein = {"left": "left rein", "right": "right rein", "both": "both reins", "straight": "straight lines"}
    parts = [
        f"on {conditions.surface} ground" if conditions.surface else "",
        rein.get(conditions.rein or "", ""),
        (conditions.ridden or "").replace("-", " "),
    ]
    return [part for part in parts if part]
