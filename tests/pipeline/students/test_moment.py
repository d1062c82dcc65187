"""MOMENT against numbers of its reference package, with weights that a formula gives; and how weights are refused."""

import json
from pathlib import Path

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.students.moment import Moment
from equigait.pipeline.students.settings import MomentSettings
from equigait.pipeline.students.table import build_student
from safetensors.torch import load_file, save_file

T5 = {
    "d_model": 16,
    "d_kv": 4,
    "d_ff": 24,
    "num_heads": 3,
    "num_layers": 2,
    "feed_forward_proj": "gated-gelu",
    "layer_norm_epsilon": 1e-6,
    "relative_attention_num_buckets": 32,
    "relative_attention_max_distance": 128,
}
CONFIG = {"seq_len": 512, "patch_len": 8, "patch_stride_len": 8, "t5_config": T5}
ATTENTION, PERCEPTRON = "layer.0.SelfAttention", "layer.1.DenseReluDense"
SHAPES = {
    "patch_embedding.value_embedding.weight": (16, 8),
    "patch_embedding.mask_embedding": (16,),
    "encoder.embed_tokens.weight": (8, 16),
    "encoder.final_layer_norm.weight": (16,),
    f"encoder.block.0.{ATTENTION}.relative_attention_bias.weight": (32, 3),
    **{f"encoder.block.{n}.{ATTENTION}.{part}.weight": (12, 16) for n in (0, 1) for part in "qkv"},
    **{f"encoder.block.{n}.{ATTENTION}.o.weight": (16, 12) for n in (0, 1)},
    **{f"encoder.block.{n}.{PERCEPTRON}.{part}.weight": (24, 16) for n in (0, 1) for part in ("wi_0", "wi_1")},
    **{f"encoder.block.{n}.{PERCEPTRON}.wo.weight": (16, 24) for n in (0, 1)},
    **{f"encoder.block.{n}.layer.{half}.layer_norm.weight": (16,) for n in (0, 1) for half in (0, 1)},
}
"""A small MOMENT by the names of published checkpoints."""
GOLDEN = (
    *(0.5422, -0.30708, -1.67125, -0.20238, -0.11645, -0.34096, -0.14652, 0.40568),
    *(0.14853, 0.69976, -0.78508, 0.04449, 0.71643, -0.70335, -0.01437, 0.03867),
)
"""`embed` of momentfm 0.1.4 (with transformers 4.33.3) on the first window, padded on the left and masked."""


def wave(count: int, *, phase: float) -> torch.Tensor:
    return torch.sin(0.7 * torch.arange(count).double() ** 1.1 + phase).float()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose weights are sine waves."""
    place = tmp_path_factory.mktemp("moment")
    weights = {
        name: (1.0 if len(shape) == 1 else 0.5) * wave(torch.Size(shape).numel(), phase=len(name)).reshape(shape)
        for name, shape in SHAPES.items()
    }
    save_file(weights, place / "model.safetensors")
    (place / "config.json").write_text(json.dumps(CONFIG))
    return place


@pytest.fixture(scope="module")
def imu() -> torch.Tensor:
    """Two windows of 3 channels and 100 steps, of which 4 are less than a patch."""
    return wave(600, phase=0.0).reshape(2, 3, 100).cumsum(2)


def student_of(folder: Path, **settings: object) -> Moment:
    student = build_student(MomentSettings(weights=str(folder), **settings), channels=3, steps=100, seed=0)
    assert isinstance(student, Moment)
    return student.eval()


def test_a_windows_mean_token_is_the_embedding_of_the_reference(folder: Path, imu: torch.Tensor) -> None:
    tokens = student_of(folder).tokens(imu)
    assert tokens.shape == (2, 12, 16)
    torch.testing.assert_close(tokens.mean(1)[0], torch.tensor(GOLDEN), atol=2e-5, rtol=0)


def test_concatenated_channels_average_to_the_mean(folder: Path, imu: torch.Tensor) -> None:
    each = student_of(folder, reduction="concat").tokens(imu).unflatten(2, (3, 16))
    torch.testing.assert_close(each.mean(2), student_of(folder).tokens(imu))


def test_a_missing_channel_is_left_out_of_the_mean(folder: Path, imu: torch.Tensor) -> None:
    without = imu.clone()
    without[:, 1] = 0.0
    each = student_of(folder, reduction="concat").tokens(imu).unflatten(2, (3, 16))
    torch.testing.assert_close(student_of(folder).tokens(without), each[:, :, [0, 2]].mean(2))


def test_a_series_own_mean_and_size_are_not_seen(folder: Path, imu: torch.Tensor) -> None:
    student = student_of(folder)
    torch.testing.assert_close(student.tokens(5 * imu + 3), student.tokens(imu), atol=1e-3, rtol=1e-3)


def test_a_frozen_network_stays_as_it_is_and_drops_nothing(folder: Path, imu: torch.Tensor) -> None:
    student = student_of(folder, frozen=True).train()
    assert torch.equal(student(imu), student(imu))
    student(imu).square().sum().backward()
    assert {name for name, weight in student.named_parameters() if weight.grad is not None} == {
        "embed.weight",
        "embed.bias",
    }


def test_weights_that_are_no_moment_are_refused(folder: Path, tmp_path: Path) -> None:
    for name, made in (("absent", None), ("empty", {}), ("patching", CONFIG | {"patch_len": 16}), ("lost", CONFIG)):
        if made is not None:
            (tmp_path / name).mkdir()
            (tmp_path / name / "config.json").write_text(json.dumps(made))
            weights = load_file(folder / "model.safetensors")
            save_file({k: v for k, v in weights.items() if "final" not in k}, tmp_path / name / "model.safetensors")
        with pytest.raises(BadInput, match=r"student\.weights"):
            student_of(tmp_path / name)


def test_a_name_on_the_hub_that_cannot_be_had_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(BadInput, match="HF_HUB_OFFLINE"):
        build_student(MomentSettings(weights="AutonLab/MOMENT-1-small"), channels=3, steps=100, seed=0)
