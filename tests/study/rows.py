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
from .contenders import COMODO, DEFAULT, IMU2CLIP, MINIROCKET, PREDECESSORS, RIVALS, SCRATCH, SKETCH, SPECTRAL, TEACHER
from .found import AS_MOUNTED, CONFIDENCE, Figure, Found, read_set
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
    judge: Callable[[Sets], Verdict]
    """Makes the verdict from what is there."""

    def needs(self) -> Iterator[Cell]:
        """Its cells."""
        for data, contenders in self.cells:
            yield from cells_of(data, contenders=contenders)


def _few(task: str, leads: dict[str, float]) -> Callable[[Sets], Verdict]:
    """Leads with few labels over each of these; the first is the row's number."""

    def judge(sets: Sets) -> Verdict:
        field = sets["field"]
        found = {other: field.lead_over(other, task=task) for other in leads}
        holds = all(each.surely_above and each.value >= leads[other] for other, each in found.items())
        told = {f"less {other}": each for other, each in _leads(field, task=task).items()}
        scores = {who: field.score(who, task=task) for who in (DEFAULT, *_others(field, task=task))}
        return Verdict(next(iter(found.values())), holds, field.chance(task), scores | told)

    return judge


def _others(found: Found, *, task: str) -> list[str]:
    """Who is there beside the default in this task, predecessors aside."""
    known = [who for who in SETS[found.data].contenders if who != DEFAULT and who not in PREDECESSORS]
    return [who for who in known if any(task in found.cells[part, who]["tasks"] for part in found.parts(DEFAULT, who))]


def _leads(found: Found, *, task: str) -> dict[str, Figure]:
    return {other: found.lead_over(other, task=task) for other in _others(found, task=task)}


def _lead_of_canter(sets: Sets) -> Verdict:
    field = sets["field"]
    scores = {who: field.score(who, task="lead") for who in (DEFAULT, *_others(field, task="lead"))}
    return Verdict(scores[DEFAULT], scores[DEFAULT].value >= 0.95, field.chance("lead"), scores)


def _recalls(found: Found, contenders: Sequence[str]) -> dict[str, Any]:
    """Both ways as multiples of chance, and what chance is."""
    shown: dict[str, Any] = {}
    for who in contenders:
        if parts := found.parts(who):
            ways = found.cells[parts[0], who]["retrieval"]["ways"]
            shown |= {f"{who}, {way.replace('_', ' ')}": found.recall(who, way=way) for way in ways}
    each = [found.cells[part, DEFAULT]["retrieval"] for part in found.parts(DEFAULT)]
    return shown | {
        "chance of R@10": float(np.mean([one["chance"] for one in each])),
        "windows": [one["windows"] for one in each],
    }


def _retrieval(data: str, at_least: float) -> Callable[[Sets], Verdict]:
    def judge(sets: Sets) -> Verdict:
        found = sets[data]
        shown = _recalls(found, (DEFAULT,))
        worst = min((each for each in shown.values() if isinstance(each, Figure)), key=lambda each: each.value)
        return Verdict(worst, worst.value >= at_least, 1.0, shown)

    return judge


def _no_harm(sets: Sets) -> Verdict:
    """The least lead over the best of the rivals, of every set and number of labels."""
    leads: dict[str, Figure] = {}
    for data, found in sets.items():
        for task in SETS[data].tasks:
            rivals = [who for who in _others(found, task=task) if who in RIVALS]
            if rivals and task != "lead":
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
        for who in (who for who in (DEFAULT, SPECTRAL) if found.parts(who)):
            kinds = found.task(found.parts(who)[0], who, "all")["predicted"]
            shown |= {f"{data}, {who}, {kind}": found.score(who, task="all", kind=kind) for kind in kinds}
            changed = [kind for kind in kinds if kind != AS_MOUNTED and who == DEFAULT]
            losses += [found.lead((who, kind), (who, AS_MOUNTED), task="all") for kind in changed]
    worst = min(losses, key=lambda each: each.value)
    return Verdict(worst, worst.value >= -0.05, None, shown)


def _derived(sets: Sets) -> Verdict:
    found = sets["derived"]
    scores = {f"{who}, {task}": found.score(who, task=task) for task in ("all", "ten") for who in found_of(found, task)}
    ten = found.lead_over(SCRATCH, task="ten")
    reached = scores[f"{DEFAULT}, all"]
    shown = scores | {"ten labels, less scratch": ten}
    return Verdict(reached, reached.value >= 0.97 and ten.value >= 0, found.chance("all"), shown)


def found_of(found: Found, task: str) -> list[str]:
    """The default and who is beside it."""
    return [DEFAULT, *_others(found, task=task)]


