"""Settings of the objectives, light to import."""

from typing import Annotated, Literal

from pydantic import Field

from ...data.settings import Settings


class ObjectiveSettings(Settings):
    """SigLIP: where its learnable scale and bias start, and which pairs it leaves out."""

    name: Literal["siglip"] = "siglip"
    """Which objective: a name of `objectives.table.OBJECTIVES`."""
    scale_init: Annotated[float, Field(gt=0)] = 10.0
    """exp(t) at the start, the inverse temperature (Zhai et al. 2023, section 3.2)."""
    bias_init: float | Literal["auto"] = "auto"
    """b at the start: -10 in the paper, whose batch is 22,000 and more; `auto` is -log(batch - 1), where the loss of
    unrelated embeddings has its minimum."""
    ignore_overlap: bool = True
    """Leave out of the loss the pairs of two different windows of one recording that overlap in time: they share film,
    so that calling them unlike would be false."""
