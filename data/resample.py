"""Puts sensor streams of any rate on one uniform grid in film time, anti-aliased, with bad stretches marked.

Every stretch without a long gap is resampled by itself, in blocks, in one step: a Kaiser-windowed sinc low-pass, summed
at the exact film time of each grid row. That is zero-phase, and leaves no second interpolation to blur the result.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array
from pydantic import Field

from .errors import BadInput
from .large_arrays import finite_rows, kept_rows, new_array, release_large, releasing, row_blocks
from .lowpass import apply_kernel, lowpass_kernel
from .recording import Grid, ImuStream, Recording
from .settings import Settings
from .sites import CHANNELS, resolve_sites

LOWEST_RATE = 0.9
"""A stream slower than this many times the grid's rate is refused: it does not hold what the grid promises."""
HIGHEST_RATE_HZ = 10_000.0
"""No inertial sensor samples faster: beyond, the unit of the time column is wrong."""
ON_NODE = 1e-3
"""A sample this close to its node, in sample intervals, is taken to lie on it."""
BLOCK_ROWS = 3000
"""Uniform nodes are fitted anew every minute, so that a sensor clock that wanders stays close to them."""
RELEASED_BLOCKS = 60
"""Of a long recording an hour at a time is in memory."""
WORKERS = 2
"""Sites that are resampled at once."""
SLACK_SECONDS = 2e-6
"""A sample meant for a row stays on it, although float64 keeps a Unix time to 0.24 us only."""


SIGNALS = {
    "all": "specific force with gravity and angular rate, of which windows are made",
    "specific_force": "an acceleration with gravity, as grid.signals says",
    "linear_acceleration": "an acceleration without gravity, as grid.signals says",
}
"""What each choice of `grid.signals` expects of a sensor."""


class GridSpec(Settings):
    """The grid that every recording is put on."""

    sites: str | tuple[str, ...] = "trunk-5"
    """A named set of sites, or sites in channel order."""
    rate_hz: Annotated[float, Field(gt=0)] = 50.0
    """Rows a second."""
    max_gap_samples: Annotated[int, Field(ge=0)] = 3
    """Up to this many missing samples of a stream are bridged; rows across more are not valid."""
    signals: Literal["all", "specific_force", "linear_acceleration"] = "all"
    """What windows hold: force with gravity and angular rate (`all`), or for devices without a gyroscope three axes
    alone, `specific_force` with gravity or `linear_acceleration` without. Angular rates are 0 in every window then; a
    student that learned so serves such recordings only."""


@dataclass(frozen=True)
class _Samples:
    """The good samples of one stream, in film time."""

    time_seconds: Float64[Array, "samples"]
    force: Float64[Array, "samples 3"]
    turning: Float64[Array, "samples 3"]
    rate_hz: float

    def part(self, rows: slice) -> "_Samples":
        """Some of them."""
        return _Samples(self.time_seconds[rows], self.force[rows], self.turning[rows], self.rate_hz)

    def six(self) -> Float64[Array, "samples 6"]:
        """Force and turning side by side."""
        return np.concatenate([self.force, self.turning], axis=1)


def to_grid(recording: Recording, *, spec: GridSpec) -> Grid:
    """The requested sites on one grid in film time, spanning all of their samples, rows at multiples of 1 / rate.

    Rows outside a site's samples, or across more than `max_gap_samples` missing or NaN ones, are NaN and not valid.
    """
    sites = resolve_sites(spec.sites)
    with ThreadPoolExecutor(WORKERS) as pool:  # the work is NumPy's and SciPy's, which runs side by side
        streams = list(pool.map(partial(_film_time, recording=recording, spec=spec), _chosen(recording, sites=sites)))
    first_row, rows = _span(streams, recording=recording, spec=spec)
    row_seconds = (first_row + np.arange(rows)) / spec.rate_hz
    imu = new_array(len(CHANNELS) * len(sites), rows, dtype=np.float32)  # side by side what windows take together
    valid = np.zeros((rows, len(sites)), bool)

    def resample(site: int) -> None:
        own = imu[len(CHANNELS) * site : len(CHANNELS) * (site + 1)]
        kernel = lowpass_kernel(streams[site].rate_hz, grid_rate_hz=spec.rate_hz)
        for part in _stretches(streams[site], max_gap_samples=spec.max_gap_samples):
            blocks = _resampled(part, row_seconds=row_seconds, kernel=kernel)
            for inside, values in releasing(blocks, every=RELEASED_BLOCKS):
                own[:, inside] = values.T
                valid[inside, site] = True
        own[:, ~valid[:, site]] = np.nan

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(resample, range(len(sites))))
    return Grid(
        start_seconds=first_row / spec.rate_hz,
        rate_hz=spec.rate_hz,
        sites=sites,
        imu=imu.T,
        imu_valid=valid,
        source=recording.manifest,
        signals=spec.signals,
    )


