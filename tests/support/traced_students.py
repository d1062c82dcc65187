"""Traces students as torch.compile does, each as a whole: `python traced_students.py STUDENT...` (YAML).

A program of its own: the tests' checks of shapes are no code that torch can trace.
"""

import sys

import torch
from equigait.pipeline.recipe import load_recipe
from equigait.pipeline.students.table import build_student


def main(students: list[str]) -> None:
    """Fails where a trace breaks, or says something else than the student."""
    imu = torch.randn(4, 30, 250, generator=torch.Generator().manual_seed(0))
    for student in students:
        settings = load_recipe("default", overrides=[f"student={student}"]).student
        whole = build_student(settings, channels=30, steps=250, seed=0).eval()
        for asked in (whole, whole.tokens):
            traced = torch.compile(asked, backend="eager", fullgraph=True)
            torch.testing.assert_close(traced(imu), asked(imu))


if __name__ == "__main__":
    main(sys.argv[1:])
