"""What the tests of the pipeline share: one state of torch's generator, small recordings, a small teacher."""

import shutil
from pathlib import Path

import pytest
import torch
from checkpoints import write_checkpoint
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.teachers.settings import TeacherSettings


@pytest.fixture(autouse=True)
def _same_numbers_every_time() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three recordings of 12 s, small and at 15 fps."""
    folder = tmp_path_factory.mktemp("yard")
    spec = YardSpec(horses=3, seconds=12.0, fps=15.0, frame_width=96, frame_height=64, max_skew_seconds=0.5)
    simulate_yard(folder, spec=spec)
    shutil.rmtree(folder / "truth")
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("teacher"))


@pytest.fixture
def data(yard: Path, tmp_path: Path) -> Path:
    """A copy of the recordings, to damage."""
    return shutil.copytree(yard, tmp_path / "data")


@pytest.fixture
def recipe(weights: Path) -> Recipe:
    return Recipe(teacher=TeacherSettings(name="videomae", weights=str(weights), device="cpu", batch_clips=3))
