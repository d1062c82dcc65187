"""The page of a ride, for owner and vet: gaits along time, strides, left against right, and how good the data are."""

import math
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ...data.quality.text import clock_time, share
from ...data.words import WORDS, Words
from ..evaluation.scores import Scores
from ..inference.ride_summary import changes_of_gait, gait_strides, rein_times
from ..inference.strides import GAIT_CYCLES
from ..inference.symmetry_summary import MeasureSummary
from ..inference.timeline import UNKNOWN
from ..runtime.formatting import counted
from .formatting import percent, plain_site
from .pages import write_page
from .ride_charts import ribbon_chart, symmetry_chart
from .ride_facts import (
    MEASURE_NAMES,
    RANGE_NAMES,
    SITE_NAMES,
    RideFacts,
    SensorState,
    clock_words,
    condition_words,
    day_words,
    length_words,
)

NONE = "–"
SYMMETRY_SITES = (*SITE_NAMES.values(), "tuber_coxae_left", "tuber_coxae_right")
"""Where the figures of left against right come from."""
SIMULATED = "The program has learned from simulated horses alone: how right it is on real ones is not known."
UNSURE = 0.8
"""Bouts of less confidence than this are named."""
MOST_CHANGES = 10
"""Pairs of gaits whose changes are named; a ride of many behaviours has thirty."""
REINS = ("left", "straight", "right", "")


def write_ride_page(facts: RideFacts, path: Path, *, scores: Scores | None = None, horse_page: str = "") -> Path:
    """Write one self-contained HTML page of a ride, which prints on one sheet of A4; returns its path.

    `scores` are those of the run on horses never seen; `horse_page` is the file name of the horse's own page.
    """
    when, words = day_words(facts.conditions), scores.words if scores is not None else WORDS
    outing = "ride" if words == WORDS else "recording"
    return write_page(
        path,
        "ride",
        words=words,
        of_horses=words == WORDS,
        outing=outing,
        title=f"{facts.horse}: {outing} of {when}" if when else f"{facts.horse}: {facts.id}",
        answer=_answer(facts),
        about=_about(facts),
        ribbon=ribbon_chart(facts, words=words) if facts.bouts else "",
        key=_key(facts),
        tiles_shown=_tiles(facts, words=words),
        gaits=_gait_rows(facts),
        reins=_rein_rows(facts),
        symmetry=_symmetry(facts),
        sensors=[_sensor_row(each) for each in facts.sensors],
        remarks=_remarks(facts),
        sure=_sure(facts, scores=scores, words=words),
        bouts=_bout_rows(facts),
        changes=_change_rows(facts),
        horse_page=horse_page,
    )


def _answer(facts: RideFacts) -> str:
    """What the horse did, most first."""
    times = sorted(((facts.seconds(label), label) for label in facts.prediction.timeline.labels), reverse=True)
    parts = [f"{label} {length_words(time)} ({100 * facts.share(label):.0f} %)" for time, label in times if time]
    if not parts:
        return "No part of this ride could be predicted: see the data below."
    return f"{length_words(facts.predicted_seconds)}: {', '.join(parts)}."


def _key(facts: RideFacts) -> list[tuple[str, int | None]]:
    """What each colour of the ribbon means, and its number; None for the pattern of what is unknown."""
    return [(label, facts.colours.get(label)) for label in facts.prediction.timeline.labels if facts.seconds(label)]


def _about(facts: RideFacts) -> dict[str, str]:
    conditions = facts.conditions
    entries = {
        "Recording": facts.id,
        "Conditions": ", ".join(condition_words(conditions)),
        "Since the ride before": conditions.event,
        "Notes": conditions.notes,
    }
    return {name: value for name, value in entries.items() if value}


