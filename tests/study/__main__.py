"""`python -m tests.study`: finds the cells that are missing, the most telling first; `... table` writes the results.

Killed at any moment it loses the cell it was at, and that one's pretraining goes on where it was saved.
"""

import argparse
import fnmatch
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from equigait.data.errors import BadInput

from .cells import RESULTS, ROOT, Cell, read_cell, write_cell
from .datasets import DATA, UnavailableError, source_of
from .plan import cells
from .table import write_tables

MARKDOWN = Path(__file__).parent / "RESULTS.md"


def main(arguments: Sequence[str]) -> int:
    """Runs or tabulates; 1 when a cell failed, 2 for patterns that match nothing."""
    asked = _parsed(arguments)
    if asked.what == "table":
        print(write_tables(asked.results, root=asked.root, markdown=asked.markdown))
        return 0
    chosen = [
        cell
        for cell in cells(seeds=asked.seeds, extra=tuple(asked.settings))
        if not asked.only or any(fnmatch.fnmatch(cell.name, pattern) for pattern in asked.only)
    ]
    if not chosen:
        print(f"no cell is called like {' or '.join(asked.only)}; names are DATA.CONTENDER.SEED", file=sys.stderr)
        return 2
    until = time.monotonic() + 60 * asked.minutes
    return run(chosen, root=asked.root, results=asked.results, until=until)


def run(chosen: Sequence[Cell], *, root: Path, results: Path, until: float = float("inf")) -> int:
    """Finds those of these cells that are missing, one after the other; begins none after `until` (monotonic clock)."""
    failed = 0
    for number, cell in enumerate(chosen, start=1):
        where = f"[{number}/{len(chosen)}] {cell.name}"
        if read_cell(cell, results=results) is not None:
            continue
        if time.monotonic() > until:
            _say(f"{where}: time is up; the same command goes on from here")
            break
        failed += not _found(cell, root=root, results=results, where=where)
    return int(failed > 0)


def _found(cell: Cell, *, root: Path, results: Path, where: str) -> bool:
    """Whether the cell could be found; what stands in the way is told, and the next one is tried."""
    from .work import find

    _say(f"{where} ...")
    try:
        source_of(DATA[cell.data])
        result = find(cell, root=root, tell=lambda _: None)
    except UnavailableError as missing:
        _say(f"{where}: not run: {missing}")
        return True
    except BadInput as fault:
        _say(f"{where}: {fault}")
        return False
    except Exception:  # one broken cell must not stop a night's work; its traceback is shown
        traceback.print_exc()
        return False
    write_cell(cell, result, results=results)
    _say(f"{where}: macro-F1 {result['macro_f1']:.3f}, {result['cpu_seconds']:.0f} CPU s")
    return True


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.study", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("run", "table"), default="run")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="cells such as 'yard.*.0'")
    parser.add_argument("--seeds", type=int, help="at most so many of each")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no cell after that")
    parser.add_argument("--root", type=Path, default=ROOT, help="where recordings, caches and runs lie")
    parser.add_argument(
        "--results", type=Path, help=f"where cells lie: {RESULTS.name} beside this; with --set, ROOT/tried"
    )
    parser.add_argument(
        "--set", action="append", default=[], dest="settings", metavar="KEY=VALUE", help="to look quickly"
    )
    parser.add_argument("--markdown", type=Path, default=MARKDOWN, help="where `table` writes")
    asked = parser.parse_args(arguments)
    asked.results = asked.results or (asked.root / "tried" if asked.settings else RESULTS)
    return asked


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
