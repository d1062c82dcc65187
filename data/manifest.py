"""The manifest of a recording, `recording.yaml`, and the recording that it describes, read and checked."""

import os
import reprlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, field_validator, model_validator

from .chapters import Chapter, join_chapters
from .errors import BadInput
from .files import write_atomically
from .labels.bouts import Labels, read_bouts
from .readers.sensor import Sensor
from .readers.streams import read_streams
from .recording import Bout, ClockMap, ImuStream, Recording, Video
from .settings import Settings, parse_settings, read_yaml
from .yaml_text import scalar_as_written

MANIFEST_NAME = "recording.yaml"
NOT_DATA = ("cache",)
"""Folders in which no recordings are looked for."""
FAR_SECONDS = 60.0
"""Labels may begin before and end after what was recorded: by this..."""
FAR_SHARE = 0.5
"""...or by this part of it, whichever is more. Milliseconds and frame numbers taken for seconds reach farther."""


class Clock(Settings):
    """How IMU time becomes film time: film = imu + offset_seconds + drift_ppm * 1e-6 * (imu - reference_seconds)."""

    origin: Literal["known", "by-hand", "sync"]
    """Where it comes from: one clock for both (`known`), a person, or `sync`."""
    offset_seconds: float = Field(allow_inf_nan=False)
    """Film time minus IMU time at `reference_seconds`."""
    drift_ppm: float = Field(default=0.0, ge=-1e4, le=1e4)
    """By how many parts per million film time runs faster than IMU time. A hundredth is no clock any more."""
    reference_seconds: float = Field(default=0.0, allow_inf_nan=False)
    """IMU time at which `offset_seconds` is exact."""


class Manifest(Settings):
    """One recording: who, which film, which sensors, which labels, and the clock between them."""

    version: Literal[1] = 1
    """Of this format."""
    id: str = Field(default="", pattern=r"^[^/\\\x00-\x1f]*$")
    """Unique in the data set. Empty: the name of the manifest's folder."""
    horse: str = Field(min_length=1)
    """Who was recorded. Splits go by this name."""
    film: str | None = None
    """The film, relative to the manifest; None for sensors alone. A list of files is read as `chapters`."""
    chapters: tuple[Chapter, ...] = ()
    """Instead: the files of a film that a camera cut into several, in order."""
    sensors: tuple[Sensor, ...] = Field(min_length=1)
    """One entry a site. Their order is kept."""
    labels: Labels | None = None
    """The label file, if there is one."""
    clock: Clock | None = None
    """Needed where there is a film. Without one, film time is IMU time."""

    @model_validator(mode="before")
    @classmethod
    def _a_list_of_films_is_chapters(cls, values: Any) -> Any:
        """`film: [a.mp4, b.mp4]` is how people write it."""
        if isinstance(values, Mapping) and isinstance(values.get("film"), list | tuple):
            rest = {key: value for key, value in values.items() if key != "film"}
            return {**rest, "chapters": [*values["film"], *rest.get("chapters", ())]}
        return values

    @field_validator("id", "horse", mode="before")
    @classmethod
    def _a_number_is_a_name(cls, value: object) -> object:
        """Horses with a number are `horse: 123`."""
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            raise ValueError("a name; in quotes where YAML takes it for something else")
        return value

    @field_validator("sensors", mode="before")
    @classmethod
    def _a_list_of_sensors(cls, value: object) -> object:
        entries = value if isinstance(value, list | tuple) else ()
        if not entries or not all(isinstance(entry, Mapping | Sensor) for entry in entries):
            raise ValueError("a list of sensors, one or more, each with `site:` and `path:`")
        return value

    @model_validator(mode="after")
    def _one_film(self) -> "Manifest":
        if self.film is not None and self.chapters:
            raise ValueError("either `film` or `chapters`")
        return self

    @property
    def film_name(self) -> str | None:
        """The film, or the first of its files and how many more; None for sensors alone."""
        if not self.chapters:
            return self.film
        more = len(self.chapters) - 1
        return f"{self.chapters[0].path} and {more} more" if more else self.chapters[0].path

    @model_validator(mode="after")
    def _sites_are_unique(self) -> "Manifest":
        sites = [sensor.site for sensor in self.sensors]
        twice = sorted({site for site in sites if sites.count(site) > 1})
        if twice:
            raise ValueError(f"each site once: {', '.join(twice)} stands there twice")
        return self


