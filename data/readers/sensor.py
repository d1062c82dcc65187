"""How a manifest describes one sensor: its site, its file, and what that file does not say by itself."""

import math
from typing import Literal

from pydantic import Field, FiniteFloat, field_validator, model_validator

from ..names import PlainName
from ..settings import Settings

STANDARD_GRAVITY = 9.80665
"""m/s^2 in one g, by definition (CGPM 1901)."""

SECONDS_PER_UNIT = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

METRES_PER_SECOND2_PER_UNIT = {"m/s^2": 1.0, "g": STANDARD_GRAVITY, "mg": STANDARD_GRAVITY / 1000.0}
"""How many m/s^2 one unit of acceleration is; `counts` are counts per g."""

RADIANS_PER_SECOND_PER_UNIT = {"rad/s": 1.0, "deg/s": math.pi / 180.0}
"""How many rad/s one unit of angular rate is; `counts` are counts per deg/s."""

SPELLINGS = {"m/s²": "m/s^2", "°/s": "deg/s"}
"""Other ways to write a unit."""

SIGNED_AXES = {
    f"{sign}{axis}": (index, -1.0 if sign == "-" else 1.0) for sign in ("", "-") for index, axis in enumerate("xyz")
}


class Time(Settings):
    """When each sample was taken: a column of stamps, or a steady rate for a file that bears none."""

    column: str | None = None
    """The column of stamps."""
    unit: Literal["s", "ms", "us", "ns"] | None = None
    """What the stamps count."""
    rate_hz: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Samples a second, for a file without stamps."""
    counter: str | None = None
    """A column that counts samples, beside stamps that stray, repeat or jitter: they are fitted against it. It may
    start again at 0, after any number."""
    start_seconds: float | None = Field(default=None, allow_inf_nan=False)
    """Only with `rate_hz`: IMU time of the first row, or of packet 0 where rows are counted; else 0."""

    @model_validator(mode="after")
    def _one_of_two(self) -> "Time":
        stamps, steady = self.column is not None, self.rate_hz is not None
        if stamps == steady:
            raise ValueError("either `column` with its `unit`, or `rate_hz`")
        if stamps != (self.unit is not None):
            raise ValueError("a `unit` (s, ms, us or ns) with `column`, and only there")
        if stamps and self.start_seconds is not None:
            raise ValueError("`start_seconds` only with `rate_hz`: a column of stamps starts where it starts")
        return self


class _Triad(Settings):
    """Three columns, along the sensor's own x, y and z."""

    columns: tuple[str, str, str]
    """Names in the file's header; `1`, `2`... for a file without one; paths such as `imu/acc[:, 0]` in HDF5."""
    per_unit: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Only with the unit `counts`: how many counts make one g, or one deg/s."""

    @field_validator("unit", mode="before", check_fields=False)
    @classmethod
    def _one_spelling(cls, unit: object) -> object:
        return SPELLINGS.get(unit, unit) if isinstance(unit, str) else unit

    @model_validator(mode="after")
    def _counts_have_a_scale(self) -> "_Triad":
        if len(set(self.columns)) < 3:
            raise ValueError(f"three different columns, not {', '.join(self.columns)}")
        if (getattr(self, "unit", None) == "counts") != (self.per_unit is not None):
            raise ValueError("`per_unit` with the unit `counts`, and only there")
        return self


class Acceleration(_Triad):
    """Where the specific force stands: what an accelerometer measures, gravity included."""

    unit: Literal["m/s^2", "g", "mg", "counts"]
    """Unit of the three columns."""
    gravity: Literal["included", "removed", "negated"] = "included"
    """Whether gravity is in, as accelerometers measure it: a sensor at rest shows +1 g along the axis that points up.
    `negated` where it shows -1 g there, as iPhones' CoreMotion does: all three axes change their sign, turning stays.
    Without gravity a signal synchronises, and teaches only with `grid.signals: linear_acceleration`."""

    @property
    def si_factor(self) -> float:
        """m/s^2 of specific force in one unit of the columns; negative where the file negates it."""
        sign = -1.0 if self.gravity == "negated" else 1.0
        if self.per_unit is not None:
            return sign * STANDARD_GRAVITY / self.per_unit
        return sign * METRES_PER_SECOND2_PER_UNIT[self.unit]


class AngularRate(_Triad):
    """Where the gyroscope's angular rate stands."""

    unit: Literal["rad/s", "deg/s", "counts"]
    """Unit of the three columns."""

    @property
    def si_factor(self) -> float:
        """rad/s in one unit of the columns."""
        if self.per_unit is not None:
            return math.pi / 180.0 / self.per_unit
        return RADIANS_PER_SECOND_PER_UNIT[self.unit]


