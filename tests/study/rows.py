"""The named rows: what each is held to, written before looking, and what it came to, as one JSON file each."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from equigait.data.files import write_atomically

from .cells import Cell, cells_of
from .contenders import DEFAULT, MINIROCKET, PREDECESSORS, RIVALS, SCRATCH, SPECTRAL, TEACHER
from .found import AS_MOUNTED, Figure, Found, read_set
from .sets import SETS

HARM = -0.01
VERSIONS = ("equigait", "numpy", "scikit-learn", "torch", "transformers")
BENCH = Path("runs/bench/teachers-alone.json")
"""Teachers alone at their random initialisation: `python -m tests.bench.teachers_alone`."""
Sets = dict[str, Found]


@dataclass(frozen=True)
class Verdict:
    """What a row came to."""

    figure: Figure
    """The number that is held, and its interval."""
    holds: bool
    chance: float | None
    """What guessing comes to, in the number's own terms."""
    details: dict[str, Any] = field(default_factory=dict)
    """Figures beside it, by what they are of."""


@dataclass(frozen=True)
class Row:
    """One named figure."""

    figure: str
    """What the number says."""
    held_to: str
    cells: tuple[tuple[str, tuple[str, ...]], ...]
    """Sets, and the contenders in each."""
    judge: Callable[[Sets], Verdict | None]
    """Makes the verdict from the sets that are there, the first of `cells` at least."""

    def needs(self) -> Iterator[Cell]:
        """Its cells."""
        for data, contenders in self.cells:
            yield from cells_of(data, contenders=contenders)


def _others(found: Found, *, task: str) -> list[str]:
    """Who took part in this task beside the default."""
    known = dict.fromkeys(who for _, who in found.cells if who != DEFAULT)
    return [who for who in known if task in found.cells[found.parts(who)[0], who]["tasks"]]


def _shown(found: Found, *, task: str) -> dict[str, Any]:
    """Everybody's score in a task, and the default's lead over each."""
    others = _others(found, task=task)
    scores = {f"{who}, {task}": found.score(who, task=task) for who in (DEFAULT, *others)}
    return scores | {f"less {other}, {task}": found.lead_over(other, task=task) for other in others}


def _few(task: str, leads: dict[str, float]) -> Callable[[Sets], Verdict]:
    """Leads with few labels over each of these; the first is the row's number."""

    def judge(sets: Sets) -> Verdict:
        field = sets["field"]
        found = {other: field.lead_over(other, task=task) for other in leads}
        holds = all(each.surely_above and each.value >= leads[other] for other, each in found.items())
        shown = _shown(field, task=task) | {"an even guess": field.chance(task)}
        return Verdict(next(iter(found.values())), holds, None, shown)

    return judge


def _lead_of_canter(sets: Sets) -> Verdict:
    field = sets["field"]
    reached = field.score(DEFAULT, task="lead")
    return Verdict(reached, reached.value >= 0.95, field.chance("lead"), _shown(field, task="lead"))


def _retrieval(data: str, at_least: float) -> Callable[[Sets], Verdict]:
    """R@10 of the weaker way as a multiple of chance."""

    def judge(sets: Sets) -> Verdict:
        each = [cell["retrieval"] for cell in sets[data].cells.values()]
        ways = {f"{way}, over chance": sets[data].recall(DEFAULT, way=way) for way in each[0]["ways"]}
        told = {"chance of R@10": float(np.mean([one["chance"] for one in each]))}
        worst = min(ways.values(), key=lambda way: way.value)
        return Verdict(worst, worst.value >= at_least, 1.0, ways | told | {"windows": [one["windows"] for one in each]})

    return judge


def _no_harm(sets: Sets) -> Verdict:
    """The least lead over the best of the rivals, of every set and number of labels."""
    leads: dict[str, Figure] = {}
    for data, found in sets.items():
        for task in SETS[data].tasks:
            rivals = [who for who in _others(found, task=task) if who in RIVALS]
            if rivals and task != "lead":  # which no student is trained for from scratch
                best = max(rivals, key=lambda who: found.score(who, task=task).value)
                leads[f"{data}, {task}, less {best}"] = found.lead_over(best, task=task)
    worst = min(leads.values(), key=lambda each: each.value)
    return Verdict(
        worst, all(each.value >= HARM or each.interval[1] >= 0 for each in leads.values()), None, dict(leads)
    )


