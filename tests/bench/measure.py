"""Two ways to do one thing, measured in turn within one run: CPU-seconds and wall time, medians, and their ratio.

Only ratios mean anything on a shared machine; what disturbs one side disturbs the other in the same round.
"""

import json
import platform
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path("runs/bench")
VERSIONS = ("equigait", "av", "numpy", "torch", "transformers", "zarr")


class UnavailableError(Exception):
    """What a bench needs is not on this machine: says what, and how to get it."""


@dataclass(frozen=True)
class Side:
    """One way to do the thing."""

    name: str
    """What is done, for the table."""
    run: Callable[[], float]
    """Does it, and returns how many units it did: costs are per unit, so the sides may do different amounts."""
    command: str = ""
    """The command or calls that it stands for."""


@dataclass(frozen=True)
class Bench:
    """A comparison and what it is held to."""

    figure: str
    """What the ratio says, in one sentence."""
    unit: str
    """What costs are counted per: `clip`, say."""
    at_most: float
    """The ratio ours / theirs that it is held to."""
    sides: Callable[[], tuple[Side, Side]]
    """Makes ready (films, models) and gives ours and theirs; raises UnavailableError where it cannot."""
    by: str = "cpu_seconds"
    """Which cost the ratio is of: `cpu_seconds` or `wall_seconds`."""
    theirs_by: str = ""
    """Which cost of theirs ours is held against, where it is another one."""
    rounds: int = 3
    """How often each side is run."""
    note: str = ""
    """How to read it: what is sampled, what is left out."""


@dataclass(frozen=True)
class Limit:
    """One figure that is held to a number, for want of another way to do the same."""

    figure: str
    """What the number says, in one sentence."""
    unit: str
    """What it counts, `s` or `bytes` say."""
    value: Callable[[], "Found"]
    """Makes ready, measures, and gives it; raises UnavailableError where it cannot."""
    at_least: bool = False
    """Whether it has to reach the number rather than stay within."""
    note: str = ""
    """How to read it."""


@dataclass(frozen=True)
class Found:
    """What a `Limit` measured."""

    value: float
    """The figure."""
    held_to: float
    """The number that it is held to, which may depend on what was measured."""
    facts: dict[str, object]
    """What else was seen."""


@dataclass(frozen=True)
class Cost:
    """What one run of a side cost, per unit."""

    cpu_seconds: float
    wall_seconds: float


def measured(side: Side) -> Cost:
    """One run of a side. CPU time is this process's and its finished children's, all threads."""
    cpu, wall = _cpu_seconds(), time.perf_counter()
    units = side.run()
    return Cost((_cpu_seconds() - cpu) / units, (time.perf_counter() - wall) / units)


def compared(name: str, bench: Bench) -> dict[str, Any]:
    """The result of a bench as it goes into its file: both sides' medians and runs, their ratio, and the setting."""
    ours, theirs = bench.sides()
    costs: dict[str, list[Cost]] = {"ours": [], "theirs": []}
    for number in range(bench.rounds):
        turns = [("ours", ours), ("theirs", theirs)]
        for key, side in turns if number % 2 == 0 else reversed(turns):
            costs[key].append(measured(side))
    by = {"ours": bench.by, "theirs": bench.theirs_by or bench.by}
    medians = {key: _median(runs, by[key]) for key, runs in costs.items()}
    ratio = medians["ours"] / medians["theirs"]
    return {
        "name": name,
        "figure": bench.figure,
        "ours": _described(ours, costs["ours"]),
        "theirs": _described(theirs, costs["theirs"]),
        "ratio": ratio,
        "ratio_of": f"median {by['ours']} / median {by['theirs']} per {bench.unit}, ours / theirs",
        "held_to": f"<= {bench.at_most:.4g}",
        "holds": ratio <= bench.at_most,
        "unit": bench.unit,
        "rounds": bench.rounds,
        "note": bench.note,
        **_setting(name),
    }


def held(name: str, limit: Limit) -> dict[str, Any]:
    """The result of a figure that is held to a number; `ratio` is the figure over that number."""
    found = limit.value()
    return {
        "name": name,
        "figure": limit.figure,
        "value": found.value,
        "ratio": found.value / found.held_to,
        "ratio_of": f"{limit.unit} / {found.held_to:.4g} {limit.unit}",
        "held_to": f"{'>=' if limit.at_least else '<='} {found.held_to:.4g} {limit.unit}",
        "holds": found.value >= found.held_to if limit.at_least else found.value <= found.held_to,
        "unit": limit.unit,
        "facts": found.facts,
        "note": limit.note,
        **_setting(name),
    }


def _setting(name: str) -> dict[str, Any]:
    """How a result came about."""
    return {
        "command": f"python -m tests.bench {name}",
        "versions": {package: version(package) for package in VERSIONS},
        "cpu": _cpu_name(),
    }


def write_result(result: dict[str, Any], *, folder: Path = RESULTS) -> Path:
    """Writes a result under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['name']}.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    return path


def _median(runs: Sequence[Cost], by: str) -> float:
    return statistics.median(float(getattr(run, by)) for run in runs)


def _described(side: Side, runs: Sequence[Cost]) -> dict[str, Any]:
    return {
        "what": side.name,
        "command": side.command,
        "cpu_seconds": _median(runs, "cpu_seconds"),
        "wall_seconds": _median(runs, "wall_seconds"),
        "runs": [asdict(run) for run in runs],
    }


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _cpu_name() -> str:
    """The processor as Linux names it, and how many the process may use."""
    info = Path("/proc/cpuinfo")
    named = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return f"{named[0] if named else platform.processor()} x {len(named)}"
