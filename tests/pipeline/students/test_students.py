"""The contract that every student in the table keeps, whatever it is made of."""

import math
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from equigait.pipeline.students.settings import PatchTransformerSettings, StudentSettings
from equigait.pipeline.students.student import Student
from equigait.pipeline.students.table import STUDENTS, build_student
from equigait.pipeline.training.checkpoint import load_checkpoint, save_checkpoint
from equigait.pipeline.training.model import Model, ModelSpec
from pydantic import TypeAdapter, ValidationError

STEPS = 60
SMALL = {
    "patch-transformer": [
        {"stem": "linear", "pool": "cls", "width": 16, "layers": 1, "heads": 2},
        {"stem": "convolution", "pool": "mean", "width": 16, "layers": 1, "heads": 2, "stem_width": 8},
        {"spectrum": True, "spectrum_dropout": 0, "width": 16, "layers": 1, "heads": 2},
        {"phases": True, "width": 16, "layers": 1, "heads": 2},
        {"envelopes": True, "width": 16, "layers": 1, "heads": 2},
    ],
    "patchtst": [{"width": 8, "layers": 1, "heads": 2}],
    "deepconvlstm": [{"filters": 4, "width": 8}],
    "conv-gru": [{"filters": 8, "width": 8}],
    "mantis": [{"layers": 1}],
    "dlinear": [{}],
    "timesnet": [{"width": 8, "hidden": 8, "layers": 2, "kernels": 3}],
    "informer": [{"width": 16, "layers": 2, "heads": 2}, {"width": 16, "layers": 1, "heads": 2, "distil": False}],
    "moment": [{"layers": 1}, {"layers": 1, "reduction": "concat"}],
}
needs_mantis = pytest.mark.skipif(not find_spec("mantis"), reason="the extra `students` is not installed")
STUDENT = TypeAdapter(StudentSettings)
EVERY = [
    pytest.param(
        STUDENT.validate_python({"name": name, "embedding": 12, **sizes}),
        id=f"{name}-{number}",
        marks=[needs_mantis] if name == "mantis" else [],
    )
    for name, variants in SMALL.items()
    for number, sizes in enumerate(variants)
]
every = pytest.mark.parametrize("settings", EVERY)


def windows(batch: int, channels: int = 12, steps: int = STEPS, seed: int = 7) -> torch.Tensor:
    return torch.randn(batch, channels, steps, generator=torch.Generator().manual_seed(seed))


def student_of(settings: StudentSettings, channels: int = 12, steps: int = STEPS, seed: int = 0) -> Student:
    return build_student(settings, channels=channels, steps=steps, seed=seed)


def test_no_student_goes_untested() -> None:
    assert list(SMALL) == list(STUDENTS)


@every
def test_all_of_a_student_goes_to_the_device_that_it_is_moved_to(settings: StudentSettings) -> None:
    embedding = student_of(settings).to("meta")(windows(3).to("meta"))  # whose sums refuse other devices' tensors
    assert (embedding.device.type, embedding.dtype) == ("meta", torch.float32)
    assert embedding.shape == (3, settings.embedding)


@every
@pytest.mark.parametrize(("sites", "steps"), [(1, 60), (2, 250), (3, 120)])
def test_any_sites_and_any_length_give_one_embedding_a_window(
    settings: StudentSettings, sites: int, steps: int
) -> None:
    student = student_of(settings, 6 * sites, steps)
    embedding = student(windows(3, 6 * sites, steps))
    assert embedding.shape == (3, settings.embedding) == (3, student.embedding)
    assert embedding.dtype == torch.float32


@every
def test_its_tokens_are_of_the_width_it_says(settings: StudentSettings) -> None:
    student = student_of(settings)
    tokens = student.tokens(student.standardise(windows(3)))
    assert tokens.ndim == 3
    assert (len(tokens), tokens.shape[2]) == (3, student.token_width)


@every
def test_gradients_reach_every_parameter(settings: StudentSettings) -> None:
    student = student_of(settings)
    student(windows(4)).square().sum().backward()
    trained = [(name, weight) for name, weight in student.named_parameters() if weight.requires_grad]
    assert [name for name, weight in trained if weight.grad is None or not weight.grad.any()] == []
    assert len(trained) == len(list(student.parameters()))


@every
def test_windows_that_differ_are_told_apart_from_the_start(settings: StudentSettings) -> None:
    """A student that drowns its input in constants has gradients and learns nothing."""
    embedding = student_of(settings).eval()(windows(16)).detach()
    about_their_mean = embedding - embedding.mean(0)
    assert float(about_their_mean.norm() / embedding.norm()) > 1e-3


@every
def test_every_parameter_exists_before_the_first_forward(settings: StudentSettings) -> None:
    student = student_of(settings)
    before = {name for name, _ in student.named_parameters()}
    student(windows(2))
    assert {name for name, _ in student.named_parameters()} == before


