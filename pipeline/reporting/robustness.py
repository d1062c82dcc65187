"""Evidence on how much the model needs: few labels, missing sensors, and how its embeddings lie."""

import math
from typing import Any

from ..evaluation.scores import FewShot, Scores
from ..runtime.formatting import counted
from . import methods
from .charts import Row, curve_chart, interval_chart, plane_chart
from .formatting import interval, plain_site, with_interval


def few_labels(scores: Scores) -> dict[str, Any] | None:
    """Macro-F1 over the number of labels."""
    entries = scores.label_efficiency
    if not entries:
        return None
    names = methods.few_shot_names(entries)
    curves = {
        name: [(float(e.shots), e.means[key], e.mean_intervals.get(key)) for e in entries if key in e.means]
        for key, name in names.items()
    }
    rows = [
        [
            str(e.shots),
            *(with_interval(e.means[key], e.mean_intervals.get(key)) if key in e.means else "–" for key in names),
        ]
        for e in entries
    ]
    x = f"labelled windows of each {scores.words.behaviour}"
    return {
        "sentences": [
            _gain(entry, behaviour=scores.words.behaviour) for entry in entries if entry.mean_difference is not None
        ],
        "chart": curve_chart(curves, x=x, y="macro-F1", top=1.0, logarithmic=True),
        "head": [f"windows per {scores.words.behaviour}", *names.values()],
        "rows": rows,
        "note": entries[-1].note,
    }


def _gain(entry: FewShot, *, behaviour: str) -> str:
    low, high = (f"{100 * end:+.1f}" for end in entry.difference_interval or (math.nan, math.nan))
    return (
        f"With {counted(entry.shots, 'labelled window')} of each {behaviour}, the pretrained model reaches a macro-F1 "
        f"of {entry.means['pretrained']:.3f} and the same network trained from scratch {entry.means['scratch']:.3f}: "
        f"{100 * (entry.mean_difference or 0.0):+.1f} points ({low} to {high} over {len(entry.scratch)} draws)."
    )


def missing_sensors(scores: Scores) -> dict[str, Any] | None:
    """What is lost without each site, and what each is worth alone."""
    sites = {plain_site(site): found for site, found in scores.missing_sensors.items()}
    if not sites:
        return None
    bars = [
        Row("all sensors", scores.macro_f1, scores.intervals["macro_f1"], ours=True),
        *(Row(f"without {name}", found.without, found.without_interval) for name, found in sites.items()),
        *(Row(f"{name} alone", found.alone, found.alone_interval) for name, found in sites.items()),
    ]
    rows = [
        [name, f"{f.without:.3f}", interval(f.without_interval), f"{f.alone:.3f}", interval(f.alone_interval)]
        for name, f in sites.items()
    ]
    worst, least = min(sites.items(), key=lambda item: item[1].without)
    loss = f"without {worst} it loses most, from {scores.macro_f1:.3f} to {least.without:.3f}"
    sentence = loss if least.without < scores.macro_f1 else "without any one of them it loses nothing"
    chance = scores.chance["uniform"]["macro_f1"]
    return {"sentence": sentence, "chart": interval_chart(bars, measure="macro-F1", chance=chance), "rows": rows}


def embedding_map(scores: Scores) -> dict[str, Any] | None:
    """Test windows on the two directions in which their embeddings differ most."""
    drawn = scores.embedding_map
    if drawn is None:
        return None
    axes = tuple(f"direction {n} ({100 * part:.0f} % of variance)" for n, part in enumerate(drawn.variance_shares, 1))
    groups = ((drawn.label, list(scores.classes)), (drawn.horse, sorted(scores.per_horse)))
    charts = [
        plane_chart(drawn.x, drawn.y, group=group, names=names, axes_names=(axes[0], axes[1]))
        for group, names in groups
    ]
    return {"windows": len(drawn.x), "charts": charts}
