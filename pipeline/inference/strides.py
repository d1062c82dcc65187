"""Strides of a bout: where each starts and stops, and how even they are.

The phase of the stride is that of a narrow band of one site's movement: of the trunk's upward movement, which repeats
twice a stride in walk and trot and once in canter; or of a limb's swing, once a stride, where that is much clearer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import ifft, irfft, next_fast_len, rfft, rfftfreq

from .site_motion import SiteMotion

TRUNK_SITES = ("sacrum", "withers", "sternum", "tuber_coxae_left", "tuber_coxae_right")
"""Sites whose upward movement tells the strides, best first; unknown sites come after them, the poll last."""
LIMB = "cannon_"
LIMB_DELAY: dict[str, dict[str, float]] = {
    "walk": {"cannon_hind_left": 0.0, "cannon_hind_right": 0.5},
    "trot": {"cannon_hind_left": 0.0, "cannon_fore_right": 0.0, "cannon_hind_right": 0.5, "cannon_fore_left": 0.5},
    "canter": {},
}
"""Strides from the left hind's stance to the stance of a limb, where the gait fixes it."""
TRUNK_PREFERENCE = 4.0
"""The trunk tells the strides unless a limb is this many times clearer."""
BAND = (0.6, 1.4)
"""Pass band about the bout's frequency, as factors of it."""
FREQUENCY_STEP_HZ = 0.002
WELCH_SECONDS = 20.0
SPECTRUM_SITES = 4
"""Trunk sites whose spectra find the stride frequency together; where limbs have sensors, theirs alone do."""
NOISE_BAND_HZ = (0.4, 8.0)
"""What a site's power at the stride frequency is compared with."""
LOWEST_AMPLITUDE = 0.5
"""A cycle below this share of the bout's median amplitude is a halt or a stumble, not a step. Where a movement begins
or ends at once, the amplitude of a narrow band is half of what it is within."""
CYCLE_DURATION = (0.7, 1.4)
"""Shortest and longest cycle, as factors of the bout's median."""
SHORTEST_STRIDES = 3
"""A bout that lasts fewer strides than this is not analysed."""


@dataclass(frozen=True)
class GaitCycle:
    """What is searched for in a gait."""

    trunk_cycles: int
    """Cycles of the trunk's upward movement a stride."""
    stride_hz: tuple[float, float]
    """Lowest and highest stride frequency, horses and ponies, collected and extended."""


GAIT_CYCLES: dict[str, GaitCycle] = {
    "walk": GaitCycle(2, (0.55, 1.6)),
    "trot": GaitCycle(2, (0.75, 2.2)),
    "canter": GaitCycle(1, (1.0, 2.6)),
}
"""Gaits with strides."""


@dataclass(frozen=True)
class Cycles:
    """Cycles of the reference signal over one bout; a stride is one of them or two."""

    reference: SiteMotion = field(repr=False)
    """The site that they were found at."""
    per_stride: int
    """Cycles a stride: 1 or 2."""
    stride_hz: float
    """Stride frequency over the whole bout."""
    edge_seconds: Float64[Array, "edges"] = field(repr=False)
    """Film times between cycles: where the reference is highest, or a limb about to touch the ground."""
    sound: Bool[Array, "cycles"] = field(repr=False)
    """Whether the cycle between two edges is inside the bout, on valid samples, and of the usual size and duration."""

    @property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """First cycle and the cycle after the last of each unbroken sequence of sound ones."""
        change = np.flatnonzero(np.diff(np.concatenate([[0], self.sound.astype(np.int8), [0]])))
        return tuple((int(a), int(b)) for a, b in zip(change[::2], change[1::2], strict=True))


