"""The table of objectives: name in the recipe -> class. A new one is one file, its settings, and one line here."""

from collections.abc import Callable

from .infonce import InfoNce
from .masked import Masked
from .neighbours import Neighbours
from .objective import Objective, Shape
from .per_site import PerSite
from .queue import Queue
from .regression import Regression
from .settings import AnyObjective, SumSettings
from .siglip import SigLip
from .two_view import TwoView
from .weighted_sum import WeightedSum

OBJECTIVES: dict[str, Callable[..., Objective]] = {
    "siglip": SigLip,
    "infonce": InfoNce,
    "queue": Queue,
    "regression": Regression,
    "masked": Masked,
    "two-view": TwoView,
    "neighbours": Neighbours,
    "per-site": PerSite,
}
"""Each takes its settings, and by keyword the shape of its inputs. A weighted sum of them is an objective too."""


def build_objective(settings: AnyObjective, *, shape: Shape) -> Objective:
    """The objective of these settings for batches of this shape."""
    if isinstance(settings, SumSettings):
        return WeightedSum(settings, terms=[build_objective(term, shape=shape) for term in settings.terms])
    return OBJECTIVES[settings.name](settings, shape=shape)