def _mounts(sets: Sets) -> Verdict:
    """The largest loss by a change of mounts."""
    shown: dict[str, Any] = {}
    losses: list[Figure] = []
    for data, found in sets.items():
        for who in (DEFAULT, SPECTRAL):
            kinds = found.task(found.parts(who)[0], who, "all")["predicted"]
            shown |= {f"{data}, {who}, {kind}": found.score(who, task="all", kind=kind) for kind in kinds}
            changed = [kind for kind in kinds if kind != AS_MOUNTED and who == DEFAULT]
            losses += [found.lead((who, kind), (who, AS_MOUNTED), task="all") for kind in changed]
    worst = min(losses, key=lambda each: each.value)
    return Verdict(worst, worst.value >= -0.05, None, shown)


def _derived(sets: Sets) -> Verdict:
    found = sets["derived"]
    reached, ten = found.score(DEFAULT, task="all"), found.lead_over(SCRATCH, task="ten")
    shown = _shown(found, task="all") | _shown(found, task="ten")
    return Verdict(reached, reached.value >= 0.97 and ten.value >= 0, found.chance("all"), shown)


def _utd_mhad(sets: Sets) -> Verdict:
    """By the teacher with the better retrieval; from scratch is the same whatever the teacher."""
    recalls = {data: found.recall(DEFAULT) for data, found in sets.items() if found.parts(DEFAULT)}
    best = max(recalls, key=lambda data: recalls[data].value)
    ours = {key: cell for key, cell in sets[best].cells.items() if key[1] == DEFAULT}
    joined = Found("utd-mhad", sets["utd-mhad"].cells | ours)
    holds = recalls[best].value >= 12 and joined.lead_over(SCRATCH, task="one").value >= 0.15
    shown = {f"R@10 over chance, {data}": each for data, each in recalls.items()} | {"the better by": best}
    return Verdict(recalls[best], holds, 1.0, shown | _shown(joined, task="one") | _shown(joined, task="all"))


def _teachers(sets: Sets) -> Verdict | None:
    if not {"utd-mhad", "utd-mhad-efficientnet"} <= set(sets):
        return None
    shown: dict[str, Any] = {data: each.score(TEACHER, task="all") for data, each in sets.items()}
    for row in json.loads(BENCH.read_text())["rows"] if BENCH.exists() else []:
        alone = Figure(row["macro_f1"], tuple(row["interval"]), f"{len(row['each'])} left out in turn")
        shown[f"alone on {row['data']}, {row['teacher']}, {row['weights']}"] = alone
    ours = {(part, DEFAULT): cell for (part, _), cell in sets["utd-mhad-efficientnet"].cells.items()}
    lead = Found("utd-mhad", ours | sets["utd-mhad"].cells).lead_over(TEACHER, task="all")
    return Verdict(lead, lead.value > 0, 0.0, shown)


def _predecessors(data: str) -> tuple[str, ...]:
    return tuple(who for who in PREDECESSORS if who in SETS[data].contenders)


def _against(sets: Sets) -> Verdict:
    """The least lead over any predecessor, of every set, number of labels and retrieval."""
    leads: dict[str, Any] = {}
    for data, found in sets.items():
        for who in _predecessors(data):
            tasks = [task for task in SETS[data].tasks if task != "lead"]
            leads |= {f"{data}, {task}, less {who}": found.lead_over(who, task=task) for task in tasks}
            leads[f"{data}, R@10 over chance, less {who}"] = found.recall_lead(who)
    worst = min(leads.values(), key=lambda each: each.value)
    return Verdict(worst, all(each.value >= 0 or each.interval[1] >= 0 for each in leads.values()), 0.0, leads)