def _tiles(facts: RideFacts, *, words: Words) -> list[tuple[str, str, str]]:
    longest = max(facts.bouts, key=lambda bout: bout.seconds, default=None)
    changes, strides = changes_of_gait(facts.bouts), sum(len(bout.strides) for bout in facts.prediction.strides)
    span = facts.span[1] - facts.span[0]
    lost = span - facts.predicted_seconds
    return [
        (
            "Time",
            length_words(span),
            f"{length_words(lost)} of it without valid data" if lost >= 0.5 else "all of it valid",
        ),
        (
            "Longest bout",
            length_words(longest.seconds) if longest else NONE,
            longest.label if longest else "",
        ),
        (f"Changes of {words.behaviour}", str(len(changes)), f"{counted(len(facts.bouts), 'bout')}"),
        ("Strides", str(strides), "walk, trot and canter" if words == WORDS else "where it strides"),
        ("How sure", _figure(100 * facts.confidence, "{:.0f} %"), f"mean probability of the {words.behaviours} named"),
    ]


def _gait_rows(facts: RideFacts) -> list[list[str]]:
    rows = []
    for label in facts.prediction.timeline.labels:
        own = [bout for bout in facts.bouts if bout.label == label]
        if not own:
            continue
        strides = gait_strides(facts.prediction.strides, gait=label)
        lengths = [bout.seconds for bout in own]
        sure = sum(bout.confidence * length for bout, length in zip(own, lengths, strict=True)) / sum(lengths)
        rows.append(
            [
                label,
                length_words(sum(lengths)),
                f"{100 * facts.share(label):.0f} %",
                str(len(own)),
                length_words(max(lengths)),
                str(strides.count) if strides else NONE,
                f"{60 * strides.stride_hz:.1f}" if strides else NONE,
                _figure(100 * strides.duration_cv, "{:.1f} %") if strides else NONE,
                _figure(strides.regularity, "{:.2f}") if strides else NONE,
                f"{100 * sure:.0f} %" if label in facts.prediction.timeline.classes else NONE,
            ]
        )
    return rows


def _rein_rows(facts: RideFacts) -> list[list[str]]:
    """Time on each rein by gait, canter by lead."""
    strides = facts.prediction.strides
    times = [time for gait in GAIT_CYCLES for time in rein_times([b for b in strides if b.gait == gait])]
    names = {"canter": {"left": "canter, left lead", "right": "canter, right lead", "": "canter, lead unknown"}}
    rows: dict[str, dict[str, float]] = {}
    for each in times:
        name = names.get(each.gait, {}).get(each.lead, each.gait)
        row = rows.setdefault(name, {})
        row[each.rein] = row.get(each.rein, 0.0) + each.seconds
    return [
        [name, *(length_words(row[rein]) if row.get(rein, 0.0) >= 0.5 else NONE for rein in REINS)]
        for name, row in rows.items()
        if sum(row.values()) >= 0.5
    ]


def _symmetry(facts: RideFacts) -> dict[str, Any]:
    """The chart, a row a measure, and what a misplaced sensor does; or why there is nothing."""
    sides = [facts.symmetry[name] for name in MEASURE_NAMES]
    known = [each for each in sides if each.mean is not None]
    ranges = [facts.symmetry[name] for name in RANGE_NAMES if facts.symmetry[name].mean is not None]
    lacking = list(dict.fromkeys(f"{MEASURE_NAMES[e.measure]}: {e.reason}" for e in sides if e.mean is None))
    nearest = max(sides, key=lambda each: each.strides)  # of too few strides the most are named, once
    reasons = [nearest.reason] if nearest.strides else list(dict.fromkeys(each.reason for each in sides))
    return {
        "chart": symmetry_chart(known) if known else Markup(""),
        "rows": [_measure_row(each) for each in (*known, *ranges)],
        "strides": max((each.strides for each in known), default=0),
        "lacking": lacking if known else [],
        "doubtful": [plain_site(e.site) for e in facts.sensors if e.remarks and e.site in SYMMETRY_SITES],
        "reason": "; ".join(reasons) if not known else "",
        "placement": {MEASURE_NAMES[e.measure]: e.placement for e in known if e.placement.startswith("1 cm")},
    }