def _utd_mhad(sets: Sets) -> Verdict:
    """By the teacher with the better retrieval; from scratch is the same whatever the teacher."""
    people = sets["utd-mhad"]
    recalls = {data: found.recall(DEFAULT) for data, found in sets.items() if found.parts(DEFAULT)}
    best = max(recalls, key=lambda data: recalls[data].value)
    joined = Found("utd-mhad", people.cells | {k: v for k, v in sets[best].cells.items() if k[1] == DEFAULT})
    leads = {f"one label, less {other}": lead for other, lead in _leads(joined, task="one").items()}
    few = joined.lead_over(SCRATCH, task="one")
    scores = {
        f"{who}, {task}": joined.score(who, task=task) for task in ("one", "all") for who in found_of(joined, task)
    }
    shown = {f"R@10 over chance, {data}": each for data, each in recalls.items()} | leads | scores
    return Verdict(recalls[best], recalls[best].value >= 12 and few.value >= 0.15, 1.0, shown | {"by": best})


def _teachers(sets: Sets) -> Verdict:
    shown: dict[str, Any] = {
        data: each.score(TEACHER, task="all") for data, each in sets.items() if each.parts(TEACHER)
    }
    if BENCH.exists():
        rows = json.loads(BENCH.read_text())["rows"]
        shown |= {
            f"alone on {row['data']}, {row['teacher']}, {row['weights']}": Figure(
                row["macro_f1"], tuple(row["interval"]), f"{len(row['each'])} left out in turn"
            )
            for row in rows
        }
    ours, theirs = sets["utd-mhad-efficientnet"], sets["utd-mhad"]
    merged = {(part, DEFAULT): cell for (part, who), cell in ours.cells.items() if who == TEACHER}
    both = Found("utd-mhad", merged | {key: cell for key, cell in theirs.cells.items() if key[1] == TEACHER})
    lead = both.lead_over(TEACHER, task="all")
    return Verdict(lead, lead.value > 0, 0.0, shown)


def _against(sets: Sets) -> Verdict:
    """The least lead over any predecessor, of every set, number of labels and retrieval."""
    leads: dict[str, Any] = {}
    for data, found in sets.items():
        for who in (who for who in PREDECESSORS if found.parts(DEFAULT, who)):
            tasks = [task for task in SETS[data].tasks if task != "lead"]
            leads |= {f"{data}, {task}, less {who}": found.lead_over(who, task=task) for task in tasks}
            leads[f"{data}, R@10 over chance, less {who}"] = recall_lead(found, who)
    worst = min(leads.values(), key=lambda each: each.value)
    return Verdict(worst, all(each.value >= 0 or each.interval[1] >= 0 for each in leads.values()), 0.0, leads)


def recall_lead(found: Found, other: str) -> Figure:
    """The default's R@10 less another's, in multiples of chance, part by part."""
    from equigait.pipeline.evaluation.intervals import mean_interval

    parts = found.parts(DEFAULT, other)
    ours, theirs = (found.recall(who, parts=parts) for who in (DEFAULT, other))
    each = np.subtract(ours.parts, theirs.parts).tolist()
    return Figure(float(np.mean(each)), mean_interval(each, confidence=CONFIDENCE), ours.over, tuple(each))


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
        tuple((data, (DEFAULT, COMODO, IMU2CLIP, SKETCH)) for data in ("field", "utd-mhad", "derived")),
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
    row = ROWS[name]
    sets = {data: read_set(data, root=root) for data, _ in row.cells}
    needed = list(row.needs())
    missing = [cell.name for cell in needed if (cell.part, cell.contender) not in sets[cell.data].cells]
    there = all(found.parts(*contenders) for found, (_, contenders) in zip(sets.values(), row.cells, strict=True))
    some = {data: found for data, found in sets.items() if found.cells}
    partly = name in ("no-harm", "mounts", "against-predecessors") and bool(some)
    verdict = row.judge(some) if there or partly else None
    return {
        "name": name,
        "figure": row.figure,
        "held_to": row.held_to,
        "value": verdict and verdict.figure.value,
        "interval": verdict and verdict.figure.interval,
        "over": verdict and verdict.figure.over,
        "chance": verdict and verdict.chance,
        "holds": verdict and verdict.holds,
        "details": verdict and {k: asdict(v) if isinstance(v, Figure) else v for k, v in verdict.details.items()},
        "cells": f"{len(needed) - len(missing)} of {len(needed)}",
        "missing": missing,
        "cpu_seconds": sum(
            c["cpu_seconds"] + c["preparing_cpu_seconds"] for f in sets.values() for c in f.cells.values()
        ),
        "command": f"python -m tests.study {name}",
        "versions": {package: version(package) for package in VERSIONS},
    }


def write_rows(names: Sequence[str], *, root: Path) -> None:
    """A file each."""
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        write_atomically(root / f"{name}.json", json.dumps(result_of(name, root=root), indent=1) + "\n")
