"""Sensor sites and the channel order that they give.

Body axes: x forward, y left, z up. Every site carries six channels, in this order: specific force ax ay az in m/s^2
(+9.81 along z at rest), angular rate gx gy gz in rad/s. A set of sites gives 6 channels each, site by site.
"""

from collections.abc import Sequence

CHANNELS = ("ax", "ay", "az", "gx", "gy", "gz")
GRAVITY_M_S2 = 9.81
"""What a sensor at rest measures, and what a simulated one is given."""

TRUNK_5 = ("poll", "withers", "sacrum", "tuber_coxae_left", "tuber_coxae_right")
LIMB_4_WITHERS = ("cannon_fore_left", "cannon_fore_right", "cannon_hind_left", "cannon_hind_right", "withers")

SITE_SETS: dict[str, tuple[str, ...]] = {"trunk-5": TRUNK_5, "limb-4-withers": LIMB_4_WITHERS}
"""Named placements: trunk-5 after Starke et al. 2012; limb-4-withers = four cannon bones and the withers."""


def resolve_sites(sites: str | Sequence[str]) -> tuple[str, ...]:
    """The ordered sites of a named set, or the given ones. Other names are welcome: people wear IMUs too."""
    if isinstance(sites, str):
        return SITE_SETS.get(sites, (sites,))
    return tuple(sites)


def channel_names(sites: Sequence[str]) -> tuple[str, ...]:
    """`("poll.ax", "poll.ay", ...)`: the channel order of a grid with these sites."""
    return tuple(f"{site}.{channel}" for site in sites for channel in CHANNELS)