@every
def test_the_order_of_time_matters(settings: StudentSettings) -> None:
    student, imu = student_of(settings).eval(), windows(2)
    shuffled = imu.unflatten(2, (-1, 10))[:, :, torch.randperm(STEPS // 10)].flatten(2)
    change = (student(imu) - student(shuffled)).norm() / student(imu).norm()
    assert change > 1e-4  # without positions 1e-6 and less, by rounding


@every
def test_a_window_is_embedded_alike_whatever_shares_its_batch(settings: StudentSettings) -> None:
    student, imu = student_of(settings).eval(), windows(4)
    torch.testing.assert_close(student(imu)[:1], student(imu[:1]), rtol=1e-4, atol=1e-5)


@every
def test_standardisation_makes_units_irrelevant(settings: StudentSettings) -> None:
    scale = torch.linspace(0.5, 40, 12)[:, None]
    plain, other = student_of(settings).eval(), student_of(settings).eval()
    plain.fit_standardisation(windows(16))
    other.fit_standardisation(windows(16) * scale + 3)
    torch.testing.assert_close(plain(windows(4)), other(windows(4) * scale + 3), rtol=2e-3, atol=2e-4)


@every
def test_a_missing_site_is_embedded_as_its_training_mean(settings: StudentSettings) -> None:
    student = student_of(settings).eval()
    student.fit_standardisation(windows(16) * 3 + 5)
    missing, silent = windows(4) * 3 + 5, windows(4) * 3 + 5
    missing[:, 6:] = torch.nan
    silent[:, 6:] = student.mean[6:, None]
    assert bool(torch.isfinite(student(missing)).all())
    torch.testing.assert_close(student(missing), student(silent))
    assert not torch.allclose(student(missing), student(windows(4) * 3 + 5))


@every
def test_missing_samples_leave_the_rest_of_the_gradient_finite(settings: StudentSettings) -> None:
    student, imu = student_of(settings), windows(4)
    imu[0, 3, 5:9] = torch.nan
    imu[1, :6] = torch.nan
    student(imu).square().sum().backward()
    assert all(bool(torch.isfinite(weight.grad).all()) for weight in student.parameters() if weight.grad is not None)


@every
def test_a_dead_channel_does_not_blow_up(settings: StudentSettings) -> None:
    student, imu = student_of(settings).eval(), windows(8)
    imu[:, 4] = 0.0
    student.fit_standardisation(imu)
    assert bool(torch.isfinite(student(imu)).all())


@every
def test_an_axis_that_was_dead_in_training_is_measured_by_its_sensors_others(settings: StudentSettings) -> None:
    """Motion in a plane: no acceleration to the side, until a mount is turned a little."""
    student, imu = student_of(settings), 3 * windows(8)
    imu[:, 1] = 0.0
    student.fit_standardisation(imu)
    axes = imu[:, [0, 2]].std(dim=(0, 2), correction=0)
    assert float(student.std[1]) == pytest.approx(0.1 * float((axes.square().sum() / 3).sqrt()), rel=1e-5)
    turned = imu.clone()
    turned[:, 1] = math.sin(math.radians(5)) * imu[:, 0]
    assert float(student.standardise(turned).abs().max()) < 10.0


@every
def test_standardisation_is_that_of_the_given_windows_and_travels_with_the_weights(settings: StudentSettings) -> None:
    student, imu = student_of(settings), windows(16) * 3 + 5
    student.fit_standardisation(imu)
    flat = imu.transpose(0, 1).flatten(1).double()
    torch.testing.assert_close(student.state_dict()["mean"], flat.mean(1).float())
    torch.testing.assert_close(student.state_dict()["std"], flat.std(1, correction=0).float())


@every
def test_the_seed_fixes_the_weights_and_leaves_torch_alone(settings: StudentSettings) -> None:
    state = torch.random.get_rng_state()
    first, again, other = (student_of(settings, seed=seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)
    assert torch.equal(torch.random.get_rng_state(), state)


@every
def test_a_checkpoint_brings_it_back_as_it_was(settings: StudentSettings, tmp_path: Path) -> None:
    spec = ModelSpec.model_validate(
        {"student": settings, "heads": {}, "objective": {}, "channels": 12, "steps": STEPS, "film_dim": 8, "batch": 4}
    )
    model = Model(spec, seed=3).eval()
    model.student.fit_standardisation(windows(16) + 2)
    save_checkpoint(model, tmp_path / "checkpoint.safetensors", facts={})
    loaded = load_checkpoint(tmp_path / "checkpoint.safetensors")
    assert loaded.spec.student == settings
    assert torch.equal(loaded.student(windows(4)), model.student(windows(4)))


def test_standardisation_refuses_windows_with_holes() -> None:
    imu = windows(4)
    imu[1, 2, 3] = torch.nan
    with pytest.raises(ValueError, match="finite"):
        student_of(PatchTransformerSettings()).fit_standardisation(imu)


@pytest.mark.parametrize(
    ("student", "steps", "message"),
    [
        ({"name": "patch-transformer", "patch_steps": 7}, 250, "multiple of student.patch_steps 7"),
        ({"name": "patchtst", "patch_steps": 7}, 250, "multiple of student.patch_steps 7"),
        ({"name": "deepconvlstm"}, 16, "all lost"),
        ({"name": "conv-gru"}, 26, "below 27"),
        ({"name": "timesnet"}, 5, "below student.periods 3"),
        ({"name": "moment"}, 513, "within 8 and 512"),
    ],
)
def test_a_window_that_does_not_fit_is_refused(student: object, steps: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        student_of(STUDENT.validate_python(student), steps=steps)


@pytest.mark.parametrize(
    ("student", "message"),
    [
        ({"name": "patch-transformer", "width": 30, "heads": 4}, "not a multiple of heads"),
        ({"name": "patchtst", "width": 30, "heads": 4}, "not a multiple of heads"),
        ({"name": "conv-gru", "kernels": [4]}, "odd numbers"),
        ({"name": "dlinear", "kernel": 24}, "not an odd number"),
        ({"name": "informer", "width": 30, "heads": 4}, "not a multiple of heads"),
        ({"name": "conv-gru", "stem": "linear"}, "stem"),
    ],
)
def test_settings_that_make_no_student_are_refused(student: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        STUDENT.validate_python(student)
