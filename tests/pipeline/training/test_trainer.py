"""One training step: its rate and decay, what it leaves out of the loss, its arithmetic, and what is compiled."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.training import trainer as trainer_module
from equigait.pipeline.training.trainer import Trainer
from synthetic_corpus import small_recipe, synthetic_corpus


@pytest.fixture(scope="module")
def corpus() -> WindowDataset:
    return synthetic_corpus(horses=4, windows=10)


def test_weight_decay_falls_on_matrices_alone(corpus: WindowDataset) -> None:
    recipe = small_recipe("train.weight_decay=0.3", "student.stem=convolution")
    trainer = Trainer(recipe, train=corpus, validation=corpus, device=torch.device("cpu"))
    decayed = {id(p) for g in trainer.optimiser.param_groups if g["weight_decay"] == 0.3 for p in g["params"]}
    names = {name for name, weight in trainer.model.named_parameters() if id(weight) in decayed}
    assert {"student.project.weight", "heads.film.1.weight", "student.stem.0.weight"} <= names
    free = {name for name, _ in trainer.model.named_parameters()} - names
    assert {"objective.log_scale", "objective.bias", "student.cls", "student.positions", "student.norm.weight"} <= free
    assert sum(len(group["params"]) for group in trainer.optimiser.param_groups) == len(names) + len(free)


def test_overlapping_windows_are_left_out_of_the_loss(corpus: WindowDataset) -> None:
    losses = {}
    for ignore in ("true", "false"):
        recipe = small_recipe(f"objective.ignore_overlap={ignore}")
        trainer = Trainer(recipe, train=corpus, validation=corpus, device=torch.device("cpu"))
        losses[ignore] = trainer.step(0)["loss"]
    assert losses["true"] < losses["false"]


def test_bfloat16_changes_arithmetic_and_little_else(corpus: WindowDataset) -> None:
    recipes = [small_recipe(f"train.precision={precision}") for precision in ("float32", "bfloat16")]
    trainers = [Trainer(recipe, train=corpus, validation=corpus, device=torch.device("cpu")) for recipe in recipes]
    exact, rough = (trainer.step(0)["loss"] for trainer in trainers)
    assert rough != exact
    assert rough == pytest.approx(exact, rel=0.02)
    assert all(weight.dtype == torch.float32 for weight in trainers[1].model.parameters())


@pytest.mark.parametrize(
    ("precision", "gpu_does", "bfloat16"),
    [("auto", True, True), ("auto", False, False), ("float32", True, False), ("bfloat16", False, True)],
)
def test_arithmetic_is_bfloat16_by_itself_where_a_gpu_multiplies_it(
    corpus: WindowDataset, precision: str, gpu_does: bool, bfloat16: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_module, "multiplies_bfloat16", lambda _device: gpu_does)
    recipe = small_recipe(f"train.precision={precision}")
    trainer = Trainer(recipe, train=corpus, validation=corpus, device=torch.device("cpu"))
    assert trainer.encoders.bfloat16 is bfloat16


class Compiled:
    """What torch.compile gives, as far as it matters here: a call, and no length or truth."""

    def __init__(self, student: torch.nn.Module, **_: object) -> None:
        self.student, self.calls = student, 0

    def __len__(self) -> int:
        raise TypeError("does not support len()")

    def __call__(self, imu: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return self.student(imu)


def test_a_compiled_student_is_the_one_that_learns(corpus: WindowDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "compile", Compiled)
    recipes = [small_recipe(f"train.compile={wanted}") for wanted in ("false", "true")]
    trainers = [Trainer(recipe, train=corpus, validation=corpus, device=torch.device("cpu")) for recipe in recipes]
    assert trainers[0].step(0) == trainers[1].step(0)
    assert trainers[1].encoders.encode.calls == 1
    both = small_recipe("objective={name: sum, terms: [{name: siglip}, {name: masked}]}", "train.compile=true")
    trainer = Trainer(both, train=corpus, validation=corpus, device=torch.device("cpu"))
    trainer.step(0)
    assert (trainer.encoders.encode.calls, trainer.encoders.tokens.calls) == (1, 1)


def test_torch_can_trace_students_as_a_whole() -> None:
    program = Path(__file__).parents[2] / "support" / "traced_students.py"
    students = [
        "{name: patch-transformer, width: 16, layers: 1, heads: 2, spectrum: true, stem: convolution, phases: true}",
        "{name: patchtst, width: 16, layers: 1, heads: 2}",
    ]
    traced = subprocess.run([sys.executable, str(program), *students], capture_output=True, text=True, timeout=300)
    assert traced.returncode == 0, traced.stderr


def test_a_bad_number_among_steps_fetched_together_is_found_at_its_step(corpus: WindowDataset) -> None:
    trainer = Trainer(small_recipe("train.batch=16"), train=corpus, validation=corpus, device=torch.device("cpu"))
    pending = [trainer.step_async(step) for step in range(4)]
    pending[1] = pending[1] | {"gradient_norm": torch.tensor(torch.inf)}
    with pytest.raises(BadInput, match=r"step 2: .*norm inf"):
        trainer.fetch_metrics(pending, last=3)
