"""The base of every component's settings: typed, frozen, unknown keys refused."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Settings of one component, kept beside it. A default is written here once and nowhere else."""

    model_config = ConfigDict(extra="forbid", frozen=True)
