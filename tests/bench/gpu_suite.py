"""`python -m tests.bench.gpu_suite`: all that needs a GPU, tests and benches, in one file and one table.

Whatever fails, crashes or hangs costs its own row alone: each test has a process that is replaced when it dies, each
bench one of its own, all have an end, and the file is written anew after each of them.
"""

import json
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import torch

from .__main__ import row
from .measure import RESULTS, write_result

BENCHES = ("gpu", "gpu-phase-one", "gpu-train")
ROOT = Path(__file__).parents[2]
TEST_SECONDS, BENCH_SECONDS = 60, 150
"""After which a test or a bench that is not over is ended."""
APART = ["-n1", f"--timeout={TEST_SECONDS}", "--timeout-method=thread", "-Wdefault", "-pno:cacheprovider"]
"""Tests in a process that another one replaces; what libraries of a GPU warn of does not fail them."""


def main() -> int:
    """Runs both and writes `runs/bench/gpu-suite.json`; exit code 2 without a GPU, 1 where anything failed."""
    if not torch.cuda.is_available():
        print(
            "no CUDA device (torch.cuda.is_available() is False): nothing was run, no figure is known", file=sys.stderr
        )
        return 2
    began = time.perf_counter()
    result: dict[str, Any] = {
        "name": "gpu-suite",
        "gpus": [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())],
        "torch": torch.__version__,
        "tests": tested(["-m", "gpu", "tests/pipeline/test_on_gpu.py"]),
        "benches": {},
    }
    for name in (None, *BENCHES):
        if name is not None:
            result["benches"][name] = benched(name)
        write_result(result | {"seconds": time.perf_counter() - began})
    print(table(result | {"seconds": time.perf_counter() - began}))
    failed = [outcome for outcome in result["tests"].values() if outcome in ("failed", "error")]
    return int(bool(failed) or any("value" not in found for found in result["benches"].values()))


def tested(words: list[str]) -> dict[str, str]:
    """What became of each test that pytest selects: passed, failed, error, or skipped with the reason."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    report = RESULTS.absolute() / "gpu-tests.xml"
    report.unlink(missing_ok=True)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *APART, *words], cwd=ROOT, check=False
    )
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    return {f"{case.get('classname')}.{case.get('name')}": _outcome(case) for case in cases} or {"pytest": "error"}


def benched(name: str, *, seconds: float = BENCH_SECONDS) -> dict[str, Any]:
    """A bench's result, or, as `fault`, why there is none."""
    kept = ROOT / RESULTS / f"{name}.json"
    kept.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.bench", name]
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return {"name": name, "fault": f"not over after {seconds:g} s"}
    if kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text())
        return found
    last = (done.stdout.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return {"name": name, "fault": last}


def table(result: dict[str, Any]) -> str:
    """The result as Markdown: the GPUs, how many tests had each outcome, and the benches' figures with their facts."""
    outcomes = list(result["tests"].values())
    counted = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in sorted(set(outcomes)))
    lines = [
        f"{', '.join(result['gpus'])}, torch {result['torch']}, {result['seconds']:.0f} s",
        "",
        "| | |",
        "|---|---|",
        f"| tests | {counted} |",
        *(f"| {name} | {outcome} |" for name, outcome in result["tests"].items() if outcome in ("failed", "error")),
    ]
    for found in result["benches"].values():
        figure = " ".join(cell for cell in row(found)[1:] if cell) if "value" in found else found["fault"]
        facts = {name: _short(fact) for name, fact in found.get("facts", {}).items()}
        lines += [f"| {name} | {told} |" for name, told in {found["name"]: figure, **facts}.items()]
    return "\n".join(lines)


def _short(fact: Any) -> str:
    """A fact in a line, numbers to four digits."""
    if isinstance(fact, dict):
        return "; ".join(f"{name} {_short(value)}" for name, value in fact.items())
    return f"{fact:.4g}" if isinstance(fact, float) else str(fact)


def _outcome(case: ElementTree.Element) -> str:
    for child in case:
        if child.tag in ("failure", "error"):
            return "failed" if child.tag == "failure" else "error"
        if child.tag == "skipped":
            return f"skipped ({child.get('message', '')})"
    return "passed"


if __name__ == "__main__":
    sys.exit(main())
