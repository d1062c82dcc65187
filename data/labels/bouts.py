"""Bouts from label files: mapped to the vocabulary, taken to film time, refused where they overlap or are unknown."""

import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from ..errors import BadInput
from ..readers.recognise import choose_format
from ..recording import Bout, ClockMap
from ..settings import Settings
from . import FORMATS
from .table import Span


class Labels(Settings):
    """How a manifest describes its label file."""

    path: str = Field(min_length=1)
    """The file, relative to the manifest."""
    format: str | None = None
    """A name of `labels.FORMATS`; by the file's content when left out."""
    time: Literal["film", "imu"]
    """The clock that its times are on: the film's, or the sensor files'."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """From the file's words to the vocabulary; null leaves such stretches unlabelled. Words not named stay."""


def read_bouts(labels: Labels, *, folder: Path, clock: ClockMap, vocabulary: Sequence[str] | None) -> tuple[Bout, ...]:
    """The bouts of a label file in film time, by start. Labels outside a given vocabulary are refused."""
    path = folder / labels.path
    reader = choose_format(path, declared=labels.format, formats=FORMATS)
    spans = sorted(reader(path), key=lambda span: (span.start_seconds, span.stop_seconds))
    kept = [(span, label) for span in spans if (label := labels.map.get(span.label, span.label)) is not None]
    _refuse_empty([span for span, _ in kept], path=path)
    _refuse_overlaps([span for span, _ in kept], path=path)
    _refuse_unknown([label for _, label in kept], vocabulary=vocabulary, label_map=labels.map, path=path)
    return tuple(_bout(span, label=label, clock=clock if labels.time == "imu" else None) for span, label in kept)


def _bout(span: Span, *, label: str, clock: ClockMap | None) -> Bout:
    times = np.array([span.start_seconds, span.stop_seconds])
    start, stop = clock.to_film(times) if clock else times
    return Bout(start_seconds=float(start), stop_seconds=float(stop), label=label)


def _refuse_empty(spans: Sequence[Span], *, path: Path) -> None:
    for span in spans:
        if not (math.isfinite(span.start_seconds) and span.start_seconds < span.stop_seconds < math.inf):
            found = f"{span.label} from {span.start_seconds:g} to {span.stop_seconds:g} s in {span.place}"
            raise BadInput(path, found=found, expected="an end after the start", remedy="Mend that label.")
        if not span.label:
            raise BadInput(path, found=f"no label in {span.place}", expected="a label", remedy="Mend or remove it.")


def _refuse_overlaps(spans: Sequence[Span], *, path: Path) -> None:
    """Two labels at one time contradict each other."""
    for first, second in itertools.pairwise(spans):
        if second.start_seconds < first.stop_seconds:
            raise BadInput(
                path,
                found=f"{first.label} to {first.stop_seconds:g} s ({first.place}) and {second.label} from "
                f"{second.start_seconds:g} s ({second.place})",
                expected="bouts that do not overlap",
                remedy="Mend one of them, or map its label to null.",
            )


def _refuse_unknown(
    labels: Sequence[str], *, vocabulary: Sequence[str] | None, label_map: Mapping[str, str | None], path: Path
) -> None:
    if vocabulary is None:
        return
    unknown = sorted(set(labels) - set(vocabulary))
    if unknown:
        by_map = sorted(word for word, label in label_map.items() if label in unknown)
        raise BadInput(
            path,
            found=f"the labels {', '.join(unknown)}" + (f" (mapped from {', '.join(by_map)})" if by_map else ""),
            expected=f"only {', '.join(vocabulary)}",
            remedy="Name each in the manifest's `labels: map:`, to one of these or to null.",
        )