def find_recordings(dataset: Path) -> list[Path]:
    """The manifests of a data set, by path: of a folder and all below it but `cache`, or the one manifest given."""
    if dataset.is_file():
        return [dataset]
    found: list[Path] = []
    for folder, folders, files in os.walk(dataset):
        folders[:] = [name for name in folders if name not in NOT_DATA]
        found += [Path(folder) / MANIFEST_NAME] if MANIFEST_NAME in files else []
    if not found:
        there = "no such folder" if not dataset.exists() else f"no {MANIFEST_NAME} in it or below"
        expected = "a data set: a folder for each recording, with its manifest"
        raise BadInput(dataset, found=there, expected=expected, remedy="Check the path, or write the manifests.")
    return sorted(found)


def read_manifest(path: Path) -> Manifest:
    """The manifest at this path, or in this folder. Its `id` is filled in. Unknown keys are refused with their path."""
    path = _manifest_file(path)
    values = read_yaml(path)
    if not isinstance(values, Mapping):
        found = "an empty file" if values is None else reprlib.repr(values)
        expected = "a manifest: `horse:`, `sensors:`, and what else there is of `film:`, `clock:`, `labels:`"
        raise BadInput(path, found=found, expected=expected, remedy="Write one; the README shows how.")
    manifest = parse_settings(Manifest, _names_as_written(values, path=path), where=path)
    return manifest if manifest.id else manifest.model_copy(update={"id": path.resolve().parent.name})


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Writes a manifest that reads back equal, whole or not at all; defaults are left out."""
    values = {"version": manifest.version} | manifest.model_dump(mode="json", exclude_defaults=True)
    write_atomically(path, yaml.safe_dump(values, sort_keys=False, allow_unicode=True))


def load_recording(path: Path, *, labels: Sequence[str] | None = None) -> Recording:
    """The recording that a manifest describes: streams in SI units and body axes, the film's facts, bouts in film time.

    With `labels`, a bout whose label (after the manifest's map) is none of them is refused. Everything that is read is
    checked: files, units against gravity, axes, sample times, and that sensors, film and labels share some time.
    """
    path = _manifest_file(path)
    manifest = read_manifest(path)
    _clock_map(manifest, path=path)
    streams = read_streams(manifest.sensors, folder=path.parent)
    return join_recording(manifest, path=path, streams=streams, video=read_film(manifest, path=path), labels=labels)


def read_film(manifest: Manifest, *, path: Path) -> Video | None:
    """The facts of the film that a manifest at this path names; None where it names none.

    Of chapters, those of all together: a small file that joins them is written beside the manifest.
    """
    if manifest.chapters:
        return _probe(join_chapters(manifest.chapters, folder=path.parent))
    return _probe(path.parent / manifest.film) if manifest.film is not None else None


def join_recording(
    manifest: Manifest,
    *,
    path: Path,
    streams: tuple[ImuStream, ...],
    video: Video | None,
    labels: Sequence[str] | None = None,
) -> Recording:
    """The recording of parts that were read: its clock, its labels, and whether they all share some time."""
    clock, folder = _clock_map(manifest, path=path), path.parent
    spans = {stream.site: _film_span(stream, clock=clock) for stream in streams}
    film_span = {"the film": (video.start_seconds, video.stop_seconds)} if video is not None else {}
    _shared_time(spans | film_span, path=path)
    start = video.start_seconds if video is not None else None
    bouts: tuple[Bout, ...] = ()
    if manifest.labels is not None:
        bouts = read_bouts(manifest.labels, folder=folder, clock=clock, vocabulary=labels, film_start_seconds=start)
        shared, file = _shared_time(spans, path=path), folder / manifest.labels.path
        _refuse_labels_elsewhere(bouts, shared=shared, path=file, time=manifest.labels.time)
        _refuse_labels_far_off(bouts, spans=(spans | film_span).values(), path=file, time=manifest.labels.time)
    return Recording(
        id=manifest.id, horse=manifest.horse, manifest=path, streams=streams, video=video, bouts=bouts, clock=clock
    )


def _names_as_written(values: Mapping[str, Any], *, path: Path) -> Mapping[str, Any]:
    """Names that YAML takes for numbers, letter by letter: it reads the horse 010 as eight."""
    numbers = [key for key in ("id", "horse") if type(values.get(key)) is int]
    if not numbers:
        return values
    text = path.read_text(encoding="utf-8")
    return {**values, **{key: scalar_as_written(text, key=key) for key in numbers}}


def _manifest_file(path: Path) -> Path:
    return path / MANIFEST_NAME if path.is_dir() else path


def _clock_map(manifest: Manifest, *, path: Path) -> ClockMap:
    """The declared clock. Without a film none is needed; with one, offset zero is never assumed."""
    if manifest.clock is not None:
        return ClockMap(**manifest.clock.model_dump())
    if manifest.film_name is None:
        return ClockMap(offset_seconds=0.0)
    raise BadInput(
        path,
        found=f"the film {manifest.film_name} and no `clock:`",
        expected="a clock from IMU time to film time",
        remedy="Estimate it with `equigait-cli sync`, or write one: `clock: {origin: by-hand, offset_seconds: ...}`.",
    )


def _probe(film: Path) -> Video:
    from .video import probe_film

    return probe_film(film)


def _shared_time(spans: Mapping[str, tuple[float, float]], *, path: Path) -> tuple[float, float]:
    """From when to when, in film time, all of these run: refused where there is no such time."""
    last_start = max(spans, key=lambda name: spans[name][0])
    first_stop = min(spans, key=lambda name: spans[name][1])
    start, stop = spans[last_start][0], spans[first_stop][1]
    if start < stop:
        return start, stop
    raise BadInput(
        path,
        found=f"{first_stop} ending at {stop:.6g} s and {last_start} starting at {start:.6g} s of film time",
        expected="sensors and film that overlap",
        remedy="Check `clock:` and the time units, and that the files belong together.",
    )


def _film_span(stream: ImuStream, *, clock: ClockMap) -> tuple[float, float]:
    start, stop = clock.to_film(stream.time_seconds[[0, -1]])
    return float(start), float(stop)


def _refuse_labels_elsewhere(bouts: Sequence[Bout], *, shared: tuple[float, float], path: Path, time: str) -> None:
    """Labels that all lie outside the recording are on another clock than declared."""
    start, stop = shared
    if bouts and not any(bout.start_seconds < stop and bout.stop_seconds > start for bout in bouts):
        raise BadInput(
            path,
            found=f"labels from {bouts[0].start_seconds:.6g} to {bouts[-1].stop_seconds:.6g} s of film time",
            expected=f"labels within the recording, {start:.6g} to {stop:.6g} s",
            remedy=f"Correct `labels: time:` (it says {time}), or the clock.",
        )


def _refuse_labels_far_off(
    bouts: Sequence[Bout], *, spans: Collection[tuple[float, float]], path: Path, time: str
) -> None:
    """Labels that reach far beyond all that was recorded count something else than seconds of this recording."""
    start, stop = min(span[0] for span in spans), max(span[1] for span in spans)
    far = max(FAR_SECONDS, FAR_SHARE * (stop - start))
    first = min((bout.start_seconds for bout in bouts), default=start)
    last = max((bout.stop_seconds for bout in bouts), default=stop)
    if start - far <= first and last <= stop + far:
        return
    raise BadInput(
        path,
        found=f"labels from {first:.6g} to {last:.6g} s, of a recording from {start:.6g} to {stop:.6g} s of film time",
        expected="labels in seconds of this recording",
        remedy=f"Write seconds, not milliseconds or frames, or correct `labels: time:` (it says {time}), or the clock.",
    )