FIELD = (("field", (DEFAULT, *RIVALS, MINIROCKET)),)
ROWS = {
    "field-few": Row(
        "field yards, unseen horses, ten labels a class: pretrained less from scratch, macro-F1",
        ">= +0.10; less spectral >= +0.05; less MiniRocket > 0; intervals without zero",
        FIELD,
        _few("ten", {SCRATCH: 0.10, SPECTRAL: 0.05, MINIROCKET: 0.0}),
    ),
    "field-one": Row("the same with one label a class", ">= +0.15 over scratch", FIELD, _few("one", {SCRATCH: 0.15})),
    "field-lead": Row("left against right canter, ten labels each, macro-F1", ">= 0.95", FIELD, _lead_of_canter),
    "field-retrieval": Row(
        "R@10 over chance among the windows of unseen horses, the weaker way",
        ">= 10 x chance",
        (("field", (DEFAULT,)),),
        _retrieval("field", 10.0),
    ),
    "film-retrieval": Row(
        "the same where fifty-five filmed horses teach instead of ten, none of them labelled",
        ">= 10 x chance",
        (("field-film", (DEFAULT,)),),
        _retrieval("field-film", 10.0),
    ),
    "mounts": Row(
        "macro-F1 with sensors turned about any axis, mirrored, or on the other rein, less as mounted: the worst",
        ">= -0.05",
        (("mounts", (DEFAULT, SPECTRAL)), ("lunged", (DEFAULT, SPECTRAL))),
        _mounts,
    ),
    "no-harm": Row(
        "pretrained less the best of untrained, scratch and spectral, all labels and few: the least of all sets",
        ">= -0.01, or zero within the interval, on every set",
        tuple((data, (DEFAULT, *RIVALS)) for data in ("field", "derived", "phone", "hugadb", "utd-mhad", "middle")),
        _no_harm,
    ),
    "derived": Row(
        "derived horses, half of the clips teach, half are unseen, all labels: macro-F1",
        ">= 0.97; with ten labels a gait >= scratch",
        (("derived", (DEFAULT, *RIVALS)),),
        _derived,
    ),
    "imu-pose": Row(
        "R@10 over chance, five real units against film-derived joint angles, the weaker way",
        ">= 5 x chance; the clock by `sync`, or refused with reasons",
        (("imu-pose", (DEFAULT,)),),
        _retrieval("imu-pose", 5.0),
    ),
    "utd-mhad": Row(
        "each of three people unseen in turn, the better teacher: R@10 over chance, mean of both ways",
        ">= 12 x chance; with one label >= +0.15 over scratch",
        (("utd-mhad", (DEFAULT, *RIVALS)), ("utd-mhad-efficientnet", (DEFAULT,))),
        _utd_mhad,
    ),
    "against-predecessors": Row(
        "the default less each predecessor, few and all labels, and R@10 over chance: the least of all sets",
        "best, or zero within the interval, on every set",
        tuple((data, (DEFAULT, *_predecessors(data))) for data in ("field", "utd-mhad", "derived")),
        _against,
    ),
    "teacher-alone": Row(
        "UTD-MHAD, the film's teacher itself: efficientnet-lite0 less videomae-demo, macro-F1",
        "> 0; told for every set with film",
        tuple((data, (TEACHER,)) for data in ("field", "derived", "utd-mhad", "utd-mhad-efficientnet")),
        _teachers,
    ),
}
"""The most telling first."""


def result_of(name: str, *, root: Path) -> dict[str, Any]:
    """A row as its file has it; without a value where too little is there."""
    row, needed = ROWS[name], list(ROWS[name].needs())
    read = {data: read_set(data, root=root) for data, _ in row.cells}
    missing = [cell.name for cell in needed if (cell.part, cell.contender) not in read[cell.data].cells]
    together = {data: read[data].with_all(*contenders) for data, contenders in row.cells}
    sets = {data: found for data, found in together.items() if found.cells}
    verdict = row.judge(sets) if row.cells[0][0] in sets else None
    return {
        "name": name,
        "figure": row.figure,
        "held_to": row.held_to,
        "value": verdict and verdict.figure.value,
        "interval": verdict and verdict.figure.interval,
        "over": verdict and verdict.figure.over,
        "chance": verdict and verdict.chance,
        "holds": verdict.holds if verdict and not missing else None,
        "so_far": verdict and verdict.holds,
        "details": verdict and {k: asdict(v) if isinstance(v, Figure) else v for k, v in verdict.details.items()},
        "cells": f"{len(needed) - len(missing)} of {len(needed)}",
        "missing": missing,
        "cpu_seconds": sum(cell["cpu_seconds"] for found in sets.values() for cell in found.cells.values()),
        "command": f"python -m tests.study {name}",
        "versions": {package: version(package) for package in VERSIONS},
    }


def write_rows(names: Sequence[str], *, root: Path) -> None:
    """A file each."""
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        write_atomically(root / f"{name}.json", json.dumps(result_of(name, root=root), indent=1) + "\n")
