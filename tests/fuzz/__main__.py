"""`python -m tests.fuzz FAMILY... --minutes 10`: changes sound inputs at random and looks for what is not refused.

Failing inputs are kept in `runs/fuzz/FAMILY/failures`, each with what happened; not part of the suite.
"""

import argparse
import logging
import resource
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "support")]


def main() -> int:
    """Exit code 1 where anything failed."""
    if guided := "--guided" in sys.argv:
        from .counted_lines import import_counted

        import_counted()
    from .families import FAMILIES
    from .loop import fuzz, random_work

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("families", nargs="+", choices=sorted(FAMILIES))
    parser.add_argument("--guided", action="store_true", help="let atheris choose the changes (pip install atheris)")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/fuzz"))
    asked = parser.parse_args()
    work = random_work
    if guided:
        from .guided import guided_work as work
    logging.disable()
    warnings.simplefilter("ignore")
    failed = 0
    for name in asked.families:
        worked = _minutes_of_work()
        counts = fuzz(name, seconds=60.0 * asked.minutes, seed=asked.seed, out=asked.out / name, work=work)
        worked = _minutes_of_work() - worked
        counted = ", ".join(f"{number} {word}" for word, number in counts.items())
        print(f"{name}: {asked.minutes:g} minutes, {worked:.1f} of CPU: {counted}", flush=True)
        failed += counts["failed"] + counts["deaths"]
    return int(failed > 0)


def _minutes_of_work() -> float:
    """CPU minutes of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) / 60.0


if __name__ == "__main__":
    sys.exit(main())
