"""`python -m tests.study [ROW...]`: finds the cells that are missing, the most telling first, and writes the rows;
`python -m tests.study table` writes RESULTS.md from the rows. Killed at any moment, it loses the cell it was at."""

import argparse
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

from equigait.data.errors import BadInput

from .cells import ROOT, Cell, read_cell, write_cell
from .recorded import UnavailableError
from .rows import ROWS, write_rows
from .table import MARKDOWN, write_table


def main(arguments: Sequence[str]) -> int:
    """Runs rows, or writes the table; 1 when a cell failed, 2 for rows that are not known."""
    parser = argparse.ArgumentParser(prog="python -m tests.study", description=__doc__)
    parser.add_argument("rows", nargs="*", help=f"{', '.join(ROWS)}; none: all; or `table`")
    parser.add_argument("--root", type=Path, default=ROOT, help="where recordings, caches, cells and rows lie")
    asked = parser.parse_args(arguments)
    if asked.rows == ["table"]:
        write_table(asked.root, markdown=MARKDOWN)
        return 0
    if strangers := [name for name in asked.rows if name not in ROWS]:
        _say(f"no row is called {', '.join(strangers)}; there are {', '.join(ROWS)}")
        return 2
    names = asked.rows or list(ROWS)
    failed = run(dict.fromkeys(cell for name in names for cell in ROWS[name].needs()), root=asked.root)
    write_rows(names, root=asked.root)
    return int(failed > 0)


def run(cells: Iterable[Cell], *, root: Path) -> int:
    """Finds those of these cells that are missing, one after the other; how many failed."""
    failed, wanted = 0, list(cells)
    for number, cell in enumerate(wanted, start=1):
        if read_cell(cell, root=root) is None:
            failed += not _found(cell, root=root, where=f"[{number}/{len(wanted)}] {cell.name}")
    return failed


def _found(cell: Cell, *, root: Path, where: str) -> bool:
    """Whether the cell could be found; what stands in the way is said, and the next one is tried."""
    from .work import find

    try:
        result = find(cell, root=root)
    except UnavailableError as missing:
        _say(f"{where}: not run: {missing}")
        return True
    except BadInput as fault:
        _say(f"{where}: {fault}")
        return False
    except Exception:  # one broken cell must not stop a night's work; its traceback is shown
        traceback.print_exc()
        return False
    write_cell(cell, result, root=root)
    _say(f"{where}: {result['cpu_seconds']:.0f} CPU s, and {result['preparing_cpu_seconds']:.0f} to prepare")
    return True


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
