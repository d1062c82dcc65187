"""Reads labels from Label Studio's JSON and JSON-MIN exports: regions of time series, audio and video with times."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import BadInput
from .table import Span
from .text import decode_text, read_label_text, to_seconds

KINDS = ("timeserieslabels", "labels", "paragraphlabels")
"""Keys under which a region with `start` and `end` names its labels."""


class LabelStudio:
    """Tasks with annotations with results. Tiers are tasks, and annotators where a task has several.

    Regions counted in frames (`timelinelabels`) are refused: frames are no times, a film's rate varies.
    """

    generic = False

    def recognises(self, head: bytes) -> bool:
        """JSON that lists tasks."""
        text = decode_text(head).lstrip()
        return text.startswith(("[", "{")) and (
            ('"annotations"' in text and '"result"' in text) or any(f'"{kind}"' in text for kind in KINDS[:1])
        )

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """All regions that have a start and an end. Annotations that were cancelled are left out."""
        try:
            tasks = json.loads(read_label_text(path))
        except (ValueError, RecursionError) as error:
            raise BadInput(path, found=str(error)[:120], expected="JSON", remedy="Export it again.") from None
        tasks = tasks if isinstance(tasks, list) else [tasks]
        spans = [span for number, task in enumerate(tasks, start=1) for span in _spans(task, number=number, path=path)]
        return tuple(spans)


def _spans(task: object, *, number: int, path: Path) -> Iterator[Span]:
    if not isinstance(task, Mapping):
        found = f"{type(task).__name__} as task {number}"
        raise BadInput(path, found=found, expected="a task", remedy="Export it as JSON from Label Studio.")
    name = f"task {task.get('id', number)}"
    annotations = task.get("annotations")
    if not isinstance(annotations, list):
        regions = [region for value in task.values() if isinstance(value, list) for region in value]
        yield from _regions(regions, tier=name, path=path)
        return
    kept = [entry for entry in annotations if isinstance(entry, Mapping) and not entry.get("was_cancelled")]
    for at, annotation in enumerate(kept, start=1):
        tier = name if len(kept) == 1 else f"{name} / annotation {annotation.get('id', at)}"
        results = annotation.get("result")
        values = [r.get("value") for r in results if isinstance(r, Mapping)] if isinstance(results, list) else []
        yield from _regions(values, tier=tier, path=path)


def _regions(values: list[Any], *, tier: str, path: Path) -> Iterator[Span]:
    for number, value in enumerate(values, start=1):
        if not isinstance(value, Mapping):
            continue
        if "timelinelabels" in value or "ranges" in value:
            remedy = "Label the film's audio or a time series, in seconds, or use ELAN or BORIS."
            raise BadInput(path, found=f"regions in frames in {tier}", expected="regions in seconds", remedy=remedy)
        names = next((value[kind] for kind in KINDS if isinstance(value.get(kind), list)), None)
        if names is None or "start" not in value:
            continue
        place = f"region {number} of {tier}"
        start, stop = (to_seconds(value.get(name), path=path, place=place) for name in ("start", "end"))
        if len(names) != 1:
            found = f"the labels {', '.join(map(str, names)) or '(none)'} in {place}"
            raise BadInput(path, found=found, expected="one label a region", remedy="Mend it in Label Studio.")
        yield Span(start, stop, str(names[0]).strip(), place, tier=tier)
