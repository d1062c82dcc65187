"""VideoMAE checkpoints: loaded whole in every key layout or refused, features per clip, identities per space."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from checkpoints import MEAN, STD, write_checkpoint, write_preprocessor
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.video_embedding import video_clips
from equigait.pipeline.teachers.frozen_network import move_plain_tensors
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import load_teacher, teacher_identity
from safetensors.torch import load_file, save_file
from transformers import VideoMAEConfig, VideoMAEForPreTraining, VideoMAEForVideoClassification, VideoMAEModel


def settings(folder: Path, **changes: object) -> TeacherSettings:
    """A teacher on the processor, in float32 unless told otherwise: so features can be held to the last digits."""
    return TeacherSettings(
        **{"name": "videomae", "weights": str(folder), "device": "cpu", "precision": "float32"} | changes
    )


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


def test_a_feature_head_is_a_linear_layer_on_the_mean_token(tmp_path: Path, clips: np.ndarray) -> None:
    mean = load_teacher(settings(write_checkpoint(tmp_path / "plain"))).embed(clips)
    rng = np.random.default_rng(1)
    weight, bias = rng.normal(size=(7, mean.shape[1])).astype(np.float32), rng.normal(size=7).astype(np.float32)
    folder = write_checkpoint(tmp_path / "headed")
    give_head(folder, weight=torch.from_numpy(weight), bias=torch.from_numpy(bias))
    teacher = load_teacher(settings(folder))
    np.testing.assert_allclose(teacher.embed(clips), mean @ weight.T + bias, atol=1e-4)
    assert (teacher.identity.dim, teacher.identity.pooling) == (7, "mean, then a linear head")
    without = load_teacher(settings(folder, feature_head=False))
    np.testing.assert_array_equal(without.embed(clips), mean)
    assert (without.identity.dim, without.identity.pooling) == (mean.shape[1], "mean")


@pytest.mark.parametrize("shape", [None, (7, 5)])
def test_a_feature_head_that_the_weights_do_not_fill_is_refused(tmp_path: Path, shape: tuple[int, int] | None) -> None:
    folder = write_checkpoint(tmp_path)
    give_head(folder, weight=None if shape is None else torch.ones(shape), bias=torch.ones(7))
    with pytest.raises(BadInput, match="feature_head"):
        load_teacher(settings(folder)).network()


@pytest.mark.parametrize("told", [0, -3, "7", 2.5, True])
def test_a_feature_head_of_no_size_is_refused(tmp_path: Path, told: object) -> None:
    folder = write_checkpoint(tmp_path)
    edit_config(folder, feature_head=told)
    with pytest.raises(BadInput, match="feature_head"):
        teacher_identity(settings(folder))


def give_head(folder: Path, *, weight: torch.Tensor | None, bias: torch.Tensor) -> None:
    head = {"feature_head.weight": weight, "feature_head.bias": bias}
    edit_weights(folder, instead={key: value for key, value in head.items() if value is not None})
    edit_config(folder, feature_head=7)


def edit_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


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
        load_teacher(settings(tmp_path)).network()


def test_a_checkpoint_with_weights_of_another_shape_is_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path)
    edit_weights(tmp_path, instead={"videomae.layernorm.weight": torch.ones(7)})
    with pytest.raises(BadInput, match="of another shape"):
        load_teacher(settings(tmp_path)).network()


def test_a_checkpoint_with_unknown_encoder_weights_is_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path)
    edit_weights(tmp_path, instead={"videomae.encoder.layer.9.attention.attention.q_bias": torch.ones(24)})
    with pytest.raises(BadInput, match="unknown"):
        load_teacher(settings(tmp_path)).network()


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
        teacher_identity(TeacherSettings(name="no-such-teacher"))


def test_a_device_that_is_not_there_is_refused(pretrained: Path) -> None:
    with pytest.raises(BadInput, match=r"teacher\.device"):
        load_teacher(settings(pretrained).model_copy(update={"device": "cuda:77"}))


def test_lanes_and_batch_are_as_asked_for(pretrained: Path) -> None:
    teacher = load_teacher(settings(pretrained, threads=3, batch_clips=5))
    assert (teacher.concurrent_batches, teacher.batch_clips) == (3, 5)
    assert "float32 on cpu, 3 x 5 clips" in str(teacher)


def test_bfloat16_features_point_where_those_of_float32_do(pretrained: Path) -> None:
    many = np.random.default_rng(1).integers(0, 256, (24, 16, 3, 32, 32), dtype=np.uint8)
    many[::2] //= np.arange(1, 13, dtype=np.uint8)[:, None, None, None, None]  # dark films too
    exact, quick = (load_teacher(settings(pretrained, precision=p)).embed(many) for p in ("float32", "bfloat16"))
    assert not np.array_equal(exact, quick)  # it did compute in another width
    assert cosines(exact, quick).min() >= 0.9999


def test_the_shipped_teacher_agrees_in_both_widths_on_simulated_film(tmp_path: Path) -> None:
    simulate_yard(tmp_path, spec=YardSpec(horses=1, seconds=8.0, frame_width=96, frame_height=64))
    video = probe_film(next(tmp_path.rglob("film.mp4")))
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    features = []
    for precision in ("float32", "bfloat16"):
        teacher = load_teacher(TeacherSettings(name="videomae-demo", device="cpu", precision=precision))
        features.append(teacher.embed(np.stack(list(video_clips(video, clips=clips, teacher=teacher)))))
    assert len(features[0]) >= 5
    assert cosines(*features).min() >= 0.9999


def test_a_feature_in_bfloat16_does_not_depend_on_the_other_clips_either(pretrained: Path, clips: np.ndarray) -> None:
    teacher = load_teacher(settings(pretrained, precision="bfloat16"))
    hot = clips.copy()
    hot[1:] = 255
    together = teacher.embed(clips)[0]
    for other in (teacher.embed(hot)[0], teacher.embed(clips[:1])[0]):
        np.testing.assert_allclose(other, together, atol=2e-2 * np.abs(together).max())


def test_what_only_moves_the_last_digits_is_not_part_of_the_identity_but_scaling_is(pretrained: Path) -> None:
    first = teacher_identity(settings(pretrained))
    assert first == teacher_identity(settings(pretrained, precision="bfloat16", decode="cuda", compile=True))
    assert first != teacher_identity(settings(pretrained, scaling="fast"))


def test_features_are_the_same_from_several_threads_at_once(pretrained: Path, clips: np.ndarray) -> None:
    teacher = load_teacher(settings(pretrained))
    alone = [teacher.embed(clip[None]) for clip in clips]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda clip: teacher.embed(clip[None]), clips))
    np.testing.assert_allclose(together, alone, atol=1e-6)


def cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return (first * second).sum(1) / lengths


def test_tensors_that_modules_hold_as_mere_attributes_go_to_the_device_once() -> None:
    """VideoMAE's positions are one: left where they are, each pass would copy them and wait."""
    network = VideoMAEModel(VideoMAEConfig(num_hidden_layers=1, hidden_size=48, num_attention_heads=3))
    network = network.to("meta")
    assert network.embeddings.position_embeddings.device.type == "cpu"
    move_plain_tensors(network, device=torch.device("meta"))
    assert network.embeddings.position_embeddings.device.type == "meta"
    held = [value for module in network.modules() for value in vars(module).values() if isinstance(value, torch.Tensor)]
    assert {tensor.device.type for tensor in held} == {"meta"}


class Compiled:
    """A network as torch compiles it: at its first pass, and at every other one that begins before that is over."""

    def __init__(self, network: torch.nn.Module, **_options: object) -> None:
        self.network, self.compilations, self.done = network, 0, False
        self.feature_head = network.feature_head

    def __call__(self, **pixels: torch.Tensor) -> object:
        if not self.done:
            self.compilations += 1
            time.sleep(0.2)
            self.done = True
        return self.network(**pixels)


def test_a_network_is_compiled_once_however_many_batches_come_first_together(
    pretrained: Path, clips: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", Compiled)
    teacher = load_teacher(settings(pretrained, compile=True, threads=3, batch_clips=1))
    with ThreadPoolExecutor(3) as pool:
        features = list(pool.map(teacher.embed, [clips[:1]] * 6))
    assert teacher.network().encoder.compilations == 1
    expected = load_teacher(settings(pretrained)).embed(clips[:1])
    np.testing.assert_allclose(np.stack(features), np.stack([expected] * 6), atol=2e-5)
