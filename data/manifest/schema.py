"""The schema of a manifest, `recording.yaml`: what it may say, checked."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ..conditions import Conditions
from ..labels.bouts import Labels
from ..names import PlainName
from ..readers.sensor import Sensor
from ..settings import Settings
from ..video.chapters import Chapter
from ..words import WORDS, Words

MANIFEST_NAME = "recording.yaml"


class Clock(Settings):
    """How IMU time becomes film time: film = imu + offset_seconds + drift_ppm * 1e-6 * (imu - reference_seconds)."""

    origin: Literal["known", "by-hand", "sync"]
    """Where it comes from: one clock for both (`known`), a person, or `sync`."""
    offset_seconds: float = Field(allow_inf_nan=False)
    """Film time minus IMU time at `reference_seconds`."""
    drift_ppm: float = Field(default=0.0, ge=-1e4, le=1e4)
    """By how many parts per million film time runs faster than IMU time. A hundredth is no clock any more."""
    reference_seconds: float = Field(default=0.0, allow_inf_nan=False)
    """IMU time at which `offset_seconds` is exact."""


class Manifest(Conditions):
    """One recording: who, which film, sensors and labels, the clock between them, the ride's conditions."""

    version: Literal[1] = 1
    """Of this format."""
    id: PlainName = Field(default="", pattern=r"^[^/\\\x00-\x1f]*$")
    """Unique in the data set. Empty: the name of the manifest's folder."""
    horse: PlainName = Field(min_length=1)
    """Who was recorded. Splits go by this name. `subject: ...` says the same."""
    words: Words = WORDS
    """What reports call who was recorded and what they did, for people: `{subject: person, behaviour: action}`."""
    film: str | None = None
    """The film, relative to the manifest; None for sensors alone. A list of files is read as `chapters`."""
    chapters: tuple[Chapter, ...] = ()
    """Instead: the files of a film that a camera cut into several, in order."""
    keypoints: str | None = None
    """Joints in each frame of the film, as a file of pose estimation; for the teacher `keypoints`."""
    sensors: tuple[Sensor, ...] = Field(min_length=1)
    """One entry a site. Their order is kept."""
    labels: Labels | None = None
    """The label file, if there is one."""
    clock: Clock | None = None
    """Needed where there is a film. Without one, film time is IMU time."""

    @model_validator(mode="before")
    @classmethod
    def _a_list_of_films_is_chapters(cls, values: Any) -> Any:
        """`film: [a.mp4, b.mp4]` is how people write it."""
        if isinstance(values, Mapping) and isinstance(values.get("film"), list | tuple):
            rest = {key: value for key, value in values.items() if key != "film"}
            return {**rest, "chapters": [*values["film"], *rest.get("chapters", ())]}
        return values

    @model_validator(mode="before")
    @classmethod
    def _a_subject_is_a_horse(cls, values: Any) -> Any:
        """`subject: s1` names who was recorded, as `horse: s1` does."""
        if isinstance(values, Mapping) and "subject" in values:
            if "horse" in values:
                raise ValueError("either `horse` or `subject`")
            return {"horse" if key == "subject" else key: value for key, value in values.items()}
        return values

    @field_validator("id", "horse", mode="before")
    @classmethod
    def _a_number_is_a_name(cls, value: object) -> object:
        """Horses with a number are `horse: 123`."""
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            raise ValueError("a name; in quotes where YAML takes it for something else")
        return value

    @field_validator("sensors", mode="before")
    @classmethod
    def _a_list_of_sensors(cls, value: object) -> object:
        entries = value if isinstance(value, list | tuple) else ()
        if not entries or not all(isinstance(entry, Mapping | Sensor) for entry in entries):
            raise ValueError("a list of sensors, one or more, each with `site:` and `path:`")
        return value

    @model_validator(mode="after")
    def _one_film(self) -> "Manifest":
        if self.film is not None and self.chapters:
            raise ValueError("either `film` or `chapters`")
        return self

    @property
    def conditions(self) -> Conditions:
        """Those of the ride alone."""
        return Conditions.model_validate(self.model_dump(include=set(Conditions.model_fields), exclude_defaults=True))

    @property
    def film_name(self) -> str | None:
        """The film, or the first of its files and how many more; None for sensors alone."""
        if not self.chapters:
            return self.film
        more = len(self.chapters) - 1
        return f"{self.chapters[0].path} and {more} more" if more else self.chapters[0].path

    def files(self) -> tuple[str, ...]:
        """Every file that the recording is read from, as the manifest names it: relative to its folder."""
        films = [self.film, *(chapter.path for chapter in self.chapters)]
        sensors = [name for sensor in self.sensors for name in (sensor.path, sensor.high_g)]
        labels = [self.labels.path] if self.labels else []
        return tuple(name for name in (*films, self.keypoints, *sensors, *labels) if name is not None)

    @model_validator(mode="after")
    def _sites_are_unique(self) -> "Manifest":
        sites = [sensor.site for sensor in self.sensors]
        twice = sorted({site for site in sites if sites.count(site) > 1})
        if twice:
            raise ValueError(f"each site once: {', '.join(twice)} stands there twice")
        return self
