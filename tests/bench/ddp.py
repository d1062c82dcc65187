"""Several processes on one global batch: how far their gradients are from those of a single process."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))  # the tests' own modules, as under pytest
from process_group_workers import gradient_differences

from .measure import Found, Limit

SIZES = (2, 4)
HELD_TO = 1e-5


def largest_difference() -> Found:
    """The largest relative difference of any parameter's gradient, over group sizes and objectives."""
    facts: dict[str, dict[str, float]] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
            differences = gradient_differences(size, folder=Path(folder))
        facts[f"{size} processes"] = {objective: max(each.values()) for objective, each in differences.items()}
    largest = max(value for by_objective in facts.values() for value in by_objective.values())
    return Found(largest, held_to=HELD_TO, facts=dict(facts))


BENCHES = {
    "ddp": Limit(
        figure="largest relative difference of a gradient between 2 or 4 gloo processes and one on the same batch",
        unit="of the gradient's norm",
        value=largest_difference,
        note="The third step of each objective, its loss included; a small student in float32 without dropout, whose "
        "masks would differ.",
    ),
}
