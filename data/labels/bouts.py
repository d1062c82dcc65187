"""Bouts from label files: mapped to the vocabulary, taken to film time, refused where they overlap or are unknown."""

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from ..errors import BadInput
from ..formats import choose_format
from ..recording import Bout, ClockMap
from ..settings import Settings
from . import FORMATS
from .sample_column import SampleLabels
from .table import Span
from .text import plain_word

AUTOMATIC_STOP = 0.001001
"""Seconds, and a little for rounding."""


class Labels(Settings):
    """How a manifest describes its label file."""

    path: str = Field(min_length=1)
    """The file, relative to the manifest."""
    format: str | None = None
    """A name of `labels.FORMATS`; by the file's content when left out."""
    time: Literal["film", "player", "imu"]
    """The clock that its times are on: the film's own (PTS); the film's as players and BORIS, ELAN and Audacity show
    it, 0 where the file begins; or the sensor files'."""
    tier: str | None = None
    """Which tier (ELAN, Praat), observation and subject (BORIS) or task (Label Studio), where the file has several."""
    modifiers: str | None = None
    """Only states with these modifiers (BORIS), several joined by `|`; all when left out."""
    samples: SampleLabels | None = None
    """For a label beside every sample: its column and their times, instead of `format:`."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """From the file's words to the vocabulary; null leaves such stretches unlabelled. Words not named stay."""

    @model_validator(mode="before")
    @classmethod
    def _a_name_is_not_enough(cls, values: Any) -> Any:
        """A file alone does not say which clock its times are on, and no guess is safe."""
        if isinstance(values, str):
            raise ValueError(f"`{{path: {values}, time: film}}`, or `player` or `imu`: which clock its times are on")
        return values

    @model_validator(mode="after")
    def _one_way_to_read(self) -> "Labels":
        if self.samples is not None and self.format is not None:
            raise ValueError("either `samples` or `format`")
        return self


def read_bouts(
    labels: Labels,
    *,
    folder: Path,
    clock: ClockMap,
    vocabulary: Sequence[str] | None,
    film_start_seconds: float | None = None,
) -> tuple[Bout, ...]:
    """The bouts of a label file in film time, by start. Labels outside a given vocabulary are refused.

    `film_start_seconds` is the presentation time of the film's first frame, which `time: player` needs.
    """
    path = folder / labels.path
    if labels.samples is not None:
        read = labels.samples(path)
    else:
        read = choose_format(path, declared=labels.format, formats=FORMATS)(path)
    plain = [dataclasses.replace(span, label=plain_word(span.label)) for span in read]
    chosen = _with_modifiers(_of_tier(plain, tier=labels.tier, path=path), modifiers=labels.modifiers, path=path)
    label_map = {plain_word(word): label for word, label in labels.map.items()}
    kept = [(span, label) for span in chosen if (label := label_map.get(span.label, span.label)) is not None]
    _refuse_empty([span for span, _ in kept], path=path)
    kept.sort(key=lambda pair: (pair[0].start_seconds, pair[0].stop_seconds))
    kept = _automatic_stops_closed(kept)
    _refuse_overlaps([span for span, _ in kept], path=path)
    _refuse_unknown([label for _, label in kept], vocabulary=vocabulary, label_map=label_map, path=path)
    to_film = _to_film(labels.time, clock=clock, film_start_seconds=film_start_seconds, path=path)
    return tuple(_bout(span, label=label, to_film=to_film) for span, label in kept)


def _of_tier(spans: Sequence[Span], *, tier: str | None, path: Path) -> list[Span]:
    """The spans of one tier. A file with several, or without the one declared, is refused with their names."""
    tiers = list(dict.fromkeys(span.tier for span in spans))
    if tier is None and len(tiers) <= 1:
        return list(spans)
    if tier in tiers:
        return [span for span in spans if span.tier == tier]
    raise BadInput(
        path,
        found=f"the tiers {', '.join(name or '(none)' for name in tiers) or '(none)'}",
        expected=f"the tier {tier}" if tier else "one tier",
        remedy="Name one of these as `labels: tier:` in the manifest.",
    )


def _with_modifiers(spans: Sequence[Span], *, modifiers: str | None, path: Path) -> list[Span]:
    """The spans with these modifiers; all where none are declared. Others are refused with the modifiers there are."""
    kept = [span for span in spans if modifiers is None or span.modifiers == modifiers]
    if spans and not kept:
        there = ", ".join(sorted({span.modifiers or "(none)" for span in spans}))
        remedy = "Correct `labels: modifiers:` in the manifest."
        raise BadInput(path, found=f"the modifiers {there}", expected=str(modifiers), remedy=remedy)
    return kept


def _automatic_stops_closed(kept: Sequence[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """A bout that stops a millisecond before the next starts goes on until then: BORIS sets stops so by itself."""
    closed = []
    for (span, label), (after, _) in itertools.zip_longest(kept, kept[1:], fillvalue=(None, None)):
        if span is not None and label is not None:
            gap = after.start_seconds - span.stop_seconds if after is not None else math.inf
            stop = after.start_seconds if after is not None and 0 < gap <= AUTOMATIC_STOP else span.stop_seconds
            closed.append((dataclasses.replace(span, stop_seconds=stop), label))
    return closed


def _to_film(time: str, *, clock: ClockMap, film_start_seconds: float | None, path: Path) -> ClockMap:
    """From the labels' time to film time."""
    if time == "imu":
        return clock
    if time == "player":
        if film_start_seconds is None:
            expected, remedy = "a film whose first frame is 0", "Declare `labels: {time: imu}` or `film`."
            raise BadInput(path, found="`time: player` without a film", expected=expected, remedy=remedy)
        return ClockMap(offset_seconds=film_start_seconds)
    return ClockMap(offset_seconds=0.0)


def _bout(span: Span, *, label: str, to_film: ClockMap) -> Bout:
    start, stop = to_film.to_film(np.array([span.start_seconds, span.stop_seconds]))
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
                found=f"{_named(first)} to {first.stop_seconds:g} s ({first.place}) and {_named(second)} from "
                f"{second.start_seconds:g} s ({second.place})",
                expected="bouts that do not overlap",
                remedy=_overlap_remedy(first, second),
            )


def _named(span: Span) -> str:
    return f"{span.label} ({span.modifiers})" if span.modifiers else span.label


def _overlap_remedy(first: Span, second: Span) -> str:
    if first.modifiers != second.modifiers:
        return f"Choose by `labels: {{modifiers: {first.modifiers or second.modifiers}}}`, or mend one of them."
    return "Mend one of them, or map its label to null."


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
