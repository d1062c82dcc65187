"""TensorBoard shows what the log says, and where it is missing the run says how to get it before it begins."""

import sys
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest
from equigait.data.errors import BadInput
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.training.run import Run, read_rows
from synthetic_corpus import small_recipe, synthetic_corpus

RECIPE = small_recipe("train.tensorboard=true", "train.steps=4", "train.validate_every=2", "train.batch=16")


class FakeWriter:
    """What `torch.utils.tensorboard` gives, as far as it matters here."""

    made: ClassVar[list["FakeWriter"]] = []

    def __init__(self, *, log_dir: str, purge_step: int) -> None:
        self.log_dir, self.purge_step, self.closed = log_dir, purge_step, False
        self.scalars: dict[tuple[str, int], float] = {}
        FakeWriter.made.append(self)

    def add_scalar(self, name: str, value: float, step: int) -> None:
        self.scalars[name, step] = value

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def writers(monkeypatch: pytest.MonkeyPatch) -> list[FakeWriter]:
    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = FakeWriter
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    monkeypatch.setattr(FakeWriter, "made", [])
    return FakeWriter.made


def test_every_number_of_the_log_becomes_a_point_of_a_curve(writers: list[FakeWriter], tmp_path: Path) -> None:
    run = Run(pretrain_corpus(synthetic_corpus(horses=4, windows=10), run=tmp_path / "run", recipe=RECIPE))
    (writer,) = writers
    assert writer.closed
    assert (writer.log_dir, writer.purge_step) == (str(run.folder / "tensorboard"), 1)
    rows = read_rows(run)
    assert [writer.scalars["loss", step] for step in range(1, 5)] == [row["loss"] for row in rows]
    found = rows[3]["validation"]["film_to_imu"]["MRR"]
    assert writer.scalars["validation/film_to_imu/MRR", 4] == found
    pretrain_corpus(synthetic_corpus(horses=4, windows=10), run=run.folder, recipe=RECIPE)
    assert writers[1].purge_step == 5  # what would come again after a kill is struck out
    assert not writers[1].scalars


def test_without_tensorboard_the_extra_is_named_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(BadInput, match=r"train\.tensorboard: found true.*pip install 'equigait\[tensorboard\]'"):
        pretrain_corpus(synthetic_corpus(horses=4, windows=10), run=tmp_path / "run", recipe=RECIPE)
    assert not (tmp_path / "run").exists()
