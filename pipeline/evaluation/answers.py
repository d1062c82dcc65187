"""What a contender says of test windows, whatever it is."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ..probing.labelled import Partition


@dataclass(frozen=True)
class Answer:
    """What a contender says of test windows."""

    rows: Int64[Array, "answered"]
    """Which test windows it answers for: all, but for a teacher that needs film."""
    probability: Float64[Array, "answered classes"]
    """Rows sum to one."""
    note: str
    """What the contender is and what it was given, in a sentence."""


def for_all(parts: Partition, probability: Float64[Array, "windows classes"], *, note: str) -> Answer:
    """An answer for every test window."""
    return Answer(np.arange(len(parts.test)), probability, note)
