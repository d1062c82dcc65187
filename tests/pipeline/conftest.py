"""What the tests of the pipeline share: one state of torch's generator, small recordings, a small teacher."""

from pathlib import Path

import pytest
import torch
from checkpoints import write_checkpoint
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.teachers.settings import TeacherSettings
from phase_one import filmed_yard


@pytest.fixture(autouse=True)
def _same_numbers_every_time() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three recordings of 12 s, small and at 15 fps."""
    return filmed_yard(tmp_path_factory.mktemp("small") / "yard")


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("teacher"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the recordings, to damage."""
    return filmed_yard(tmp_path / "data")


@pytest.fixture
def recipe(weights: Path) -> Recipe:
    return Recipe(teacher=TeacherSettings(name="videomae", weights=str(weights), device="cpu", batch_clips=3))
