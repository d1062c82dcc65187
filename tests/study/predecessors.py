"""Our default against the systems before it: the same cache, the same budget, seed by seed."""

from typing import Any

from .contenders import DEFAULT, PREDECESSORS
from .found import Figure, Found, Spread, few, macro_f1, recall, spread
from .verdict import OVER_SEEDS, SHOTS, Verdict

FIGURES: dict[str, dict[str, Figure]] = {
    "yard": {"macro-F1, 10 labels a gait": few(SHOTS), "R@10": recall},
    "utd-mhad": {"macro-F1, 5 labels an action": few(5), "macro-F1, all labels": macro_f1, "R@10": recall},
    "derived-horses": {"macro-F1, all labels": macro_f1},
}
"""By what predecessors are compared on each data set."""


def against_predecessors(found: Found) -> Verdict:
    """How much better the default is than the best of the others, on each set by each figure, seed by seed."""
    compared: dict[str, dict[str, Any]] = {}
    for data, figures in FIGURES.items():
        for name, figure in figures.items():
            rivals = {other: _over(found, data, other, figure) for other in PREDECESSORS if _paired(found, data, other)}
            if rivals:
                compared[f"{data}: {name}"] = _placed(found, data, figure=figure, rivals=rivals)
    leads = [each["lead_over_best_rival"] for each in compared.values()]
    worst = min(compared, key=lambda name: compared[name]["lead_over_best_rival"])
    return Verdict(
        value=min(leads),
        interval=compared[worst]["interval"],
        interval_method=f"{OVER_SEEDS}, default less best rival; the least of all sets and figures: {worst}",
        holds=_holds(compared),
        chance=0.0,
        baselines={},
        facts={
            "compared": compared,
            "sets_not_run": sorted(set(FIGURES) - {name.partition(":")[0] for name in compared}),
        },
    )


def _holds(compared: dict[str, dict[str, Any]]) -> bool | None:
    """Best, or within its interval, everywhere; undecided while a set has not been run or one seed alone is behind."""
    if any(not each["best"] and not each["within_interval"] and each["seeds"] > 1 for each in compared.values()):
        return False
    sets = {name.partition(":")[0] for name in compared}
    decided = sets == set(FIGURES) and all(each["seeds"] > 1 for each in compared.values())
    return True if decided else None


def _placed(found: Found, data: str, *, figure: Figure, rivals: dict[str, Spread]) -> dict[str, Any]:
    means = {DEFAULT: found.mean(data, DEFAULT, figure)} | {
        other: found.mean(data, other, figure) for other in PREDECESSORS
    }
    best = min(rivals, key=lambda other: rivals[other].mean)
    least = rivals[best]
    return {
        "means": means,
        "best_rival": best,
        "lead_over_best_rival": least.mean,
        "interval": least.interval,
        "seeds": len(least.values),
        "best": least.mean >= 0,
        "within_interval": least.interval[0] <= 0 <= least.interval[1] and len(least.values) > 1,
    }


def _over(found: Found, data: str, other: str, figure: Figure) -> Spread:
    """Default less the other, on the seeds that both have."""
    ours, theirs = found.of(data, DEFAULT), found.of(data, other)
    return spread([figure(ours[seed]) - figure(theirs[seed]) for seed in _paired(found, data, other)])


def _paired(found: Found, data: str, other: str) -> list[int]:
    """Seeds that the default and another both have."""
    return sorted(set(found.of(data, DEFAULT)) & set(found.of(data, other)))


def any_pair(found: Found) -> bool:
    """Whether there is a set on which the default can be held against any of them."""
    return any(_paired(found, data, other) for data in FIGURES for other in PREDECESSORS)
