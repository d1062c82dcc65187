"""Settings of the executor: how many do the work, and where. They never change a result, so no recipe holds them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ....data.settings import Settings

MOST_AT_ONCE = 8
"""Recordings that one process works on at the same time: each holds its sensors and a few batches of frames."""


class ExecutorSettings(Settings):
    """Who does the work."""

    name: Literal["local", "ray"] = "local"
    """An entry of EXECUTORS: `local` is this process, `ray` actors of a cluster (extra `ray`)."""
    address: str | None = None
    """Ray: the cluster, as `ray start --head` names it; null starts one on this machine."""
    workers: Annotated[int, Field(ge=1)] | None = None
    """Ray: actors, each with a teacher of its own; null takes one for each GPU share, or each core without GPUs."""
    gpus: Annotated[float, Field(ge=0.0)] | None = None
    """Ray: GPUs of one actor, a fraction where several share one; null is 1 where the cluster has any, else 0."""
    at_once: Annotated[int, Field(ge=1)] | None = None
    """Local: recordings worked on at the same time; null is one a core, up to MOST_AT_ONCE. Memory grows with it."""
    attempts: Annotated[int, Field(ge=1)] = 3
    """Ray: workers that may die of one recording before it is set aside."""

    def recordings_at_once(self, *, tasks: int, cores: int) -> int:
        """How many of these tasks one process does at the same time."""
        if self.name != "local":
            return 1
        return max(1, min(tasks, self.at_once or min(cores, MOST_AT_ONCE)))

    @model_validator(mode="after")
    def _a_cluster_where_one_is_described(self) -> "ExecutorSettings":
        described = [name for name in ("address", "workers", "gpus") if getattr(self, name) is not None]
        if self.name != "ray" and described:
            raise ValueError(f"{', '.join(described)} without `ray`: one process does all the work")
        return self


@dataclass(frozen=True)
class Lost:
    """The end of a task that no worker has survived."""

    reason: str
    """What became of its workers, in a sentence."""
