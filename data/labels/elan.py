"""Reads labels from ELAN (`.eaf`): annotations of all tiers, in the film's time by its TIME_ORIGIN."""

import math
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from ..errors import BadInput
from .table import Span
from .text import decode_text


class Elan:
    """Time slots in milliseconds, annotations that point to them. One without a time (not aligned) has NaN there, so
    that it is refused unless its tier is not chosen or its label is mapped to null."""

    generic = False

    def recognises(self, head: bytes) -> bool:
        """XML with ELAN's root."""
        return "<ANNOTATION_DOCUMENT" in decode_text(head)

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """All annotations; those of dependent tiers with the times of what they depend on."""
        try:
            root = ElementTree.fromstring(path.read_bytes())
        except (ElementTree.ParseError, ValueError, LookupError) as error:
            raise BadInput(path, found=str(error), expected="a whole .eaf file", remedy="Save it again.") from None
        header = root.find("HEADER")
        unit = header.get("TIME_UNITS", "milliseconds") if header is not None else "milliseconds"
        if unit != "milliseconds":
            remedy = "Save it with a current version of ELAN."
            raise BadInput(path, found=f"time in {unit}", expected="milliseconds", remedy=remedy)
        slots = _slots(root, origin=_origin(header, path=path), path=path)
        times: dict[str, tuple[float, float]] = {}
        for annotation in root.iter("ALIGNABLE_ANNOTATION"):
            ends = (slots.get(annotation.get(name, ""), math.nan) for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2"))
            times[annotation.get("ANNOTATION_ID", "")] = (next(ends), next(ends))
        parents = {a.get("ANNOTATION_ID", ""): a.get("ANNOTATION_REF", "") for a in root.iter("REF_ANNOTATION")}
        return tuple(
            _span(annotation, tier=tier.get("TIER_ID", ""), times=times, parents=parents)
            for tier in root.iter("TIER")
            for annotation in (*tier.iter("ALIGNABLE_ANNOTATION"), *tier.iter("REF_ANNOTATION"))
        )


def _origin(header: ElementTree.Element | None, *, path: Path) -> float:
    """Seconds of the film at which the annotations' time begins. Films that begin at different times are refused."""
    media = [] if header is None else header.findall("MEDIA_DESCRIPTOR")
    origins = {_milliseconds(descriptor.get("TIME_ORIGIN") or "0", path=path) for descriptor in media}
    if len(origins) > 1:
        found = f"films with TIME_ORIGIN {', '.join(f'{1000 * origin:g}' for origin in sorted(origins))} ms"
        remedy = "Leave only the recording's film in the document (Edit > Linked Files)."
        raise BadInput(path, found=found, expected="one origin", remedy=remedy)
    return next(iter(origins), 0.0)


def _slots(root: ElementTree.Element, *, origin: float, path: Path) -> dict[str, float]:
    return {
        slot.get("TIME_SLOT_ID", ""): origin + _milliseconds(value, path=path)
        for slot in root.iter("TIME_SLOT")
        if (value := slot.get("TIME_VALUE")) is not None
    }


def _milliseconds(text: str, *, path: Path) -> float:
    try:
        return int(text) / 1000.0
    except ValueError:
        found = f"the time {text[:40]!r}"
        raise BadInput(path, found=found, expected="whole milliseconds", remedy="Save it in ELAN again.") from None


def _span(
    annotation: ElementTree.Element,
    *,
    tier: str,
    times: Mapping[str, tuple[float, float]],
    parents: Mapping[str, str],
) -> Span:
    identity = own = annotation.get("ANNOTATION_ID", "")
    for _ in range(len(parents)):
        if own not in parents:
            break
        own = parents[own]
    start, stop = times.get(own, (math.nan, math.nan))
    text = (annotation.findtext("ANNOTATION_VALUE") or "").strip()
    return Span(start, stop, text, f"annotation {identity} of {tier}", tier=tier)
