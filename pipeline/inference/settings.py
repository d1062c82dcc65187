"""Settings of prediction. Light to import."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PredictionSettings:
    """How windows become bouts, and in which formats bouts are written beside the tables."""

    hop_seconds: float = 0.5
    """From one window's start to the next; windows as far apart as in training place changes of gait a second worse."""
    unknown_above: float = 0.98
    """Windows more unlike the training windows than this share of ordinary ones are unknown; 1 names none so."""
    min_bout_seconds: float = 2.0
    """Shorter bouts go to the likelier neighbour."""
    label_formats: tuple[str, ...] = ()
    """Names of `data.labels.writers.WRITERS`: the bouts are written as label files of these formats, too."""
    pages: bool = False
    """Whether pages of rides and horses are written, too."""
    idle_seconds: float = 60.0
    """A recording that is followed has ended when none of its files grew for so long."""


DEFAULTS = PredictionSettings()
