"""Settings of the synchronisation: what is searched, how it is weighed, and what a verdict demands."""

from pydantic import Field

from ..settings import Settings


class Thresholds(Settings):
    """What an ACCEPT demands. One failure makes it REVIEW; those marked `refuse` make it REFUSE."""

    gap: float = 0.05
    """Least lead of the best lag's score over its best rival."""
    refuse_gap: float = 0.02
    """Below this lead nothing is known: REFUSE."""
    inliers: int = 6
    """Least number of windows that agree with the line."""
    refuse_inliers: int = 3
    """Fewer agreeing windows than this: REFUSE."""
    inlier_share: float = 0.6
    """Least share of the usable windows that agree."""
    span_seconds: float = 60.0
    """Least stretch of film time between the first and the last agreeing window."""
    mad_seconds: float = 0.010
    """Largest median absolute residual of the agreeing windows."""
    polarity: float = 0.03
    """Least lead over the best lag of the film turned upside down."""


class KnownPair(Settings):
    """One event seen in both: a tap, a jump, a clap."""

    film_seconds: float = Field(allow_inf_nan=False)
    """When it shows in the film, in film time."""
    imu_seconds: float = Field(allow_inf_nan=False)
    """When the sensors felt it, in the time of their own files."""

    def __str__(self) -> str:
        return f"film:{self.film_seconds:g},imu:{self.imu_seconds:g}"

    @property
    def offset_seconds(self) -> float:
        """Film time minus IMU time at the event."""
        return self.film_seconds - self.imu_seconds


class SyncSpec(Settings):
    """How to search for the clock. Offsets are film time minus IMU time, in seconds."""

    window_seconds: float = Field(default=20.0, gt=2.0, allow_inf_nan=False)
    window_hop_seconds: float = Field(default=5.0, gt=0.0)
    max_drift_ppm: float = Field(default=200.0, ge=0.0, le=1e4)
    """Quartz is good for 100 ppm; 150 ppm have been measured (White & Lauder 2024)."""
    offset_range: tuple[float, float] | None = None
    """The offsets to search, or None for every offset at which film and sensors overlap."""
    expect_offset: float | None = Field(default=None, allow_inf_nan=False)
    """Where the offset is expected: narrows the search to `expect_within` about it."""
    expect_within: float = Field(default=5.0, gt=0.0)
    offset: float | None = Field(default=None, allow_inf_nan=False)
    """The offset set by hand: nothing is searched, the signals are only compared with it."""
    drift_ppm: float = 0.0
    """The drift that goes with an offset set by hand."""
    events: tuple[KnownPair, ...] = ()
    """Known pairs: the search stays within `event_within` of them, and each is a point of the fit."""
    event_within: float = Field(default=0.5, gt=0.0)
    event_sigma: float = Field(default=0.05, gt=0.0)
    """Seconds by which people miss an event when they step through a film and a plot: a frame or two."""
    min_overlap_seconds: float = Field(default=20.0, gt=0.0)
    """Lags at which film and sensors share less valid time are not considered."""
    candidates: int = Field(default=5, ge=1)
    envelope_weight: float = 0.5
    rhythm_weight: float = 0.3
    thresholds: Thresholds = Thresholds()