def sampling_rate_hz(time_seconds: Float64[Array, "samples"]) -> float:
    """The rate that the stamps give, gaps left out: from spans of eight intervals, the mean of those near the median.

    Single intervals mislead: 443 Hz in whole milliseconds has a median of 2 ms, samples that arrive in pairs have 0.
    """
    intervals = min(8, len(time_seconds) - 1)
    span = time_seconds[intervals:] - time_seconds[:-intervals]
    median = np.median(span)
    whole = np.empty(len(span), bool)
    for rows in row_blocks(span):  # a span with one sample missing is 1 / intervals longer
        whole[rows] = np.abs(span[rows] - median) <= 0.5 / intervals * median
    release_large()
    return float(intervals / np.mean(kept_rows(span, whole)))


def _chosen(recording: Recording, *, sites: tuple[str, ...]) -> list[ImuStream]:
    by_site = {stream.site: stream for stream in recording.streams}
    missing = [site for site in sites if site not in by_site]
    if missing:
        raise BadInput(
            recording.manifest,
            found=f"no sensor at {', '.join(missing)}; there are {', '.join(by_site) or 'none'}",
            expected=f"sensors at {', '.join(sites)}",
            remedy="Correct `site:` in the manifest, or choose the sites there are: --set grid.sites='[...]'.",
        )
    return [by_site[site] for site in sites]


def _film_time(stream: ImuStream, *, recording: Recording, spec: GridSpec) -> _Samples:
    """The stream's finite samples in film time; refused when its rate cannot serve the grid."""
    film_seconds = new_array(len(stream.time_seconds))
    for rows in row_blocks(film_seconds):
        film_seconds[rows] = recording.clock.to_film(stream.time_seconds[rows])
    rate_hz = sampling_rate_hz(film_seconds) if len(film_seconds) > 1 else 0.0
    lowest_hz = LOWEST_RATE * spec.rate_hz
    if not 0.999 * lowest_hz <= rate_hz <= HIGHEST_RATE_HZ:  # a thousandth for clocks and rounded stamps
        raise BadInput(
            stream.source,
            found=f"{stream.site} sampled at {rate_hz:.4g} Hz ({len(film_seconds)} samples)",
            expected=f"at least {lowest_hz:.4g} Hz for a grid of {spec.rate_hz:.4g} Hz, at most {HIGHEST_RATE_HZ:g} Hz",
            remedy="Check the unit of the time column, or leave this sensor out of grid.sites.",
        )
    _require_signals(stream, wanted=spec.signals)
    force = stream.specific_force
    turning = stream.angular_rate if spec.signals == "all" else np.broadcast_to(0.0, force.shape)
    good = finite_rows(force) & finite_rows(turning)
    return _Samples(kept_rows(film_seconds, good), kept_rows(force, good), kept_rows(turning, good), rate_hz)


def _any_finite(values: Float64[Array, "samples 3"]) -> bool:
    return any(bool(np.isfinite(values[rows]).any()) for rows in row_blocks(values))


class OtherSignals(BadInput):
    """A stream that measures something else than the windows are made of."""


def _require_signals(stream: ImuStream, *, wanted: str) -> None:
    """Refuses a stream that does not hold what the grid's windows shall hold, and says which windows it could serve."""
    gyroscope = _any_finite(stream.angular_rate) or not _any_finite(stream.specific_force)
    could = "linear_acceleration" if stream.gravity_removed else "all" if gyroscope else "specific_force"
    if could == wanted or (wanted == "specific_force" and not stream.gravity_removed):
        return
    lacks = "an acceleration without gravity and " if stream.gravity_removed else ""
    found = f"{lacks}{'a gyroscope' if gyroscope else 'no angular rate'} at {stream.site}"
    learn = f"--set grid.signals={could}" if could != "all" else "leave grid.signals out"
    raise OtherSignals(
        stream.source,
        found=found,
        expected=SIGNALS[wanted],
        remedy=f"Export it so, or learn from what there is, for all recordings alike: {learn}.",
    )


