"""Pretraining under kill -9: resumed at any step, it ends with the losses and weights of an undisturbed run."""

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))  # the tests' own modules, as under pytest
from killed_runs import kill_and_resume_runs
from kills import Writers

from .measure import Found, Limit

KILLS, STEPS = 20, 200


def kills_resumed() -> Found:
    """How many kills were borne; the first difference of a bit raises."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder, Writers() as writers:
        found = kill_and_resume_runs(writers, Path(folder) / "runs", kills=KILLS, steps=STEPS)
    steps = len(set(found.at_steps) - {0})
    return Found(found.kills, held_to=KILLS, facts=asdict(found) | {"different_steps": steps})


BENCHES = {
    "resume": Limit(
        figure="kill -9 of pretrainings at random steps after which losses and weights are the same to the last bit",
        unit="kills",
        value=kills_resumed,
        at_least=True,
        note="Each run of 200 steps, with dropout and augmentation, is killed and resumed until it is whole. Then its "
        "log, its chosen and its last weights are held against an undisturbed run's, byte by byte. `at_steps` tells "
        "how many steps were logged at each kill; 0 is a kill before the first.",
    ),
}
