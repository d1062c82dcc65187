"""Under which conditions a ride was recorded: when, on what ground, on which rein, how handled, after which event."""

import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from .settings import Settings

Surface = Literal[
    "hard", "soft", "asphalt", "concrete", "gravel", "dirt", "sand", "synthetic", "grass", "treadmill", "mixed"
]
EARLIEST = datetime.datetime(1970, 1, 1)


def _moment(value: object) -> object:
    """`2026-05-31`, or `2026-05-31 14:30`, as YAML or a person writes it, in local time."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        try:
            value = datetime.datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
    if not isinstance(value, datetime.datetime) or value.tzinfo is not None or value < EARLIEST:
        raise ValueError("a date such as 2026-05-31, or with a local time, 2026-05-31 14:30")
    return value


def _handling(value: object) -> object:
    """`ridden: true` and `ridden: no` are how people write it."""
    return {True: "ridden", False: "in-hand"}[value] if isinstance(value, bool) else value


class Conditions(Settings):
    """What a person knows of a ride and no sensor measures. All of it may be left out."""

    date: Annotated[datetime.datetime | None, BeforeValidator(_moment)] = None
    """When it was, in local time; midnight where only the day is given."""
    surface: Surface | None = None
    """The ground."""
    rein: Literal["left", "right", "both", "straight"] | None = None
    """Which rein was asked for; the sensors measure which one it was."""
    ridden: Annotated[Literal["ridden", "in-hand", "lunged", "driven", "loose"] | None, BeforeValidator(_handling)] = (
        None
    )
    """How the horse was handled."""
    event: Annotated[str, Field(max_length=60, pattern=r"^[^\x00-\x1f]*$")] = ""
    """What happened between the ride before and this one, such as `shoeing`."""
    notes: Annotated[str, Field(max_length=2000)] = ""
    """Anything else."""

    @model_validator(mode="after")
    def _an_event_has_a_date(self) -> "Conditions":
        if self.event and self.date is None:
            raise ValueError("an `event` and no `date`: which rides came before it goes by their dates")
        return self


UNNOTED = Conditions()
"""Of a ride of which nobody wrote anything down."""
