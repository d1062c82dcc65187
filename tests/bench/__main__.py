"""`python -m tests.bench [NAMES...]`: runs the benches (all of them without names) and prints a table of ratios."""

import sys
from typing import Any

from .measure import Limit, UnavailableError, compared, held, write_result
from .table import BENCHES

Row = tuple[str, str, str, str, str, str, str]
"""Name, our figure, theirs, what it is of, the ratio, what it is held to, and whether it holds."""


def main(names: list[str]) -> int:
    """Runs the named benches, one after the other; exit code 2 for names that are not there.

    `faults`, with names of areas or faults behind it, runs that suite alone.
    """
    if names[:1] == ["faults"]:
        from .faults.suite import main as faults  # opens all of the package

        return faults(names[1:])
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    rows = [("bench", "ours", "theirs", "per", "ratio", "held to", "")]
    for name in names or list(BENCHES):
        print(f"{name}: {BENCHES[name].figure} ...", flush=True)
        try:
            rows.append(measure(name))
        except UnavailableError as missing:
            rows.append((name, "-", "-", "-", "-", "-", f"not run: {missing}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    return 0


def measure(name: str) -> Row:
    """Runs one bench, writes its file, and gives its row."""
    bench = BENCHES[name]
    result = held(name, bench) if isinstance(bench, Limit) else compared(name, bench)
    write_result(result)
    return row(result)


def row(result: dict[str, Any]) -> Row:
    """A result as the table shows it: costs in CPU milliseconds, figures as they are."""
    holds = "" if result["holds"] else "does not hold"
    if "value" in result:
        value = f"{result['value']:.4g}"
        return result["name"], value, "-", result["unit"], f"{result['ratio']:.4f}", result["held_to"], holds
    ours, theirs = (f"{1000 * result[side]['cpu_seconds']:.1f} ms" for side in ("ours", "theirs"))
    return result["name"], ours, theirs, result["unit"], f"{result['ratio']:.4f}", result["held_to"], holds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
