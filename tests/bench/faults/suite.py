"""`python -m tests.bench faults`: plants every fault, writes tests/FAULTS.md and runs/bench/faults.json."""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import films, machine, recipes, sensors, stores
from .case import Fault, Outcome, meet
from .place import sound_place

FAULTS: tuple[Fault, ...] = (*sensors.FAULTS, *films.FAULTS, *recipes.FAULTS, *stores.FAULTS, *machine.FAULTS)
"""All of them, area by area."""
TABLE = Path(__file__).resolve().parents[2] / "FAULTS.md"
RESULTS = Path("runs/bench/faults.json")
MOST_LETTERS = 240
"""Of a line in the table."""


def main(names: Sequence[str] = ()) -> int:
    """Runs all faults, or those whose area or name holds one of these words; exit code 1 if one is not as expected.

    Only a whole run writes the table.
    """
    chosen = [fault for fault in FAULTS if not names or any(name in (fault.area, fault.name) for name in names)]
    with tempfile.TemporaryDirectory(prefix="equigait-faults-") as folder:
        sound = sound_place(Path(folder) / "sound")
        outcomes = []
        for number, fault in enumerate(chosen, start=1):
            outcome = meet(fault, sound=sound, folder=Path(folder))
            outcomes.append(outcome)
            mark = "" if outcome.held else f"  NOT AS EXPECTED: {', '.join(outcome.missing)}: {outcome.said}"
            print(f"[{number}/{len(chosen)}] {fault.area}: {fault.name}: {outcome.what}{mark}", file=sys.stderr)
    if not names:
        write(outcomes)
    wrong = sum(not outcome.held for outcome in outcomes)
    print(f"{len(outcomes)} faults, {wrong} not as expected")
    return int(wrong > 0)


def write(outcomes: Sequence[Outcome]) -> None:
    """The table for people and the JSON for programs."""
    rows = [row_of(each) for each in outcomes]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    TABLE.write_text(markdown(rows))


def row_of(outcome: Outcome) -> dict[str, object]:
    """One outcome as the table and the JSON hold it."""
    fault = outcome.fault
    return {
        "area": fault.area,
        "fault": fault.name,
        "command": fault.command,
        "expected": "a line" if fault.codes == (0,) else "either" if 0 in fault.codes else "a refusal",
        "exit_code": outcome.code,
        "happened": outcome.what,
        "held": outcome.held,
        "said": outcome.said,
    }


def markdown(rows: Sequence[dict[str, object]]) -> str:
    """A table for each area, made by this module: edit nothing by hand."""
    held = sum(bool(row["held"]) for row in rows)
    lines = [
        "# Planted faults",
        "",
        f"Written by `python -m tests.bench faults`: {len(rows)} faults, {held} met as expected. Each is planted alone",
        "in a copy of sound recordings, cache and run; the command must refuse it in a line that names the file or key",
        "and a way out, or go on and say so.",
    ]
    for area in dict.fromkeys(str(row["area"]) for row in rows):
        lines += [
            "",
            f"## {area.capitalize()}",
            "",
            "| fault | expected | exit code | what happened | what it said |",
            "|---|---|---|---|---|",
        ]
        lines += [_row(row) for row in rows if row["area"] == area]
    return "\n".join(lines) + "\n"


def _row(row: dict[str, object]) -> str:
    said = str(row["said"]).replace("|", "\\|").replace("<", "&lt;")
    shown = said if len(said) <= MOST_LETTERS else f"{said[:MOST_LETTERS]}..."
    happened = row["happened"] if row["held"] else f"**{row['happened']}**"
    return f"| {row['fault']} | {row['expected']} | {row['exit_code']} | {happened} | {shown} |"
