"""The named figures that the study is held to, each made from cells and written as one JSON file."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from equigait.data.files import write_atomically
from equigait.pipeline.evaluation.intervals import possible
from equigait.pipeline.runtime.formatting import counted

from .contenders import DEFAULT, PREDECESSORS
from .found import Found, Spread, draws_of, few, leads_of, macro_f1, mean_bounds, spread
from .predecessors import SPLITS, against_predecessors, any_pair
from .verdict import OVER_DRAWS, OVER_HORSES, OVER_SEEDS, SHOTS, Row, Verdict

LEAST_LEAD = 0.10
YARDS = {
    "yard": SHOTS,
    "yard-one-label": 1,
    "yard-again": SHOTS,
    "yard-any-angle": SHOTS,
    "yard-turned": SHOTS,
    "yard-quiet": SHOTS,
}
"""Labelled windows a gait on the yard that is judged, on the same with fewer, and on others that were tried before: the
leads there stand beside it."""


def _few_labels(found: Found) -> Verdict:
    results = found.of("yard", DEFAULT).values()
    ours = spread([few(SHOTS)(each) for each in results])
    draws = spread([draw for each in results for draw in draws_of(each, shots=SHOTS, who="pretrained")])
    several = len(ours.values) > 1
    leads = {yard: _lead(found, yard, shots=shots) for yard, shots in YARDS.items() if found.of(yard, DEFAULT)}
    return Verdict(
        value=ours.mean,
        interval=possible(ours.interval if several else draws.interval),
        interval_method=OVER_SEEDS if several else OVER_DRAWS,
        holds=ours.mean >= 0.95 and leads["yard"]["over_seeds"].mean >= LEAST_LEAD,
        chance=_chance(found, "yard"),
        baselines={
            "supervised from scratch on the same labels": found.mean("yard", DEFAULT, few(SHOTS, who="scratch")),
            "untrained student, same labels": found.mean("yard", DEFAULT, few(SHOTS, who="random-init")),
            "spectral features, same labels": found.mean("yard", DEFAULT, few(SHOTS, who="spectral")),
        },
        facts={
            "lead_over_scratch": {yard: _plain(lead) for yard, lead in leads.items()},
            "seeds": ours.values,
            "note": _note(found, "yard", shots=SHOTS),
        },
    )


def _left_out(data: str, *, contender: str, at_least: float) -> Callable[[Found], Verdict]:
    """The macro-F1 of one contender, each horse left out in turn."""

    def judge(found: Found) -> Verdict:
        results = list(found.of(data, contender).values())
        ours = spread([macro_f1(each) for each in results])
        others = [other for dataset, other in found.planned if dataset == data and other != contender]
        return Verdict(
            value=ours.mean,
            interval=mean_bounds(results),
            interval_method=OVER_HORSES,
            holds=ours.mean >= at_least,
            chance=_chance(found, data),
            baselines={other: found.mean(data, other, macro_f1) for other in others},
            facts={
                "seeds": ours.values,
                "per_horse": results[0]["per_horse"],
                "judges": {
                    name: float(np.mean([r["judges"][name]["macro_f1"] for r in results])) for name in _judges(results)
                },
                "windows": results[0]["n_windows"],
            },
        )

    return judge


def _retrieval_and_few(found: Found) -> Verdict:
    """The weaker way of retrieval over its chance; and the lead with few labels at every number of shots."""
    results = list(found.of("utd-mhad", DEFAULT).values())
    chance = results[0]["chance"]["retrieval"]["R@10"]
    weaker = spread([min(way["R@10"] for way in each["retrieval"].values()) for each in results])
    shots = [each["shots"] for each in results[0]["few_shot"]]
    told = {count: f"{counted(count, 'window')} an action" for count in shots}
    leads = {count: _lead(found, "utd-mhad", shots=count) for count in shots}
    sides = {"from scratch": "scratch", "pretrained": "pretrained"}
    return Verdict(
        value=weaker.mean,
        interval=possible(weaker.interval),
        interval_method=f"{OVER_SEEDS}; the weaker of the two ways",
        holds=weaker.mean >= 3 * chance and all(_surely(lead).interval[0] > 0 for lead in leads.values()),
        chance=chance,
        baselines={
            f"{name}, {told[count]}": found.mean("utd-mhad", DEFAULT, few(count, who=who))
            for name, who in sides.items()
            for count in shots
        },
        facts={
            "times_chance": weaker.mean / chance,
            "lead_over_scratch": {told[count]: _plain(lead) for count, lead in leads.items()},
            "note": _note(found, "utd-mhad", shots=shots[-1]),
        },
    )


def _lead(found: Found, data: str, *, shots: int) -> dict[str, Spread]:
    """Pretrained less from scratch, draw by draw: means of the seeds, and all draws taken together."""
    by_seed = [leads_of(each, shots=shots, rival="scratch") for each in found.of(data, DEFAULT).values()]
    return {
        "over_seeds": spread([float(np.mean(each)) for each in by_seed]),
        "over_draws": spread(np.concatenate(by_seed).tolist()),
    }


def _surely(lead: dict[str, Spread]) -> Spread:
    """The lead over seeds, or over draws where there is one seed."""
    return lead["over_seeds" if len(lead["over_seeds"].values) > 1 else "over_draws"]


def _plain(lead: dict[str, Spread]) -> dict[str, Any]:
    return {name: {"mean": each.mean, "interval": each.interval, "n": len(each.values)} for name, each in lead.items()}


def _judges(results: list[dict[str, Any]]) -> list[str]:
    return list(results[0].get("judges", {}))


def _chance(found: Found, data: str) -> float:
    """Macro-F1 of an even guess."""
    result = next(each for (dataset, _), seeds in found.results.items() if dataset == data for each in seeds.values())
    return float(result["chance"]["uniform"]["macro_f1"])


def _note(found: Found, data: str, *, shots: int) -> str:
    result = next(iter(found.of(data, DEFAULT).values()))
    return next(str(each["note"]) for each in result["few_shot"] if each["shots"] == shots)


ROWS: dict[str, Row] = {
    "few-shot": Row(
        "simulated yard, unseen horses with domain shift: linear probe on 10 labelled windows a gait, macro-F1",
        ">= 0.95, and >= 0.10 above supervised from scratch on the same labels",
        (("yard", DEFAULT),),
        _few_labels,
    ),
    "derived-horses": Row(
        "derived horses, leave-one-clip-out: linear probe on the pretrained student, macro-F1",
        ">= 0.92",
        (("derived-horses", DEFAULT),),
        _left_out("derived-horses", contender=DEFAULT, at_least=0.92),
    ),
    "centaur-phone": Row(
        "centaur phone files, 3-axis, leave-one-file-out: spectral features, logistic regression, macro-F1",
        ">= 0.90",
        (("centaur-phone", "spectral"),),
        _left_out("centaur-phone", contender="spectral", at_least=0.90),
    ),
    "hugadb": Row(
        "HuGaDB {walk, run, up}, leave-one-subject-out: spectral features, logistic regression, macro-F1",
        ">= 0.97",
        (("hugadb", "spectral"),),
        _left_out("hugadb", contender="spectral", at_least=0.97),
    ),
    "utd-mhad": Row(
        "UTD-MHAD, unseen person: retrieval R@10, the weaker way; and few-label probe against from scratch",
        "R@10 >= 3 x chance, and with few labels better than from scratch with an interval that excludes zero",
        (("utd-mhad", DEFAULT),),
        _retrieval_and_few,
    ),
    "against-predecessors": Row(
        "default less the best of COMODO's loss, IMU2CLIP's encoder and loss, and the sketch's fixed-temperature loss",
        "best, or within its interval, on every set",
        tuple((data, who) for data in SPLITS for who in (DEFAULT, *PREDECESSORS)),
        against_predecessors,
    ),
}


def result_of(name: str, found: Found) -> dict[str, Any]:
    """A row as its file has it; `holds` is None where there is nothing to judge yet."""
    row = ROWS[name]
    missing = found.missing(*row.needs)
    there = [need for need in row.needs if found.of(*need)]
    enough = len(there) == len(row.needs) or (name == "against-predecessors" and any_pair(found))
    verdict = asdict(row.judge(found)) if enough else {"value": None, "holds": None}
    versions: dict[str, str] = next((r["versions"] for need in there for r in found.of(*need).values()), {})
    return {
        "name": name,
        "figure": row.figure,
        "held_to": row.held_to,
        **verdict,
        "cells_missing": missing,
        "command": f"python -m tests.study {' '.join(f'--only {_quoted(*need)}' for need in row.needs)}",
        "versions": versions,
    }


def _quoted(data: str, contender: str) -> str:
    return f"'{data}.{contender}.*'"


def write_rows(found: Found, *, root: Path) -> list[dict[str, Any]]:
    """Writes every row's file, and gives them."""
    results = [result_of(name, found) for name in ROWS]
    for result in results:
        write_atomically(root / f"{result['name']}.json", json.dumps(result, indent=1) + "\n")
    return results
