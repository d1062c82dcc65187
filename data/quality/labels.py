"""Labels inspected: how much of a recording they cover, and words that no recipe would know."""

from collections.abc import Sequence

import numpy as np

from ..recording import Recording
from .facts import LabelFacts

BRIEF_SECONDS = 0.5
"""Bouts of which none lasts so long stand beside single samples: shorter than a step."""

MINUTES_TIMES, MINUTES_FRACTIONS = 24, 10
"""Of so many times with two digits behind the point, of which so many differ, some reach .60 unless the digits are
seconds of a minute: all stay below it once in 200,000 files."""


def label_facts(recording: Recording) -> LabelFacts:
    """How much of the time that the sensors share is labelled, and with what."""
    spans = [recording.clock.to_film(stream.time_seconds[[0, -1]]) for stream in recording.streams]
    start, stop = max(float(span[0]) for span in spans), min(float(span[1]) for span in spans)
    seconds: dict[str, float] = {}
    for bout in recording.bouts:
        inside = min(bout.stop_seconds, stop) - max(bout.start_seconds, start)
        seconds[bout.label] = seconds.get(bout.label, 0.0) + max(inside, 0.0)
    return LabelFacts(
        bouts=len(recording.bouts),
        covered_share=min(1.0, sum(seconds.values()) / max(stop - start, 1e-9)),
        seconds=seconds,
        spans=tuple((bout.start_seconds, bout.stop_seconds, bout.label) for bout in recording.bouts),
    )


def label_remarks(facts: LabelFacts, *, file: str, vocabulary: Sequence[str]) -> tuple[str, ...]:
    """That nothing is labelled, or that labels are none of a vocabulary; one letter's case apart is another label."""
    if not facts.bouts:
        return (f"{file} labels nothing: it holds no bouts, or its map leaves all of them out",)
    longest = max(stop - start for start, stop, _ in facts.spans)
    brief = f"no bout of {file} lasts longer than {longest:.2g} s: a label counts for the samples that bear it, not"
    remarks = [f"{brief} until the next; fill them down"] if longest < BRIEF_SECONDS else []
    if _seem_minutes(facts):
        remarks.append(f"no time of {file} has a fraction of .60 or more: are they minutes.seconds? Write seconds")
    unknown = [label for label in facts.seconds if label not in vocabulary]
    if not unknown:
        return tuple(remarks)
    known = {word.casefold(): word for word in vocabulary}
    meant = [f"{label}: {known[label.casefold()]}" for label in unknown if label.casefold() in known]
    entries = f" {{{', '.join(meant)}}}" if meant else ""
    words = f"the label {unknown[0]} is not" if len(unknown) == 1 else f"the labels {', '.join(unknown)} are not"
    remedy = f"name what is missing in `labels: map:`{entries}, or in the recipe's windows.labels"
    return (*remarks, f"{words} among {', '.join(vocabulary)}: {remedy}")


def _seem_minutes(facts: LabelFacts) -> bool:
    """Whether times may be minutes and seconds: 1.59, and then 2.00."""
    times = np.unique([time for start, stop, _ in facts.spans for time in (start, stop)])
    hundredths = np.rint(100.0 * times)
    broken = hundredths[hundredths % 100 != 0] % 100
    two_digits = bool((np.abs(100.0 * times - hundredths) < 1e-6).all())
    many = len(broken) >= MINUTES_TIMES and len(np.unique(broken)) >= MINUTES_FRACTIONS
    return two_digits and many and bool((broken < 60).all())
