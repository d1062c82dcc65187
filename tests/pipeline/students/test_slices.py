"""Reading in slices: the same answers, gradients and dropout as at once, in less memory."""

import pytest
import torch
from equigait.pipeline.students.settings import MantisSettings, PatchTstSettings, StudentSettings
from equigait.pipeline.students.slices import in_slices
from equigait.pipeline.students.table import build_student
from torch import Tensor, nn

from .test_channel_by_channel import needs_mantis

STILL = [
    pytest.param(PatchTstSettings(width=8, layers=1, heads=2, dropout=0.0), id="patchtst"),
    pytest.param(MantisSettings(layers=1, dropout=0.0), id="mantis", marks=needs_mantis),
]
CHANNELS, WINDOWS = 6, 5


def bytes_held(network: nn.Module, rows: Tensor) -> tuple[int, Tensor]:
    """What is kept for the gradients, and the answer."""
    held: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        held[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda kept: kept):
        answer = network(rows)
    return sum(held.values()), answer


def in_training(settings: StudentSettings, *, series_at_once: int) -> tuple[int, Tensor, dict[str, Tensor]]:
    """Bytes held, embeddings, and gradients of a student that reads so many channels at a time."""
    changed = settings.model_copy(update={"series_at_once": series_at_once})
    student = build_student(changed, channels=CHANNELS, steps=50, seed=0).train()
    imu = torch.randn(WINDOWS, CHANNELS, 50, generator=torch.Generator().manual_seed(1))
    held, embedding = bytes_held(student, imu)
    embedding.square().sum().backward()
    return (
        held,
        embedding,
        {name: weight.grad for name, weight in student.named_parameters() if weight.grad is not None},
    )


@pytest.mark.parametrize("settings", STILL)
def test_a_student_in_slices_learns_the_same(settings: StudentSettings):
    _, whole, wanted = in_training(settings, series_at_once=CHANNELS * WINDOWS)
    _, sliced, found = in_training(settings, series_at_once=2 * CHANNELS)
    torch.testing.assert_close(sliced, whole)
    assert found.keys() == wanted.keys()
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, atol=1e-4, rtol=1e-4, msg=name)


@pytest.mark.parametrize("settings", STILL)
def test_slices_hold_less_for_the_gradients(settings: StudentSettings):
    whole = in_training(settings, series_at_once=CHANNELS * WINDOWS)[0]
    sliced = in_training(settings, series_at_once=2 * CHANNELS)[0]
    assert sliced < whole / 2


def test_what_a_slice_drops_it_drops_again_when_it_is_read_for_its_gradients():
    torch.manual_seed(3)
    rows = torch.ones(7, 40, requires_grad=True)
    kept = in_slices(nn.Dropout(0.5), rows, most=3)
    kept.sum().backward()
    assert set(kept.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(rows.grad, kept.detach())  # y = m x with a mask m of 0 and 2, so dy/dx = m, which is y at x = 1


def test_no_slice_is_larger_than_allowed():
    sizes: list[int] = []

    def network(part: Tensor) -> Tensor:
        sizes.append(len(part))
        return 2 * part

    rows = torch.arange(7.0)
    with torch.no_grad():
        assert torch.equal(in_slices(network, rows, most=3), 2 * rows)
        assert torch.equal(in_slices(network, rows, most=7), 2 * rows)
    assert sizes == [3, 3, 1, 7]
