"""Whether a clock stepped in mid-recording: seen for sure, or not excluded by what each side of a moment says alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array
from scipy.interpolate import CubicSpline

from .alignment_features import AlignmentFeatures
from .settings import SyncSpec
from .windows import TABLE_SECONDS, WindowTable, window_table

STEP_SECONDS = 0.10
"""Least step that is searched for."""
STEP_GAIN = 0.10
"""By how much two offsets must explain the windows better than one."""
STEP_SIDE_GAIN = 0.30
"""The same for the windows of the shorter side alone, when they are few."""
STEP_WINDOWS = 3
"""Windows needed on either side of a step."""
PIECE_SECONDS = 4.0
"""A side is cut into pieces of this length that share no sample: several strides each, and news each."""
SIDE_PIECES = 5
"""Moving pieces needed on either side: 20 s, the length of a window. Fewer do not tell how far they scatter, so that
a step of half a stride of walk within 20 s of an end may stay hidden."""
LEAST_FIT = 0.5
"""A piece that correlates less at every shift shows nothing: over so few strides chance alone reaches 0.4 somewhere."""
SIDE_REACH_SECONDS = 1.3
"""Other offsets that a side is tried at: up to the slowest walk's stride."""
NEAR_SECONDS = 0.04
"""By so much may a side's own offset scatter about the line's."""
CLEAR_LEAD = 0.02
"""A side whose correlation falls by this at every other offset wants none of them. Pieces of different gaits differ so
much in how far theirs falls that the spread says little then."""
CLEAR_ERRORS = 0.5
"""Where it falls by less, as between the half strides of a walk, the fall must exceed this many standard errors.
Of 54 rendered rides of mixed gaits the worst sides lie at -0.7 and above; with a step in the middle at -1.8 and below.
"""


@dataclass(frozen=True)
class ClockStep:
    """A step of one clock against the other in mid-recording."""

    film_seconds: float
    """Where: halfway between the windows on its two sides."""
    step_seconds: float
    """By how much the offset is greater afterwards."""
    sure: bool = True
    """Whether it is beyond doubt; else it is a suspicion for a person to check."""
    likelier: bool = True
    """Whether a step fits better than none; else the two fit alike, and nothing excludes it."""

    def __str__(self) -> str:
        if not self.likelier:
            return (
                f"nothing excludes that the clock jumps by {self.step_seconds:+.2f} s near {self.film_seconds:.0f} s "
                "of film: one side of it fits that offset as well"
            )
        verb = "jumps" if self.sure else "may jump"
        return f"the clock {verb} by {self.step_seconds:+.2f} s at {self.film_seconds:.0f} s of film"


def find_clock_step(table: WindowTable, *, drift_ppm: float) -> ClockStep | None:
    """The best place to let the clock step, when two offsets explain the windows clearly better than one."""
    usable = np.flatnonzero(table.usable)
    if len(usable) < 2 * STEP_WINDOWS:
        return None
    shifts, rows = _along(table, usable, drift_ppm=drift_ppm)
    before = np.cumsum(rows, axis=0)
    after = before[-1] - before
    splits = np.arange(STEP_WINDOWS - 1, len(usable) - STEP_WINDOWS)
    pair = before[splits].max(axis=1) + after[splits].max(axis=1)
    split = int(splits[np.argmax(pair)])
    gain = (float(pair.max()) - float(before[-1].max())) / len(usable)
    step = float(shifts[after[split].argmax()] - shifts[before[split].argmax()])
    # A step near an end moves few windows: then those few must gain the more.
    fewer = min(split + 1, len(usable) - split - 1)
    clear = gain >= STEP_GAIN or (gain >= STEP_GAIN / 2 and gain * len(usable) / fewer >= STEP_SIDE_GAIN)
    if abs(step) < STEP_SECONDS or not clear:
        return None
    return ClockStep(film_seconds=float(table.centre_seconds[usable[split : split + 2]].mean()), step_seconds=step)


