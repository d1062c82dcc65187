"""The table of objectives: name in the recipe -> class. A new objective is one file and one line here."""

from .settings import ObjectiveSettings
from .siglip import SigLip

OBJECTIVES = {"siglip": SigLip}


def build_objective(settings: ObjectiveSettings, *, batch: int) -> SigLip:
    """The objective of these settings for batches of this size."""
    return OBJECTIVES[settings.name](settings, batch=batch)
