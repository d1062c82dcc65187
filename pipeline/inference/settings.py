"""Settings of prediction. Light to import."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PredictionSettings:
    """How windows become bouts, and in which formats bouts are written beside the tables."""

    hop_seconds: float = 0.5
    """From one window's start to the next; windows as far apart as in training place changes of gait a second worse."""
    dense_seconds: float = 3600.0
    """In a longer recording not every window is predicted, only..."""
    steady_hop_seconds: float = 4.0
    """...windows so far apart, then those halfway between two that differ or are not sure, and so on: at a change, or
    something short."""
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

    def windows_apart(self, seconds: float) -> int:
        """Of the windows of a recording that lasts so long, every so many are predicted first; 1 is all of them."""
        return max(1, int(self.steady_hop_seconds / self.hop_seconds + 1e-6)) if seconds > self.dense_seconds else 1


DEFAULTS = PredictionSettings()
