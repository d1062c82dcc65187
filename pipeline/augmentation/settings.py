"""Settings of augmentation. Light to import."""

from typing import Annotated, ClassVar

from pydantic import Field

from ...data.settings import Settings
from ...data.types import NotNegative, Probability, Share, Steps


class AugmentSettings(Settings):
    """How strongly each window of a training batch is changed; 0 switches a transform off."""

    renamed: ClassVar[dict[str, str]] = {"film_swap": "film_mean_swap"}
    noise_m_s2: NotNegative = 0.1
    """Standard deviation of white noise on specific force, m/s^2."""
    noise_rad_s: NotNegative = 0.02
    """Standard deviation of white noise on angular rate, rad/s."""
    scale: NotNegative = 0.05
    """Standard deviation of each site's gain about 1, one for specific force and one for angular rate."""
    rotation_degrees: NotNegative = 8.0
    """Standard deviation of each mount's rotation about a random axis, in degrees; horses differ by about 8."""
    shift_steps: Steps = 5
    """Largest shift of a window in time, in steps, all sites together; the edge sample fills what moves in. With
    `jitter_steps`, which takes the true samples instead, set it to 0."""
    site_dropout: Share = 0.0
    """Probability that a site is dropped: all its channels at their training mean. A single site never is."""
    mirror: Probability = 0.0
    """Probability that a window is mirrored left to right, sites and axes exchanged; not where leads matter."""
    time_warp: NotNegative = 0.0
    """Standard deviation of the logarithm of the speed at which a window is read, at each knot; 0.1 is much."""
    magnitude_warp: NotNegative = 0.0
    """Standard deviation of each site's gain about 1 at each knot, one for specific force and one for angular rate."""
    warp_knots: Annotated[int, Field(ge=2)] = 6
    """Points of a window, its ends among them, between which speed and gain of the two warps are interpolated."""
    jitter_steps: Steps = 0
    """Largest step by which a window is cut earlier or later from its recording, as far as its own film reaches."""
    film_mean_swap: Probability = 0.0
    """Probability that the mean feature of a window's own recording is subtracted from its film feature and that of
    another training recording is added, so that coat and scenery cannot identify the pair."""
