"""One recording inspected: everything in it is read that can be, and each refusal is listed beside the facts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..errors import BadInput, refusal
from ..large_arrays import release_large, releasing
from ..manifest.files import read_manifest
from ..manifest.load import join_recording, read_film
from ..manifest.schema import Manifest
from ..readers.one_body import body_remarks
from ..readers.sensor import Sensor
from ..readers.streams import read_streams
from ..recording import ImuStream, Video
from ..sync.sensors import signals_by_site
from ..windows import WindowSpec
from ..words import WORDS
from .channels import channel_remarks, short_sensors, swapped_triads
from .clocks import OwnClock, own_clocks
from .duplicates import doubled_sensors
from .facts import ClockFacts, FilmFacts, LabelFacts, RecordingReport, SensorReport, settling_command
from .film import film_facts, film_remarks
from .labels import label_facts, label_remarks
from .sides import side_remarks
from .signals import envelope, gap_spans, sensor_facts

SURE = 4.0
"""So many standard uncertainties from zero, a drift is worth a word."""


@dataclass
class _Findings:
    """What is noted on the way through one recording."""

    refusals: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def inspect_recording(path: Path) -> RecordingReport:
    """Facts, refusals and suspicions of the recording whose manifest this is. Bad input is listed, never raised."""
    found = _Findings()
    try:
        manifest = read_manifest(path)
    except BadInput as error:
        nothing = ClockFacts(None, None, None, 0.0, None)
        return RecordingReport(path.resolve().parent.name, "", path, (_line(error),), (), (), None, None, nothing)
    streams, refused = _read_sensors(manifest.sensors, folder=path.parent)
    film, video = _film(manifest, path=path, found=found)
    clock = _clock(manifest, folder=path.parent, found=found)
    labels = None
    if manifest.film_name is not None and manifest.clock is None:
        found.refusals.append(f"{path}: the film {manifest.film_name} has no `clock:`. {_way_to_a_clock(clock, path)}")
    elif not refused and (manifest.film_name is None or video is not None):
        labels = _joined(manifest, path=path, streams=streams, video=video, found=found)
    release_large()  # what reading has touched
    signals = signals_by_site(streams)
    sensors = _sensor_reports(manifest.sensors, streams=streams, refused=refused, clocks=own_clocks(signals))
    facts = {report.site: report.facts for report in sensors if report.facts is not None}
    found.remarks += [
        *short_sensors(streams),
        *doubled_sensors(streams),
        *side_remarks(streams, facts=facts, signals=signals),
    ]
    return RecordingReport(
        id=manifest.id,
        horse=manifest.horse,
        manifest=path,
        refusals=tuple(found.refusals),
        remarks=tuple(found.remarks),
        sensors=sensors,
        film=film,
        labels=labels,
        clock=clock,
        words=manifest.words,
        labels_file=manifest.labels.path if manifest.labels is not None else None,
    )


def _way_to_a_clock(clock: ClockFacts, manifest: Path) -> str:
    """What to do next: after a `sync` that was not accepted, something else than to run it again."""
    command, page = settling_command(clock, manifest), manifest.parent / "sync.html"
    if clock.verdict is None:
        return f"Find it with `{command}`."
    reasons = "; ".join(clock.reasons) or "no reason given"
    if command is None:
        return f"The last `sync` found none ({reasons}). Shift the sensors until they meet the film in {page}."
    found = f"The last `sync` found {clock.found_offset_seconds:+.4f} s, {clock.verdict}: {reasons}"
    return f"{found}. Open {page}; if film and sensors meet there: `{command}`."


def _read_sensors(sensors: Sequence[Sensor], *, folder: Path) -> tuple[tuple[ImuStream, ...], dict[str, str]]:
    """The streams that can be read, and by site why others cannot. Files are read together when all is well."""
    try:
        return read_streams(sensors, folder=folder), {}
    except (BadInput, PermissionError):
        pass
    streams: list[ImuStream] = []
    refused: dict[str, str] = {}
    for sensor in sensors:
        try:
            streams += read_streams([sensor], folder=folder)
        except PermissionError as error:
            refused[sensor.site] = _line(error)
        except BadInput as error:
            swapped = swapped_triads(sensor, folder=folder)
            refused[sensor.site] = _line(error) + (f" Suspicion: {swapped}." if swapped else "")
    return tuple(streams), refused


def _sensor_reports(
    sensors: Sequence[Sensor],
    *,
    streams: Sequence[ImuStream],
    refused: dict[str, str],
    clocks: dict[str, OwnClock],
) -> tuple[SensorReport, ...]:
    by_site = {stream.site: stream for stream in streams}
    reports = []
    for sensor in releasing(sensors, every=1):
        stream = by_site.get(sensor.site)
        if stream is None:
            reports.append(SensorReport(sensor.site, sensor.path, None, refusal=refused.get(sensor.site)))
        else:
            reports.append(_sensor_report(sensor, stream=stream, clock=clocks.get(sensor.site, OwnClock())))
    return tuple(reports)


def _sensor_report(sensor: Sensor, *, stream: ImuStream, clock: OwnClock) -> SensorReport:
    facts = replace(
        sensor_facts(stream),
        clock_offset_seconds=clock.offset_seconds,
        drift_ppm=clock.drift_ppm,
        drift_sigma_ppm=clock.sigma_ppm,
    )
    known = facts.gravity_m_s2 is not None  # that a sensor without numbers shows no motion goes without saying
    remarks = [
        *channel_remarks(stream, facts=facts),
        *body_remarks(stream),
        *([clock.note] if clock.note and known else []),
    ]
    drift, sigma = clock.drift_ppm or 0.0, clock.sigma_ppm or np.inf
    if abs(drift) > SURE * sigma:
        remarks.append(f"its clock drifts by {drift:+.0f} ppm against the others: {abs(drift) * 3.6:.0f} ms an hour")
    return SensorReport(
        site=sensor.site,
        file=sensor.path,
        facts=facts,
        remarks=tuple(dict.fromkeys(remarks)),
        force=envelope(stream.time_seconds, np.linalg.norm(stream.specific_force, axis=1)),
        gaps=gap_spans(stream, rate_hz=facts.rate_hz),
    )


def _film(manifest: Manifest, *, path: Path, found: _Findings) -> tuple[FilmFacts | None, Video | None]:
    try:
        video = read_film(manifest, path=path)
    except (BadInput, PermissionError) as error:
        found.refusals.append(_line(error))
        return None, None
    if video is None:
        return None, None
    facts = replace(film_facts(video), file=manifest.film_name or video.path.name)
    found.remarks += film_remarks(facts)
    return facts, video


def _joined(
    manifest: Manifest, *, path: Path, streams: tuple[ImuStream, ...], video: Video | None, found: _Findings
) -> LabelFacts | None:
    """What every other command would check, and the labels."""
    try:
        recording = join_recording(manifest, path=path, streams=streams, video=video)
    except (BadInput, PermissionError) as error:
        found.refusals.append(_line(error))
        return None
    if manifest.labels is None:
        return None
    facts = label_facts(recording)
    known = (
        WindowSpec().labels if manifest.words == WORDS else tuple(facts.seconds)
    )  # of horses alone there is a default
    found.remarks += label_remarks(facts, file=manifest.labels.path, vocabulary=known)
    return facts


def _clock(manifest: Manifest, *, folder: Path, found: _Findings) -> ClockFacts:
    """The manifest's clock, and the verdict that `sync` left beside it."""
    verdict = offset = None
    reasons: tuple[str, ...] = ()
    file = folder / "sync.json"
    if file.is_file():
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            verdict, offset = str(content["verdict"]), content["offset_s"]
            reasons = tuple(map(str, content.get("reasons", ())))
        except (ValueError, KeyError, TypeError, AttributeError, PermissionError):
            found.remarks.append(f"{file.name} cannot be read: run `equigait-cli sync` again")
    offset = offset if isinstance(offset, int | float) else None
    clock = manifest.clock
    if clock is None:
        return ClockFacts(None, None, None, 0.0, verdict, reasons, offset)
    if clock.origin == "sync" and offset is not None and abs(offset - clock.offset_seconds) > 1e-3:
        found.remarks.append(f"the clock in the manifest ({clock.offset_seconds:+.3f} s) is not that of {file.name}")
    return ClockFacts(
        clock.origin, clock.offset_seconds, clock.drift_ppm, clock.reference_seconds, verdict, reasons, offset
    )


def _line(error: BadInput | PermissionError) -> str:
    return " ".join(str(refusal(error)).split())
