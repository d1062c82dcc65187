"""How a horse moved, bout by bout: strides, their evenness, rein, lead and symmetry. Experimental; no diagnosis."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from jaxtyping import Bool
from numpy import ndarray as Array

from ...data.large_arrays import releasing
from ...data.recording import Bout, ClockMap, ImuStream
from .site_motion import LOWEST_RATE_HZ, RatedStream, SiteMotion, rated, site_motions
from .stance_side import Lead, canter_lead, stance_sides
from .strides import GAIT_CYCLES, Cycles, Strides, find_cycles, gait_of, regularity, strides_of
from .symmetry import Measures, symmetry
from .turning import Turning, resting_bias, turning

STEADY = 0.10
"""A stride is steady when its duration is within this share of the bout's median."""

WORKERS = 2
"""Bouts that are analysed at once."""
RELEASED_BOUTS = 16
"""After so many, the memory of their samples is let go."""


@dataclass(frozen=True)
class BoutStrides:
    """The strides of one bout and what they tell. What is absent has its reason."""

    bout: Bout
    """When, and what it was called: its label may name a lead."""
    strides: Strides
    """One by one."""
    turning: Turning
    """Change of heading and rein of each stride."""
    lead: Lead | None = None
    """In canter."""
    measures: Measures = field(default_factory=dict)
    """In trot, per stride: columns such as `MinDiff_sac`."""
    regularity: float = float("nan")
    """Autocorrelation at one stride, at most 1."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why something is absent: by `strides`, `lead`, `side`, `head`, `wth`, `sac`, `HHD`, `rein`."""

    @property
    def gait(self) -> str:
        """The gait that the label names: a canter on either lead."""
        return gait_of(self.bout.label)

    @property
    def stride_hz(self) -> float:
        """Strides a second: the inverse of the median duration; NaN without strides."""
        return float(1.0 / np.median(self.strides.duration_seconds)) if len(self.strides) else float("nan")

    @property
    def duration_cv(self) -> float:
        """Coefficient of variation (SD / mean) of the stride duration; NaN for less than two strides."""
        duration = self.strides.duration_seconds
        return float(duration.std(ddof=1) / duration.mean()) if duration.size > 1 else float("nan")

    @property
    def steady(self) -> Bool[Array, "strides"]:
        """Which strides are straight and of the bout's usual duration."""
        duration = self.strides.duration_seconds
        straight = np.array([rein == "straight" for rein in self.turning.rein], bool)
        usual = np.median(duration) if duration.size else 1.0
        return np.asarray(straight & (np.abs(duration / usual - 1.0) <= STEADY))


def analyse_bouts(
    streams: Sequence[ImuStream], *, clock: ClockMap, bouts: Sequence[Bout], evenness: bool = True
) -> tuple[BoutStrides, ...]:
    """The strides of every bout (film time), in order; bouts without strides have none, and the reason.

    Any sites and rates from 25 Hz on serve; what they cannot give is absent with its reason. Without `evenness`
    regularity and symmetry are left out, which take time.
    """
    with ThreadPoolExecutor(WORKERS) as pool:  # the work is NumPy's, which runs side by side
        usable, slow = rated(streams)
        bias = dict(zip((each.stream.site for each in usable), pool.map(resting_bias, usable), strict=True))
        analyse = partial(_analyse, streams=usable, clock=clock, bias_rad_s=bias, slow=slow, evenness=evenness)
        return tuple(releasing(pool.map(analyse, bouts), every=RELEASED_BOUTS))


def _analyse(
    bout: Bout,
    *,
    streams: Sequence[RatedStream],
    clock: ClockMap,
    bias_rad_s: Mapping[str, float],
    slow: Mapping[str, str],
    evenness: bool,
) -> BoutStrides:
    gait = gait_of(bout.label)
    if gait not in GAIT_CYCLES:
        return _without(bout, f"strides are defined for {', '.join(GAIT_CYCLES)}, not for {bout.label}")
    if not streams:
        return _without(bout, "; ".join(slow.values()) or f"no sensor of {LOWEST_RATE_HZ:g} Hz or more")
    span = {"start_seconds": bout.start_seconds, "stop_seconds": bout.stop_seconds}
    motions = site_motions(streams, clock=clock, **span)
    cycles = find_cycles(motions, gait=gait, **span)
    if isinstance(cycles, str):
        return _without(bout, cycles)
    found = _with_cycles(bout, motions=motions, cycles=cycles, bias_rad_s=bias_rad_s, slow=slow)
    return _with_evenness(found, motions=motions, cycles=cycles) if evenness and len(found.strides) else found


def _with_cycles(
    bout: Bout,
    *,
    motions: Mapping[str, SiteMotion],
    cycles: Cycles,
    bias_rad_s: Mapping[str, float],
    slow: Mapping[str, str],
) -> BoutStrides:
    gait = gait_of(bout.label)
    sides, unclear = stance_sides(motions, cycles=cycles, gait=gait)
    strides = strides_of(cycles, first_is_left=sides)
    if not len(strides):
        return _without(bout, "no whole stride on valid samples")
    turned = turning(motions, strides=strides, bias_rad_s=bias_rad_s)
    reasons = dict(slow)
    if turned.main_rein is None:
        reasons["rein"] = "no site has valid samples over the strides"
    lead: Lead | None = None
    if gait == "canter":
        lead = canter_lead(motions, strides=strides, stride_hz=cycles.stride_hz)
        reasons |= {"lead": lead.reason} if lead.reason else {}
    if gait == "trot" and unclear:
        reasons["side"] = unclear
    return BoutStrides(bout, strides, turned, lead=lead, reasons=reasons)


def _with_evenness(found: BoutStrides, *, motions: Mapping[str, SiteMotion], cycles: Cycles) -> BoutStrides:
    measures: Measures = {}
    lacking: dict[str, str] = {}
    if found.gait == "trot":
        measures, lacking = symmetry(motions, strides=found.strides, stride_hz=cycles.stride_hz)
    even = regularity(
        cycles.reference,
        stride_hz=cycles.stride_hz,
        start_seconds=found.bout.start_seconds,
        stop_seconds=found.bout.stop_seconds,
    )
    return replace(found, measures=measures, regularity=even, reasons={**found.reasons, **lacking})


def _without(bout: Bout, reason: str) -> BoutStrides:
    none = Strides(np.zeros(0), np.zeros(0), np.zeros(0, bool))
    return BoutStrides(bout, none, Turning(np.zeros(0), ()), reasons={"strides": reason})
