"""Weight decay falls on the matrices of every student, and on nothing else."""

import pytest
import torch
from equigait.pipeline.students.table import STUDENTS, build_student
from equigait.pipeline.training.optimiser import decay_groups, learning_rate
from equigait.pipeline.training.settings import TrainSettings
from rides import ride_recipe
from torch import nn

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.LSTM, nn.GRU)


@pytest.mark.parametrize("name", [name for name in STUDENTS if name != "mantis"])  # whose package is an extra
def test_all_matrices_of_every_student_decay_and_biases_norms_positions_and_cls_do_not(name: str) -> None:
    student = build_student(ride_recipe(f"student={{name: {name}}}").student, channels=12, steps=250, seed=0)
    decayed, spared = (set(map(id, group["params"])) for group in decay_groups(student, weight_decay=0.1))
    of_layers = {
        id(weight)
        for layer in student.modules()
        if isinstance(layer, LAYERS)
        for own, weight in layer.named_parameters(recurse=False)
        if own.startswith("weight")
    }
    assert decayed == of_layers
    assert spared == {id(weight) for weight in student.parameters()} - of_layers
    assert all(weight.ndim >= 2 for weight in student.parameters() if id(weight) in decayed)


def test_a_step_without_gradient_shrinks_matrices_alone() -> None:
    """AdamW: weight * (1 - rate * decay)."""
    layer = nn.GRU(3, 4)
    before = {name: weight.detach().clone() for name, weight in layer.named_parameters()}
    optimiser = torch.optim.AdamW(decay_groups(layer, weight_decay=0.5), lr=0.1)
    for weight in layer.parameters():
        weight.grad = torch.zeros_like(weight)
    optimiser.step()
    for name, weight in layer.named_parameters():
        torch.testing.assert_close(weight, before[name] * (0.95 if name.startswith("weight") else 1.0))


def test_the_learning_rate_rises_straight_and_falls_as_half_a_cosine() -> None:
    settings = TrainSettings(steps=101, warmup_steps=20, learning_rate=2e-3, final_lr_ratio=0.1)
    assert learning_rate(0, settings=settings) == pytest.approx(1e-4)
    assert learning_rate(9, settings=settings) == pytest.approx(1e-3)
    assert learning_rate(19, settings=settings) == learning_rate(20, settings=settings) == 2e-3
    assert learning_rate(60, settings=settings) == pytest.approx(2e-3 * 0.55)
    assert learning_rate(100, settings=settings) == pytest.approx(2e-4)
