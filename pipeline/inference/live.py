"""Windows of a ride that is still going on: cut as soon as their last sample is there, smoothed with the past alone.

A window counts from when every site has its last row, or one site is a window ahead of those that lag: it is then not
valid. Its last rows are filtered without the samples that follow them (`data.resample` continues a stretch by its point
reflection), and stamps are fitted without them, so that what is said live may differ a little from what `predict` says
of the whole file.
"""

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import numpy as np
import torch
from jaxtyping import Int64
from numpy import ndarray as Array

from ...data.errors import BadInput
from ...data.manifest.growing import GrowingRecording
from ...data.recording import Recording
from ...data.resample import SLACK_SECONDS
from ...data.sites import resolve_sites
from ..datasets.recording_windows import RecordedWindows, recorded_windows
from ..datasets.settings import DatasetSettings
from ..probing.transitions import TransitionModel
from .bouts import gait_at_end
from .timeline import Timeline, joined, part

logger = logging.getLogger(__name__)

KEPT_SECONDS, LET_GO_SECONDS = 15.0, 5.0
"""Of the past, whose samples are held beside those of windows to come: files are checked as whole ones are, and need
some seconds for that. What is older is let go so many seconds at a time."""
SHORTEST_WAIT, LONGEST_WAIT = 0.1, 0.5
"""Between two readings, in hops: until the next window should be complete, and not longer, as rows may come in bursts.
"""
PAST_WINDOWS = 120
"""So many windows are smoothed together: a minute. What a minute says outweighs all before it."""


@dataclass(frozen=True)
class LiveWindow:
    """What is said of one window while the ride goes on."""

    timeline: Timeline
    """The window alone, as the model sees it."""
    gait: str
    """The gait with which the ride so far ends, smoothed with the past alone; empty where the window is not valid."""
    probability: float
    """Of that gait; of unknown the novelty; NaN where the window is not valid."""

    def __str__(self) -> str:
        """`17.50 s: trot 0.98, unknown: no`: when the window ends, and whether by itself it is unlike all."""
        when = f"{self.timeline.stop_seconds[0]:.2f} s"
        if not self.gait:
            return f"{when}: not valid"
        unknown = self.timeline.novelty[0] > self.timeline.unknown_above
        return f"{when}: {self.gait} {self.probability:.2f}, unknown: {'yes' if unknown else 'no'}"


class LiveWindows:
    """The windows of a growing recording, each once, from window number `first` on."""

    def __init__(
        self, recording: GrowingRecording, *, settings: DatasetSettings, allow_missing: bool, first: int = 0
    ) -> None:
        self._growing, self._allow_missing = recording, allow_missing
        self._hop, self._next = settings.windows.hop_steps, first
        self._every_row = settings.model_copy(update={"windows": settings.windows.model_copy(update={"hop_steps": 1})})
        self._first_row: int | None = None
        self._held_from = -np.inf
        self._wait_hops = LONGEST_WAIT

    @property
    def next(self) -> int:
        """Number of the next window, counted from the start of the ride."""
        return self._next

    @property
    def window_seconds(self) -> float:
        """How long a window lasts."""
        return self._every_row.window_seconds

    @property
    def wait_seconds(self) -> float:
        """When to ask again: rows arrive as fast as they are sampled."""
        hop_seconds = self._hop / self._every_row.grid.rate_hz
        return hop_seconds * min(max(self._wait_hops, SHORTEST_WAIT), LONGEST_WAIT)

    def poll(self) -> bool:
        """Reads what arrived since; whether there was any."""
        return self._growing.poll()

    def new(self) -> RecordedWindows | None:
        """Those whose last sample arrived since, without the samples of their source; None where there are none.

        Refused (BadInput) as long as a file, or a sensor in it, has too few rows, and where one cannot be read.
        """
        recording = self._growing.read()
        windows = recorded_windows(recording, settings=self._every_row, allow_missing=self._allow_missing)
        rate_hz = self._every_row.grid.rate_hz
        row = np.rint(windows.start_seconds * rate_hz).astype(np.int64)
        if self._first_row is None:
            self._first_row = int(row[0])
        number, off = np.divmod(row - self._first_row, self._hop)
        until = self._complete_until(recording) + SLACK_SECONDS
        chosen = np.flatnonzero((off == 0) & (number >= self._next) & (windows.stop_seconds - 1.0 / rate_hz <= until))
        if chosen.size:
            self._next = int(number[chosen[-1]]) + 1
            self._let_go(float(windows.stop_seconds[chosen[-1]]), recording)
        next_stop_row = self._first_row + self._next * self._hop + self._every_row.windows.steps
        self._wait_hops = (next_stop_row - 1 - until * rate_hz) / self._hop
        return _chosen(windows, rows=chosen) if chosen.size else None

    def _complete_until(self, recording: Recording) -> float:
        """Film time up to which no more samples are waited for."""
        sites = resolve_sites(self._every_row.grid.sites)
        ends = [
            float(recording.clock.to_film(each.time_seconds[-1:])[0])
            for each in recording.streams
            if each.site in sites
        ]
        return max(min(ends), max(ends) - self.window_seconds)

    def _let_go(self, seconds: float, recording: Recording) -> None:
        """Holds no longer what is not needed for what comes."""
        keep = seconds - self.window_seconds - KEPT_SECONDS
        if keep - self._held_from >= LET_GO_SECONDS:
            self._growing.keep_from(keep, recording)
            self._held_from = keep


