"""Every student in the table keeps the same contract; the patch transformer keeps its own promises."""

import pytest
import torch
from equigait.pipeline.students.patch_transformer import PatchTransformer
from equigait.pipeline.students.settings import StudentSettings
from equigait.pipeline.students.student import Student
from equigait.pipeline.students.table import STUDENTS, build_student
from torch import nn

SMALL = {"width": 32, "layers": 2, "heads": 4, "stem_width": 16}
VARIANTS = [
    pytest.param(
        StudentSettings.model_validate({"name": name, "stem": stem, "pool": pool, **SMALL}), id=f"{name}-{stem}"
    )
    for name in STUDENTS
    for stem, pool in (("linear", "cls"), ("convolution", "mean"))
]


def windows(batch: int, channels: int = 30, steps: int = 250) -> torch.Tensor:
    return torch.randn(batch, channels, steps, generator=torch.Generator().manual_seed(7))


def student_of(settings: StudentSettings, channels: int = 30) -> Student:
    return build_student(settings, channels=channels, steps=250, seed=0)


@pytest.mark.parametrize("settings", VARIANTS)
@pytest.mark.parametrize("sites", [1, 2, 5, 7])
def test_any_number_of_sites_gives_one_embedding_a_window(settings: StudentSettings, sites: int) -> None:
    embedding = student_of(settings, 6 * sites)(windows(3, 6 * sites))
    assert embedding.shape == (3, 256)
    assert embedding.dtype == torch.float32


@pytest.mark.parametrize("settings", VARIANTS)
def test_gradients_reach_every_parameter(settings: StudentSettings) -> None:
    student = student_of(settings)
    student(windows(4)).square().sum().backward()
    dead = [name for name, weight in student.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert dead == []


@pytest.mark.parametrize("settings", VARIANTS)
def test_every_parameter_exists_before_the_first_forward(settings: StudentSettings) -> None:
    student = student_of(settings)
    before = {name for name, _ in student.named_parameters()}
    student(windows(2))
    assert {name for name, _ in student.named_parameters()} == before
    assert {"cls", "positions"} <= before


@pytest.mark.parametrize("settings", VARIANTS)
def test_shuffled_patches_change_the_embedding(settings: StudentSettings) -> None:
    student = student_of(settings).eval()
    imu = windows(2)
    shuffled = imu.unflatten(2, (25, 10))[:, :, torch.randperm(25)].flatten(2)
    change = (student(imu) - student(shuffled)).norm() / student(imu).norm()
    assert change > 1e-3


@pytest.mark.parametrize("settings", VARIANTS)
def test_a_window_is_embedded_alike_whatever_shares_its_batch(settings: StudentSettings) -> None:
    student = student_of(settings).eval()
    imu = windows(4)
    torch.testing.assert_close(student(imu)[:1], student(imu[:1]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("settings", VARIANTS)
def test_standardisation_makes_units_irrelevant(settings: StudentSettings) -> None:
    scale = torch.linspace(0.5, 40, 30)[:, None]
    plain, other = student_of(settings).eval(), student_of(settings).eval()
    plain.fit_standardisation(windows(16))
    other.fit_standardisation(windows(16) * scale + 3)
    torch.testing.assert_close(plain(windows(4)), other(windows(4) * scale + 3), rtol=1e-3, atol=1e-4)


def test_standardisation_is_that_of_the_given_windows_and_travels_with_the_weights() -> None:
    student = student_of(StudentSettings(**SMALL))
    imu = windows(16) * 3 + 5
    student.fit_standardisation(imu)
    flat = imu.transpose(0, 1).flatten(1).double()
    torch.testing.assert_close(student.state_dict()["mean"], flat.mean(1).float())
    torch.testing.assert_close(student.state_dict()["std"], flat.std(1, correction=0).float())


def test_a_dead_channel_does_not_blow_up() -> None:
    student = student_of(StudentSettings(**SMALL)).eval()
    imu = windows(8)
    imu[:, 4] = 0.0
    student.fit_standardisation(imu)
    assert bool(torch.isfinite(student(imu)).all())


def test_standardisation_refuses_windows_with_holes() -> None:
    imu = windows(4)
    imu[1, 2, 3] = torch.nan
    with pytest.raises(ValueError, match="finite"):
        student_of(StudentSettings(**SMALL)).fit_standardisation(imu)


def test_a_patch_holds_all_channels_of_ten_neighbouring_steps() -> None:
    student = PatchTransformer(StudentSettings(**SMALL), channels=2, steps=30)
    signal = torch.arange(60.0).reshape(1, 2, 30)
    patches = student.cut(signal)
    assert patches.shape == (1, 3, 20)
    assert patches[0, 1].tolist() == [*range(10, 20), *range(40, 50)]


def test_the_default_student_has_25_patches_of_300_values() -> None:
    student = student_of(StudentSettings())
    assert isinstance(student, PatchTransformer)
    assert student.positions.shape == (1, 26, 256)
    assert student.project.in_features == 300
    assert len(student.blocks) == 4


def test_attention_equals_torchs_own() -> None:
    torch.manual_seed(0)
    student = PatchTransformer(StudentSettings(dropout=0.0, **SMALL), channels=6, steps=50)
    attention = student.blocks[0].attention
    reference = nn.MultiheadAttention(32, 4, batch_first=True)
    reference.load_state_dict(
        {
            "in_proj_weight": attention.qkv.weight,
            "in_proj_bias": attention.qkv.bias,
            "out_proj.weight": attention.out.weight,
            "out_proj.bias": attention.out.bias,
        }
    )
    tokens = torch.randn(3, 6, 32)
    torch.testing.assert_close(attention(tokens), reference(tokens, tokens, tokens)[0], rtol=1e-4, atol=1e-5)


def test_the_seed_fixes_the_weights_and_leaves_torch_alone() -> None:
    state = torch.random.get_rng_state()
    first, again = student_of(StudentSettings(**SMALL)), student_of(StudentSettings(**SMALL))
    other = build_student(StudentSettings(**SMALL), channels=30, steps=250, seed=1)
    assert torch.equal(first.embed.weight, again.embed.weight)
    assert not torch.equal(first.embed.weight, other.embed.weight)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ValueError, match="not a multiple of heads"):
        StudentSettings(width=30, heads=4)