@dataclass(frozen=True)
class Strides:
    """The strides of one bout, in order of time."""

    start_seconds: Float64[Array, "strides"]
    """Film time at which each starts."""
    stop_seconds: Float64[Array, "strides"]
    """Film time at which it ends (exclusive)."""
    left_first: Bool[Array, "strides"]
    """Whether it is known to start with the stance of the left hind limb (walk and trot)."""

    def __len__(self) -> int:
        return len(self.start_seconds)

    @property
    def duration_seconds(self) -> Float64[Array, "strides"]:
        """How long each lasts."""
        return np.asarray(self.stop_seconds - self.start_seconds)


def gait_of(label: str) -> str:
    """The gait that a label names, `canter` of `canter-left` and `canter_right` too; other labels as they are."""
    gait, _, side = label.replace("_", "-").rpartition("-")
    return gait if side in ("left", "right") and gait in GAIT_CYCLES else label


def find_cycles(
    motions: Mapping[str, SiteMotion], *, gait: str, start_seconds: float, stop_seconds: float
) -> Cycles | str:
    """The cycles of a bout of a gait in `GAIT_CYCLES`, or the reason why there are none."""
    cycle = GAIT_CYCLES[gait]
    if (stop_seconds - start_seconds) * cycle.stride_hz[1] < SHORTEST_STRIDES:
        return f"the bout lasts {stop_seconds - start_seconds:.2g} s, less than {SHORTEST_STRIDES} strides"
    trunk, limbs = reference_sites(motions)
    if not trunk and not limbs:
        return "no sensor has valid samples in this bout"
    signal = cache(lambda site: _signal(motions[site]))  # seldom are those of all sites asked for
    alike: dict[int, list[Array]] = {}  # those of one length are transformed together
    for site in limbs or trunk[:SPECTRUM_SITES]:
        alike.setdefault(signal(site).size, []).append(signal(site))
    rate_hz = next(iter(motions.values())).rate_hz
    spectra = [_spectra(np.stack(each), rate_hz=rate_hz, cycle=cycle, limbs=bool(limbs)) for each in alike.values()]
    stride_hz = float(_grid(cycle)[np.argmax(np.concatenate(spectra).sum(axis=0))])

    def clearness(site: str) -> float:
        span = _coverage(motions[site], start=start_seconds, stop=stop_seconds)
        preferred = 1.0 if site.startswith(LIMB) else TRUNK_PREFERENCE
        return span * min(preferred * _clearness(motions[site], signal(site), cycle=cycle, stride_hz=stride_hz), 1.0)

    reference = motions[_clearest((*trunk, *limbs), clearness=clearness)]
    per_stride = 1 if reference.site.startswith(LIMB) else cycle.trunk_cycles
    phase, amplitude = _cycle_phase(reference, signal(reference.site), cycle_hz=per_stride * stride_hz)
    phase = phase - LIMB_DELAY[gait].get(reference.site, 0.0)
    edges = np.interp(np.arange(np.ceil(phase[0]), np.floor(phase[-1]) + 1), phase, reference.seconds)
    edges = np.unique(edges)
    sound = _sound(edges, reference=reference, amplitude=amplitude, span=(start_seconds, stop_seconds))
    return Cycles(reference, per_stride, stride_hz, edges, sound)


def reference_sites(motions: Mapping[str, SiteMotion]) -> tuple[list[str], list[str]]:
    """The sites that can tell strides, best first: of the trunk, then unknown ones and the poll; and limbs."""
    limbs = [site for site in motions if site.startswith(LIMB)]
    others = [site for site in motions if site not in (*TRUNK_SITES, "poll", *limbs)]
    return [site for site in (*TRUNK_SITES, *others, "poll") if site in motions], limbs


def _clearest(sites: Sequence[str], *, clearness: Callable[[str], float]) -> str:
    """The first of the clearest sites, to which 1 is as clear as can be."""
    found: dict[str, float] = {}
    for site in sites:
        found[site] = clearness(site)
        if found[site] >= 1.0:
            break
    return max(found, key=found.__getitem__)