class Sensor(Settings):
    """One sensor of a recording. What its file format states by itself may be left out."""

    site: PlainName = Field(min_length=1)
    """Where it was mounted, e.g. `withers`. Sites name the channels."""
    path: str = Field(min_length=1)
    """Its file, relative to the manifest. Several sensors may share a file."""
    format: str | None = None
    """A name of `readers.FORMATS`; by the file's content when left out."""
    device: str | None = None
    """Which device of the file, by its identity there: needed when a file holds several, checked when given."""
    time: Time | None = None
    """When samples were taken; needed unless the format states it."""
    acceleration: Acceleration | None = None
    """Columns of the specific force; needed unless the format states it."""
    angular_rate: AngularRate | Literal["none"] | None = None
    """Columns of the angular rate; needed unless the format states it. `none` for a device without a gyroscope: its
    angular rate is NaN; it synchronises, and is learned from where `grid.signals` asks for three axes only."""
    absent: str | None = Field(default=None, min_length=1)
    """Why its columns hold no numbers, where that is known: `inspect` says so instead of suspecting a dead sensor."""
    missing: tuple[FiniteFloat, ...] = ()
    """Numbers that stand for a missing sample in acceleration and angular rate, as the file writes them: `[-9999]`."""
    high_g: str | None = Field(default=None, min_length=1)
    """A second file of the same unit and clock, relative to the manifest, with a high-g accelerometer: samples that
    clipped in the first come from there."""
    shift_seconds: float = Field(default=0.0, allow_inf_nan=False)
    """To add to this unit's own times so that they run with the other sensors': for one with a clock of its own, by
    `sync` or by hand."""
    axes: tuple[str, str, str] | None = None
    """Which sensor axis points along the body's x (forward), y (left) and z (up), e.g. `[-y, x, z]`.
    Left out, columns are taken to be x, y, z as they stand."""

    @model_validator(mode="after")
    def _without_gravity_no_learning(self) -> "Sensor":
        """A stream without gravity is never learned from as one of six axes."""
        if self.acceleration and self.acceleration.gravity == "removed" and self.angular_rate != "none":
            raise ValueError("`gravity: removed` only with `angular_rate: none`: export the acceleration with gravity")
        return self

    @model_validator(mode="after")
    def _columns_are_used_once(self) -> "Sensor":
        """One column cannot be two signals: a line was copied and not changed."""
        triads = [each.columns for each in (self.acceleration, self.angular_rate) if isinstance(each, _Triad)]
        clocks = [name for name in (self.time.column, self.time.counter) if name] if self.time else []
        named = [*clocks, *(name for columns in triads for name in columns)]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"each column for one signal: {', '.join(twice)} twice in `{self.site}`")
        return self

    @model_validator(mode="after")
    def _axes_turn(self) -> "Sensor":
        """Axes are a rotation: each sensor axis once, right-handed. A mirrored set would falsify the angular rate."""
        if self.axes is None:
            return self
        if not all(axis in SIGNED_AXES for axis in self.axes):
            raise ValueError(f"axes from x, y, z, -x, -y, -z, not {', '.join(self.axes)}")
        order, signs = zip(*(SIGNED_AXES[axis] for axis in self.axes), strict=True)
        if sorted(order) != [0, 1, 2]:
            raise ValueError(f"axes that use x, y and z once each, not {', '.join(self.axes)}")
        even = order in ((0, 1, 2), (1, 2, 0), (2, 0, 1))
        if math.prod(signs) * (1.0 if even else -1.0) < 0:
            raise ValueError(f"right-handed axes: {', '.join(self.axes)} is mirrored, one sign is wrong")
        return self