def _chosen(windows: RecordedWindows, *, rows: Int64[Array, "chosen"]) -> RecordedWindows:
    """Some of the windows of a recording, by row."""
    place = np.cumsum(windows.valid) - 1
    return replace(
        windows,
        start_seconds=windows.start_seconds[rows],
        stop_seconds=windows.stop_seconds[rows],
        valid=windows.valid[rows],
        imu=windows.imu.take(torch.from_numpy(place[rows][windows.valid[rows]])),
        source=replace(windows.source, streams=()),
    )


class LiveSmoother:
    """Says of each window the gait with which the ride so far ends."""

    def __init__(self, transitions: TransitionModel | None) -> None:
        self._transitions = transitions
        self._past: Timeline | None = None

    def said(self, timeline: Timeline) -> Iterator[LiveWindow]:
        """What is said of each window of a timeline that goes on where the one before ended."""
        whole = timeline if self._past is None else joined(self._past, timeline)
        before = len(whole.valid) - len(timeline.valid)
        for row in range(before, len(whole.valid)):
            so_far = part(whole, slice(max(0, row + 1 - PAST_WINDOWS), row + 1))
            yield LiveWindow(part(whole, slice(row, row + 1)), *gait_at_end(so_far, transitions=self._transitions))
        self._past = part(whole, slice(-PAST_WINDOWS, None))


def new_windows(live: LiveWindows, *, ended: Callable[[], bool]) -> Iterator[RecordedWindows]:
    """Windows as their samples arrive, until nothing arrives any more and `ended` says so.

    Why nothing can be cut, as long as files have too few rows, is logged once it has lasted a window. At the end the
    longest wait is logged: from the last time at which a window was not complete yet until it was dealt with.
    """
    seen, longest, caught_up = time.monotonic(), 0.0, False
    fault = _Fault(live.window_seconds)
    while True:
        over, before = ended(), seen
        grew, seen = live.poll(), time.monotonic()
        windows = fault.none_where_refused(live.new) if grew else None
        if windows is not None:
            yield windows
            longest = max(longest, time.monotonic() - before) if caught_up else longest
            caught_up = True
        if over and not grew:
            break
        time.sleep(live.wait_seconds)
    logger.info("windows were predicted at most %.2f s after their last sample was written", longest)


class _Fault:
    """Why there are no windows: said once, when it has lasted for so long."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._since, self._said = seconds, math.inf, False

    def none_where_refused(self, cut: Callable[[], RecordedWindows | None]) -> RecordedWindows | None:
        try:
            windows = cut()
        except BadInput as fault:
            self._since = min(self._since, time.monotonic())
            if not self._said and time.monotonic() - self._since >= self._seconds:
                logger.warning("waiting: %s", fault)
                self._said = True
            return None
        self._since, self._said = math.inf, False
        return windows


class Arriving:
    """Whether more rows may come: lines that end, copied into the recording's one file; or files that may grow."""

    def __init__(self, recording: GrowingRecording, lines: Iterable[bytes] | None, idle_seconds: float) -> None:
        self._recording, self._idle_seconds = recording, idle_seconds
        self._copied: Future[int] | None = None
        if lines is not None:
            self._copied = Future()
            Thread(target=self._copy, args=(lines, *recording.only_file()), daemon=True).start()

    def ended(self) -> bool:
        """Whether the lines have ended, or no file grew for so long."""
        if self._copied is not None:
            return self._copied.done()
        return self._recording.idle_seconds >= self._idle_seconds

    def close(self) -> None:
        """Says how many lines were no rows; raises what kept them from being copied."""
        if self._copied is not None and (left_out := self._copied.result()):
            logger.warning("%d lines were left out: no rows of numbers", left_out)

    def _copy(self, lines: Iterable[bytes], path: Path, columns: Sequence[str]) -> None:
        assert self._copied is not None
        try:
            self._copied.set_result(copy_rows(lines, path, columns=columns))
        except Exception as fault:
            self._copied.set_exception(fault)


def copy_rows(lines: Iterable[bytes], path: Path, *, columns: Sequence[str]) -> int:
    """Appends rows of CSV to a file, each at once; how many lines were left out because they are no rows of numbers.

    The file's first line is the header; a new file begins with the first line that names these columns. A header that
    comes again, as after a restart of the sender, is left out, and so are lines that arrived in part.
    """
    left_out = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as file:
        file.seek(0)
        header = file.readline()
        for line in lines:
            if not header and set(columns) <= {field.strip() for field in line.decode(errors="replace").split(",")}:
                header = line
                file.write(line)
            elif header and _is_row(line, like=header):
                file.write(line)
            else:
                left_out += line.strip() != header.strip()
    return left_out


def _is_row(line: bytes, *, like: bytes) -> bool:
    return line.endswith(b"\n") and line.count(b",") == like.count(b",") and all(map(_is_number, line.split(b",")))


def _is_number(field: bytes) -> bool:
    try:
        float(field.strip() or b"nan")
    except ValueError:
        return False
    return True
