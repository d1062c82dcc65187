"""The patch transformer's own promises: what a patch is, what the default is, what attention computes."""

import torch
from equigait.pipeline.students.patch_transformer import PatchTransformer
from equigait.pipeline.students.settings import PatchTransformerSettings
from equigait.pipeline.students.table import build_student
from torch import nn

SMALL = {"width": 32, "layers": 2, "heads": 4, "stem_width": 16}


def test_a_patch_holds_all_channels_of_ten_neighbouring_steps() -> None:
    student = PatchTransformer(PatchTransformerSettings(**SMALL), channels=2, steps=30)
    signal = torch.arange(60.0).reshape(1, 2, 30)
    patches = student.cut(signal)
    assert patches.shape == (1, 3, 20)
    assert patches[0, 1].tolist() == [*range(10, 20), *range(40, 50)]


def test_the_default_student_has_25_patches_of_300_values() -> None:
    student = build_student(PatchTransformerSettings(), channels=30, steps=250, seed=0)
    assert isinstance(student, PatchTransformer)
    assert student.positions.shape == (1, 26, 256)
    assert student.project.in_features == 300
    assert len(student.blocks) == 4
    assert student.tokens(torch.randn(2, 30, 250)).shape == (2, 25, 256)


def test_cls_and_positions_are_there_from_the_start() -> None:
    student = PatchTransformer(PatchTransformerSettings(**SMALL), channels=6, steps=50)
    assert {"cls", "positions"} <= {name for name, _ in student.named_parameters()}


def test_attention_equals_torchs_own() -> None:
    torch.manual_seed(0)
    student = PatchTransformer(PatchTransformerSettings(dropout=0.0, **SMALL), channels=6, steps=50)
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


def test_in_use_the_last_block_computes_cls_alone_and_the_embedding_stays() -> None:
    student = PatchTransformer(PatchTransformerSettings(spectrum=False, phases=False, **SMALL), channels=6, steps=50)
    windows = torch.randn(4, 6, 50)
    seen: list[int] = []
    student.blocks[-1].perceptron.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].shape[1]))
    with torch.no_grad():
        embedding = student.eval().encode(windows)
        every_token = student._encode_patches(windows)
    assert seen == [1, 6]
    torch.testing.assert_close(embedding, student.embed(every_token[:, 0]))