def strides_of(cycles: Cycles, *, first_is_left: Sequence[bool | None]) -> Strides:
    """Cycles joined to strides; `first_is_left` says of each run whether its first cycle is the left hind's.

    Where that is not known the strides of a run start at its first cycle.
    """
    starts, stops, left = [np.zeros(0)], [np.zeros(0)], [np.zeros(0, bool)]
    for (first, after), known in zip(cycles.runs, first_is_left, strict=True):
        begin = first + (1 if known is False and cycles.per_stride == 2 else 0)
        edges = cycles.edge_seconds[begin : after + 1 : cycles.per_stride]
        starts.append(edges[:-1])
        stops.append(edges[1:])
        left.append(np.full(max(len(edges) - 1, 0), known is not None))
    return Strides(np.concatenate(starts), np.concatenate(stops), np.concatenate(left))


def regularity(motion: SiteMotion, *, stride_hz: float, start_seconds: float, stop_seconds: float) -> float:
    """Unbiased autocorrelation of the upward acceleration at one stride, 1 for a movement that repeats exactly.

    After Moe-Nilssen and Helbostad 2004: the peak within 15 % of the stride's duration.
    """
    inside = slice(*np.searchsorted(motion.seconds, [start_seconds, stop_seconds]))
    values = np.where(motion.valid[inside], motion.up[inside], np.nan)
    values = np.nan_to_num(values - np.nanmean(values))
    size = next_fast_len(2 * values.size)
    known = motion.valid[inside].astype(float)
    overlap = irfft(np.abs(rfft(known, size)) ** 2, size)
    power = irfft(np.abs(rfft(values, size)) ** 2, size)
    low, high = (int(share * motion.rate_hz / stride_hz) for share in (0.85, 1.15))
    if high + 1 >= values.size or power[0] <= 0.0:
        return float("nan")
    lags = slice(low, high + 2)
    scaled = power[lags] / np.maximum(overlap[lags], 1.0) * overlap[0] / power[0]
    return float(min(scaled.max(), 1.0))


