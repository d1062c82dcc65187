"""How hard a simulated yard is to learn from: one table of numbers for each difficulty beyond the easy one.

The numbers of a version never change; other numbers are another version, so that scores of one version stay comparable.
All spreads are engineering estimates: they were chosen so that spectral features do not solve the yard.
"""

from dataclasses import dataclass
from typing import Literal

DifficultyName = Literal["easy", "middle", "field"]
Behaviour = Literal[
    "stand",
    "graze",
    "walk",
    "tolt",
    "pace",
    "trot",
    "canter-left",
    "canter-right",
    "back",
    "turn",
    "jump",
    "head-shake",
    "paw",
]
BEHAVIOURS: tuple[Behaviour, ...] = Behaviour.__args__  # type: ignore[attr-defined]  # typing's own
"""Everything that a horse of the field yard does; a label each."""


@dataclass(frozen=True)
class Level:
    """The numbers of one difficulty."""

    version: str
    """Name of these numbers, written beside the truth."""
    behaviours: tuple[Behaviour, ...]
    labels: dict[str, str]
    """What people call a behaviour where that is not its own name."""
    bout_share: tuple[float, float]
    """Factors on the shortest and the longest bout that a yard is asked for."""
    height_m: tuple[float, float]
    """Smallest and largest horse at the withers: a 1.10 m pony to a 1.75 m warmblood."""
    horse_sd: float
    """Spread of tempo and amplitudes between horses beyond the easy yard's, as standard deviation of a logarithm."""
    variety: float
    """How far bouts of one gait differ: 0 not at all, 1 over the whole ranges of `style.RANGES`."""
    mount_degrees: float
    """Spread of the mounts' rotation, beside that which the yard is asked for."""
    ridden_share: float
    """Share of rides with a rider."""
    circle_share: float
    """Share of moving bouts on a circle."""
    ground_m: float
    """Height of the ground's unevenness over a metre of length."""
    toss_every_seconds: float
    """Mean time between two tosses of the head; 0: none."""
    slip_share: float
    """Chance that a sensor's mount turns during a ride."""
    loose_share: float
    """Chance that a sensor comes loose and rattles from some time on."""
    dead_share: float
    """Chance that one of a ride's sensors fails before its end."""
    label_error_seconds: float
    """Ends of labelled spans are off by up to this."""
    film: float
    """Scales what disturbs the film: obstacles, another horse, shadows, zoom, exposure, compression."""


LEVELS: dict[str, Level] = {
    "middle": Level(
        version="middle-1",
        behaviours=("stand", "walk", "tolt", "trot", "canter-left", "canter-right"),
        labels={"canter-left": "canter", "canter-right": "canter"},
        bout_share=(0.9, 0.6),
        height_m=(1.10, 1.75),
        horse_sd=0.16,
        variety=1.0,
        mount_degrees=8.0,
        ridden_share=0.5,
        circle_share=0.4,
        ground_m=0.0010,
        toss_every_seconds=12.0,
        slip_share=0.20,
        loose_share=0.20,
        dead_share=0.0,
        label_error_seconds=0.3,
        film=0.6,
    ),
    "field": Level(
        version="field-1",
        behaviours=BEHAVIOURS,
        labels={},
        bout_share=(0.8, 0.45),
        height_m=(1.10, 1.75),
        horse_sd=0.20,
        variety=1.0,
        mount_degrees=15.0,
        ridden_share=0.5,
        circle_share=0.5,
        ground_m=0.0015,
        toss_every_seconds=8.0,
        slip_share=0.25,
        loose_share=0.25,
        dead_share=0.15,
        label_error_seconds=0.5,
        film=1.0,
    ),
}
"""By name; the easy yard has none of this."""
