"""The examples in docstrings run, and every objective, student and teacher has one."""

import doctest
import importlib
import importlib.util
import pkgutil
from types import ModuleType

import pytest
from equigait.pipeline import objectives, students, teachers
from equigait.pipeline.objectives.table import OBJECTIVES
from equigait.pipeline.objectives.weighted_sum import WeightedSum
from equigait.pipeline.students.table import STUDENTS
from equigait.pipeline.teachers.videomae import VideoMae

PACKAGES = (objectives, students, teachers)
NEEDS = {"equigait.pipeline.students.mantis": "mantis"}
MODULES = [
    f"{package.__name__}.{module.name}" for package in PACKAGES for module in pkgutil.iter_modules(package.__path__)
]


def examples_of(module: ModuleType) -> list[doctest.DocTest]:
    return [test for test in doctest.DocTestFinder().find(module) if test.examples]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    if name in NEEDS and importlib.util.find_spec(NEEDS[name]) is None:
        pytest.skip(f"needs {NEEDS[name]}")
    for test in examples_of(importlib.import_module(name)):
        report: list[str] = []
        outcome = doctest.DocTestRunner().run(test, out=report.append)
        assert outcome.failed == 0, "".join(report)


@pytest.mark.parametrize("named", [*OBJECTIVES.values(), WeightedSum, *STUDENTS.values(), VideoMae])
def test_every_objective_student_and_teacher_has_an_example(named: type) -> None:
    found = {test.name for test in examples_of(importlib.import_module(named.__module__))}
    assert f"{named.__module__}.{named.__qualname__}" in found