def cut_in_pieces(
    imu: AlignmentFeatures, film: AlignmentFeatures, *, offset_seconds: float, spec: SyncSpec
) -> WindowTable:
    """The table of PIECE_SECONDS windows, one after the other, about an offset."""
    pieces = spec.model_copy(update={"window_seconds": PIECE_SECONDS, "window_hop_seconds": PIECE_SECONDS})
    reach = SIDE_REACH_SECONDS + 2 * NEAR_SECONDS
    return window_table(imu, film, offset_seconds=offset_seconds, spec=pieces, reach_seconds=reach)


def unexcluded_clock_step(
    pieces: WindowTable, *, shift_seconds: float, drift_ppm: float, known_seconds: Sequence[float] = ()
) -> ClockStep | None:
    """The likeliest step that a recording fitted by one line may hide, or None when every side speaks against any.

    Where a clock steps by about half a stride amid walking, one line fits nearly as well as two: the vertical motion of
    a walk's half strides is nearly the same. So at every moment each side of it alone is asked whether it prefers the
    line to every other offset, by more than its pieces scatter. A side with a known pair (film time) is settled.
    """
    # A piece at the end of what both recorded shares too little at some shifts, where it would count as no match.
    comparable = (pieces.correlation != 0.0).all(axis=1) & (pieces.correlation.max(axis=1) >= LEAST_FIT)
    usable = np.flatnonzero(pieces.usable & comparable)
    if len(usable) < 2 * SIDE_PIECES:
        return None
    shifts, rows = _along(pieces, usable, drift_ppm=drift_ppm)
    apart = shifts - shift_seconds
    near = np.abs(apart) <= NEAR_SECONDS
    far = (np.abs(apart) >= STEP_SECONDS) & (np.abs(apart) <= SIDE_REACH_SECONDS)
    found: list[tuple[float, ClockStep]] = []
    for split in range(SIDE_PIECES, len(usable) - SIDE_PIECES + 1):
        at = float(pieces.centre_seconds[usable[split - 1 : split + 1]].mean())
        for side, rest, sign in ((rows[:split], rows[split:], -1), (rows[split:], rows[:split], 1)):
            if any((seconds - at) * sign > 0 for seconds in known_seconds):
                continue
            own, other = _best(side, among=near), _best(side, among=far)
            lead = side[:, own] - side[:, other]
            if lead.mean() < _least_lead(lead):
                step = ClockStep(
                    at, step_seconds=sign * float(apart[other]), sure=False, likelier=bool(lead.mean() < 0)
                )
                found.append((float(side[:, other].sum() + rest[:, _best(rest, among=near)].sum()), step))
    # Where two offsets explain the whole best, there it would be.
    return max(found, key=lambda each: each[0])[1] if found else None


def _least_lead(lead: Float64[Array, "pieces"]) -> float:
    """The mean lead that excludes another offset."""
    return min(CLEAR_LEAD, CLEAR_ERRORS * float(lead.std(ddof=1) / np.sqrt(len(lead))))


def _best(rows: Float64[Array, "pieces shifts"], *, among: Bool[Array, "shifts"]) -> int:
    """The shift, of some, that all the rows together fit best."""
    return int(np.where(among, rows.sum(axis=0), -np.inf).argmax())


def _along(table: WindowTable, rows: np.ndarray, *, drift_ppm: float) -> tuple[np.ndarray, np.ndarray]:
    """Fine shifts, and the table's rows there, each moved along the drift to the shift that it has in the middle.

    Finer than the table: half a column beside its peak a window fits worse than a rival half a stride away.
    """
    first, last = table.shift_seconds[[0, -1]]
    fine = np.arange(first, last, TABLE_SECONDS)
    lean = drift_ppm * 1e-6 * (table.centre_seconds[rows] - table.middle_seconds)
    splines = (CubicSpline(table.shift_seconds, table.correlation[row]) for row in rows)
    return fine, np.stack([spline(np.clip(fine + m, first, last)) for spline, m in zip(splines, lean, strict=True)])
