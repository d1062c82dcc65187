"""What the study tries: data sets x contenders x seeds, the most telling first."""

from collections.abc import Iterator
from dataclasses import dataclass

from .cells import Cell
from .contenders import COMODO, DEFAULT, IMU2CLIP, PREDECESSORS, SKETCH


@dataclass(frozen=True)
class Experiment:
    """Some contenders on one data set."""

    data: str
    """Name of `DATA`."""
    contenders: tuple[str, ...]
    """Names of `CONTENDERS`."""
    seeds: int = 3
    """Seeds 0, 1, ...; one where nothing is drawn."""


FREE = ("spectral", "spectral-svm")
"""Nothing in them is drawn: one seed is all, where all seeds have the same recordings."""
OTHER_OBJECTIVES = ("infonce", "regression", "masked", "siglip+masked", "siglip+per-site")
HEAVY = ("deepconvlstm", "patchtst")
"""On 30 channels and 250 steps these take seconds a step of 128 windows: hours of a core for each cell of a yard."""
OTHER_STUDENTS = ("conv-gru", *HEAVY)
STUDY: tuple[Experiment, ...] = (
    Experiment("centaur-phone", FREE, seeds=1),
    Experiment("hugadb", FREE, seeds=1),
    Experiment("yard", (DEFAULT,), seeds=5),
    Experiment("utd-mhad", (DEFAULT,), seeds=5),
    Experiment("yard-one-label", (DEFAULT,), seeds=5),
    Experiment("yard", FREE, seeds=5),
    Experiment("yard-again", (DEFAULT,)),
    Experiment("yard-again", FREE, seeds=1),
    Experiment("yard-any-angle", (DEFAULT,)),
    Experiment("yard-any-angle", FREE, seeds=1),
    Experiment("yard-turned", (DEFAULT,)),
    Experiment("yard-turned", FREE, seeds=1),
    Experiment("yard-quiet", (DEFAULT,)),
    Experiment("yard-quiet", FREE, seeds=1),
    Experiment("utd-mhad", FREE, seeds=1),
    Experiment("derived-horses", FREE, seeds=1),
    Experiment("utd-mhad", PREDECESSORS),
    Experiment("utd-mhad-s1", (DEFAULT, *PREDECESSORS)),
    Experiment("utd-mhad-s3", (DEFAULT, *PREDECESSORS)),
    Experiment("yard", PREDECESSORS, seeds=5),
    Experiment("derived-horses", (DEFAULT,)),
    Experiment("yard", ("random-init", "supervised"), seeds=5),
    Experiment("utd-mhad", ("random-init", "supervised"), seeds=5),
    Experiment("yard", ("teacher",)),
    Experiment("utd-mhad", ("teacher",)),
    Experiment("derived-horses", ("random-init",)),
    Experiment("hugadb", ("random-init", "supervised")),
    Experiment("derived-horses", (COMODO, IMU2CLIP, SKETCH)),
    Experiment("derived-horses", ("supervised",)),
    Experiment("centaur-phone", ("random-init", "supervised", "masked")),
    Experiment("hugadb", ("masked",)),
    Experiment("utd-mhad", (*OTHER_OBJECTIVES, *OTHER_STUDENTS)),
    Experiment("yard", (*OTHER_OBJECTIVES, "conv-gru")),
    Experiment("derived-horses", (*OTHER_OBJECTIVES, "conv-gru")),
    Experiment("yard", HEAVY),
    Experiment("derived-horses", HEAVY),
)
"""In this order: a study that is stopped early has what the named figures need first."""


def cells(*, seeds: int | None = None, extra: tuple[str, ...] = ()) -> Iterator[Cell]:
    """Every cell once; `seeds` bounds how many of each."""
    for experiment in STUDY:
        for seed in range(min(experiment.seeds, seeds or experiment.seeds)):
            for contender in experiment.contenders:
                yield Cell(experiment.data, contender, seed, extra=extra)
