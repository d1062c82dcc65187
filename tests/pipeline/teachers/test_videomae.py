"""VideoMAE checkpoints: loaded whole in every key layout or refused, features per clip, identities per space."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoints import MEAN, STD, write_checkpoint, write_preprocessor
from equigait.data.errors import BadInput
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import load_teacher, teacher_identity
from safetensors.torch import load_file, save_file
from transformers import VideoMAEForPreTraining, VideoMAEForVideoClassification


def settings(folder: Path, **changes: object) -> TeacherSettings:
    return TeacherSettings(name="videomae", weights=str(folder), device="cpu", **changes)


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("pretrained"))


@pytest.fixture(scope="module")
def clips() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 16, 3, 32, 32), dtype=np.uint8)


def normalised(clips: np.ndarray) -> torch.Tensor:
    mean, std = (np.array(values, np.float32)[:, None, None] for values in (MEAN, STD))
    return torch.from_numpy((clips.astype(np.float32) / 255 - mean) / std)


def edit_weights(folder: Path, *, without: str = "", instead: dict[str, torch.Tensor] | None = None) -> None:
    tensors = load_file(folder / "model.safetensors")
    kept = {key: value for key, value in tensors.items() if not without or without not in key}
    save_file(kept | (instead or {}), folder / "model.safetensors", metadata={"format": "pt"})


def test_features_are_the_mean_of_the_last_tokens_of_the_library_network(pretrained: Path, clips: np.ndarray) -> None:
    reference = VideoMAEForPreTraining.from_pretrained(pretrained, attn_implementation="eager").videomae.eval()
    with torch.no_grad():
        tokens = reference(normalised(clips)).last_hidden_state
    features = load_teacher(settings(pretrained)).embed(clips)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, tokens.mean(1).numpy(), atol=2e-5)


def test_fine_tuned_checkpoints_give_the_tokens_before_the_classifier(tmp_path: Path, clips: np.ndarray) -> None:
    write_checkpoint(tmp_path, fine_tuned=True)
    reference = VideoMAEForVideoClassification.from_pretrained(tmp_path).videomae.eval()
    with torch.no_grad():
        tokens = reference(normalised(clips)).last_hidden_state
    np.testing.assert_allclose(load_teacher(settings(tmp_path)).embed(clips), tokens.mean(1).numpy(), atol=2e-5)


def test_both_key_layouts_of_query_and_value_biases_give_the_same_features(tmp_path: Path, clips: np.ndarray) -> None:
    features = []
    for layout in ("v4", "v5"):
        folder = write_checkpoint(tmp_path / layout, layout=layout)
        suffix = ".q_bias" if layout == "v4" else ".query.bias"
        assert any(key.endswith(suffix) for key in load_file(folder / "model.safetensors"))
        features.append(load_teacher(settings(folder)).embed(clips))
    np.testing.assert_array_equal(features[0], features[1])


@pytest.mark.parametrize("lost", ["q_bias", "layer.1.output.dense.weight", "videomae.layernorm.weight"])
def test_a_checkpoint_that_lacks_weights_is_refused_not_filled_with_random_ones(tmp_path: Path, lost: str) -> None:
    write_checkpoint(tmp_path)
    edit_weights(tmp_path, without=lost)
    with pytest.raises(BadInput, match="missing"):
        load_teacher(settings(tmp_path))


def test_a_checkpoint_with_weights_of_another_shape_is_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path)
    edit_weights(tmp_path, instead={"videomae.layernorm.weight": torch.ones(7)})
    with pytest.raises(BadInput, match="of another shape"):
        load_teacher(settings(tmp_path))


def test_a_checkpoint_with_unknown_encoder_weights_is_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path)
    edit_weights(tmp_path, instead={"videomae.encoder.layer.9.attention.attention.q_bias": torch.ones(24)})
    with pytest.raises(BadInput, match="unknown"):
        load_teacher(settings(tmp_path))


def test_a_feature_does_not_depend_on_the_other_clips_of_the_batch(pretrained: Path, clips: np.ndarray) -> None:
    teacher = load_teacher(settings(pretrained))
    together = teacher.embed(clips)
    hot = clips.copy()
    hot[1:] = 255
    np.testing.assert_allclose(teacher.embed(clips[:1])[0], together[0], atol=1e-5)
    np.testing.assert_allclose(teacher.embed(hot)[0], together[0], atol=1e-5)


def test_clips_of_another_length_are_refused(pretrained: Path, clips: np.ndarray) -> None:
    with pytest.raises(BadInput, match=r"clips of 8 frames.*clips\.frames=16"):
        load_teacher(settings(pretrained)).embed(clips[:, :8])


def test_the_identity_says_all_that_shapes_features_and_survives_json(pretrained: Path) -> None:
    identity = teacher_identity(settings(pretrained))
    assert (identity.dim, identity.clip_frames, identity.image_size) == (24, 16, 32)
    assert (identity.pooling, identity.final_norm) == ("mean", True)
    assert identity.to_json() == json.loads(json.dumps(identity.to_json()))
    assert identity == load_teacher(settings(pretrained)).identity
    assert identity == teacher_identity(settings(pretrained, batch_clips=3, threads=1))


def test_spaces_that_differ_have_identities_that_differ(tmp_path: Path, pretrained: Path) -> None:
    fine_tuned = teacher_identity(settings(write_checkpoint(tmp_path / "tuned", fine_tuned=True)))
    other = write_checkpoint(tmp_path / "other")
    write_preprocessor(other, image_mean=[0.5, 0.5, 0.5])
    first = teacher_identity(settings(pretrained))
    assert not fine_tuned.final_norm
    assert len({first, fine_tuned, teacher_identity(settings(other))}) == 3
    assert first.weights_sha256 == teacher_identity(settings(other)).weights_sha256


def test_the_identity_of_a_teacher_is_told_without_loading_its_network(tmp_path: Path) -> None:
    write_checkpoint(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"no network at all")
    assert teacher_identity(settings(tmp_path)).dim == 24


@pytest.mark.parametrize("change", [{"model_type": "vivit"}, {"image_size": 48}, {"num_channels": 1}])
def test_a_network_of_another_kind_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    write_checkpoint(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(BadInput, match=next(iter(change))):
        teacher_identity(settings(tmp_path))


def test_an_unknown_teacher_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="videomae-base, videomae-demo, videomae"):
        teacher_identity(TeacherSettings(name="clip"))


def test_a_device_that_is_not_there_is_refused(pretrained: Path) -> None:
    with pytest.raises(BadInput, match=r"teacher\.device"):
        load_teacher(settings(pretrained).model_copy(update={"device": "cuda:77"}))


def test_threads_are_set_when_asked_for(pretrained: Path) -> None:
    before = torch.get_num_threads()
    try:
        load_teacher(settings(pretrained, threads=before + 1))
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