def narrow_band(values: Float64[Array, "samples"], *, rate_hz: float, band_hz: tuple[float, float]) -> Array:
    """The analytic signal (complex) of a band with soft edges: its angle is a phase, its size an amplitude."""
    size = next_fast_len(values.size + int(4 * rate_hz / band_hz[0]))
    low, high = band_hz
    edge = 0.25 * (high - low)
    inside = slice(int(low * size / rate_hz), int(high * size / rate_hz) + 2)
    frequency = rfftfreq(size, 1.0 / rate_hz)[inside]
    gain = np.clip((frequency - low) / edge, 0.0, 1.0) * np.clip((high - frequency) / edge, 0.0, 1.0)
    spectrum = np.zeros(size, np.complex128)  # an analytic signal has no negative frequencies
    spectrum[: size // 2 + 1][inside] = 2.0 * gain * rfft(values - values.mean(), size)[inside]
    return np.asarray(ifft(spectrum)[: values.size])


def _signal(motion: SiteMotion) -> Float64[Array, "samples"]:
    """What repeats with the stride: minus the upward acceleration (in phase with height), or a limb's swing."""
    values = motion.pitch_rate if motion.site.startswith(LIMB) else -motion.up
    return values if motion.valid.all() else np.where(motion.valid, values, values[motion.valid].mean())


def _grid(cycle: GaitCycle) -> Float64[Array, "frequencies"]:
    return np.arange(*cycle.stride_hz, FREQUENCY_STEP_HZ)


def _spectra(
    values: Float64[Array, "sites samples"], *, rate_hz: float, cycle: GaitCycle, limbs: bool
) -> Float64[Array, "sites frequencies"]:
    """Each site's power density at each stride frequency that the gait may have, as a share of its power.

    In canter of the trunk's velocity: its acceleration is as large at the second harmonic of a collected one as at the
    first. In walk and trot not: tubera coxae and uneven horses move once a stride, too, which velocity would favour.
    """
    frequency, power = _welch(values, rate_hz=rate_hz)
    total = power[:, frequency >= NOISE_BAND_HZ[0]].sum(axis=1, keepdims=True) * float(frequency[1])
    at, cycles = _grid(cycle), 1 if limbs else cycle.trunk_cycles
    density = np.stack([np.interp(cycles * at, frequency, each) for each in power]) / np.maximum(total, 1e-12)
    return np.asarray(density if limbs or cycles > 1 else density / at**2)


def _welch(values: Float64[Array, "sites samples"], *, rate_hz: float) -> tuple[Array, Array]:
    """Frequencies up to the top of `NOISE_BAND_HZ`, and each site's power there up to a factor, from segments that
    overlap by half (Welch, IEEE Trans. Audio Electroacoust. 15:70, 1967)."""
    segment = min(values.shape[1], int(WELCH_SECONDS * rate_hz))
    size = next_fast_len(4 * segment)
    frequency = np.arange(int(NOISE_BAND_HZ[1] * size / rate_hz) + 1) * (rate_hz / size)
    parts = sliding_window_view(values, segment, axis=1)[:, :: segment - segment // 2]
    tapered = (parts - parts.mean(axis=2, keepdims=True)) * np.hanning(segment + 1)[:-1]
    spectra = rfft(tapered, size)[..., : frequency.size]
    return frequency, (spectra.real**2 + spectra.imag**2).mean(axis=1)


def _clearness(motion: SiteMotion, values: Float64[Array, "samples"], *, cycle: GaitCycle, stride_hz: float) -> float:
    """Share of a site's power that lies within a quarter of the frequency it should have."""
    multiple = 1 if motion.site.startswith(LIMB) else cycle.trunk_cycles
    values = values - values.mean()
    band = narrow_band(
        values, rate_hz=motion.rate_hz, band_hz=(0.75 * multiple * stride_hz, 1.25 * multiple * stride_hz)
    )
    return float(0.5 * np.mean(np.abs(band) ** 2) / max(np.mean(values**2), 1e-12))


def _coverage(motion: SiteMotion, *, start: float, stop: float) -> float:
    """Valid part of a span, to a tenth: the better placed site wins unless another saw notably more."""
    inside = slice(*np.searchsorted(motion.seconds, [start, stop]))
    return round(float(motion.valid[inside].sum()) / motion.rate_hz / (stop - start), 1)


def _cycle_phase(
    motion: SiteMotion, values: Float64[Array, "samples"], *, cycle_hz: float
) -> tuple[Float64[Array, "samples"], Float64[Array, "samples"]]:
    """Cycles done at each sample, never falling, and the amplitude of the band."""
    analytic = narrow_band(values, rate_hz=motion.rate_hz, band_hz=(BAND[0] * cycle_hz, BAND[1] * cycle_hz))
    if motion.site.startswith(LIMB):
        analytic = analytic * 1j  # a quarter of a stride before mid-stance
    phase = np.unwrap(np.angle(analytic)) / (2.0 * np.pi)
    return np.maximum.accumulate(phase), np.abs(analytic)


def _sound(
    edges: Float64[Array, "edges"],
    *,
    reference: SiteMotion,
    amplitude: Float64[Array, "samples"],
    span: tuple[float, float],
) -> Bool[Array, "cycles"]:
    """Which cycles count as steps."""
    at = np.clip(np.searchsorted(reference.seconds, edges), 0, amplitude.size)
    samples = np.diff(at)
    sums = [np.concatenate([[0.0], np.cumsum(values)])[at] for values in (amplitude, reference.valid.astype(float))]
    size, valid = (np.diff(total) / np.maximum(samples, 1) for total in sums)
    inside = (edges[:-1] >= span[0]) & (edges[1:] <= span[1])
    duration = np.diff(edges)
    candidates = inside & (valid > 0.999)
    if not candidates.any():
        return candidates
    usual, strength = np.median(duration[candidates]), np.median(size[candidates])
    return np.asarray(
        candidates
        & (size >= LOWEST_AMPLITUDE * strength)
        & (duration > CYCLE_DURATION[0] * usual)
        & (duration < CYCLE_DURATION[1] * usual)
    )
