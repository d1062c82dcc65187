"""`python -m tests.bench.gpu_suite`: all that needs a GPU, tests and benches, in one file and one table."""

import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import torch

from .__main__ import measure
from .measure import RESULTS, UnavailableError, write_result

BENCHES = ("gpu", "gpu-train")
ROOT = Path(__file__).parents[2]


def main() -> int:
    """Runs both and writes `runs/bench/gpu-suite.json`; exit code 2 without a GPU, 1 where a test failed."""
    if not torch.cuda.is_available():
        print(
            "no CUDA device (torch.cuda.is_available() is False): nothing was run, no figure is known", file=sys.stderr
        )
        return 2
    began = time.perf_counter()
    tests = tested(["-m", "gpu", "tests"])
    benches = {name: benched(name) for name in BENCHES}
    result = {
        "name": "gpu-suite",
        "gpus": [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())],
        "torch": torch.__version__,
        "seconds": time.perf_counter() - began,
        "tests": tests,
        "benches": benches,
    }
    write_result(result)
    print(table(result))
    return int(any(outcome in ("failed", "error") for outcome in tests.values()))


def tested(words: list[str]) -> dict[str, str]:
    """What became of each test that pytest selects: passed, failed, error, or skipped with the reason."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    report = RESULTS.absolute() / "gpu-tests.xml"
    report.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *words], cwd=ROOT, check=False)
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    return {f"{case.get('classname')}.{case.get('name')}": _outcome(case) for case in cases} or {"pytest": "error"}


def benched(name: str) -> list[str]:
    """A bench's row, or why there is none."""
    try:
        return list(measure(name))
    except UnavailableError as missing:
        return [name, f"not run: {missing}"]
    except Exception as error:  # one that fails does not hide the others
        return [name, f"{type(error).__name__}: {error}"]


def table(result: dict[str, Any]) -> str:
    """The result as Markdown: the GPUs, a line for each outcome of the tests, a row a bench."""
    outcomes = list(result["tests"].values())
    counted = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in sorted(set(outcomes)))
    lines = [
        f"{', '.join(result['gpus'])}, torch {result['torch']}, {result['seconds']:.0f} s",
        "",
        "| | |",
        "|---|---|",
        f"| tests | {counted} |",
    ]
    lines += [f"| {row[0]} | {' '.join(cell for cell in row[1:] if cell)} |" for row in result["benches"].values()]
    return "\n".join(lines)


def _outcome(case: ElementTree.Element) -> str:
    for child in case:
        if child.tag in ("failure", "error"):
            return "failed" if child.tag == "failure" else "error"
        if child.tag == "skipped":
            return f"skipped ({child.get('message', '')})"
    return "passed"


if __name__ == "__main__":
    sys.exit(main())
