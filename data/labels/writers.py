"""Label formats that are written: one function and one line in a table each, each read back by the reader of its name.

Times are those of the spans, in seconds, rounded to a millisecond. Spans of one tier must not overlap.
"""

import csv
import io
import itertools
import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ..errors import BadInput
from .table import Span

Writer = Callable[[Sequence[Span], str], str]
"""From spans by start and the film's file name (may be empty) to the text of a file."""
NO_SUBJECT = ""
ELAN_DATE = "1970-01-01T00:00:00+00:00"
"""ELAN's format asks for a date; a fixed one lets equal labels give equal bytes."""


def write_csv(spans: Sequence[Span], film: str) -> str:  # noqa: ARG001 - a CSV file names no film
    """Rows `start,end,label,tier` below their header."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["start", "end", "label", "tier"])
    table.writerows([_seconds(s.start_seconds), _seconds(s.stop_seconds), s.label, s.tier] for s in spans)
    return text.getvalue()


def write_audacity(spans: Sequence[Span], film: str) -> str:  # noqa: ARG001
    """A label track: start, end and label in tabs. Tiers are not kept: the format has none."""
    lines = (f"{_seconds(s.start_seconds)}\t{_seconds(s.stop_seconds)}\t{_one_line(s.label)}\n" for s in spans)
    return "".join(lines)


def write_elan(spans: Sequence[Span], film: str) -> str:
    """An `.eaf` document of format 3.0: a tier for each tier of the spans, two time slots for each annotation."""
    root = ElementTree.Element("ANNOTATION_DOCUMENT", AUTHOR="equigait", DATE=ELAN_DATE, FORMAT="3.0", VERSION="3.0")
    header = ElementTree.SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    if film:
        ElementTree.SubElement(header, "MEDIA_DESCRIPTOR", MEDIA_URL=film, MIME_TYPE="video/mp4")
    slots = ElementTree.SubElement(root, "TIME_ORDER")
    number = 0
    for name, members in _tiers(spans).items():
        tier = ElementTree.SubElement(root, "TIER", LINGUISTIC_TYPE_REF="label", TIER_ID=name or "label")
        for span in members:
            number += 1
            ends = {"TIME_SLOT_REF1": f"ts{2 * number - 1}", "TIME_SLOT_REF2": f"ts{2 * number}"}
            for slot, seconds in zip(ends.values(), (span.start_seconds, span.stop_seconds), strict=True):
                milliseconds = str(round(1000 * seconds))
                ElementTree.SubElement(slots, "TIME_SLOT", TIME_SLOT_ID=slot, TIME_VALUE=milliseconds)
            holder = ElementTree.SubElement(tier, "ANNOTATION")
            annotation = ElementTree.SubElement(holder, "ALIGNABLE_ANNOTATION", {"ANNOTATION_ID": f"a{number}", **ends})
            ElementTree.SubElement(annotation, "ANNOTATION_VALUE").text = span.label
    ElementTree.SubElement(
        root, "LINGUISTIC_TYPE", GRAPHIC_REFERENCES="false", LINGUISTIC_TYPE_ID="label", TIME_ALIGNABLE="true"
    )
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def write_boris(spans: Sequence[Span], film: str) -> str:
    """A project of BORIS (project format 7.0): one observation, a subject for each tier, states as two events each."""
    tiers = [name for name in _tiers(spans) if name]
    events: list[list[Any]] = []
    for span in spans:
        ends = (span.start_seconds, span.stop_seconds)
        events += [[round(seconds, 3), span.tier or NO_SUBJECT, span.label, "", ""] for seconds in ends]
    behaviors = {str(i): _behavior(label) for i, label in enumerate(dict.fromkeys(s.label for s in spans))}
    project = {
        "time_format": "hh:mm:ss",
        "project_date": "1970-01-01T00:00:00",
        "project_name": "equigait",
        "project_description": "",
        "project_format_version": "7.0",
        "subjects_conf": {str(i): {"key": "", "name": name, "description": ""} for i, name in enumerate(tiers)},
        "behaviors_conf": behaviors,
        "behavioral_categories": [],
        "independent_variables": {},
        "coding_map": {},
        "observations": {"equigait": _observation(events, film=film)},
    }
    return json.dumps(project, indent=1, ensure_ascii=False) + "\n"


def write_label_studio(spans: Sequence[Span], film: str) -> str:
    """A list of tasks, one a tier, each with one annotation of time-series regions in seconds."""
    tasks = []
    for number, (name, members) in enumerate(_tiers(spans).items(), start=1):
        result = [
            {
                "id": f"{number}-{place}",
                "type": "timeserieslabels",
                "from_name": "label",
                "to_name": "ts",
                "value": {
                    "start": round(span.start_seconds, 3),
                    "end": round(span.stop_seconds, 3),
                    "instant": False,
                    "timeserieslabels": [span.label],
                },
            }
            for place, span in enumerate(members, start=1)
        ]
        data = {"video": film, "tier": name}
        tasks.append({"id": number, "data": data, "annotations": [{"id": number, "result": result}]})
    return json.dumps(tasks, indent=1, ensure_ascii=False) + "\n"


def write_textgrid(spans: Sequence[Span], film: str) -> str:  # noqa: ARG001
    """A TextGrid in the long text format: an interval tier for each tier, time without a label as empty intervals."""
    stop = max((span.stop_seconds for span in spans), default=0.0)
    tiers = _tiers(spans)
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {_seconds(stop)}"]
    lines += ["tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for number, (name, members) in enumerate(tiers.items(), start=1):
        pieces = _with_pauses(members, stop_seconds=stop)
        lines += [
            f"    item [{number}]:",
            '        class = "IntervalTier"',
            f"        name = {_quoted(name or 'label')}",
        ]
        lines += ["        xmin = 0", f"        xmax = {_seconds(stop)}", f"        intervals: size = {len(pieces)}"]
        for place, (start, end, label) in enumerate(pieces, start=1):
            lines += [f"        intervals [{place}]:", f"            xmin = {_seconds(start)}"]
            lines += [f"            xmax = {_seconds(end)}", f"            text = {_quoted(label)}"]
    return "\n".join(lines) + "\n"


WRITERS: dict[str, tuple[str, Writer]] = {
    "csv": (".csv", write_csv),
    "elan": (".eaf", write_elan),
    "boris-project": (".boris", write_boris),
    "audacity": (".txt", write_audacity),
    "label-studio": (".json", write_label_studio),
    "textgrid": (".TextGrid", write_textgrid),
}
"""File suffix and writer by the name of the format, which is the name of its reader, too."""


def require_writable(formats: Sequence[str]) -> None:
    """Refuses names of formats that cannot be written, with those that can."""
    for format in formats:
        if format not in WRITERS:
            found, expected = f"the format {format!r}", f"one of {', '.join(WRITERS)}"
            raise BadInput("labels to be written", found=found, expected=expected, remedy="Choose one of these.")


def labels_text(spans: Sequence[Span], *, format: str, film: str = "") -> str:
    """The text of a label file that holds these spans; a format that cannot be written is refused with those that can.

    Spans of one tier that overlap are refused, and negative times but in CSV: the other formats cannot say them.
    """
    require_writable([format])
    spans = [replace(span, label=_without_control(span.label)) for span in spans]
    ordered = sorted(spans, key=lambda span: (span.start_seconds, span.stop_seconds))
    for members in _tiers(ordered).values():
        for before, after in itertools.pairwise(members):
            if round(after.start_seconds, 3) < round(before.stop_seconds, 3):
                found = f"{after.label} at {after.start_seconds:g} s inside {before.label}"
                expected, remedy = "spans of a tier that take turns", "Give them tiers of their own."
                raise BadInput("labels to be written", found=found, expected=expected, remedy=remedy)
    if ordered and ordered[0].start_seconds < 0 and format != "csv":
        found, remedy = f"a start at {ordered[0].start_seconds:g} s", "Cut what lies before the film."
        raise BadInput("labels to be written", found=found, expected="times from 0 on", remedy=remedy)
    return WRITERS[format][1](ordered, Path(film).name)


def _tiers(spans: Sequence[Span]) -> dict[str, list[Span]]:
    """Spans by tier, tiers in the order of their first span."""
    tiers: dict[str, list[Span]] = {}
    for span in spans:
        tiers.setdefault(span.tier, []).append(span)
    return tiers


def _with_pauses(spans: Sequence[Span], *, stop_seconds: float) -> list[tuple[float, float, str]]:
    """Spans and the time between them, from 0 to the end without a gap."""
    pieces, at = [], 0.0
    for span in spans:
        if round(span.start_seconds, 3) > round(at, 3):
            pieces.append((at, span.start_seconds, ""))
        pieces.append((span.start_seconds, span.stop_seconds, span.label))
        at = span.stop_seconds
    if round(stop_seconds, 3) > round(at, 3):
        pieces.append((at, stop_seconds, ""))
    return pieces


def _behavior(code: str) -> dict[str, Any]:
    kind = {"type": "State event", "key": "", "code": code, "description": "", "color": "", "category": ""}
    return kind | {"modifiers": "", "excluded": "", "coding map": ""}


def _observation(events: list[list[Any]], *, film: str) -> dict[str, Any]:
    return {
        "file": {"1": [film] if film else []},
        "type": "MEDIA",
        "date": "1970-01-01T00:00:00",
        "description": "",
        "time offset": 0.0,
        "events": sorted(events, key=lambda event: event[0]),
        "independent_variables": {},
        "media_info": {"length": {}, "fps": {}, "hasVideo": {}, "hasAudio": {}},
    }


def _seconds(value: float) -> str:
    return f"{value:.3f}"


def _without_control(text: str) -> str:
    """A label without letters that no file of these can hold, as XML cannot."""
    return "".join(" " if unicodedata.category(letter) == "Cc" and letter not in "\t\n" else letter for letter in text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
