"""Our default against the systems before it: the same cache, the same budget, seed by seed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .contenders import DEFAULT, PREDECESSORS
from .datasets import DATA
from .found import Figure, Found, Spread, few, macro_f1, recall, spread
from .verdict import OVER_SEEDS, SHOTS, Verdict


@dataclass(frozen=True)
class Arena:
    """Where the default meets its predecessors."""

    splits: tuple[str, ...]
    """Data sets that count as one: a seed's figure is the mean over them."""
    figures: dict[str, Figure]
    """What is compared."""

    @property
    def leaves_each_out(self) -> bool:
        """Whether every horse is scored in its turn, so that each has a figure of its own."""
        return all(DATA[split].protocol == "leave-one-out" for split in self.splits)


ARENAS: dict[str, Arena] = {
    "yard": Arena(("yard",), {"macro-F1, 10 labels a gait": few(SHOTS), "R@10": recall}),
    "utd-mhad": Arena(
        ("utd-mhad", "utd-mhad-s1", "utd-mhad-s3"),  # each person unseen in turn: one alone is chance
        {"macro-F1, 5 labels an action": few(5), "macro-F1, all labels": macro_f1, "R@10": recall},
    ),
    "derived-horses": Arena(("derived-horses",), {"macro-F1, all labels": macro_f1}),
}
SPLITS = tuple(split for arena in ARENAS.values() for split in arena.splits)


def against_predecessors(found: Found) -> Verdict:
    """How much better the default is than the best of the others, in each arena by each figure, seed by seed."""
    compared = {f"{name}: {figure}": each for name, figure, each in _comparisons(found)}
    leads = {name: each["lead_over_best_rival"] for name, each in compared.items()}
    worst = min(leads, key=lambda name: leads[name])
    return Verdict(
        value=leads[worst],
        interval=compared[worst]["interval"],
        interval_method=f"{OVER_SEEDS}, default less best rival; the least of all sets and figures: {worst}",
        holds=_holds(compared),
        chance=0.0,
        baselines={},
        facts={
            "compared": compared,
            "sets_not_run": sorted(set(ARENAS) - {name.partition(":")[0] for name in compared}),
        },
    )


def any_pair(found: Found) -> bool:
    """Whether there is an arena in which the default can be held against any of them."""
    return any(_paired(found, arena, other) for arena in ARENAS.values() for other in PREDECESSORS)


def _comparisons(found: Found) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Arena, figure and what they came to, where a rival has been there."""
    for name, arena in ARENAS.items():
        rivals = [other for other in PREDECESSORS if _paired(found, arena, other)]
        for label, figure in arena.figures.items() if rivals else ():
            yield name, label, _placed(found, arena, figure=figure, rivals=rivals)


def _holds(compared: dict[str, dict[str, Any]]) -> bool | None:
    """Best, or within its interval, everywhere; undecided while a set has not been run or one seed alone is behind."""
    if any(not each["best"] and not each["within_interval"] and each["seeds"] > 1 for each in compared.values()):
        return False
    sets = {name.partition(":")[0] for name in compared}
    decided = sets == set(ARENAS) and all(each["seeds"] > 1 for each in compared.values())
    return True if decided else None


def _placed(found: Found, arena: Arena, *, figure: Figure, rivals: list[str]) -> dict[str, Any]:
    leads = {other: _lead(found, arena, other, figure) for other in rivals}
    best = min(leads, key=lambda other: leads[other].mean)
    least = leads[best]
    return {
        "means": {who: _mean(found, arena, who, figure) for who in (DEFAULT, *PREDECESSORS)},
        "best_rival": best,
        "lead_over_best_rival": least.mean,
        "interval": least.interval,
        "seeds": len(least.values),
        "best": least.mean >= 0,
        "within_interval": least.interval[0] <= 0 <= least.interval[1] and len(least.values) > 1,
        "one_by_one": {
            split: _lead(found, Arena((split,), arena.figures), best, figure).mean
            for split in arena.splits
            if len(arena.splits) > 1
        },
        "over_horses": asdict(_horse_by_horse(found, arena, best)) if arena.leaves_each_out else None,
    }


def _lead(found: Found, arena: Arena, other: str, figure: Figure) -> Spread:
    """Default less the other, on the seeds that both have."""
    seeds = _paired(found, arena, other)
    ours, theirs = (_by_seed(found, arena, who, figure, seeds=seeds) for who in (DEFAULT, other))
    return spread(np.subtract(ours, theirs).tolist())


def _horse_by_horse(found: Found, arena: Arena, other: str) -> Spread:
    """Default less the other in each horse's own macro-F1, the mean of the seeds: seeds alone say nothing of horses."""
    pairs = [
        (found.of(split, DEFAULT)[seed]["per_horse"], found.of(split, other)[seed]["per_horse"])
        for split in arena.splits
        for seed in _paired(found, arena, other)
    ]
    return spread([float(np.mean([ours[horse] - theirs[horse] for ours, theirs in pairs])) for horse in pairs[0][0]])


def _mean(found: Found, arena: Arena, who: str, figure: Figure) -> float | None:
    seeds = _seeds(found, arena, who)
    return float(np.mean(_by_seed(found, arena, who, figure, seeds=seeds))) if seeds else None


def _by_seed(found: Found, arena: Arena, who: str, figure: Figure, *, seeds: list[int]) -> list[float]:
    return [float(np.mean([figure(found.of(split, who)[seed]) for split in arena.splits])) for seed in seeds]


def _paired(found: Found, arena: Arena, other: str) -> list[int]:
    """Seeds that the default and another both have in all splits."""
    return sorted({*_seeds(found, arena, DEFAULT)} & {*_seeds(found, arena, other)})


def _seeds(found: Found, arena: Arena, who: str) -> list[int]:
    return sorted(set.intersection(*(set(found.of(split, who)) for split in arena.splits)))