def _measure_row(each: MeasureSummary) -> list[str]:
    mean, sd, reference = float(each.mean or 0.0), float(each.sd or 0.0), each.reference
    sided, published = each.measure in MEASURE_NAMES, "none known"
    if reference is not None:
        ends = [f"{end:+g}" if sided else f"{end:g}" for end in (reference.low, reference.high)]
        place = "inside" if reference.low <= mean <= reference.high else "outside"
        published = f"{' to '.join(ends)}: {place}"
    return [
        MEASURE_NAMES[each.measure] if sided else RANGE_NAMES[each.measure],
        f"{mean:+z.1f} mm" if sided else f"{mean:.0f} mm",
        f"{sd:.1f} mm",
        (f"{100 * sd / abs(mean):.0f} %" if sd < 10 * abs(mean) else "> 999 %") if sided else NONE,
        each.evidence or NONE,
        published,
    ]


def _sensor_row(each: SensorState) -> list[str]:
    facts = each.facts
    return [
        plain_site(each.site),
        f"{facts.rate_hz:.0f} Hz",
        clock_time(facts.duration_seconds),
        share(facts.lost_share),
        f"{facts.gaps}, longest {facts.longest_gap_seconds:.1f} s" if facts.gaps else "none",
        share(max(facts.force_clipped_share, facts.turning_clipped_share)),
    ]


def _remarks(facts: RideFacts) -> list[str]:
    of_sensors = [f"{plain_site(each.site)}: {remark}" for each in facts.sensors for remark in each.remarks]
    missing = [f"no sensor at {plain_site(site)}: its part was left blank" for site in facts.prediction.missing]
    return [*missing, *facts.remarks, *of_sensors]


def _sure(facts: RideFacts, *, scores: Scores | None, words: Words) -> list[str]:
    """How far the prediction can be trusted, in sentences."""
    timeline = facts.prediction.timeline
    unsure = [bout for bout in facts.bouts if bout.label in timeline.classes and bout.confidence < UNSURE]
    lines = [SIMULATED] if facts.prediction.simulated else []
    if not math.isnan(facts.confidence):
        lines.append(f"The {words.behaviours} named have a probability of {percent(facts.confidence)} on average.")
    if unsure:
        seconds = sum(bout.seconds for bout in unsure)
        lines.append(f"{counted(len(unsure), 'bout')} of less than {percent(UNSURE)}, {length_words(seconds)} in all.")
    if facts.seconds(UNKNOWN):
        lines.append(f"{length_words(facts.seconds(UNKNOWN))} unlike all that the program has learned from: unknown.")
    if scores is not None:
        count = counted(len(scores.split["test"]), words.subject)
        lines.append(
            f"On {count} that it had never seen it named {percent(scores.accuracy)} of the windows "
            f"of {timeline.window_seconds:g} s right; "
            f"its probabilities were off by {percent(scores.ece)} on average (calibration error)."
        )
    return lines


def _bout_rows(facts: RideFacts) -> list[list[str]]:
    start = facts.span[0]
    return [
        [
            clock_words(bout.start_seconds - start),
            clock_words(bout.stop_seconds - start),
            bout.label,
            length_words(bout.seconds),
            f"{100 * bout.confidence:.0f} %" if bout.label in facts.prediction.timeline.classes else NONE,
            measured.turning.main_rein or NONE,
            (measured.lead.name if measured.lead else None) or NONE,
        ]
        for bout, measured in zip(facts.bouts, facts.prediction.strides, strict=True)
    ]


def _change_rows(facts: RideFacts) -> list[str]:
    counts: dict[str, int] = {}
    for change in changes_of_gait(facts.bouts):
        name = f"{change.before} → {change.after}"
        counts[name] = counts.get(name, 0) + 1
    rows = [f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: -item[1])]
    rest = len(rows) - MOST_CHANGES
    return rows if rest <= 1 else [*rows[:MOST_CHANGES], f"and {rest} other pairs"]


def _figure(value: float, form: str) -> str:
    return form.format(value) if math.isfinite(value) else NONE
