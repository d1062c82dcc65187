"""A recording that is still being written: the same readers and checks, on a short copy of its last rows."""

import tempfile
import time
from pathlib import Path

import numpy as np

from ..errors import BadInput
from ..readers.growing import GrowingText
from ..readers.sensor import Sensor
from ..readers.streams import columns_of
from ..recording import ClockMap, Recording
from .files import manifest_file, read_manifest
from .load import read_sensors, since_start

KEPT_ROWS = 100
"""So many rows of each file stay, whatever their times: a sensor that stopped still has a rate."""
SAME_TIME_SECONDS = 0.02
"""Rows are let go only where the sample times of the others stay the same to within this: a clock that wraps, say,
has to be read from before it wrapped."""


class GrowingRecording:
    """The sensors of one recording whose files grow. Text tables (CSV and its kin) alone can be followed."""

    def __init__(self, path: Path) -> None:
        self.path = manifest_file(path)
        self.manifest = read_manifest(self.path)
        self._files = [self._growing(name) for name in dict.fromkeys(each.path for each in self.manifest.sensors)]
        self._clock: ClockMap | None = None
        self._grown_at = time.monotonic()

    def poll(self) -> bool:
        """Reads what arrived since; whether there was any."""
        grew = [each.poll() for each in self._files]
        self._grown_at = time.monotonic() if any(grew) else self._grown_at
        return any(grew)

    @property
    def idle_seconds(self) -> float:
        """For how long no file has grown."""
        return time.monotonic() - self._grown_at

    def only_file(self) -> tuple[Path, tuple[str, ...]]:
        """The one file of all sensors, to append to, and its columns; refused where there are several, or elsewhere."""
        if len(self._files) > 1:
            found, remedy = f"{len(self._files)} sensor files", "Follow the files themselves, without --stdin."
            raise BadInput(self.path, found=found, expected="one file for all sensors", remedy=remedy)
        path, folder = self._files[0].path, self.path.resolve().parent
        if not path.resolve().is_relative_to(folder):
            remedy = "Name a file of the recording's own folder; what lies elsewhere is read, and never written."
            raise BadInput(self.path, found=f"the sensor file {path}", expected=f"one in {folder}", remedy=remedy)
        return path, columns_of(self.manifest.sensors)

    def read(self) -> Recording:
        """The recording from its first row that is held on; refused as a whole recording would be.

        Time is that of the whole recording, whichever rows were let go.
        """
        return self._read([0] * len(self._files))

    def keep_from(self, seconds: float, recording: Recording) -> None:
        """Holds no longer what lies before this film time, given what `read` found."""
        counts = [self._rows_before(seconds, each, recording) for each in self._files]
        try:
            rest = self._read(counts)
        except BadInput:
            return
        ends = [np.array([each.time_seconds[-1] for each in found.streams]) for found in (recording, rest)]
        if np.abs(ends[1] - ends[0]).max() < SAME_TIME_SECONDS:
            for each, count in zip(self._files, counts, strict=True):
                each.let_rows_go(count)

    def _growing(self, name: str) -> GrowingText:
        sharing = [each for each in self.manifest.sensors if each.path == name]
        if any(each.high_g for each in sharing):
            expected, remedy = "one file a sensor", "Predict it when it is complete, without --follow."
            raise BadInput(self.path, found="a file of high-g samples", expected=expected, remedy=remedy)
        declared = next((each.format for each in sharing if each.format), None)
        return GrowingText(self.path.parent / name, columns=columns_of(sharing), declared=declared)

    def _read(self, without: list[int]) -> Recording:
        with tempfile.TemporaryDirectory(prefix="equigait-live-") as folder:
            try:
                for number, (each, count) in enumerate(zip(self._files, without, strict=True)):
                    each.copied(Path(folder) / f"{number}.csv", without=count)
                sensors = tuple(self._on_copy(sensor, without=without) for sensor in self.manifest.sensors)
                copy = self.manifest.model_copy(update={"sensors": sensors})
                recording = read_sensors(copy, path=self.path, folder=Path(folder), clock=self._clock)
            except BadInput as fault:
                raise self._named(fault, folder=Path(folder)) from None
        if self._clock is None:
            recording = since_start(recording)
            self._clock = recording.clock
        return recording

    def _on_copy(self, sensor: Sensor, *, without: list[int]) -> Sensor:
        """The sensor with its copy for a file; where rows bear no times, from the time of the first that is there."""
        number = [each.path for each in self._files].index(self.path.parent / sensor.path)
        lost, clock = self._files[number].let_go + without[number], sensor.time
        if lost and clock is not None and clock.rate_hz is not None and clock.counter is None:
            start = (clock.start_seconds or 0.0) + lost / clock.rate_hz
            clock = clock.model_copy(update={"start_seconds": start})
        return sensor.model_copy(update={"path": f"{number}.csv", "format": "csv", "time": clock})

    def _rows_before(self, seconds: float, file: GrowingText, recording: Recording) -> int:
        """How many rows of a file lie before this film time; rows that gave no sample are not counted."""
        streams = [
            each
            for each, sensor in zip(recording.streams, self.manifest.sensors, strict=True)
            if self.path.parent / sensor.path == file.path
        ]
        before = (int(np.searchsorted(recording.clock.to_film(each.time_seconds), seconds)) for each in streams)
        return max(0, min(*before, *(len(each.time_seconds) - KEPT_ROWS for each in streams)))

    def _named(self, fault: BadInput, *, folder: Path) -> BadInput:
        """The fault with the name of the recording's own file."""
        where = fault.where
        for number, each in enumerate(self._files):
            where = where.replace(str(folder / f"{number}.csv"), str(each.path))
        return BadInput(where, found=fault.found, expected=fault.expected, remedy=fault.remedy)
