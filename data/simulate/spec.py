"""What a simulated yard is asked to be: how many horses, how long they go, how they are filmed and measured."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from ..settings import Settings
from .level import LEVELS, Behaviour, DifficultyName, Level

GaitName = Literal["stand", "walk", "trot", "canter"]
Coat = Literal["bay", "chestnut", "black", "grey", "dun", "palomino"]
GAITS: tuple[GaitName, ...] = ("stand", "walk", "trot", "canter")
COATS: tuple[Coat, ...] = ("bay", "chestnut", "black", "grey", "dun", "palomino")


class YardSpec(Settings):
    """Settings of a simulated yard. Horse `k` is the same horse in every yard of this seed that holds it."""

    horses: int = Field(8, ge=1)
    """How many horses."""
    first_horse: int = Field(0, ge=0)
    """Number of the first horse: yards that share no numbers share no horses."""
    recordings_per_horse: int = Field(1, ge=1)
    seconds: float = Field(120.0, gt=1.0)
    """Length of each film."""
    seed: int = Field(0, ge=0)

    difficulty: DifficultyName = "easy"
    """`easy` keeps every gait at its own tempo on a straight line; `middle` and `field` are those of `level.LEVELS`."""
    behaviours: tuple[Behaviour, ...] = ()
    """What horses of the middle and the field yard do; empty: all that the difficulty has."""
    gaits: tuple[GaitName, ...] = Field(GAITS, min_length=1)
    """Gaits that occur in the easy yard; one alone gives recordings of a single gait without transitions."""
    bout_seconds: tuple[float, float] = (10.0, 45.0)
    """Shortest and longest bout of a gait."""
    stand_seconds: tuple[float, float] = (4.0, 12.0)
    """Shortest and longest halt."""
    transition_seconds: tuple[float, float] = (0.5, 1.5)
    """Shortest and longest change from gait to gait; it carries no label."""

    film: bool = True
    """False writes sensors alone."""
    fps: float = Field(30.0, gt=0.0)
    frame_width: int = Field(320, ge=64, multiple_of=2)
    frame_height: int = Field(192, ge=64, multiple_of=2)
    coats: tuple[Coat, ...] = Field(COATS, min_length=1)
    """Coat colours to draw from, never related to gait."""
    camera_variety: float = Field(1.0, ge=0.0)
    """Scales shake, lag, wandering of the frame and the spread of light; 0 is a tripod on rails."""

    asymmetry: float | None = Field(None, gt=-1.0, lt=1.0)
    """How unevenly left and right carry every horse: the first harmonic of the trunk's rise as a signed share of its
    second. None: each horse has its own. 0.13 is about 5 mm at the sacrum in trot."""
    asymmetry_shift: float = 0.0
    """Strides by which the maximum of that harmonic comes after the second's: at 0 the highest heights differ alone, at
    0.25 the lowest alone."""

    sites: str | tuple[str, ...] = "trunk-5"
    """A named set of sites, or sites of the horse by name."""
    imu_rate_hz: tuple[float, float] = (100.0, 200.0)
    """Range of sampling rates; each yard of sensors (one recording) draws one, as one product would give."""
    noise_scale: float = Field(1.0, ge=0.0)
    """Scales sensor noise and bias."""
    impact_scale: float = Field(1.0, ge=0.0)
    """Scales hoof impacts."""
    mount_sd_degrees: float = Field(8.0, ge=0.0)
    """Spread of the rotation between a sensor and the body axes of its site, about each axis."""
    clock_known: bool = True
    """Whether the manifest states the clock; when False only the truth does."""
    max_skew_seconds: float = Field(3.0, ge=0.0)
    """Sensors start within this time before or after the film."""
    max_drift_ppm: float = Field(100.0, ge=0.0)
    """Sensor clocks run fast or slow by up to this."""

    workers: int = Field(1, ge=1)
    """Processes that make recordings side by side. What is written does not depend on it."""

    @property
    def level(self) -> Level | None:
        """The numbers of the difficulty; None for the easy yard."""
        return LEVELS.get(self.difficulty)

    @model_validator(mode="after")
    def _behaviours_belong_to_the_difficulty(self) -> "YardSpec":
        strangers = set(self.behaviours) - set(self.level.behaviours if self.level else ())
        if strangers:
            raise ValueError(f"behaviours {sorted(strangers)} do not occur at difficulty {self.difficulty}")
        if self.level and self.gaits != GAITS:
            raise ValueError(f"gaits are the easy yard's; choose `behaviours` at difficulty {self.difficulty}")
        return self

    @field_validator("bout_seconds", "stand_seconds", "transition_seconds", "imu_rate_hz")
    @classmethod
    def _is_a_range(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not 0.0 < value[0] <= value[1]:
            raise ValueError(f"{value}: give a positive shortest and longest (or lowest and highest)")
        return value
