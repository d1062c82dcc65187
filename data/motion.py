"""Motion signals of a film: upward velocity of the horse's trunk, its activity, the camera's pan, at the film's own times."""

from dataclasses import dataclass, field

from jaxtyping import Bool, Float64
from numpy import ndarray as Array


@dataclass(frozen=True)
class MotionSignals:
    """What moves in a film. Each entry lies halfway between two decoded frames: motion is what happened between them."""

    time_seconds: Float64[Array, "steps"] = field(repr=False)
    """Film time (PTS) halfway between the two frames."""
    trunk_up: Float64[Array, "steps"] = field(repr=False)
    """Upward velocity of the trunk against the background, horse heights a second; NaN where not valid."""
    energy: Float64[Array, "steps"] = field(repr=False)
    """Mean change of luma against the moving background within the horse, grey levels a second."""
    leg_energy: Float64[Array, "steps"] = field(repr=False)
    """The same within the lower half of the horse."""
    pan: Float64[Array, "steps 2"] = field(repr=False)
    """Motion of the background, x right and y down, frame widths a second."""
    valid: Bool[Array, "steps"] = field(repr=False)
    """Whether both frames were there, close enough in time, and the horse was seen."""