def _span(streams: list[_Samples], *, recording: Recording, spec: GridSpec) -> tuple[int, int]:
    """First row and number of rows of the grid over the union of all streams; refused when nearly all is empty."""
    ends = [(part.time_seconds[0], part.time_seconds[-1]) for part in streams if part.time_seconds.size]
    if not ends:
        raise BadInput(
            recording.manifest,
            found="no finite sample at any site",
            expected="samples",
            remedy="Check the columns that the manifest names, or leave this recording out.",
        )
    start, stop = min(begin for begin, _ in ends), max(end for _, end in ends)
    sampled = sum(part.time_seconds.size / part.rate_hz for part in streams) / len(ends)
    if stop - start > 100.0 * max(sampled, 60.0):
        raise BadInput(
            recording.manifest,
            found=f"sensor times that span {stop - start:.0f} s, with samples in only {sampled:.0f} s of them",
            expected="streams of one clock",
            remedy="Check the time columns and units of all sensors in the manifest.",
        )
    first = int(np.ceil((start - SLACK_SECONDS) * spec.rate_hz))
    return first, max(0, int(np.floor((stop + SLACK_SECONDS) * spec.rate_hz)) - first + 1)


def _stretches(samples: _Samples, *, max_gap_samples: int) -> Iterator[_Samples]:
    """The stretches between long gaps, so that nothing is filtered across one. A single sample makes no stretch."""
    longest = (max_gap_samples + 1.5) / samples.rate_hz
    cuts = np.flatnonzero(np.diff(samples.time_seconds) > longest) + 1
    for begin, end in zip([0, *cuts], [*cuts, samples.time_seconds.size], strict=True):
        if end - begin > 1:
            yield samples.part(slice(begin, end))


def _resampled(
    part: _Samples, *, row_seconds: Float64[Array, "rows"], kernel: Float64[Array, "phases taps"]
) -> Iterator[tuple[slice, Float64[Array, "inside 6"]]]:
    """The rows that lie within a stretch, and its values there, block by block."""
    margin = (kernel.shape[1] // 2 + 4) / part.rate_hz
    first = int(np.searchsorted(row_seconds, part.time_seconds[0] - SLACK_SECONDS))
    after = int(np.searchsorted(row_seconds, part.time_seconds[-1] + SLACK_SECONDS, side="right"))
    for begin in range(first, after, BLOCK_ROWS):
        inside = slice(begin, min(begin + BLOCK_ROWS, after))
        rows = row_seconds[inside]
        low = max(0, int(np.searchsorted(part.time_seconds, rows[0] - margin)) - 1)
        high = int(np.searchsorted(part.time_seconds, rows[-1] + margin)) + 1
        near = part.part(slice(low, high))
        start, step, nodes = _nodes(near.time_seconds, near.six(), rate_hz=part.rate_hz)
        yield inside, apply_kernel(kernel, (rows - start) / step, nodes=nodes)


def _nodes(
    time_seconds: Float64[Array, "samples"], values: Float64[Array, "samples 6"], *, rate_hz: float
) -> tuple[float, float, Float64[Array, "nodes 6"]]:
    """The samples on uniform nodes at their own rate: time of the first node, spacing, values.

    A stream without jitter or loss passes as it is; else a cubic spline goes through the true stamps.
    """
    start, duration = float(time_seconds[0]), float(time_seconds[-1] - time_seconds[0])
    intervals = max(1, round(duration * rate_hz))
    step = duration / intervals
    at = start + step * np.arange(intervals + 1)
    if intervals + 1 == time_seconds.size and np.abs(time_seconds - at).max() <= ON_NODE * step:
        return start, step, values
    return start, step, _spline(time_seconds, values, at=at)


def _spline(
    time_seconds: Float64[Array, "samples"], values: Float64[Array, "samples 6"], *, at: Float64[Array, "nodes"]
) -> Float64[Array, "nodes 6"]:
    """A cubic spline, held within the range of the four samples around, and a quarter of that range beyond.

    A sine's crest lies that little above its samples; two stamps close together would throw a bare spline far out.
    """
    interval = np.searchsorted(time_seconds, at, side="right") - 1
    around = [values[np.clip(interval + step, 0, len(values) - 1)] for step in (-1, 0, 1, 2)]
    lowest, highest = np.minimum.reduce(around), np.maximum.reduce(around)
    beyond = 0.25 * (highest - lowest)
    from scipy.interpolate import CubicSpline  # late: a run in which nothing is new resamples nothing

    return np.asarray(np.clip(CubicSpline(time_seconds, values)(at), lowest - beyond, highest + beyond))
